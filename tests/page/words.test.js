// @ts-check
/** Sentences by the catalogue: the same examples that the native reader is held to. */
import assert from "node:assert/strict";
import test from "node:test";
import { Catalogue } from "../../www/draw/words.js";
import examples from "../words.json" with { type: "json" };

test("templates are read as the native reader reads them", () => {
  const { parts, lanes, replicas } = examples.names;
  const named = (/** @type {string[]} */ names) => names.map((name) => ({ name }));
  const catalogue = new Catalogue("en-GB", examples.templates);
  const names = { parts: named(parts), lanes: named(lanes), replicas: named(replicas) };
  for (const [room, fact, words] of examples.told) {
    assert.equal(catalogue.tell(/** @type {string} */ (room), fact, names), words);
  }
});
