// @ts-check
/** Whose notes a run has, by marks that the build gives them; and which language is spoken. */
import assert from "node:assert/strict";
import test from "node:test";
import { chosen } from "../../www/run/language.js";
import { mark } from "../../www/run/library.js";

test("a note has the mark that the build gives it", () => {
  // `xtask/src/library.rs` holds the build to the same.
  const notes = [
    { at_us: 0, text: "" },
    { at_us: 1_250_000, text: "n1 \u{1f50c}" },
    { at_us: 1_200_000_000, text: '"–"' },
    { at_us: null, text: "ab" },
    { at_us: 1_000_000, text: "ab" },
  ];
  assert.deepEqual(notes.map(mark), ["###", "#0l", "Xvq", "##%", "#.$"]);
});

test("the first language that a reader wants and that there is, or English", () => {
  const there = "de,zh-Hant zh-TW zh-HK";
  for (const [wanted, language] of /** @type {[string[], string][]} */ ([
    [["de-AT", "en"], "de"],
    [["en-GB", "de"], ""],
    [["fr", "zh-TW", "zh", "en-US"], "zh-Hant"],
    [["zh-CN", "zh", "en"], ""],
    [["fr", "it"], ""],
    [[], ""],
    [["", "lang=", "…"], ""],
  ])) {
    assert.equal(chosen(wanted, there), language, wanted.join());
    assert.equal(chosen(wanted), "", "there is English alone");
  }
});
