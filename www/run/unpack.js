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
 * @property {(packed: number, bytes: number) => number} open a reader, or 0
 * @property {(reader: number, to: number, room: number) => number} read how many bytes; -1: damaged
 */

/** What is compiled while the next is unpacked; between two the page can do something else. */
const PIECE_BYTES = 131_072;

/**
 * What an `.lzma` file holds, a piece at a time.
 *
 * @param {Uint8Array} packed
 * @param {Response} module
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
 */
export async function unpacked(packed, module) {
  const { instance } = await WebAssembly.instantiateStreaming(module);
  const { memory, room, open, read } = /** @type {Unpacker} */ (
    /** @type {unknown} */ (instance.exports)
  );
  const from = room(packed.length);
  new Uint8Array(memory.buffer).set(packed, from);
  const reader = open(from, packed.length);
  if (reader === 0) throw new Error("not an .lzma file");
  const to = room(PIECE_BYTES);
  return new ReadableStream({
    async pull(stream) {
      await breathe();
      const bytes = read(reader, to, PIECE_BYTES);
      if (bytes === 0) return stream.close();
      if (bytes < 0) throw new Error("a damaged .lzma file");
      stream.enqueue(new Uint8Array(memory.buffer, to, bytes).slice());
    },
  });
}
