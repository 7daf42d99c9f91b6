#!/usr/bin/env node
// The package's command line: `halflink picture`, a still figure of a run. It is drawn by the page's
// own modules, which `cargo xtask build` copies into page/, over a small document.
import { readFile, stat, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parseHTML } from "linkedom";
import { library } from "./library.js";
import { parseHash, readTime } from "./page/run/address.js";
import { hashAmong, tidy } from "./page/run/forgive.js";
import { diagnosticsInWords } from "./page/draw/diagnostics.js";
import { diagnosticsOf, moduleWanted } from "./page/run/engine.js";

const HELP = `halflink picture <file, link or shipped scenario> [options]

  --strip           the whole run: who believed in whom, faults, writes (if no other is asked for)
  --logic           who hears whom, at a moment
  --plant           racks, switches and cables, at a moment
  --t 0:15          the moment; if left out the link's, or when the first fault has begun to show
  --theme auto      light, dark or auto: the reader's
  --width 860       of the strip, in pixels
  -o, --out FILE    where to; standard output if it is left out
`;

const KINDS = /** @type {const} */ (["strip", "logic", "plant"]);

/** What a reader of the command line did wrong; it is told without a stack. */
class Refused extends Error {}

/** @param {string[]} words */
function arguments_(words) {
  const flag = /** @type {const} */ ({ type: "boolean" });
  const value = /** @type {const} */ ({ type: "string" });
  const options = {
    strip: flag,
    logic: flag,
    plant: flag,
    help: { ...flag, short: "h" },
    t: value,
    theme: value,
    width: value,
    out: { ...value, short: "o" },
  };
  try {
    return parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    throw new Refused(/** @type {Error} */ (error).message);
  }
}

/**
 * A module of the engine: "" for the first.
 *
 * @param {string} name
 */
async function engineOf(name) {
  const stem = name ? `halflink-${name}` : "halflink";
  const engine = await import(new URL(`${stem}.js`, import.meta.url).href);
  engine.initSync({ module: await readFile(new URL(`${stem}_bg.wasm`, import.meta.url)) });
  return engine;
}

/**
 * The text that is meant, and the moment if the link names one.
 *
 * @param {any} engine
 * @param {string} source
 */
async function opened(engine, source) {
  const shipped = library.find((/** @type {any} */ { name }) => name === source);
  if (shipped) return { text: shipped.text, time_us: null };
  if (
    await stat(source).then(
      (file) => file.isFile(),
      () => false,
    )
  ) {
    return { text: await readFile(source, "utf8"), time_us: null };
  }
  const hash = /^\d+\./.test(source) ? `#${source}` : hashAmong(source);
  if (hash === null) throw new Refused(`there is no file ${source}`);
  const { link, time_us } = parseHash(tidy(hash));
  const named = library.find((/** @type {any} */ { name }) => `#${name}` === link);
  if (named) return { text: named.text, time_us };
  try {
    return { text: engine.open_link(link).text, time_us };
  } catch (error) {
    // Links of the oldest format are read by another module.
    const wanted = moduleWanted(error);
    if (!wanted) throw error;
    return { text: (await engineOf(wanted)).open_link(link).text, time_us };
  }
}

/**
 * A run of a text, by the module that has the code for it.
 *
 * @param {any} engine
 * @param {string} text
 */
async function runOf(engine, text) {
  try {
    return new engine.Run(text);
  } catch (error) {
    const wanted = moduleWanted(error);
    if (!wanted) throw error;
    return new (await engineOf(wanted)).Run(text);
  }
}

/** @param {ReturnType<typeof arguments_>['values']} values */
function optionsOf(values) {
  const kinds = KINDS.filter((kind) => values[kind]);
  if (kinds.length > 1) throw new Refused(`one picture at a time, not ${kinds.join(" and ")}`);
  const time_us = values.t === undefined ? null : readTime(values.t);
  if (values.t !== undefined && time_us === null) {
    throw new Refused(`--t ${values.t} is no time; 15, 12.5 and 0:15 are`);
  }
  const theme = values.theme ?? "auto";
  if (theme !== "light" && theme !== "dark" && theme !== "auto") {
    throw new Refused(`--theme ${theme} is none of light, dark and auto`);
  }
  const width = values.width === undefined ? undefined : Number(values.width);
  if (width !== undefined && !(width >= 320 && width <= 4_000)) {
    throw new Refused(`--width ${values.width} is not from 320 to 4000`);
  }
  return { what: kinds[0] ?? KINDS[0], theme, width, time_us };
}

/** @param {string[]} words */
async function main([command, ...words]) {
  const {
    values,
    positionals: [source, ...more],
  } = arguments_(words);
  if (command !== "picture" || values.help || source === undefined || more.length) {
    const asked = values.help || command === undefined || /^(-h|--help|help)$/.test(command);
    (asked ? process.stdout : process.stderr).write(HELP);
    return asked ? 0 : 2;
  }
  const options = optionsOf(values);
  const first = await engineOf("");
  const { text, time_us } = await opened(first, source);
  const run = await runOf(first, text);
  Object.assign(globalThis, { document: parseHTML("<html></html>").document });
  const { picture, sheetOf } = await import("./page/draw/picture.js");
  const css = await sheetOf((name) => readFile(new URL(`page/${name}`, import.meta.url), "utf8"));
  const drawn = await picture(run, { ...options, time_us: options.time_us ?? time_us }, css);
  if (values.out === undefined) process.stdout.write(drawn);
  else {
    await writeFile(values.out, drawn).catch(({ code }) => {
      throw new Refused(`${values.out} cannot be written (${code})`);
    });
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const found = diagnosticsOf(error);
  if (!found && !(error instanceof Refused)) throw error;
  process.stderr.write(`halflink: ${found ? diagnosticsInWords(found) : error.message}\n`);
  process.exitCode = 1;
}
