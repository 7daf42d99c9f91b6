// @ts-check
/** Engines for several runs of one page: compiled once, and one for each of them. */
import { unpack } from "./unpack.js";

/** @typedef {(name: string) => Promise<any>} Part a part of the packed scripts */

/** Modules, by name. @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/**
 * @param {Part} part
 * @param {string} name "engine" or "production"
 */
function moduleOf(part, name) {
  const known = compiled.get(name);
  if (known) return known;
  const compiling = (async () => {
    const [{ wasm }, unpacker] = await Promise.all([part(name), part("unpacker")]);
    return WebAssembly.compile(await unpack(wasm, unpacker));
  })();
  compiled.set(name, compiling);
  compiling.catch(() => compiled.delete(name));
  return compiling;
}

/**
 * An engine of its own, of the one module: what one run breaks is its own.
 *
 * @param {Part} part
 * @param {string} name "" for the first, or "production"
 * @param {(error: unknown) => void} trapped the page's scripts throw errors of their own, so a trap
 *   is told where it happens
 * @returns {Promise<import("./engine.js").Engine>}
 */
export async function engineOf(part, name, trapped) {
  const key = name || "engine";
  const [module, { glue }] = await Promise.all([moduleOf(part, key), part(key)]);
  const engine = glue();
  await engine.default({ module_or_path: module });
  const { prototype } = engine.Run;
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const does = prototype[method];
    if (method === "constructor" || typeof does !== "function") continue;
    prototype[method] = function (/** @type {unknown[]} */ ...given) {
      try {
        return does.apply(this, given);
      } catch (error) {
        if (error instanceof WebAssembly.RuntimeError) trapped(error);
        throw error;
      }
    };
  }
  return engine;
}
