// @ts-check
/** `halflink/picture`: a run as a still figure, by the page's own modules. */
import { picture as drawn } from "../../www/draw/picture.js";
import { moduleWanted } from "../../www/run/engine.js";

/**
 * @typedef {import("../index.js").Run} Run
 * @typedef {Pick<typeof import("../index.js"), "Run"|"default">} Engine
 * @typedef {import("../picture.js").PictureOptions} PictureOptions
 */

/** `www/picture.css`, put together: the build fills it in. */
const SHEET = /** @type {{HALFLINK_SHEET: string}} */ (/** @type {unknown} */ (globalThis))
  .HALFLINK_SHEET;

/** The modules of the engine, by the name that the first one asks for them by. */
const MODULES = /** @type {Record<string, () => Promise<Engine>>} */ ({
  "": () => import("../lib/engine.js"),
  production: () => import("../lib/production.js"),
});

/** @param {string} name */
async function engine(name) {
  const module = await MODULES[name]();
  await module.default();
  return module;
}

/**
 * A run of a text, by the module that has the code for it.
 *
 * @param {string} text
 * @returns {Promise<Run>}
 */
async function runOf(text) {
  try {
    return new (await engine("")).Run(text);
  } catch (error) {
    const wanted = moduleWanted(error);
    if (!wanted) throw error;
    return new (await engine(wanted)).Run(text);
  }
}

/** The modules know the names of one plan at a time, so pictures are drawn one after the other. */
let last = Promise.resolve();

/**
 * @param {string|Run} scenario
 * @param {PictureOptions} [options]
 * @returns {Promise<string>}
 */
export function picture(scenario, { what = "strip", time_us = null, theme, width } = {}) {
  const drawing = last.then(async () => {
    const run = typeof scenario === "string" ? await runOf(scenario) : scenario;
    try {
      return await drawn(run, { what, time_us, theme, width }, SHEET);
    } finally {
      if (run !== scenario) run.free();
    }
  });
  last = drawing.then(
    () => {},
    () => {},
  );
  return drawing;
}
