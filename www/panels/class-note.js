// @ts-check
/** Which class of fault is in force, and what the protocol promises under it. */
import { tell } from "../draw/words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */

/** @type {[string, string][]} */
const NAMES = [
  ["raft", "Raft"],
  ["etcd-raft", "Raft"],
  ["tikv-raft", "Raft"],
  ["paxos", "Paxos"],
  ["multipaxos", "Multi-Paxos"],
  ["vr", "Viewstamped Replication"],
  ["zab", "Zab"],
  ["omnipaxos", "Omni-Paxos"],
  ["omnipaxos-crate", "Omni-Paxos"],
  ["generals-om", "OM(m)"],
  ["generals-sm", "SM(m)"],
  ["pbft", "PBFT"],
  ["tendermint", "Tendermint"],
  ["hotstuff", "HotStuff"],
];

/**
 * What people call a protocol: "Raft" for "etcd-raft+prevote".
 *
 * @param {string} protocol
 */
export function commonName(protocol) {
  const [base] = protocol.split("+");
  return NAMES.find(([name]) => name === base)?.[1] ?? protocol;
}

/** @type {Record<string, (name: string, plan: Plan) => [string, string]>} */
const CLASSES = {
  none: (name, plan) => [
    "No fault in force.",
    `What ${name} has decided is never lost. ${tell("progress", plan.needs)}`,
  ],
  crash: (name, plan) => [
    "Crash: a part stopped.",
    `${name} stays safe. ${tell("progress", plan.needs)}`,
  ],
  omission: (name, plan) => [
    "Omission, not a lie.",
    `Packets go missing; nobody says anything false. ${name} keeps its data safe. ${tell("progress", plan.needs)}`,
  ],
  timing: (name, plan) => [
    "Timing: late, not wrong.",
    `${name}'s safety does not depend on clocks. Its progress does. ${tell("progress", plan.needs)}`,
  ],
  amnesia: (name, plan) => ["Amnesia: a promise was forgotten.", forgetful(name, plan)],
};

/**
 * What becomes of one that forgot.
 *
 * @param {string} name
 * @param {Plan} plan
 */
function forgetful(name, plan) {
  if (plan.tolerated) {
    return `Whoever forgot counts as one that lies: ${name} is set up for ${plan.tolerated} such.`;
  }
  return plan.protocol.split("+")[0] === "vr"
    ? "Whoever forgot says so, and takes no part until f + 1 others have told it the log."
    : `${name} counts on what its replicas wrote to their disks.`;
}

const GRAVEST_FIRST = ["byzantine", "amnesia", "omission", "timing", "crash"];

/**
 * A heading and a sentence.
 *
 * @param {Plan} plan
 * @param {readonly {class: string}[]} faults in force
 * @returns {[string, string]}
 */
export function classNote(plan, faults) {
  const classes = GRAVEST_FIRST.filter((name) => faults.some((fault) => fault.class === name));
  const [gravest = "none", ...others] = classes;
  const [heading, text] = noteOf(plan, gravest);
  return [heading, others.length ? `${text} Also in force: ${others.join(", ")}.` : text];
}

/**
 * @param {Plan} plan
 * @param {string} gravest
 * @returns {[string, string]}
 */
function noteOf(plan, gravest) {
  const name = commonName(plan.protocol);
  if (gravest === "byzantine") {
    return [
      "Byzantine: somebody lies.",
      plan.tolerated
        ? `${name}, set up as here, stands ${plan.tolerated} ` +
          `${plan.tolerated === 1 ? "liar" : "liars"} among ${plan.replicas.length}.`
        : plan.generals
          ? `${name}, set up as here, stands no liar among ${plan.replicas.length}: ` +
            "it takes more than three times as many generals as liars."
          : `${name} assumes that nobody does.`,
    ];
  }
  if (plan.generals) return generalsNote(plan, name, gravest);
  return CLASSES[gravest](name, plan);
}

/**
 * Generals have no log and no writes: all they promise is to agree.
 *
 * @param {Plan} plan
 * @param {string} name
 * @param {string} gravest
 * @returns {[string, string]}
 */
function generalsNote(plan, name, gravest) {
  if (gravest !== "none") {
    return [
      CLASSES[gravest](name, plan)[0],
      plan.protocol === "generals-om"
        ? `${name} counts a general who stops as one who lies, and a failed line as one at either end.`
        : `${name} counts a general who stops as one who lies; failed lines matter where they part the loyal.`,
    ];
  }
  return [
    "Nobody lies, nothing is lost.",
    `${name} promises that loyal lieutenants do the same, and what a loyal commander orders.`,
  ];
}
