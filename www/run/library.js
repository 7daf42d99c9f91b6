// @ts-check
/**
 * The shipped scenarios, each in a file of its own that comes when it is asked for. The story, which
 * the page opens on, the engine has.
 */
import { part } from "./late.js";

/** The texts that have come, by name. @type {Map<string, string>} */
const texts = new Map();

/**
 * The text of the scenario of that name; an error where there is none, or it does not come.
 *
 * @param {string} name
 */
export async function loadScenario(name) {
  const text = await part(`library/${name}`);
  if (typeof text !== "string") throw new Error(`no scenario ${name}`);
  texts.set(name, text);
  return text;
}

/**
 * What the menu shows of each.
 *
 * @returns {Promise<Pick<import("../pkg/library.js").LibraryEntry, "name"|"title"|"source">[]>}
 */
export const loadList = () => part("library/index");

/**
 * The texts of those that have one of these notes.
 *
 * @param {readonly {text: string}[]} notes
 */
export async function loadOriginals(notes) {
  const marks = notes.map(({ text }) => mark(text));
  /** @type {Record<string, number[]>} */
  const known = await part("library/notes");
  const shared = Object.keys(known).filter((name) => known[name].some((one) => marks.includes(one)));
  return Promise.all(shared.map(loadScenario));
}

/** @param {string} note */
export const mark = (note) =>
  [...note].reduce((sum, char) => (sum * 31 + Number(char.codePointAt(0))) % 65_521, 7);

/**
 * The name of the scenario of that text, if it has come.
 *
 * @param {string} text
 */
export const nameOf = (text) => [...texts].find((one) => one[1] === text)?.[0];
