// What the editor knows of the language: tokens, what is completed, what was opened.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { completionsAt } from "../../www/panels/completion.js";
import { ACTIONS, LEADERS, PROTOCOLS, STATEMENTS } from "../../www/panels/grammar.js";
import { Originals } from "../../www/panels/originals.js";
import { declaredBy, tokensOf } from "../../www/panels/tokens.js";
import { VERBS } from "../../www/panels/verbs.js";

const LIBRARY = new URL("../../src/scenario/library/", import.meta.url);
const GUIDE = new URL("../../docs/LANGUAGE.md", import.meta.url);

const texts = readdirSync(LIBRARY).map((name) => readFileSync(new URL(name, LIBRARY), "utf8"));
const examples = readFileSync(GUIDE, "utf8")
  .split("```")
  .filter((_, index) => index % 2)
  .map((block) => block.slice(block.indexOf("\n") + 1));

const NOTHING = declaredBy("");

/** "kind:text" of each token. @param {string} line @param {typeof NOTHING} [declared] */
const told = (line, declared = NOTHING) =>
  tokensOf(line, declared).map(({ from, to, kind }) => `${kind}:${line.slice(from, to)}`);

test("every line that is shipped, and every example, is of the language's tokens", () => {
  let count = 0;
  for (const text of [...texts, ...examples]) {
    const declared = declaredBy(text);
    for (const line of text.split("\n")) {
      const tokens = tokensOf(line, declared);
      let at = 0;
      for (const { from, to, kind } of tokens) {
        assert.notEqual(kind, "invalid", line);
        assert.ok(from >= at && to > from && to <= line.length, line);
        assert.match(line.slice(at, from), /^\s*$/, "only spaces are of no token");
        at = to;
        count += 1;
      }
      assert.match(line.slice(at), /^\s*$/);
    }
  }
  assert.ok(texts.length > 50 && count > 6_000, `${count} tokens of ${texts.length} texts`);
});

test("what an action is done to is coloured as what it is", () => {
  // The same rows as those of the menus, which the engine's are made into by another way.
  assert.deepEqual(
    new Set(ACTIONS.map(({ name }) => name)),
    new Set(VERBS.map(({ name }) => name)),
  );
  for (const { name } of ACTIONS) {
    assert.deepEqual(told(`at 1s ${name} n1`)[2], `verb:${name}`);
    assert.deepEqual(told(`every 6s from 4s to 60s in zk ${name} n1`)[8], `verb:${name}`);
    assert.deepEqual(told(`note when ${name} n1 "x"`)[2], `verb:${name}`);
    assert.deepEqual(told(`seed ${name}`)[1], `word:${name}`, "elsewhere it is a word");
  }
  for (const name of STATEMENTS) assert.deepEqual(told(name), [`statement:${name}`]);
  for (const name of PROTOCOLS)
    assert.deepEqual(told(`expect ${name} safe`)[1], `protocol:${name}`);
  for (const name of LEADERS) assert.deepEqual(told(`at 1s crash ${name}`)[3], `replica:${name}`);
});

test("a part is one by every name that the language has for one", () => {
  for (const name of [
    "r1.s1",
    "r12.s12",
    "r1.s1.d2",
    "r1.s1.disk",
    "r1.s1.nic-a",
    "r1.s1.psu-b",
    "r1.tor-a",
    "r1.pdu-b",
    "r1.breaker-a",
    "r1.ats",
    "spine-a",
    "feed-b",
    "ups-a",
    "generator-b",
    "site2",
    "site1.spine-a",
    "site2.feed-b",
    "wan1-2",
    "leader.disk",
  ])
    assert.deepEqual(told(`at 1s fail ${name}`)[3], `part:${name}`);
});

