// The wasm module under Node: the same glue and the same bytes as in the page.
import { readFile } from 'node:fs/promises';

const pkg = new URL('../../pkg/', import.meta.url);

/**
 * Loads and starts the module that `cargo xtask build` has left in pkg/.
 * @returns {Promise<typeof import('../../pkg/halflink.js')>}
 */
export async function halflink() {
  const glue = await import(new URL('halflink.js', pkg).href);
  glue.initSync({ module: await readFile(new URL('halflink_bg.wasm', pkg)) });
  return glue;
}
