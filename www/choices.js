// @ts-check
/** What can be done to a part or a link, as sentences and as statements of the scenario text. */
import { capital } from "./format.js";

/**
 * @typedef {{label: string, hint: string, statement: string}} Choice
 */

/**
 * What can be done to a part in its state, as sentences.
 *
 * @param {import("./types.js").PlanPart} part
 * @param {readonly {text: string}[]} faults in force
 * @returns {Choice[]}
 */
export function choicesFor(part, faults) {
  const name = part.name;
  const inForce = (/** @type {string} */ verb) =>
    faults.some(({ text }) => text === `${verb} ${name}`);
  const gray = faults.some(({ text }) => text.startsWith(`gray ${name} `));
  /** @type {Choice[]} */
  const choices = [];
  const add = (/** @type {string} */ verb, /** @type {string} */ label, /** @type {string} */
    hint) => choices.push({ label, hint, statement: `${verb} ${name}` });
  if (gray) add("heal", "Heal it", "It forwards everything again.");
  if (inForce("fail")) add("restore", "Restore it", RESTORED[part.kind]);
  else add("fail", FAILING[part.kind][0], FAILING[part.kind][1]);
  if (part.kind === "server") {
    if (inForce("crash")) add("restart", "Restart it", "It starts again from its disks.");
    else add("crash", "Crash it", "Its processes stop. What is on disk stays.");
    if (inForce("pause")) add("resume", "Resume it", "It handles what waited for it.");
    else add("pause", "Pause it", "Its processes stand still; packets wait.");
  }
  return choices;
}

/**
 * What can be done to the replica of a server, beyond the hardware.
 *
 * @param {import("./types.js").Plan} plan
 * @param {import("./types.js").View} view
 * @param {import("./types.js").PlanPart} server
 * @returns {Choice[]}
 */
export function choicesForReplica(plan, { replicas }, server) {
  if (server.replica === null) return [];
  const index = server.replica;
  const { name } = plan.replicas[index];
  const { up, leader, lies } = replicas[index];
  /** @type {Choice[]} */
  const choices = [];
  if (lies.length) {
    choices.push({ label: `Make ${name} loyal again`, hint: `Ends: ${lies.join(", ")}`,
      statement: `loyal ${name}` });
  }
  if (plan.generals && index === 0) {
    for (const order of ["attack", "retreat", "hold"]) {
      choices.push({ label: `Order: ${order}`, hint: "The commander tells every lieutenant.",
        statement: `order ${order}` });
    }
  }
  if (plan.hands_over && up && leader !== index) {
    choices.push({ label: `Hand leadership to ${name}`,
      hint: "The leader gives way to it, once it is up to date.",
      statement: `transfer ${name}` });
  }
  choices.push({ label: "Restart it with wiped disks",
    hint: "It comes back under its old name, and has forgotten what it promised.",
    statement: `wipe ${server.name}` });
  return choices;
}

/** @type {Record<string, [string, string]>} */
const FAILING = {
  feed: ["Cut the feed", "Every PDU on it goes dark."],
  pdu: ["Fail it", "Its rack runs on the other one, if that is alive."],
  spine: ["Fail it", "Racks talk through the other spine."],
  tor: ["Fail it", "It is seen to be dead, so servers use the other one."],
  server: ["Fail it", "Dead hardware: off until restored."],
  disk: ["Fail it", "Its mirror twin carries on. Two twins dead lose the data."],
};

/** @type {Record<string, string>} */
const RESTORED = {
  feed: "Power comes back.",
  pdu: "Power comes back.",
  spine: "It forwards again.",
  tor: "It forwards again.",
  server: "It starts again from its disks.",
  disk: "It is copied from its twin.",
};

/**
 * A switch that is alive to its neighbours and forwards nothing for some flows.
 *
 * @param {string} part
 * @param {string} from a replica's name, or "*"
 * @param {string} to
 * @param {boolean} both
 * @param {number} percent
 */
export function grayStatement(part, from, to, both, percent) {
  const share = percent >= 100 ? "" : `${percent}% of `;
  const flows = from === "*" && to === "*" ? "all" : `${from} ${both ? "<->" : "->"} ${to}`;
  return `gray ${part} drops ${share}${flows}`;
}

/** @type {Record<string, string>} */
const LIFTS = { cut: "heal", lose: "heal", gray: "heal", fail: "restore", crash: "restart",
  pause: "resume", traitor: "loyal" };

/**
 * The statement that lifts a fault: "heal r1.tor-a" for "gray r1.tor-a drops n1 <-> n3".
 *
 * @param {string} fault
 */
export function liftOf(fault) {
  const [verb, ...rest] = fault.split(" ");
  const what = verb === "gray" || verb === "traitor" ? rest[0] : rest.join(" ").replace(/^\d+% of /, "");
  return `${LIFTS[verb] ?? "heal"} ${what}`;
}

/**
 * For a flow that dies on its way: what would lift it, and the cut that a click meant.
 *
 * @param {readonly {text: string}[]} faults in force
 * @param {string} why
 * @param {string} from
 * @param {string} to
 * @returns {Choice[]}
 */
export function choicesForDead(faults, why, from, to) {
  const words = new Set(why.match(/[a-z0-9][a-z0-9.-]*[a-z0-9]/g) ?? []);
  const guilty = faults.filter(({ text }) => text.split(" ").some((word) =>
    /[.-]/.test(word) && words.has(word)));
  const shown = guilty.length ? guilty : faults;
  return [
    ...shown.map(({ text }) => ({ label: capital(liftOf(text)), hint: `Lifts: ${text}`,
      statement: liftOf(text) })),
    { label: `Cut ${from} → ${to} as well`, hint: "It stays cut when the rest is healed.",
      statement: `cut ${from} -> ${to}` },
  ];
}
