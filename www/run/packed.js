// @ts-check
/**
 * What the embed loads besides itself, out of classic scripts. A sandboxed frame has no origin, so
 * of a host that sets no header it gets neither modules nor fetched files, but it gets these.
 * `xtask/src/embed.rs` makes them.
 */

import { breathe } from "../draw/dom.js";
import { unpack } from "./unpack.js";

/**
 * @typedef {{glue: () => import("./engine.js").Engine, wasm: string}} PackedEngine wasm: LZMA, as
 *   base64
 */

/** The script that this is part of, if it is a classic one. */
const own = /** @type {HTMLScriptElement|null} */ (document.currentScript);

/** True if there is no other way to the engine than what is packed. */
export const isPacked = own !== null;

/**
 * A part by its name; its script is loaded if it has not come yet.
 *
 * @param {string} name "late" of `halflink-embed-late.js`, or "library/en/raid-10" of that file
 * @returns {Promise<unknown>}
 */
async function part(name) {
  const parts = /** @type {{halflinkParts?: Record<string, unknown>}} */ (self).halflinkParts ?? {};
  const file = name.includes("/") ? name : `halflink-embed-${name}`;
  if (!(name in parts)) await loadScript(new URL(`${file}.js`, own?.src).href);
  return parts[name];
}

/** @param {string} address */
function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.nonce = own?.nonce ?? "";
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} did not load`));
    document.head.append(script);
  });
}

/**
 * An engine of its own at every call: one that broke is not used again.
 *
 * @param {string} name "" for the first, or "production"
 */
export async function packedEngine(name) {
  const { glue, wasm } = /** @type {PackedEngine} */ (await part(name || "engine"));
  const engine = glue();
  const unpacker = /** @type {string} */ (await part("unpacker"));
  await engine.default({ module_or_path: await unpack(wasm, unpacker) });
  await breathe();
  return engine;
}

/**
 * A module that comes late.
 *
 * @param {string} name
 */
export async function packedModule(name) {
  if (name.includes("/")) return part(name);
  return /** @type {Record<string, unknown>} */ (await part("late"))[name];
}
