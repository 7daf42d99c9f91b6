#!/usr/bin/env node
// The package's command line: `halflink picture`, a still figure of a run, and `halflink page`, a run
// as one page. Both are made by the page's own modules, which `cargo xtask build` puts into lib/.
import { readFile, stat, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  diagnosticsInWords,
  diagnosticsOf,
  hashAmong,
  moduleWanted,
  page,
  parseHash,
  picture,
  readTime,
  tidy,
} from "./lib/node.js";
import { library } from "./library.js";

/**
 * @typedef {typeof import("./index.js")} Engine
 * @typedef {import("./library.js").LibraryEntry} LibraryEntry
 */

const HELP = `halflink picture <file, link or shipped scenario> [options]

  --strip           the whole run: who believed in whom, faults, writes (if no other is asked for)
  --logic           who hears whom, at a moment
  --plant           racks, switches and cables, at a moment
  --t 0:15          the moment; if left out the link's, or when the first fault has begun to show
  --theme auto      light, dark or auto: the reader's
  --width 860       of the strip, in pixels
  -o, --out FILE    where to; standard output if it is left out

halflink page <file, link or shipped scenario> [options]

                    a page that plays the run, and needs nothing else: no network, no server
  --t 0:15          the moment at which it stands; if left out the link's, or it begins by itself
  --site ADDRESS    of a Halflink, to which it leads its readers; if left out it leads nowhere
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
    site: value,
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
 * @returns {Promise<Engine>}
 */
async function engineOf(name) {
  const engine = await import(name ? `./lib/${name}.js` : "./lib/engine.js");
  // The bare module beside it need not be unpacked.
  const wasm = new URL(name ? `halflink-${name}_bg.wasm` : "halflink_bg.wasm", import.meta.url);
  engine.initSync({ module: await readFile(wasm) });
  return engine;
}

/** @param {string} path */
const isFile = (path) =>
  stat(path).then(
    (file) => file.isFile(),
    () => false,
  );

/**
 * The text that is meant, and the moment if the link names one.
 *
 * @param {Engine} engine
 * @param {string} source
 */
async function opened(engine, source) {
  const shipped = library.find(({ name }) => name === source);
  if (shipped) return { text: shipped.text, time_us: null };
  if (await isFile(source)) return { text: await readFile(source, "utf8"), time_us: null };
  const hash = /^\d+\./.test(source) ? `#${source}` : hashAmong(source);
  if (hash === null) throw new Refused(`there is no file ${source}`);
  const { link, time_us } = parseHash(tidy(hash));
  const named = library.find(({ name }) => `#${name}` === link);
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
 * @param {Engine} engine
 * @param {string} text
 */
async function runOf(engine, text) {
  try {
    return { run: new engine.Run(text), module: "" };
  } catch (error) {
    const module = moduleWanted(error);
    if (!module) throw error;
    return { run: new (await engineOf(module)).Run(text), module };
  }
}

/** @typedef {ReturnType<typeof arguments_>["values"]} Values */

/** @param {Values} values */
function timeOf({ t }) {
  if (t === undefined) return null;
  const time_us = readTime(t);
  if (time_us === null) throw new Refused(`--t ${t} is no time; 15, 12.5 and 0:15 are`);
  return time_us;
}

/**
 * Of the options of one command those that another has alone are none.
 *
 * @param {Values} values
 * @param {readonly (keyof Values)[]} names
 * @param {string} command
 */
function refuse(values, names, command) {
  const wrong = names.find((name) => values[name] !== undefined);
  if (wrong) throw new Refused(`--${wrong} is no option of ${command}`);
}

/** @param {Values} values */
function pictureOptions(values) {
  refuse(values, ["site"], "picture");
  const kinds = KINDS.filter((kind) => values[kind]);
  if (kinds.length > 1) throw new Refused(`one picture at a time, not ${kinds.join(" and ")}`);
  const theme = values.theme ?? "auto";
  if (theme !== "light" && theme !== "dark" && theme !== "auto") {
    throw new Refused(`--theme ${theme} is none of light, dark and auto`);
  }
  const width = values.width === undefined ? undefined : Number(values.width);
  if (width !== undefined && !(width >= 320 && width <= 4_000)) {
    throw new Refused(`--width ${values.width} is not from 320 to 4000`);
  }
  return { what: kinds[0] ?? KINDS[0], theme, width };
}

/** @param {Values} values */
function siteOf(values) {
  refuse(values, [...KINDS, "theme", "width"], "page");
  const { site = "" } = values;
  if (site && !/^https?:\/\/\S+$/.test(site)) {
    throw new Refused(`--site ${site} is no address; https://halflink.example/ is`);
  }
  return site;
}

/**
 * What each command makes of a run. Options are read first: what is wrong with them is told at once.
 *
 * @typedef {{run: import("./index.js").Run, module: string, time_us: number|null}} Opened
 * @type {Record<string, (values: Values) => (opened: Opened) => Promise<string>>}
 */
const COMMANDS = {
  picture: (values) => {
    const options = pictureOptions(values);
    return ({ run, time_us }) => picture(run, { ...options, time_us });
  },
  page: (values) => {
    const site = siteOf(values);
    return ({ run, module, time_us }) => page(run, { module, time_us, site });
  },
};

/** @param {string[]} words */
async function main([command = "", ...words]) {
  const {
    values,
    positionals: [source, ...more],
  } = arguments_(words);
  const makes = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (!makes || values.help || source === undefined || more.length) {
    const asked = values.help || /^(|-h|--help|help)$/.test(command);
    (asked ? process.stdout : process.stderr).write(HELP);
    return asked ? 0 : 2;
  }
  const make = makes(values);
  const time_us = timeOf(values);
  const first = await engineOf("");
  const meant = await opened(first, source);
  const opened_run = await runOf(first, meant.text);
  const made = await make({ ...opened_run, time_us: time_us ?? meant.time_us });
  if (values.out === undefined) process.stdout.write(made);
  else {
    await writeFile(values.out, made).catch(({ code }) => {
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
