// @ts-check
/**
 * Servers that nothing stands on and nothing happens to. Where a rack has many, they are one line
 * in the picture, which opens.
 */

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */
/**
 * By rack the part numbers of its idle servers, where these are many; and the racks that are open.
 *
 * @typedef {{idle: Map<number, number[]>, open: ReadonlySet<number>}} Folds
 */

/** So many idle servers of a rack are drawn one by one. */
const FEW = 3;

/**
 * @param {Plan} plan
 * @param {ReadonlySet<number>} [touched] servers that something is wrong with
 * @param {ReadonlySet<number>} [open] racks
 * @returns {Folds}
 */
export function foldsOf(plan, touched = new Set(), open = new Set()) {
  const used = new Set(plan.replicas.map(({ part }) => part));
  for (const { parts } of plan.groups) for (const part of parts) used.add(part);
  /** @type {Map<number, number[]>} */
  const idle = new Map();
  plan.parts.forEach(({ kind, rack }, index) => {
    if (kind !== "server" || used.has(index) || touched.has(index)) return;
    idle.set(rack ?? 0, [...(idle.get(rack ?? 0) ?? []), index]);
  });
  for (const [rack, servers] of idle) if (servers.length <= FEW) idle.delete(rack);
  return { idle, open };
}

/**
 * The number of the server that each part is, or is in; -1 for all others.
 *
 * @param {Plan} plan
 */
export function serversOf({ parts }) {
  /** @type {Map<string, number>} */
  const at = new Map();
  const key = (/** @type {Plan["parts"][0]} */ { rack, slot }) => `${rack} ${slot}`;
  parts.forEach((part, index) => {
    if (part.kind === "server") at.set(key(part), index);
  });
  return parts.map((part) => (part.slot === null ? -1 : (at.get(key(part)) ?? -1)));
}

/** What others' failures do to a server is no reason to look at it by itself. */
const OWN = [
  ...["failed", "crashed", "paused", "data-loss"],
  ...["stalled", "slow", "rebuilding", "sole"],
];

/**
 * The servers that something is done to: to themselves, to what is in them, or to their cables.
 *
 * @param {Plan} plan
 * @param {View} view
 * @param {readonly number[]} servers see serversOf
 */
export function touchedServers(plan, view, servers) {
  /** @type {Set<number>} */
  const touched = new Set();
  view.parts.forEach(({ state }, index) => {
    if (servers[index] >= 0 && OWN.includes(state)) touched.add(servers[index]);
  });
  view.lanes.forEach(({ state }, index) => {
    if (!["cut", "lossy", "impaired"].includes(state)) return;
    const { from, to } = plan.lanes[index];
    for (const end of [from, to]) if (servers[end] >= 0) touched.add(servers[end]);
  });
  return touched;
}