test("tokens end where the engine ends them", () => {
  const declared = declaredBy("name r1.s1 east-1\nname n1 alice\n");
  assert.deepEqual(told('at 1.5s cut alice<->n3 # "é" n1', declared), [
    "statement:at",
    "time:1.5s",
    "verb:cut",
    "replica:alice",
    "mark:<->",
    "replica:n3",
    'comment:# "é" n1',
  ]);
  assert.deepEqual(told("at 3s fail east-1.d2", declared)[3], "part:east-1.d2");
  assert.deepEqual(told('title "é\\"#" # x'), ["statement:title", 'string:"é\\"#"', "comment:# x"]);
  assert.deepEqual(told("title “so” # x"), ["statement:title", "string:“so”", "comment:# x"]);
  assert.deepEqual(told('note 3s "open'), ["statement:note", "time:3s", 'invalid:"open']);
  assert.deepEqual(told("timing n2 election 2s..3s").slice(3), ["time:2s", "mark:..", "time:3s"]);
  assert.deepEqual(told("at 1s lose 90% of n1→n2").slice(3), [
    "number:90",
    "mark:%",
    "word:of",
    "replica:n1",
    "mark:→",
    "replica:n2",
  ]);
  assert.deepEqual(told("cluster raft: raft on r1.s1"), [
    "statement:cluster",
    "name:raft",
    "mark::",
    "protocol:raft",
    "word:on",
    "part:r1.s1",
  ]);
  assert.deepEqual(told("at 1s frob n1")[2], "invalid:frob");
  assert.deepEqual(told("plnt 3 racks")[0], "invalid:plnt");
});

/** An engine that expects that, at the end of what it is given. @param {object} what */
const expecting = (what) => (/** @type {string} */ text) => [
  {
    line: text.split("\n").length,
    column: 1,
    length: 0,
    fact: /** @type {any} */ ({ kind: "expected", what, found: { kind: "end" } }),
  },
];

test("what is offered is what the text and its plan have", () => {
  const text = "cluster etcd: raft on r1.s1 r2.s1\nname n2 bob\nname r1.s1 east\n";
  const parts = ["r1.s1", "r2.s1", "r1.tor-a", "feed-a"].map((name, at) => ({
    name,
    kind: ["server", "server", "tor", "feed"][at],
  }));
  const offered = (/** @type {string} */ line, /** @type {object} */ what) =>
    completionsAt(
      text,
      { line, column: line.length },
      { check: expecting(what), declared: declaredBy(text), parts },
    );
  const labels = (/** @type {string} */ line, /** @type {object} */ what) =>
    offered(line, what)?.options.map(({ label }) => label);
  assert.deepEqual(labels("at 1s elect ", { kind: "replica" }), ["bob", "n1", "n2", "leader"]);
  assert.equal(offered("at 1s elect b", { kind: "replica" })?.from, 12);
  assert.deepEqual(labels("at 1s crash ", { kind: "server" }), [
    "east",
    "r1.s1",
    "r2.s1",
    "leader",
  ]);
  assert.deepEqual(labels("cluster x: raft on ", { kind: "server" }), ["east", "r1.s1", "r2.s1"]);
  assert.deepEqual(labels("at 1s gray ", { kind: "part" }), ["r1.tor-a"]);
  assert.deepEqual(labels("at 1s stall ", { kind: "volume" })?.[0], "east.disk");
  assert.deepEqual(labels("cluster x: ", { kind: "protocol" }), PROTOCOLS);
  assert.deepEqual(labels("timing ", { kind: "mark", text: "heartbeat" }), ["heartbeat"]);
  assert.deepEqual(labels("", {}), STATEMENTS);
  assert.equal(offered("at 1s cut n1 ", { kind: "mark", text: "->" }), null);
  assert.equal(offered("# at 1s elect ", { kind: "replica" }), null);
  assert.equal(offered('note 1s "elect ', { kind: "replica" }), null);
  assert.equal(offered("at 1s elect n1", { kind: "replica" }), null, "it is there in full");
});

test("what was opened is known of every text that undo comes to", () => {
  const originals = new Originals();
  originals.open("", "A");
  originals.seen("A+");
  assert.equal(originals.text, "A");
  originals.seen("B");
  originals.open("A+", "B");
  originals.seen("B+");
  assert.equal(originals.text, "B");
  for (const [text, original] of [
    ["B", "B"],
    ["A+", "A"],
    ["A", "A"],
    ["A+", "A"],
    ["B", "B"],
  ]) {
    originals.seen(text);
    assert.equal(originals.text, original, text);
  }
});
