// @ts-check
/** Which class of fault is in force, and what the protocol promises under it. */
import { say } from "../draw/page-words.js";
import { inRow } from "../draw/words.js";

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

const GRAVEST_FIRST = ["byzantine", "amnesia", "omission", "duplication", "timing", "crash"];

/**
 * A heading and a sentence.
 *
 * @param {Plan} plan
 * @param {readonly {class: string, target?: {link: object|null}}[]} faults in force
 * @param {readonly {forgot: boolean}[]} [replicas] what was forgotten stays forgotten
 * @returns {[string, string]}
 */
export function classNote(plan, faults, replicas = []) {
  const forgot = replicas.some((replica) => replica.forgot);
  const classes = GRAVEST_FIRST.filter(
    (name) => (forgot && name === "amnesia") || faults.some((fault) => fault.class === name),
  );
  const [gravest = "none", ...rest] = classes;
  const { needs, links } = plan;
  // Late packets of one link overtake each other.
  const isLink = gravest === "timing" && faults.some((fault) => fault.target?.link);
  const own = say(`class-note.${noteOf(plan, gravest)}`, {
    name: commonName(plan.protocol),
    needs,
    links,
    tolerated: plan.tolerated,
    replicas: plan.replicas.length,
  });
  const text = isLink && !plan.generals ? say("class-note.links", { text: own, links }) : own;
  const others = inRow(rest.map((name) => say(`fault-class.${name}`)));
  return [
    say(`class.${plan.generals && gravest === "none" ? "generals" : gravest}`),
    others ? say("class-note.others", { text, others }) : text,
  ];
}

/**
 * @param {Plan} plan
 * @param {string} gravest
 */
function noteOf({ protocol, generals, tolerated }, gravest) {
  if (gravest === "byzantine") {
    return tolerated ? "byzantine-stands" : generals ? "byzantine-none" : "byzantine";
  }
  // Generals have no log and no writes: all they promise is to agree.
  if (generals && gravest !== "duplication") return gravest === "none" ? "generals" : protocol;
  if (gravest !== "amnesia") return gravest;
  if (tolerated) return "amnesia-lies";
  return protocol.split("+")[0] === "vr" ? "amnesia-says" : "amnesia";
}
