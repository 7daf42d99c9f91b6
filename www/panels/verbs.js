// @ts-check
/** Made of the rows of src/fault/verb.rs: `UPDATE=1 cargo test crossing`. */

/**
 * `alone` needs no more than the name of what it takes.
 *
 * @type {readonly {name: string, takes: string, alone: boolean, lift: string|null}[]}
 */
export const VERBS = [
  { name: "elect", takes: "replica", alone: true, lift: null },
  { name: "cut", takes: "link", alone: false, lift: "heal" },
  { name: "lose", takes: "share", alone: false, lift: "heal" },
  { name: "delay", takes: "impaired", alone: false, lift: "heal" },
  { name: "reorder", takes: "impaired", alone: false, lift: "heal" },
  { name: "duplicate", takes: "impaired", alone: false, lift: "heal" },
  { name: "isolate", takes: "replica", alone: true, lift: "heal" },
  { name: "partition", takes: "groups", alone: false, lift: "heal" },
  { name: "heal", takes: "switch", alone: true, lift: null },
  { name: "heal", takes: "replica", alone: true, lift: null },
  { name: "heal", takes: "groups", alone: false, lift: null },
  { name: "heal", takes: "link", alone: false, lift: null },
  { name: "gray", takes: "flows", alone: false, lift: "heal" },
  { name: "fail", takes: "part", alone: true, lift: "restore" },
  { name: "restore", takes: "part", alone: true, lift: null },
  { name: "crash", takes: "server", alone: true, lift: "restart" },
  { name: "restart", takes: "server", alone: true, lift: null },
  { name: "pause", takes: "server", alone: true, lift: "resume" },
  { name: "resume", takes: "volume", alone: true, lift: null },
  { name: "resume", takes: "server", alone: true, lift: null },
  { name: "stall", takes: "volume", alone: true, lift: "resume" },
  { name: "slow", takes: "slow", alone: false, lift: "resume" },
  { name: "traitor", takes: "byzantine", alone: false, lift: "loyal" },
  { name: "loyal", takes: "replica", alone: true, lift: null },
  { name: "wipe", takes: "server", alone: true, lift: null },
  { name: "transfer", takes: "replica", alone: true, lift: null },
  { name: "order", takes: "order", alone: true, lift: null },
];
