// @ts-check
/**
 * Loads the engine, and tells its ways to fail apart. It comes in two modules of one interface: the
 * first has all protocols of ours, the second also the crates that others run in production, and is
 * loaded when one of those is asked for.
 */

/**
 * The types of all that crosses are made of the Rust ones: `pkg/facts.d.ts`, `pkg/halflink.d.ts`.
 *
 * @typedef {typeof import("../pkg/halflink.js")} Engine
 * @typedef {import("../pkg/halflink.js").Run} Run
 */
/** @typedef {import("../pkg/facts.js").Diagnostic} Diagnostic */

/** @type {Map<string, Promise<Engine>>} */
const modules = new Map();

/** How often the engine was begun anew. A module is loaded once for each address. */
let renewed = 0;

/** Gives an engine that was never used before. */
let start = importEngine;

/** @param {(name: string) => Promise<Engine>} source where engines come from, if not from modules */
export function enginesFrom(source) {
  start = source;
}

/** What was loaded is in a state that nobody knows: the next that is asked for is loaded anew. */
export function renewEngine() {
  renewed += 1;
  modules.clear();
}

/**
 * @param {string} [name] "" for the first, or "production"
 * @returns {Promise<Engine>}
 */
export function loadEngine(name = "") {
  const known = modules.get(name);
  if (known) return known;
  const loading = name ? start(name).catch(sayUnloaded) : start("");
  modules.set(name, loading);
  // One that failed may be tried again.
  loading.catch(() => modules.delete(name));
  return loading;
}

/**
 * Code that does not come is told like anything else that keeps a text from running.
 *
 * @param {unknown} error
 * @returns {never}
 */
function sayUnloaded(error) {
  const fact = { kind: "not-loaded", error: String(error) };
  throw { errors: [{ line: 0, column: 0, length: 0, fact }] };
}

/** @param {string} name */
async function importEngine(name) {
  const file = name ? `halflink-${name}.js` : "halflink.js";
  const again = renewed ? `?${renewed}` : "";
  // Beside the page, wherever this module is put.
  const address = new URL(`pkg/${file}${again}`, document.baseURI).href;
  const engine = /** @type {Engine} */ (await import(address));
  await engine.default();
  return engine;
}

/**
 * An engine that has the code of that protocol.
 *
 * @param {string} protocol
 */
export async function engineFor(protocol) {
  const first = await loadEngine();
  return loadEngine(first.module_of(protocol));
}

/**
 * The module that has the code for want of which an engine threw this; "" for any other error.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function moduleWanted(error) {
  if (typeof error !== "object" || error === null || !("needs" in error)) return "";
  return String(error.needs);
}

/**
 * What the engine finds wrong with a text or a link; `null` if the error is none of that kind.
 *
 * @param {unknown} error
 * @returns {Diagnostic[]|null}
 */
export function diagnosticsOf(error) {
  if (typeof error !== "object" || error === null || !("errors" in error)) return null;
  return Array.isArray(error.errors) ? error.errors : null;
}
