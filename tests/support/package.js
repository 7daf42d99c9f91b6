// The npm package as others have it: packed by npm, and installed into a folder of its own.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const pkg = fileURLToPath(new URL("../../pkg/", import.meta.url));

/** What `npm` is called: on Windows it is a script of the shell's. */
const npm = (/** @type {string[]} */ words, /** @type {string} */ cwd) =>
  run("npm", words, { cwd, shell: process.platform === "win32" });

/**
 * Packs pkg/ and installs it, with what npm has at hand where it has it.
 *
 * @returns {Promise<{folder: string, home: string, tarball: Uint8Array<ArrayBuffer>,
 *   remove: () => Promise<void>}>} folder: where it is installed; home: the package in it
 */
export async function installed() {
  const folder = await mkdtemp(join(tmpdir(), "halflink-npm-"));
  const { stdout } = await npm(["pack", "--json", "--pack-destination", folder], pkg);
  const [{ filename }] = Object.values(JSON.parse(stdout));
  const tarball = join(folder, filename);
  await writeFile(join(folder, "package.json"), '{"private": true, "type": "module"}\n');
  await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", tarball], folder);
  return {
    folder,
    home: join(folder, "node_modules/halflink"),
    tarball: new Uint8Array(await readFile(tarball)),
    remove: () => rm(folder, { recursive: true }),
  };
}

/**
 * What README.md of the package shows in a language, in order.
 *
 * @param {string} language "js"
 */
export async function shown(language) {
  const text = await readFile(join(pkg, "README.md"), "utf8");
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"));
  return [...blocks].map(([, code]) => code);
}
