// @ts-check
/** What can be done to a part or a link, as sentences and as statements of the scenario text. */
import { capital } from "../draw/format.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").FaultView} FaultView */
/**
 * @typedef {{label: string, hint: string, statement: string}} Choice
 */

/**
 * What can be done to a part in its state, as sentences.
 *
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {readonly Pick<FaultView, "lift">[]} faults in force
 * @returns {Choice[]}
 */
export function choicesFor(part, faults) {
  const name = part.name;
  const lifts = (/** @type {string} */ verb) =>
    faults.some(({ lift }) => lift === `${verb} ${name}`);
  /** @type {Choice[]} */
  const choices = [];
  const add = (
    /** @type {string} */ verb,
    /** @type {string} */ label,
    /** @type {string} */
    hint,
  ) => choices.push({ label, hint, statement: `${verb} ${name}` });
  if (lifts("heal")) add("heal", "Heal it", "It forwards everything again.");
  if (lifts("restore")) add("restore", "Restore it", RESTORED[part.kind]);
  else add("fail", FAILING[part.kind][0], FAILING[part.kind][1]);
  if (part.kind === "server") {
    if (lifts("restart")) add("restart", "Restart it", "It starts again from its disks.");
    else add("crash", "Crash it", "Its processes stop. What is on disk stays.");
    if (lifts("resume")) add("resume", "Resume it", "It handles what waited for it.");
    else add("pause", "Pause it", "Its processes stand still; packets wait.");
  }
  return choices;
}

/**
 * What can be done to the replica of a server, beyond the hardware.
 *
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {import("../pkg/facts.js").View} view
 * @param {import("../pkg/facts.js").PlanPart} server
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
    choices.push({
      label: `Make ${name} loyal again`,
      hint: `Ends: ${lies.join(", ")}`,
      statement: `loyal ${name}`,
    });
  }
  if (plan.generals && index === 0) {
    for (const order of ["attack", "retreat", "hold"]) {
      choices.push({
        label: `Order: ${order}`,
        hint: "The commander tells every lieutenant.",
        statement: `order ${order}`,
      });
    }
  }
  if (plan.hands_over && up && leader !== index) {
    choices.push({
      label: `Hand leadership to ${name}`,
      hint: "The leader gives way to it, once it is up to date.",
      statement: `transfer ${name}`,
    });
  }
  choices.push({
    label: "Restart it with wiped disks",
    hint: "It comes back under its old name, and has forgotten what it promised.",
    statement: `wipe ${server.name}`,
  });
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

/**
 * For a flow that dies on its way: what would lift it, and the cut that a click meant.
 *
 * @param {Plan} plan
 * @param {readonly FaultView[]} faults in force
 * @param {import("../pkg/facts.js").Cause} why
 * @returns {Choice[]}
 */
export function choicesForDead(plan, faults, why) {
  const [from, to] = [why.from, why.to].map((replica) => plan.replicas[replica].name);
  const lifted = faults.filter(({ lift }) => lift !== null);
  const guilty = lifted.filter(({ target }) => isAbout(plan, target, why));
  const shown = (guilty.length ? guilty : lifted).map(({ text, lift }) => ({
    label: capital(lift ?? ""),
    hint: `Lifts: ${text}`,
    statement: lift ?? "",
  }));
  return [
    ...shown,
    {
      label: `Cut ${from} → ${to} as well`,
      hint: "It stays cut when the rest is healed.",
      statement: `cut ${from} -> ${to}`,
    },
  ];
}

/**
 * True if a fault is about the part or the lane where a packet dies, or about a lane of that part.
 *
 * @param {Plan} plan
 * @param {FaultView["target"]} target
 * @param {import("../pkg/facts.js").Cause} why
 */
function isAbout(plan, { part, link }, why) {
  const place = why.kind === "receiver-down" ? plan.replicas[why.to].part : why.part;
  if (part !== null) return part === place;
  const dead = why.lane === null ? null : plan.lanes[why.lane];
  const names = [place, dead?.from, dead?.to].flatMap((one) =>
    one === null || one === undefined ? [] : [plan.parts[one].name],
  );
  const ends = link === null ? [] : [link.from, link.to];
  return dead
    ? ends.every((end) => names.includes(end)) && ends.length > 0
    : ends.some((end) => names.includes(end));
}
