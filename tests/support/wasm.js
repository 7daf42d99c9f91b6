// The wasm module under Node: the same glue and the same bytes as in the page.
import { readFile } from "node:fs/promises";
import { library } from "../../pkg/library.js";

const pkg = new URL("../../pkg/", import.meta.url);

/**
 * Loads and starts a module that `cargo xtask build` has left in pkg/: the first, or the one of that
 * name.
 *
 * @param {string} [name] "production"
 * @returns {Promise<typeof import('../../pkg/halflink.js') & {library: () => typeof library}>}
 */
export async function halflink(name) {
  const stem = name ? `halflink-${name}` : "halflink";
  const glue = await import(new URL(`${stem}.js`, pkg).href);
  glue.initSync({ module: await readFile(new URL(`${stem}_bg.wasm`, pkg)) });
  return { ...glue, library: () => library };
}
