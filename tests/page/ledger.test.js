// The ledger as a list: what is asked for, where the playhead stands in it, and as a file.
import assert from "node:assert/strict";
import { test } from "node:test";
import { calling } from "../../www/draw/called.js";
import { ABOUT, aboutOf, asJsonLines, asTable, found, latest } from "../../www/draw/ledger.js";
import words from "../../words/en.late.json" with { type: "json" };

/** @type {(at_us: number, kind: string, args?: object, who?: number|null) => import("../../www/draw/ledger.js").Entry} */
const event = (at_us, kind, args = {}, who = null) => ({ at_us, who, said: { kind, ...args } });

const ENTRIES = [
  event(0, "action", { text: 'cut n3 -> n1, "so"' }),
  event(10, "leads", { who: "n3" }, 2),
  event(20, "tried", { number: 1 }),
  event(30, "leads", { who: "n1" }, 0),
  event(30, "nobody-leads"),
  event(40, "leads", { who: "n3" }, 2),
];
/** @type {any} */
const PLAN = {
  cluster: "etcd",
  replicas: [{ name: "n1" }, { name: "n2" }, { name: "n3" }],
  parts: [],
  lanes: [],
};
const SAID = [
  "cut n3 -> n1",
  "a majority follows n3",
  "write 1",
  "a majority follows n1",
  "nobody",
  "a majority follows n3",
];

/** @param {Partial<import("../../www/draw/ledger.js").Asked>} asked */
const ask = (asked) =>
  found(ENTRIES, (number) => SAID[number], { hidden: new Set(), find: "", without: "", ...asked });

test("every event is about something, and nothing else is", () => {
  const kinds = Object.keys(words).flatMap((key) => /^ledger\.(.*)/.exec(key)?.[1] ?? []);
  assert.deepEqual([...ABOUT.values()].flat().sort(), kinds.sort());
  assert.equal(aboutOf(ENTRIES[2]), "clients");
});

test("events are found by what they say and by what they are about", () => {
  assert.deepEqual(ask({}), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(ask({ hidden: new Set(["clients", "actions"]) }), [1, 3, 4, 5]);
  assert.deepEqual(ask({ find: " FOLLOWS N3 " }), [1, 5]);
  assert.deepEqual(ask({ find: "no such words" }), []);
});

test("an event is found only if nothing barred stands before it, since the one before", () => {
  // Before the first is the cut, before the last that nobody leads.
  assert.deepEqual(ask({ find: "follows", without: "cut" }), [3, 5]);
  assert.deepEqual(ask({ find: "follows", without: "nobody" }), [1, 3]);
  assert.deepEqual(ask({ find: "follows", without: "such" }), [1, 3, 5]);
  // What is not shown may still stand before another.
  assert.deepEqual(
    ask({ find: "follows", without: "write", hidden: new Set(["clients"]) }),
    [1, 5],
  );
});

test("the playhead stands at the last that has happened", () => {
  const all = ask({});
  for (const [time_us, place] of [
    [-1, -1],
    [0, 0],
    [9, 0],
    [30, 4],
    [35, 4],
    [1e9, 5],
  ])
    assert.equal(latest(ENTRIES, all, time_us), place, `${time_us}`);
  assert.equal(latest(ENTRIES, [], 5), -1);
});

test("a table quotes what it has to, and lines are objects", () => {
  const table = asTable(ENTRIES.slice(0, 2), PLAN);
  assert.equal(
    table,
    'at_us,group,event,replica,words\n0,etcd,action,,"cut n3 -> n1, ""so"""\n' +
      "10,etcd,leads,n3,a majority follows n3\n",
  );
  const lines = asJsonLines(ENTRIES, PLAN).trimEnd().split("\n");
  assert.equal(lines.length, ENTRIES.length);
  assert.deepEqual(JSON.parse(lines[1]), {
    at_us: 10,
    group: "etcd",
    event: "leads",
    replica: "n3",
    words: "a majority follows n3",
    fact: { who: "n3" },
  });
});

test("files say what the author calls replicas", () => {
  /** @type {[string, string][]} */
  const pairs = [["n3", "alice"]];
  const table = calling(pairs, () => asTable(ENTRIES.slice(1, 2), PLAN));
  assert.match(table, /\n10,etcd,leads,alice,a majority follows alice\n/);
});
