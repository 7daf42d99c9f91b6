// @ts-check
/** A plan, faults and causes as the engine would tell them, for tests of the page. */

export const TOTAL_US = 60_000_000;
export const SIDES = ["a", "b"];

export const TEXT = `halflink 1
title   "A switch that half failed"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
seed    2020
at 3s   cut n3 -> n1
note 0s "Three replicas follow n3. Every link is up."
note 3s "Server 1 stops hearing its leader. The switch still answers its neighbours, so nothing fails over."
note 20s "Nobody lied."
run     60s
`;

/**
 * @param {number} racks
 * @param {number} servers
 * @param {number} disks
 * @param {number} replicas
 * @param {number} sites that the racks are in, as many in each
 * @returns {import("../../pkg/facts.js").Plan}
 */
export function fakePlan(racks = 3, servers = 3, disks = 4, replicas = 3, sites = 1) {
  /** @type {import("../../pkg/facts.js").PlanPart[]} */
  const parts = [];
  const add = (/** @type {any} */ part) =>
    parts.push({
      ...{ site: part.rack === undefined ? null : siteOf(part.rack) },
      ...{ rack: null, side: null, slot: null, disk: null, replica: null, ...part },
    });
  const siteOf = (/** @type {number} */ rack) =>
    sites > 1 ? Math.floor(rack / (racks / sites)) : null;
  const inSite = (/** @type {number|null} */ site) => (site === null ? "" : `site${site + 1}.`);
  const places = Array.from({ length: sites }, (_, site) => (sites > 1 ? site : null));
  const wans = places.flatMap((low) =>
    places.flatMap((high) => (low !== null && high !== null && low < high ? [[low, high]] : [])),
  );
  const toSites = (/** @type {string} */ kind) => {
    for (const site of places) {
      each(2, (side) => add({ name: `${inSite(site)}${kind}-${SIDES[side]}`, kind, side, site }));
    }
  };
  const each = (/** @type {number} */ count, /** @type {(index: number) => void} */ visit) =>
    Array.from({ length: count }, (_, index) => visit(index));
  toSites("feed");
  each(racks, (rack) =>
    each(2, (side) => add({ name: `r${rack + 1}.pdu-${SIDES[side]}`, kind: "pdu", rack, side })),
  );
  toSites("spine");
  each(racks, (rack) =>
    each(2, (side) => add({ name: `r${rack + 1}.tor-${SIDES[side]}`, kind: "tor", rack, side })),
  );
  each(racks, (rack) =>
    each(servers, (slot) => {
      const number = slot * racks + rack;
      add({
        name: `r${rack + 1}.s${slot + 1}`,
        kind: "server",
        rack,
        slot,
        replica: number < replicas ? number : null,
      });
    }),
  );
  each(racks, (rack) =>
    each(servers, (slot) =>
      each(disks, (disk) =>
        add({ name: `r${rack + 1}.s${slot + 1}.d${disk + 1}`, kind: "disk", rack, slot, disk }),
      ),
    ),
  );
  if (sites > 1)
    for (const site of places) add({ name: inSite(site).slice(0, -1), kind: "site", site });
  for (const [low, high] of wans) add({ name: `wan${low + 1}-${high + 1}`, kind: "wan" });
  const find = (/** @type {string} */ name) => parts.findIndex((part) => part.name === name);
  /** @type {import("../../pkg/facts.js").PlanLane[]} */
  const lanes = [];
  const cable = (/** @type {string} */ from, /** @type {string} */ to) => {
    lanes.push({ name: `${from} -> ${to}`, from: find(from), to: find(to) });
    lanes.push({ name: `${to} -> ${from}`, from: find(to), to: find(from) });
  };
  each(racks, (rack) =>
    each(servers, (slot) =>
      each(2, (side) => cable(`r${rack + 1}.s${slot + 1}`, `r${rack + 1}.tor-${SIDES[side]}`)),
    ),
  );
  each(racks, (rack) =>
    each(2, (side) =>
      each(2, (spine) =>
        cable(`r${rack + 1}.tor-${SIDES[side]}`, `${inSite(siteOf(rack))}spine-${SIDES[spine]}`),
      ),
    ),
  );
  for (const site of places) {
    const border = inSite(site).slice(0, -1);
    if (border) each(2, (side) => cable(`${border}.spine-${SIDES[side]}`, border));
  }
  for (const [low, high] of wans) cable(`site${low + 1}`, `site${high + 1}`);
  return {
    title: "A switch that half failed",
    source: null,
    groups: [],
    shown: 0,
    cluster: "etcd",
    protocol: "raft",
    needs: "every-link",
    links: "unreliable",
    role_words: { leader: "leader", follower: "follower", candidate: "candidate" },
    family: "crash-fault",
    tolerated: 0,
    behaviours: ["equivocate"],
    names: [],
    generals: false,
    hands_over: true,
    module: "",
    seed: 2020,
    until_us: TOTAL_US,
    election_max_us: 2e6,
    sites,
    racks,
    servers,
    disks,
    parts,
    lanes,
    replicas: Array.from({ length: replicas }, (_, index) => ({
      name: `n${index + 1}`,
      part: parts.findIndex((part) => part.replica === index),
      clock_percent: 100,
      toward: Array.from({ length: replicas }, (_, other) => other)
        .filter((other) => other !== index)
        .filter((_, place) => place % 2 === 1),
    })),
    notes: [...TEXT.matchAll(/note (\d+)s "(.*)"/g)].map(([, at, text]) => ({
      at_us: Number(at) * 1e6,
      text,
      waits: false,
      focus: [],
      compare: null,
      answers: [],
    })),
    expectations: [],
  };
}

/** @type {Record<string, string>} */
const LIFTS = { cut: "heal", gray: "heal", fail: "restore", crash: "restart", pause: "resume" };

/**
 * A fault in force.
 *
 * @param {import("../../pkg/facts.js").Plan} plan
 * @param {string} text
 * @param {number} [at_us]
 * @returns {import("../../pkg/facts.js").FaultView}
 */
export function fakeFault(plan, text, at_us = 0) {
  const [verb, first, arrow, second] = text.split(" ");
  const part = plan.parts.findIndex(({ name }) => name === first);
  const link = arrow?.includes("->") ? { from: first, to: second, both: arrow === "<->" } : null;
  const lifted = link ? `${first} ${arrow} ${second}` : first;
  return {
    at_us,
    text,
    class: verb === "pause" ? "timing" : LIFTS[verb] === "heal" ? "omission" : "crash",
    lift: `${LIFTS[verb]} ${lifted}`,
    target: { part: link || part < 0 ? null : part, link },
  };
}

/**
 * Why something that one replica sends another dies.
 *
 * @param {Partial<import("../../pkg/facts.js").Cause>} [changes]
 * @returns {import("../../pkg/facts.js").Cause}
 */
export function fakeCause(changes) {
  return { kind: "flow", lane: null, part: null, from: 2, to: 0, percent: 100, ...changes };
}
