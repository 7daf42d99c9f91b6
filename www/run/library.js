// @ts-check
/**
 * The shipped scenarios, each in a file of its own that comes when it is asked for. The story, which
 * the page opens on, the engine has.
 */
import { part } from "./late.js";

/** @typedef {import("../pkg/library.js").LibraryEntry} LibraryEntry */

/** The names of those that have come, by their text. @type {Map<string, string>} */
const known = new Map();

/**
 * True if a scenario of that name is shipped: the page itself says which. Nothing is asked for by
 * another name, which a stranger may have chosen.
 *
 * @param {string} name
 */
export const isShipped = (name) => names().includes(name);

/** All that are shipped, in the order of the menu. */
const names = () => `${document.documentElement.dataset.library}`.split(",");

export const language = () => document.documentElement.lang;

/**
 * A file of the library, in the language of the page unless another is named.
 *
 * @param {string} name
 */
const file = (name, of = language()) => part(`library/${of}/${name}`);

/**
 * The text of the scenario of that name; an error where there is none, or it does not come.
 *
 * @param {string} name
 */
export async function loadScenario(name, of = language()) {
  const text = await file(name, of);
  known.set(text, name);
  return text;
}

/**
 * What the menu shows of each.
 *
 * @returns {Promise<Pick<LibraryEntry, "name"|"title"|"source"|"family">[]>}
 */
export const loadList = () => file("index");

/**
 * The texts of those that have one of these notes, in whichever language: a text keeps its own when
 * the page comes to speak another.
 *
 * @param {readonly {at_us: number|null, text: string}[]} notes
 * @returns {Promise<string[]>}
 */
export async function loadOriginals(notes) {
  const marks = notes.map(mark);
  const texts = [];
  const languages = `en,${document.documentElement.dataset.languages}`.match(/(?<![ \w-])[\w-]+/g);
  for (const of of /** @type {string[]} */ (languages)) {
    /** The marks of each, in their order. @type {string[]} */
    const there = await file("notes", of).catch(() => []);
    for (const [number, name] of names().entries())
      if (there[number]?.match(/.../g)?.some((one) => marks.includes(one)))
        texts.push(await loadScenario(name, of));
  }
  return texts;
}

/**
 * Three letters. Two notes with one mark cost a file that is loaded for nothing.
 *
 * @param {{at_us: number|null, text: string}} note one without a time is about any run
 */
export function mark({ at_us, text }) {
  const number = Math.floor((at_us ?? 0) / 1_000) + text.length;
  const letters = [number / 8281, number / 91, number].map((one) => Math.floor(one) % 91);
  return String.fromCharCode(...letters.map((one) => 35 + one + Number(one > 56)));
}

/**
 * The name of the scenario of that text, if it has come, in whichever language.
 *
 * @param {string} text
 */
export const nameOf = (text) => known.get(text);
