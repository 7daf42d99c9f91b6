// @ts-check
/** Words are drawn where there is room for them, however wide they are. */
import assert from "node:assert/strict";
import test from "node:test";
import "../support/document.js";
import { labelWidth } from "../../www/draw/layout-faults.js";
import { layoutStrip } from "../../www/draw/layout-strip.js";
import { guess, letters, shortened } from "../../www/draw/measure.js";
import { PlantView } from "../../www/draw/plant-view.js";
import { StripView } from "../../www/draw/strip-view.js";
import { Run } from "./fake-run.js";

/** @typedef {import("../../www/draw/measure.js").Measure} Measure */

const run = new Run();
while (!run.advance(20_000));
const SHORT = "cut n3 -> n1";
const strip = run.strip();

/** Letters as in English, 40 % longer words, and signs as wide as they are high. */
const MEASURES = /** @type {[string, Measure][]} */ ([
  ["guessed", guess],
  ["longer", (text, size) => 1.4 * guess(text, size)],
  ["square", (text, size) => [...text].length * size],
]);

test("signs of the far east are as wide as two letters", () => {
  assert.equal(letters("leader"), 6);
  assert.equal(letters("領導者"), 6);
  assert.equal(letters("n1 領導"), 7);
  assert.ok(guess("領導者", 12) >= 36, "as wide as they are high, at the least");
});

test("what is shortened fits, and is as long as it can be", () => {
  for (const text of ["", "n", "gray r1.tor-a drops n1 <-> n3", "切斷 n3 到 n1 的線路"]) {
    for (let room = 8; room < 300; room += 7) {
      const fits = (/** @type {string} */ one) => guess(one, 11) <= room;
      const short = shortened(text, fits);
      assert.ok(fits(short), `${short} in ${room}`);
      if (short === text) continue;
      assert.ok(!fits(text));
      const more = [...text].slice(0, [...short].length).join("");
      assert.ok(!fits(`${more.trimEnd()}…`) || more.endsWith(" "), `${short} in ${room}`);
    }
  }
  assert.equal(
    shortened("partition", (one) => letters(one) <= 3, 5),
    "",
    "a word of two letters says nothing",
  );
});

for (const [name, measure] of MEASURES) {
  test(`${name}: no label of the strip is wider than its room`, () => {
    const spans = [0, 9, 18, 40].map((at, index) => ({
      ...strip.faults[0],
      from_us: at * 1e6,
      to_us: (at + 8) * 1e6,
      text: index % 2 ? `${SHORT}, ${SHORT}, ${SHORT}` : SHORT,
    }));
    for (const width of [320, 640, 1200]) {
      const { faults, right } = layoutStrip({ ...strip, faults: spans }, width, 74, { measure });
      assert.equal(faults.length, spans.length);
      faults.forEach(({ x, label, before }, index) => {
        const next = before ? x : (faults[index + 1]?.x ?? right + 3);
        const start = before ? x - labelWidth(label, measure) : x;
        if (label) assert.ok(start + labelWidth(label, measure) <= next + 0.01, label);
      });
    }
  });

  test(`${name}: the names of the rows have the room that they need`, () => {
    const view = new StripView(document.createElement("div"), null);
    view.width = 700;
    view.measure = measure;
    view.update(run.plan(), strip);
    assert.ok(view.left >= measure("no leader", 11.5) + 8, `${view.left}`);
  });

  test(`${name}: what is wrong with a switch fits into it`, () => {
    const host = document.createElement("div");
    const plant = new PlantView(host, { toggleLane() {}, openPart() {} });
    plant.measure = measure;
    const plan = run.plan();
    plant.setPlan(plan);
    const view = run.view(9e6, 0);
    const tor = plan.parts.findIndex(({ name: part }) => part === "r1.tor-a");
    view.parts[tor] = {
      ...view.parts[tor],
      state: "gray",
      why: {
        kind: "gray",
        supplies: [],
        drops: [{ flows: "n1 <-> n3", percent: 100 }],
        rebuild: null,
      },
    };
    plant.update(/** @type {any} */ (view), [], true);
    const note = host.querySelector('[data-part="r1.tor-a"] .part-note')?.textContent ?? "";
    assert.match(note, /^(drops )?n1/);
    assert.ok(measure(note, 11) <= 97, note);
  });

  test(`${name}: a disk that is being rebuilt is filled as far as it is`, () => {
    const host = document.createElement("div");
    const plant = new PlantView(host, { toggleLane() {}, openPart() {} });
    const plan = run.plan();
    plant.setPlan(plan);
    const view = run.view(9e6, 0);
    const disk = plan.parts.findIndex(({ kind }) => kind === "disk");
    const heights = [0, 25, 100, null].map((percent) => {
      const rebuild =
        percent === null ? null : { kind: "going", disk, done: `${percent}`, percent };
      view.parts[disk] = rebuild
        ? { state: "rebuilding", why: { kind: "rebuilding", supplies: [], drops: [], rebuild } }
        : { state: "up", why: null };
      plant.update(/** @type {any} */ (view), [], true);
      const element = host.querySelector(`[data-part="${plan.parts[disk].name}"]`);
      const height = (/** @type {string} */ one) =>
        Number(element?.querySelector(one)?.getAttribute("height") ?? 0);
      return height(".copied") / height(".body");
    });
    assert.deepEqual(heights, [0, 0.25, 1, 0]);
  });
}
