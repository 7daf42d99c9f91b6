// @ts-check
/** Sentences by the catalogue: the same examples that the native reader is held to. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";
import { filled } from "../support/pseudo.js";
import { Catalogue } from "../../www/draw/words.js";
import cli from "../../words/en.cli.json" with { type: "json" };
import en from "../../words/en.json" with { type: "json" };
import html from "../../words/en.html.json" with { type: "json" };
import late from "../../words/en.late.json" with { type: "json" };
import page from "../../words/en.page.json" with { type: "json" };
import examples from "../words.json" with { type: "json" };

/** A key that stands in the code as it is. */
const SAID = /\b(?:say|hint)\(\s*"([^"]+)"/g;

test("what the page says is in the catalogue", () => {
  const www = new URL("../../www/", import.meta.url);
  const known = new Set([en, page, late].flatMap((one) => Object.keys(one)));
  let count = 0;
  for (const file of readdirSync(www, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js")) continue;
    for (const [, key] of readFileSync(new URL(file, www), "utf8").matchAll(SAID)) {
      assert.ok(known.has(key), `${file} says ${key}`);
      count += 1;
    }
  }
  assert.ok(count > 150, `${count}`);
  // No sentence stands in two files.
  const all = [en, page, late, cli].flatMap((one) => Object.keys(one));
  assert.equal(all.length, known.size + Object.keys(cli).length);
  // What stands in the pages, too, is the same sentence there: another language has one for both.
  const said = Object.entries({ ...en, ...page, ...late });
  const there = new Map(Object.entries(html));
  const other = said.filter(([key, text]) => there.has(key) && there.get(key) !== text);
  assert.deepEqual(other, []);
});

test("templates are read as the native reader reads them", () => {
  const { parts, lanes, replicas } = examples.names;
  const named = (/** @type {string[]} */ names) => names.map((name) => ({ name }));
  const catalogue = new Catalogue(examples.templates);
  const names = { parts: named(parts), lanes: named(lanes), replicas: named(replicas) };
  for (const [room, fact, words] of examples.told) {
    assert.equal(catalogue.tell(/** @type {string} */ (room), fact, names), words);
  }
});

test("numbers and lists are written as the language writes them", () => {
  const inside = new Catalogue(en);
  const [british, german, egyptian] = ["en-GB", "de", "ar-EG"].map(
    (language) => new Catalogue({ "page.language": language }),
  );
  // What is inside needs nothing of the browser for small numbers, and writes them as that does.
  for (const number of [0, 0.05, 1, 7.25, 9.9, 42, 123.456, 998.9, 999, 1_000, 65_536, 1e6 + 0.5])
    for (const [most, least, whole] of [
      [0, 0, 1],
      [1, 1, 2],
      [1, 0, 1],
      [3, 3, 2],
    ]) {
      const written = inside.number(number, most, least, whole);
      assert.equal(written, british.number(number, most, least, whole), `${number}`);
    }
  // As the native reader joins them, which asks Unicode's own data.
  for (const [form, type] of /** @type {const} */ ([
    ["list", "conjunction"],
    ["or", "disjunction"],
    ["row", "unit"],
  ]))
    for (const names of [[], ["n1"], ["n1", "n2"], ["n1", "n2", "n3"], ["a", "b", "c", "d"]]) {
      const joined = new Intl.ListFormat("en-GB", { type }).format(names);
      assert.equal(inside.listed(names, form), joined);
    }
  assert.equal(german.number(1234.5, 1), "1.234,5");
  assert.equal(egyptian.number(14.2, 1), "١٤٫٢");
  const words = { "list.comma": "、", "list.list": "{first} 和 {last}", row: "{who, list}" };
  const spoken = new Catalogue({ "page.language": "de", n: "{n, number}", ...words });
  assert.equal(spoken.say("n", { n: 12345 }), "12.345");
  assert.equal(spoken.say("row", { who: ["a", "b", "c"] }), "a、b 和 c");
});

/** Programs' own words: what a trap says, a selector, markup, a font, the name of a protocol. */
const NO_SENTENCE = [
  /new Error\(/,
  /querySelector|closest\(/,
  /="/,
  /class: /,
  /font-family/,
  /\["vr", /,
  /FAMILIES = /,
  // Of the language, and the same in each page about it.
  /takes: "/,
  // What CodeMirror asks for its words by.
  /"Selection deleted": say\(/,
];

test("no sentence stands in the page's own code", () => {
  const www = new URL("../../www/", import.meta.url);
  /** @type {string[]} */
  const found = [];
  let count = 0;
  for (const file of readdirSync(www, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".js")) continue;
    const text = readFileSync(new URL(file, www), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const line of text.split("\n")) {
      if (/^\s*\/\//.test(line) || NO_SENTENCE.some((one) => one.test(line))) continue;
      for (const [literal] of line.matchAll(/"[^"]*"|`[^`]*`/g)) {
        count += 1;
        // Two words of plain language in a row.
        const plain = literal.replace(/\$\{[^}]*\}/g, "$");
        if (/(?:^|[^\w-])[A-Za-z']{2,}[,:.]? [A-Za-z']{2,}/.test(plain))
          found.push(`${file}: ${line}`);
      }
    }
  }
  assert.deepEqual(found, []);
  assert.ok(count > 2_000, `${count}`);
});

/** The pages that have sentences of the catalogue: those of www/, and the library's templates. */
const PAGES = [
  "www/index",
  "www/embed",
  "xtask/pages/cuts",
  "xtask/pages/library",
  "xtask/pages/scenario",
];

/** @param {string} name of one of these */
const pageNamed = (name) =>
  readFileSync(new URL(`../../${name}.html`, import.meta.url), "utf8").replace(/\[\[.*?\]\]/g, "");

test("the pages name sentences that are there, and all of them", () => {
  const www = new URL("../../www/", import.meta.url);
  const pages = PAGES.map(pageNamed);
  for (const page of pages) filled(page, html);
  // What an element says before any catalogue comes the build puts into its script.
  pages.push(readFileSync(new URL("half-link.js", www), "utf8"));
  // What stands between them on the library's pages.
  for (const room of ["pages", "cuts"])
    pages.push(readFileSync(new URL(`../../xtask/src/${room}.rs`, import.meta.url), "utf8"));
  for (const key of Object.keys(html)) {
    assert.ok(
      key === "page.language-name"
        ? pages.some((page) => page.includes("{{page.language-links}}"))
        : pages.some((page) => page.includes(`{{${key}}}`) || page.includes(`said("${key}")`)),
      `no page says ${key}`,
    );
  }
});

/** What is to be read or heard of a page as it is written, but for what it names. @param {string} page */
function writtenIn(page) {
  const markup = page
    .replace(/<!--[\s\S]*?-->|<(script|style)\b[\s\S]*?<\/\1>/g, "")
    .replace(/\{\{[^}]*\}\}/g, "");
  const heard = [...markup.matchAll(/\b(?:alt|title|aria-label|placeholder)="([^"]*)"/g)];
  const meta = [...markup.matchAll(/<meta name="description" content="([^"]*)"/g)];
  const words = [...heard, ...meta].map(([, words]) => words);
  return [markup.replace(/<[^>]*>/g, " "), ...words]
    .flatMap((one) => one.match(/\p{L}[\p{L}'-]+/gu) ?? [])
    .filter((word) => word !== "Halflink");
}

test("no sentence stands in the pages themselves", () => {
  // language.html is documentation: made of docs/LANGUAGE.md, which is English.
  for (const name of PAGES) {
    const page = pageNamed(name);
    assert.deepEqual(writtenIn(page), [], name);
    const spoilt = page.replace("</main>", '<img alt="A way">{{page.logic}} out</main>');
    assert.deepEqual(writtenIn(spoilt), ["out", "way"]);
  }
});

/**
 * What is wrong with a language: keys that English has not, and arguments that are not given.
 *
 * @param {Record<string, string>} words
 */
function flaws(words) {
  /** @type {Record<string, string>} */
  const english = { ...en, ...page, ...late, ...html, ...cli };
  const own = ["page.language", "page.language-also", "page.language-page", "page.direction"];
  const args = (/** @type {string} */ template) =>
    [...template.matchAll(/\{([a-z_]+)[,}]/g)].map(([, name]) => name);
  return Object.entries(words).flatMap(([key, template]) => {
    if (own.includes(key)) return [];
    if (!(key in english)) return [`${key} is not said`];
    const given = args(english[key]);
    return args(template)
      .filter((name) => !given.includes(name))
      .map((name) => `${key} is not told ${name}`);
  });
}

test("another language says what English says, by the same arguments", () => {
  const made_up = {
    "page.direction": "rtl",
    "bar.sharing": "x",
    "late.failed": "{what} {mistake}",
  };
  assert.deepEqual(flaws(made_up), ["bar.sharing is not said", "late.failed is not told mistake"]);
  assert.deepEqual(flaws({ ...en, ...page, ...late, ...html }), []);
  const folder = new URL("../../words/", import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    assert.deepEqual(flaws(JSON.parse(readFileSync(new URL(file, folder), "utf8"))), [], file);
  }
  // Of those that are shipped nothing is left in English.
  for (const part of ["", ".page", ".late", ".html"]) {
    const read = (/** @type {string} */ name) =>
      Object.keys(JSON.parse(readFileSync(new URL(`${name}${part}.json`, folder), "utf8")));
    const also = (/** @type {string} */ key) => key === "page.language-also";
    assert.deepEqual(
      read("zh-Hant")
        .filter((key) => !also(key))
        .sort(),
      read("en").sort(),
      part,
    );
  }
});
