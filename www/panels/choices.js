// @ts-check
/** What can be done to a part or a link, as sentences and as statements of the scenario text. */
import { liesInWords } from "../draw/belief.js";
import { capital } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { VERBS } from "./verbs.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").FaultView} FaultView */
/**
 * @typedef {{label: string, hint: string, statement: string}} Choice
 */

/**
 * A verb, as its row names it, done to something.
 *
 * @param {string} verb
 * @param {string} on what the text calls it
 * @param {Record<string, string>} [args] of its words
 * @returns {Choice}
 */
function choice(verb, on, args = {}) {
  return {
    label: say(`choice.${verb}`, args),
    hint: say(`hint.${verb}`, args),
    statement: `${verb} ${on}`,
  };
}

/**
 * Of the verbs that take one of these, those whose fault can be lifted: what lifts it where it is
 * in force, else the verb itself if it needs no more words than a name.
 *
 * @param {readonly string[]} takes
 * @param {string} on
 * @param {readonly Pick<FaultView, "lift">[]} faults in force
 * @param {Record<string, string>} [args]
 * @returns {Choice[]}
 */
function faultsOf(takes, on, faults, args) {
  return VERBS.filter((row) => row.lift !== null && takes.includes(row.takes)).flatMap(
    ({ name, lift, alone }) => {
      const isIn = lift !== null && faults.some((fault) => fault.lift === `${lift} ${on}`);
      if (isIn) return choice(lift, on, args);
      return alone ? choice(name, on, args) : [];
    },
  );
}

/**
 * What can be done to a part in its state, as sentences.
 *
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {readonly Pick<FaultView, "lift">[]} faults in force
 * @returns {Choice[]}
 */
export function choicesFor(part, faults) {
  const takes = { tor: ["flows", "part"], spine: ["flows", "part"], server: ["part", "server"] }[
    /** @type {string} */ (part.kind)
  ] ?? ["part"];
  const disks = { part: "volume", name: "none" };
  return [
    ...faultsOf(takes, part.name, faults, { part: part.kind, name: "none" }),
    ...(part.kind === "server" ? faultsOf(["volume"], `${part.name}.disk`, faults, disks) : []),
  ];
}

/**
 * What can be done to the replica of a server, beyond the hardware.
 *
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {import("../pkg/facts.js").View} view
 * @param {import("../pkg/facts.js").PlanPart} server
 * @returns {Choice[]}
 */
export function choicesForReplica(plan, { replicas, faults }, server) {
  if (server.replica === null) return [];
  const index = server.replica;
  const { name } = plan.replicas[index];
  const { up, leader, lies } = replicas[index];
  const choices = faultsOf(["replica"], name, faults, { name });
  if (lies.length) choices.push(choice("loyal", name, { name, lies: liesInWords({ lies }) }));
  if (plan.generals && index === 0) {
    const orders = ["attack", "retreat", "hold"];
    choices.push(...orders.map((order) => choice("order", order, { order })));
  }
  if (plan.hands_over && up && leader !== index) choices.push(choice("transfer", name, { name }));
  choices.push(choice("wipe", server.name));
  return choices;
}

/**
 * A switch that is alive to its neighbours and forwards nothing for some flows.
 *
 * @param {string} part
 * @param {string} from a replica's name, or "*"
 * @param {string} to
 * @param {boolean} both
 * @param {number} percent
 * @param {number} [bytes] of what is larger alone
 */
export function grayStatement(part, from, to, both, percent, bytes) {
  const share = percent >= 100 ? "" : `${percent}% of `;
  const flows = from === "*" && to === "*" ? "all" : `${from} ${both ? "<->" : "->"} ${to}`;
  return `gray ${part} drops ${share}${flows}${bytes ? ` over ${bytes} bytes` : ""}`;
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
    hint: say("hint.lifts", { text }),
    statement: lift ?? "",
  }));
  return [
    ...shown,
    {
      label: say("choice.cut-as-well", { from, to }),
      hint: say("hint.cut-as-well"),
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
