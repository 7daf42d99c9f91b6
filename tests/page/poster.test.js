// @ts-check
/** What stands in a post before a run is loaded: small, and of the post's own ink. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { gzipSync } from "node:zlib";
import "../support/document.js";
import { sheetOf } from "../../www/draw/picture.js";
import { poster } from "../../www/draw/poster.js";
import { halflink } from "../support/wasm.js";

const CSS = await sheetOf((name) =>
  readFileSync(new URL(`../../www/${name}`, import.meta.url), "utf8"),
);
/** With the script that defines the element: docs/EMBED.md promises it. */
const POSTER_MOST = 10_000;

const engine = await halflink("production");
const script = new URL("../../pkg/halflink-element.js", import.meta.url);

test("the poster of every shipped scenario keeps to its budget", async () => {
  const defined = gzipSync(readFileSync(script), { level: 9 }).length;
  for (const { name, text } of engine.library()) {
    const run = new engine.Run(text);
    const drawn = await poster(run, null, CSS);
    run.free();
    const size = gzipSync(drawn, { level: 9 }).length;
    assert.ok(size + defined <= POSTER_MOST, `${name}: ${size} and ${defined}`);
    assert.doesNotMatch(drawn, /NaN|undefined|null|Infinity|var\(|\[object|light-dark/, name);
  }
});

test("no policy forbids what it asks for, and it styles nothing of the page", async () => {
  const run = new engine.Run(engine.story());
  const drawn = await poster(run, 14e6, CSS);
  run.free();
  assert.doesNotMatch(drawn, /<style|\sstyle=|\sclass=|\sid=|href|url\(|<script|\son\w+=/);
  assert.doesNotMatch(drawn, /\n/, "an empty line would end it in Markdown");
  assert.match(drawn, /^<svg aria-label="A switch that half failed\. [^"]+"/);
  assert.match(drawn, /role="img"/);
  assert.match(drawn, />n1<\/text>/);
  assert.match(drawn, /fill="currentColor"/);
});

test("the posters of the demo post are what is drawn today", async () => {
  const file = new URL("../../www/post/index.html", import.meta.url);
  const before = readFileSync(file, "utf8");
  let page = before;
  const posters = before.matchAll(
    /<half-link link="([\w-]+)" t="(\d+)"[^>]*><a [^>]*>(<svg.*?<\/svg>)/g,
  );
  let count = 0;
  for (const [, name, seconds, old] of posters) {
    const text = engine.library().find((one) => one.name === name)?.text ?? "";
    const run = new engine.Run(text);
    page = page.replace(old, await poster(run, Number(seconds) * 1e6, CSS));
    run.free();
    count += 1;
  }
  assert.equal(count, 2);
  if (process.env.UPDATE) writeFileSync(file, page);
  else assert.ok(page === before, "UPDATE=1 draws them anew");
});
