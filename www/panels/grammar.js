// @ts-check
// biome-ignore-all format: made by a test.
/**
 * Made of what parses a text, src/fault/verb.rs and src/scenario/text.rs:
 * `UPDATE=1 cargo test crossing`.
 */

/**
 * What is done, and what it takes; `key` is that of its words, `verb.KEY`.
 *
 * @type {readonly {name: string, takes: string, key: string}[]}
 */
export const ACTIONS = [
  { name: "elect", takes: "REPLICA", key: "elect" },
  { name: "cut", takes: "A -> B", key: "cut" },
  { name: "lose", takes: "90% of A -> B", key: "lose" },
  { name: "delay", takes: "A -> B by T", key: "delay" },
  { name: "reorder", takes: "10% of A -> B by T", key: "reorder" },
  { name: "duplicate", takes: "5% of A -> B", key: "duplicate" },
  { name: "isolate", takes: "REPLICA", key: "isolate" },
  { name: "partition", takes: "REPLICA… | REPLICA…", key: "partition" },
  { name: "heal", takes: "SWITCH", key: "heal-switch" },
  { name: "heal", takes: "REPLICA", key: "heal-replica" },
  { name: "heal", takes: "REPLICA… | REPLICA…", key: "heal-partition" },
  { name: "heal", takes: "A -> B", key: "heal" },
  { name: "gray", takes: "SWITCH drops FLOWS", key: "gray" },
  { name: "fail", takes: "PART", key: "fail" },
  { name: "restore", takes: "PART", key: "restore" },
  { name: "crash", takes: "SERVER", key: "crash" },
  { name: "restart", takes: "SERVER", key: "restart" },
  { name: "pause", takes: "SERVER", key: "pause" },
  { name: "resume", takes: "SERVER.disk", key: "resume-disk" },
  { name: "resume", takes: "SERVER", key: "resume" },
  { name: "stall", takes: "SERVER.disk", key: "stall" },
  { name: "slow", takes: "SERVER.disk by T", key: "slow" },
  { name: "traitor", takes: "REPLICA BEHAVIOUR [to REPLICA…]", key: "traitor" },
  { name: "loyal", takes: "REPLICA", key: "loyal" },
  { name: "wipe", takes: "SERVER", key: "wipe" },
  { name: "transfer", takes: "REPLICA", key: "transfer" },
  { name: "order", takes: "ORDER", key: "order" },
];

/** What a line begins with. @type {readonly string[]} */
export const STATEMENTS = [
  "cluster",
  "tolerate",
  "timing",
  "transport",
  "seed",
  "write",
  "clients",
  "read",
  "disk",
  "halflink",
  "title",
  "source",
  "plant",
  "power",
  "network",
  "run",
  "at",
  "every",
  "note",
  "step",
  "ask",
  "server",
  "name",
  "expect",
  "clock",
  "database",
];

/** What a group may run. @type {readonly string[]} */
export const PROTOCOLS = [
  "raft",
  "raft+sticky",
  "raft+prevote",
  "raft+prevote+checkquorum",
  "etcd-raft",
  "etcd-raft+prevote",
  "etcd-raft+checkquorum",
  "etcd-raft+prevote+checkquorum",
  "paxos",
  "multipaxos",
  "multipaxos+robust",
  "vr",
  "zab",
  "omnipaxos",
  "omnipaxos+happy",
  "tikv-raft",
  "tikv-raft+prevote",
  "tikv-raft+checkquorum",
  "tikv-raft+prevote+checkquorum",
  "omnipaxos-crate",
  "generals-om",
  "generals-sm",
  "pbft",
  "tendermint",
  "hotstuff",
  "vr+recovery",
  "raft+checkquorum",
  "raft+sticky+checkquorum",
];

/** What may stand for a replica: whoever leads. @type {readonly string[]} */
export const LEADERS = [
  "leader",
  "primary",
  "leading",
  "proposer",
];

/** What a replica becomes. @type {readonly string[]} */
export const ROLES = [
  "follower",
  "pre-candidate",
  "candidate",
  "leader",
];

/** How a read is served. @type {readonly string[]} */
export const READS = [
  "local",
  "quorum",
  "lease",
];

/** What a commander orders. @type {readonly string[]} */
export const ORDERS = [
  "attack",
  "retreat",
  "hold",
];
