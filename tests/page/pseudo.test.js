// The language of the tests, and that the whole catalogue can be told in it.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import test from "node:test";
import { Catalogue } from "../../www/draw/words.js";
import en from "../../words/en.json" with { type: "json" };
import late from "../../words/en.late.json" with { type: "json" };
import page from "../../words/en.page.json" with { type: "json" };
import { DRAWN, LEFT_OUT } from "../browser/brackets.js";
import { CLOSE, OPEN, pseudo, untold } from "../support/pseudo.js";

test("every string is in brackets, and 40 % longer", () => {
  /** @type {Record<string, string>} */
  const templates = { ...en, ...page, ...late };
  const stretched = pseudo(templates);
  for (const [key, text] of Object.entries(stretched)) {
    if (!templates[key] || key.startsWith("page.language")) continue;
    assert.ok(text.startsWith(OPEN) && text.endsWith(CLOSE), key);
    assert.ok(text.length >= 1.4 * templates[key].length, key);
  }
  const catalogue = new Catalogue(stretched);
  const action = { kind: "heal", what: "n1 -> n2" };
  const fact = { kind: "unserved-until", by: "writes", from: "0:04", to: "1:04", action };
  const told = catalogue.tell("outcome", fact);
  assert.match(told, /Served nobody from 0:04 to 1:04; .*n1 -> n2 was healed/);
  assert.deepEqual(untold(told, []), []);
});

test("what is in no brackets is found, unless it is a name", () => {
  assert.deepEqual(untold("⟦Cut ⟦by⟧ it⟧ and so on r1.tor-a 3 ms", ["r1.tor-a"]), [
    "and",
    "so",
    "on",
  ]);
  assert.deepEqual(untold("raft+prevote ⟦runs⟧", ["raft", "raft+prevote"]), []);
  assert.deepEqual(untold("3 %, 1:04 → n1", ["n1"]), []);
});

test("what the language of brackets leaves out of the browser tests is there, and is little", () => {
  const specs = readdirSync(new URL("../browser/", import.meta.url))
    .filter((name) => name.endsWith(".spec.js"))
    .map((name) => name.replace(".spec.js", ""));
  const left = Object.keys(LEFT_OUT);
  assert.deepEqual(
    left.filter((name) => !specs.includes(name)),
    [],
  );
  // It may only get shorter.
  assert.ok(left.length <= 6, `${left}`);
  assert.deepEqual(
    DRAWN.filter((name) => !specs.includes(name) || left.includes(name)),
    [],
  );
  assert.ok(DRAWN.includes("pseudo") && DRAWN.length > 12, `${DRAWN}`);
  assert.ok(specs.length > 25, `${specs.length}`);
});
