// What the page says, by the catalogue: in English or, with HALFLINK_PSEUDO=1, in a language made of
// it, in which every string stands in brackets and is 40 % longer. It is a language like any other:
// its words are files, the server has them, and the browser asks for it.
import { Catalogue } from "../../www/draw/words.js";
import en from "../../words/en.json" with { type: "json" };
import html from "../../words/en.html.json" with { type: "json" };
import late from "../../words/en.late.json" with { type: "json" };
import own from "../../words/en.page.json" with { type: "json" };
import { PSEUDO, pseudo } from "../support/pseudo.js";

export { PSEUDO };

/** @type {Record<string, string>} */
const ALL = { ...en, ...own, ...late, ...html };

// English is inside the page, and does not say which language it is.
const { "page.language": _, ...ENGLISH } = ALL;

const spoken = new Catalogue(PSEUDO ? pseudo(ALL) : ENGLISH);

/** A sentence of the page. @type {Catalogue["say"]} */
export const said = (key, args, names) => spoken.say(key, args, names);

/** Names in a row. @param {string[]} names */
export const listed = (names) => spoken.listed(names, "list");

/** A fact in words. @type {Catalogue["tell"]} */
export const told = (room, fact, names) => spoken.tell(room, fact, names);

/**
 * A pattern for such a sentence, of which some arguments are not known: `{term}` is `\d+`.
 *
 * @param {string} key
 * @param {Record<string, unknown>} [args] of those that are not known, a pattern in `«»`
 */
export const saying = (key, args) => patternOf(said(key, args)).replaceAll("…", ".*");

/** In `saying`, a fact that is not known. */
export const SOME = { kind: "some" };

/** @param {string} words with patterns in `«»` */
export function patternOf(words) {
  const plain = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return plain.replace(/«(.*?)»/g, (_, pattern) => pattern.replace(/\\(.)/g, "$1"));
}

/**
 * The sentence as it may be written where there is little room: whole, or its beginning.
 *
 * @param {string} words
 */
export function atLeastBegun(words) {
  const plain = (/** @type {string} */ one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^(${plain(words)}|${plain(words.slice(0, 4))}.*…)$`);
}
