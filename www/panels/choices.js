// @ts-check
/** What can be done to a part or a link, as sentences and as statements of the scenario text. */
import { liesInWords } from "../draw/belief.js";
import { isCut, isSevered } from "../draw/faults.js";
import { capital, formatSpan } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { inRow } from "../draw/words.js";
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
 * @param {import("../pkg/facts.js").PartState} [state]
 * @returns {Choice[]}
 */
export function choicesFor(part, faults, state = "up") {
  const takes = { tor: ["flows", "part"], spine: ["flows", "part"], server: ["part", "server"] }[
    /** @type {string} */ (part.kind)
  ] ?? ["part"];
  const disks = { part: "volume", name: "none" };
  return [
    ...faultsOf(takes, part.name, faults, { part: part.kind, name: "none", state }),
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

/** What of a switch dies alone, as the text calls it. */
const CONTROL = "control";

/**
 * A switch that forwards everything and says nothing itself.
 *
 * @param {string} part a ToR
 * @returns {Choice}
 */
export function controlChoice(part) {
  return {
    label: say("choice.control"),
    hint: say("hint.control"),
    statement: `gray ${part} drops ${CONTROL}`,
  };
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
 * A direction of a link, by the names of its ends, which are two replicas or two parts.
 *
 * @typedef {{from: string, to: string}} Ends
 */

/**
 * Faults that name a link, in this direction or in both.
 *
 * @param {readonly FaultView[]} faults in force
 * @param {Ends} ends
 */
const faultsOn = (faults, { from, to }) => faults.filter((fault) => isCut([fault], from, to));

/**
 * What lifts all that is wrong with a link itself, in this direction and, where a fault is of both,
 * in both; and the cut.
 *
 * @param {Ends} ends
 * @param {string} way "->" or "<->"
 * @param {string} state the link's
 * @param {readonly FaultView[]} faults in force
 * @returns {Choice[]}
 */
export function choicesForLink({ from, to }, way, state, faults) {
  const own = faultsOn(faults, { from, to });
  const lifts = (/** @type {string} */ arrow) => ({
    label: say("choice.heal-link", { link: `${from} ${arrow} ${to}` }),
    hint: own.length
      ? say("hint.lifts", { text: inRow(own.map(({ text }) => text)) })
      : say("hint.heal-link"),
    statement: `heal ${from} ${arrow} ${to}`,
  });
  const link = `${from} ${way} ${to}`;
  return VERBS.filter(({ takes, lift }) => takes === "link" && lift !== null).flatMap(
    ({ name }) => [
      ...(isSevered(state, faults, from, to) ? [lifts("->")] : []),
      ...(own.some(({ target }) => target.link?.both) ? [lifts("<->")] : []),
      ...(state === "cut" && way === "->"
        ? []
        : [
            {
              label: say("choice.cut-link", { link }),
              hint: say("hint.cut-link"),
              statement: `${name} ${link}`,
            },
          ]),
    ],
  );
}

/**
 * So much of what a link carries, and by how long: amounts that differ in what they lead to, of all
 * that the text takes. Two times are the least and the most of what is drawn for each message.
 *
 * @type {Record<string, {percent?: number, by_ms?: number[]}[]>}
 */
const AMOUNTS = {
  lose: [{ percent: 10 }, { percent: 50 }, { percent: 90 }],
  delay: [{ by_ms: [20] }, { by_ms: [200] }, { by_ms: [1000] }, { by_ms: [50, 80] }],
  reorder: [
    { percent: 10, by_ms: [20] },
    { percent: 50, by_ms: [20] },
    { percent: 10, by_ms: [200] },
  ],
  duplicate: [{ percent: 5 }, { percent: 50 }, { percent: 100 }],
};

/**
 * What a link may do to packets besides losing them all: a row for each verb, an amount a choice.
 *
 * @param {Ends} ends
 * @param {string} way "->" or "<->"
 * @param {readonly FaultView[]} faults in force
 */
export function impairments({ from, to }, way, faults) {
  const own = faultsOn(faults, { from, to });
  return VERBS.filter(({ takes }) => takes === "share" || takes === "impaired").map(({ name }) => {
    // Two of a kind do not add up: the later one counts.
    const last = own.findLast(({ text }) => text.startsWith(`${name} `));
    const said = (/** @type {Amount} */ amount, /** @type {string} */ arrow) =>
      statementOf(name, amount, `${from} ${arrow} ${to}`);
    return {
      title: say(`choice.${name}`),
      amounts: AMOUNTS[name].map((amount) => ({
        label: amountInWords(amount),
        statement: said(amount, way),
        isIn: [
          said(amount, "->"),
          said(amount, "<->"),
          statementOf(name, amount, `${to} <-> ${from}`),
        ].some((statement) => last?.text === statement),
      })),
    };
  });
}

/** @typedef {typeof AMOUNTS[string][number]} Amount */

/**
 * @param {string} verb
 * @param {Amount} amount
 * @param {string} link
 */
function statementOf(verb, { percent, by_ms }, link) {
  const times = by_ms?.map((ms) => (ms % 1000 ? `${ms}ms` : `${ms / 1000}s`));
  return `${verb} ${percent ? `${percent}% of ` : ""}${link}${times ? ` by ${times.join("..")}` : ""}`;
}

/** @param {Amount} amount */
function amountInWords({ percent, by_ms }) {
  const [least, most] = (by_ms ?? []).map((ms) => formatSpan(ms * 1000));
  const by = most ? say("impair.between", { least, most }) : least;
  if (!percent) return by;
  const share = say("impair.share", { percent });
  return by ? say("impair.both", { share, by }) : share;
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
