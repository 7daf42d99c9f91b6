// @ts-check
/** Loads the engine, and tells its ways to fail apart. */

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").Diagnostic} Diagnostic */

const ADDRESS = "./pkg/halflink.js";

/** @returns {Promise<Engine>} */
export async function loadEngine() {
  const engine = /** @type {Engine} */ (await import(ADDRESS));
  await engine.default();
  return engine;
}

/** @type {Promise<Engine>|undefined} */
let loaded;

/**
 * An engine that has the code of that protocol.
 *
 * @param {string} _protocol
 * @returns {Promise<Engine>}
 */
export function engineFor(_protocol) {
  return (loaded ??= loadEngine());
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

/**
 * @param {readonly Diagnostic[]} errors
 */
export function diagnosticsInWords(errors) {
  const words = errors.slice(0, 3).map(({ line, column, message }) =>
    (line ? `${line}:${column} ${message}` : message));
  const more = errors.length > 3 ? ` And ${errors.length - 3} more.` : "";
  return words.join(" · ") + more;
}
