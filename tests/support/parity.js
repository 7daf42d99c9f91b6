// What native code makes of every shipped scenario and 200 random ones: examples/parity.rs.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * A run, as native code made it.
 * @typedef {object} Expected
 * @property {string} name
 * @property {string} text
 * @property {number} half_us half of its length
 * @property {string} half_hash the trace hash there
 * @property {string} link
 * @property {import('../../pkg/facts.js').Plan} plan
 * @property {import('../../pkg/facts.js').Strip} strip with the trace hash at the end
 * @property {import('../../pkg/facts.js').View} end the last moment, with what was under way for 0.3 s
 */

/**
 * Runs them natively.
 * @param {number} random how many random scenarios
 * @returns {Expected[]}
 */
export function nativeRuns(random = 200) {
  const command = ["run", "--quiet", "--example", "parity", "--", String(random)];
  const options = { cwd: root, encoding: /** @type {const} */ ("utf8"), maxBuffer: 1 << 28 };
  const lines = execFileSync("cargo", command, options).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}
