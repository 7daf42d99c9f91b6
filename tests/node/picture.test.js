// Still figures of all that ships, and the package's command line.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DOMParser } from "linkedom";
import "../support/document.js";
import { picture, sheetOf } from "../../www/draw/picture.js";
import { halflink } from "../support/wasm.js";

const www = new URL("../../www/", import.meta.url);
const css = await sheetOf((name) => readFileSync(new URL(name, www), "utf8"));
const KINDS = /** @type {const} */ (["strip", "logic", "plant"]);
const engine = await halflink("production");

/**
 * @param {string} text of a scenario
 * @param {Partial<import('../../www/draw/picture.js').PictureOptions>} options
 */
function drawn(text, options) {
  return picture(
    /** @type {any} */ (new engine.Run(text)),
    { what: "strip", time_us: null, ...options },
    css,
  );
}

/**
 * Runs the command line as an installed package would.
 * @param {string[]} words
 */
function cli(...words) {
  const at = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));
  return spawnSync(
    process.execPath,
    ["--import", at("../support/register.js"), at("../../pkg/cli.mjs"), ...words],
    { encoding: "utf8" },
  );
}

for (const { name, text } of engine.library()) {
  test(`${name}: strip, logic and plant are drawn, whole and by themselves`, async () => {
    const run = /** @type {any} */ (new engine.Run(text));
    const times = [null, 0, run.plan().until_us / 3, run.plan().until_us];
    for (const what of KINDS) {
      for (const time_us of times) {
        const svg = await picture(run, { what, time_us }, css);
        assert.doesNotMatch(svg, /NaN|undefined|Infinity|\[object|var\(/);
        assert.deepEqual(
          svg.match(/https?:\/\/[^"<\s]*/g)?.filter((link) => !/doi\.org/.test(link)),
          ["http://www.w3.org/2000/svg"],
        );
        assert.doesNotMatch(svg.replaceAll("url(#hatch)", ""), /url\(|@import|href=|<script/);
        const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
        assert.equal(root.localName, "svg");
        assert.ok(root.querySelector("title")?.textContent);
        assert.ok(root.querySelector("desc")?.textContent);
      }
    }
  });
}

/** The pictures that ship: of the opening story, when n1 has given up and n2 follows n3 again. */
const SHIPPED = /** @type {const} */ ([
  ["still.svg", { what: "strip", width: 640 }],
  ["picture.svg", { what: "plant", time_us: 11_200_000 }],
]);

for (const [name, options] of SHIPPED) {
  test(`${name} is what is drawn today; UPDATE=1 writes it`, async () => {
    const expected = await drawn(engine.story(), options);
    if (process.env.UPDATE) writeFileSync(new URL(name, www), expected);
    assert.equal(readFileSync(new URL(name, www), "utf8"), expected);
  });
}

test("a title is words, whatever is in it", async () => {
  const text = engine
    .story()
    .replace(/^title .*$/m, 'title "<b>&amp; </title><script>alert(1)</script>"');
  for (const what of KINDS) {
    const svg = await drawn(text, { what });
    assert.doesNotMatch(svg, /<(b|script)>/);
    assert.match(svg, /&lt;b&gt;&amp;amp; &lt;\/title&gt;&lt;script&gt;alert\(1\)/);
  }
});

test("the command line draws what the page draws, of a file, a link, an address and a name", async () => {
  const dir = mkdtempSync(join(tmpdir(), "halflink-"));
  const [file, out] = [join(dir, "story.halflink"), join(dir, "out.svg")];
  writeFileSync(file, engine.story());
  const expected = await drawn(engine.story(), { what: "logic", time_us: 15e6, theme: "dark" });
  const said = cli("picture", file, "--logic", "--t", "0:15", "--theme", "dark", "-o", out);
  assert.equal(said.stderr, "");
  assert.equal(said.status, 0);
  assert.equal(readFileSync(out, "utf8"), expected);
  const link = engine.link_of(engine.story());
  for (const source of [
    `${link}&t=15`,
    link.slice(1).concat("&amp;t=0:15."),
    `https://example.org/halflink/${link}&t=15)`,
    "#cloudflare-2020&t=15",
  ]) {
    const { stdout, stderr } = cli("picture", source, "--logic", "--theme", "dark");
    assert.equal(stderr, "");
    assert.ok(stdout === expected, source);
  }
  assert.equal(cli("picture", "cloudflare-2020").stdout, await drawn(engine.story(), {}));
});

test("production code is drawn by the module that has it", () => {
  const text = engine.with_protocol(engine.story(), "omnipaxos-crate");
  const { stdout, stderr } = cli("picture", engine.link_of(text), "--width", "500");
  assert.equal(stderr, "");
  assert.match(stdout, /^<svg [^>]*width="500"[\s\S]*omnipaxos-crate/);
});

test("what it cannot do it says, in a line", () => {
  for (const [words, says] of /** @type {[string[], RegExp][]} */ ([
    [["picture", "no-such-file"], /there is no file no-such-file/],
    [["picture", "#2.AAAA"], /^halflink: .*link/],
    [["picture", "raid-10", "--t", "noon"], /--t noon is no time/],
    [["picture", "raid-10", "--strip", "--plant"], /one picture at a time/],
    [["picture", "raid-10", "--theme", "pink"], /--theme pink/],
    [["picture", "raid-10", "--width", "1e9"], /--width 1e9/],
    [["picture", "raid-10", "--colour"], /colour/],
    [
      ["picture", "raid-10", "--site", "https://halflink.example/"],
      /--site is no option of picture/,
    ],
    [["page", "raid-10", "--plant"], /--plant is no option of page/],
    [["page", "raid-10", "--site", "halflink.example"], /--site halflink.example is no address/],
    [["page", "raid-10", "--t", "noon"], /--t noon is no time/],
    [["page", "#2.AAAA"], /^halflink: .*link/],
  ])) {
    const { stdout, stderr, status } = cli(...words);
    assert.equal(stdout, "");
    assert.match(stderr, says);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(status, 1);
  }
  assert.equal(cli("draw").status, 2);
  assert.match(cli("--help").stdout, /^halflink picture/);
});
