// @ts-check
/** What would fall with parts, in sentences; and which ones a reader keeps in mind. */
import { tell } from "../draw/late-words.js";

/** Parts that fail along with any that is asked about, by number. A page has one plant. */
export const kept = /** @type {Set<number>} */ (new Set());

/** @typedef {import("../pkg/facts.js").Plan} Plan */

/**
 * @param {import("../pkg/facts.js").BlastView["said"]} said
 * @param {Plan} plan
 */
export const inWords = (said, plan) => said.map((fact) => tell("blast", fact, plan));

/**
 * About parts that would fail at the moment that is drawn.
 *
 * @param {import("../run/engine.js").Run} run
 * @param {Plan} plan
 * @param {readonly number[]} parts
 */
export const sentencesOf = (run, plan, parts) =>
  inWords(run.blast(Uint16Array.from(parts)).said, plan);
