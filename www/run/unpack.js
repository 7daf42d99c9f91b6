// @ts-check
/**
 * Unpacks LZMA, which browsers do not, with the module of `xtask/unpack/`. It is worth its bytes
 * many times over, and twice as fast as JavaScript.
 */

import { breathe } from "../draw/dom.js";

/**
 * @typedef {object} Unpacker what `xtask/unpack/src/wasm.rs` exports
 * @property {WebAssembly.Memory} memory
 * @property {(bytes: number) => number} room the address of as many bytes
 * @property {(packed: number, bytes: number) => number} open a module, or 0
 * @property {(module: number, most: number) => number} read how many bytes; -1: damaged
 * @property {(module: number) => number} merge how long it is; -1: damaged
 * @property {(module: number) => number} merged_at
 */

/** In small pieces: a browser puts faster code in place of what it began with between two calls. */
const PIECE_BYTES = 16_384;
/** So long it goes on before the page can do something else. */
const PIECES_MS = 8;

/**
 * The module that an `.lzma` file holds, its code sorted as `xtask/unpack/src/lanes.rs` does it.
 *
 * @param {Uint8Array} packed
 * @param {Response} unpacker
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function unpacked(packed, unpacker) {
  const { instance } = await WebAssembly.instantiateStreaming(unpacker);
  const { memory, room, open, read, merge, merged_at } = /** @type {Unpacker} */ (
    /** @type {unknown} */ (instance.exports)
  );
  const from = room(packed.length);
  new Uint8Array(memory.buffer).set(packed, from);
  const module = open(from, packed.length);
  if (module === 0) throw new Error("not an .lzma file");
  let until_ms = 0;
  for (let more = 1; more !== 0; ) {
    if (performance.now() > until_ms) {
      await breathe();
      until_ms = performance.now() + PIECES_MS;
    }
    more = read(module, PIECE_BYTES);
    if (more < 0) throw new Error("a damaged .lzma file");
  }
  await breathe();
  const bytes = merge(module);
  if (bytes < 0) throw new Error("a damaged module");
  return new Uint8Array(memory.buffer, merged_at(module), bytes).slice();
}

/**
 * The same of what a script carries.
 *
 * @param {string} wasm LZMA, as base64
 * @param {string} unpacker gzip, as base64
 */
export async function unpack(wasm, unpacker) {
  const gzip = new Blob([bytesOf(unpacker)]).stream();
  const module = gzip.pipeThrough(new DecompressionStream("gzip"));
  // As if it came from a host.
  const headers = { "content-type": "application/wasm" };
  return unpacked(bytesOf(wasm), new Response(module, { headers }));
}

/** @param {string} base64 */
function bytesOf(base64) {
  const characters = atob(base64);
  const bytes = new Uint8Array(characters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = characters.charCodeAt(at);
  return bytes;
}
