// @ts-check
/** A still figure: complete in itself, well formed whatever its texts say, and the same every time. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { DOMParser } from "linkedom";
import "../support/document.js";
import { compose, picture, sheetOf } from "../../www/draw/picture.js";
import { fakeCause } from "./fake-plan.js";
import { Run } from "./fake-run.js";

/** @typedef {import("../../www/draw/picture.js").PictureOptions} Options */

const CSS = await sheetOf((name) =>
  readFileSync(new URL(`../../www/${name}`, import.meta.url), "utf8"),
);
const KINDS = /** @type {const} */ (["strip", "logic", "plant"]);
const THEMES = /** @type {const} */ (["light", "dark", "auto"]);

/** @param {Partial<Options>} options */
function draw(options = {}) {
  return picture(/** @type {any} */ (new Run()), { what: "strip", time_us: 9e6, ...options }, CSS);
}

for (const what of KINDS) {
  for (const theme of THEMES) {
    test(`${what}, ${theme}: complete, and without a name that its viewer would have to know`, async () => {
      const text = await draw({ what, theme });
      assert.doesNotMatch(text, /NaN|undefined|null|Infinity|var\(|\[object/);
      assert.deepEqual(text.match(/https?:[^"]*/g), ["http://www.w3.org/2000/svg"]);
      assert.doesNotMatch(
        text.replaceAll("url(#hatch)", ""),
        /url\(|@import|href|<script|\son\w+=/,
      );
      assert.match(text, /<title>A switch that half failed<\/title><desc>.+<\/desc>/);
      assert.equal(/prefers-color-scheme/.test(text), theme === "auto");
      assert.equal(await draw({ what, theme }), text, "the same every time");
    });
  }
}

test("the width asked for is the strip's width", async () => {
  assert.match(await draw({ width: 640 }), /^<svg [^>]*viewBox="0 0 640 \d+" width="640"/);
});

test("no text is ever markup", async () => {
  const run = new Run();
  while (!run.advance(20_000));
  const evil = "<script>\u0000&\"']]>\u0007";
  const plan = { ...run.plan(), title: evil, protocol: evil };
  const strip = run.strip();
  for (const fault of strip.faults) fault.text = evil;
  const view = run.view(9e6, 1e6);
  for (const fault of view.faults) fault.text = evil;
  for (const flow of view.flows) flow.why = fakeCause({ kind: /** @type {any} */ (evil) });
  for (const packet of view.packets) packet.words = { kind: evil };
  for (const what of KINDS) {
    const text = compose(
      plan,
      /** @type {any} */ (strip),
      /** @type {any} */ (view),
      { what, time_us: 9e6 },
      CSS,
    );
    assert.doesNotMatch(text, /<script|&(?!amp;|lt;|gt;|quot;)|(?!\n)\p{Cc}/u, what);
    const title = new DOMParser().parseFromString(text, "image/svg+xml").querySelector("title");
    assert.equal(title?.textContent, "<script>&\"']]>");
  }
});

test("what is drawn is styled: no element keeps a colour that only the page knows", async () => {
  for (const what of KINDS) {
    const text = await draw({ what, theme: "light" });
    const root = new DOMParser().parseFromString(text, "image/svg+xml");
    const sheet = root.querySelector("style")?.textContent ?? "";
    for (const [, selectors] of sheet.matchAll(/^([^{}]+)\{/gm)) {
      assert.ok(root.querySelector(selectors), `${what}: ${selectors} meets nothing`);
    }
    assert.match(sheet, /\.picture-ground\{fill:#ffffff\}/);
  }
});

test("what is marked by an arrow is escaped once", async () => {
  const text = await draw({ what: "logic" });
  assert.doesNotMatch(text, /&amp;(gt|lt|amp|quot);/);
});

test("however long the words beside a replica are, the picture is wide enough for them", async () => {
  const run = new Run();
  while (!run.advance(20_000));
  const view = run.view(9e6, 1e6);
  const widthOf = () =>
    Number(
      /width="([\d.]+)" xmlns/.exec(
        compose(
          /** @type {any} */ (run.plan()),
          /** @type {any} */ (run.strip()),
          /** @type {any} */ (view),
          { what: "logic", time_us: 9e6 },
          CSS,
        ),
      )?.[1],
    );
  const narrow = widthOf();
  for (const replica of view.replicas) {
    replica.place = { kind: "height", height: 1_300_000_000, round: 17_000_000_000 };
  }
  assert.ok(widthOf() > narrow + 60);
});
