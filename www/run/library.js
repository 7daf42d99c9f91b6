// @ts-check
/** The shipped scenarios: they come when one is asked for, but for the story, which the engine has. */
import { lateData } from "./late.js";

/** @typedef {import("../pkg/library.js").LibraryEntry} LibraryEntry */

const load = lateData(() => import("../../pkg/library.js"), "library");

/** Those that have come. @type {readonly LibraryEntry[]} */
let shelf = [];

/** @returns {Promise<readonly LibraryEntry[]>} */
export async function loadLibrary() {
  const { library } = await load();
  shelf = library;
  return shelf;
}

/**
 * The name of the scenario of that text, if it has come.
 *
 * @param {string} text
 */
export const nameOf = (text) => shelf.find((one) => one.text === text)?.name;
