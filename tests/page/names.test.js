// @ts-check
/** An author's names: put in where words are drawn and measured, and nowhere else. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { called, callBy } from "../../www/draw/called.js";
import { html, set, setText, svg } from "../../www/draw/dom.js";
import { createGlyph } from "../../www/draw/glyph.js";
import { guess, shortened } from "../../www/draw/measure.js";
import "../support/document.js";

afterEach(() => callBy([]));

const LONG = "伺服器伺服器伺服器伺服器伺服器";

test("a name stands for what it names, and for nothing that only looks so", () => {
  callBy([
    ["r1.s1", "east-1"],
    ["n1", "alice"],
    ["n12", "bob"],
  ]);
  for (const [words, expected] of [
    ["cut n1 → n12", "cut alice → bob"],
    ["n1, n2 and r1.s1.d2: r1.s10, r1.s1.", "alice, n2 and east-1.d2: r1.s10, east-1."],
    ["fail r11.s1, én1, n1-2, n1x, x.n1", "fail r11.s1, én1, n1-2, n1x, x.n1"],
    ["alice and n1", "alice and alice"],
  ]) {
    assert.equal(called(words), expected);
    assert.equal(called(called(words)), expected, "twice is as once");
  }
  callBy([]);
  assert.equal(called("n1"), "n1");
});

test("what is drawn and read out has names, and what is told to the engine has none", () => {
  callBy([["n1", "alice"]]);
  const element = html("button", { "data-statement": "elect n1", title: "elect n1" }, "elect n1");
  assert.equal(element.textContent, "elect alice");
  assert.equal(element.getAttribute("title"), "elect alice");
  assert.equal(element.getAttribute("data-statement"), "elect n1");
  const text = svg("text", { "aria-label": "n1" }, "n1");
  assert.equal(text.getAttribute("aria-label"), "alice");
  // The same words under another name are drawn anew.
  callBy([["n1", "carol"]]);
  setText(text, "n1");
  set(text, "aria-label", "n1");
  assert.equal(text.textContent, "carol");
  assert.equal(text.getAttribute("aria-label"), "carol");
});

test("names are measured as they are drawn, and a sign holds what fits", () => {
  const plain = guess("n1", 10);
  callBy([["n1", LONG]]);
  assert.ok(guess("n1", 10) > 10 * plain);
  const fits = (/** @type {string} */ words) => guess(words, 10) <= 80;
  const short = shortened("n1 leads", fits);
  assert.ok(short.startsWith("伺") && short.endsWith("…") && fits(short), short);
  for (const name of ["n1", LONG, "frankfurt-east-12", "east-1"]) {
    for (const radius of [17, 18, 26]) {
      const glyph = createGlyph(name, radius);
      const size = Number(glyph.name.getAttribute("font-size"));
      const width = guess(glyph.name.textContent ?? "", size);
      assert.ok(width <= 1.85 * radius && size >= 0.4 * radius, `${name}: ${width} at ${size}`);
    }
  }
});
