// A language that nobody speaks: every template in brackets, and at least 40 % longer. What a page
// says outside of brackets has not come through the catalogue.
import { readFileSync } from "node:fs";

/** True if the browser tests run in the language of brackets. */
export const PSEUDO = process.env.HALFLINK_PSEUDO === "1";

/** Its name: what such languages are called elsewhere, too. */
export const LANGUAGE = "en-XA";

/** What opens and closes a string that was told. */
export const [OPEN, CLOSE] = ["⟦", "⟧"];

/** Of the SI, or beside it. */
const UNITS = ["ms", "µs", "min"];

/**
 * A catalogue in that language.
 *
 * @param {Record<string, string>} templates
 * @returns {Record<string, string>}
 */
export const pseudo = (templates) =>
  Object.fromEntries(
    Object.entries(templates).map(([key, text]) => [
      key,
      // What it is called and where its pages are is said to nobody.
      key === "page.language" ? LANGUAGE : /^page\.language/.test(key) ? text : stretched(text),
    ]),
  );

/** @param {string} text a template: what is in braces stays as it is */
function stretched(text) {
  if (!text) return text;
  const more = Math.ceil(text.length * 0.4);
  // In words, as a sentence has them, so that it can be broken into lines.
  const filler = "ôûîêâ "
    .repeat(Math.ceil(more / 6))
    .slice(0, more)
    .trim();
  return `${OPEN}${text} ${filler}${CLOSE}`;
}

/**
 * The words of a text that are in no brackets, and are no names.
 *
 * @param {string} text
 * @param {readonly string[]} names what the scenario calls its things, and what it says itself
 * @returns {string[]}
 */
export function untold(text, names) {
  let depth = 0;
  let rest = "";
  for (const letter of text) {
    if (letter === OPEN) depth += 1;
    if (depth === 0) rest += letter;
    if (letter === CLOSE) depth = Math.max(0, depth - 1);
  }
  const longest_first = [...names].sort((one, other) => other.length - one.length);
  for (const name of longest_first) rest = rest.split(name).join(" ");
  // Units are the same in every language.
  const words = rest.match(/\p{L}[\p{L}'-]+/gu) ?? [];
  return words.filter((word) => !UNITS.includes(word));
}

/** The names of the shipped scenarios. */
/** In the order of the menu, as the build has them: marks of notes come in that order. */
const SHIPPED = readFileSync(new URL("../../src/scenario/library.rs", import.meta.url), "utf8")
  .split("entries![")[1]
  .split("]")[0]
  .match(/[\w.-]+(?=")/g);

/**
 * A page with its sentences, as it is served: `xtask/src/words.rs` does the same.
 *
 * @param {string} page
 * @param {Record<string, string>} words
 * @param {string} [languages] that there are besides English
 */
export const filled = (page, words, languages = "") =>
  page.replace(/\{\{([^}]*)\}\}/g, (_, key) => {
    if (key === "page.languages") return languages;
    if (key === "page.language-links") return "";
    if (key === "page.library") return SHIPPED?.join(",") ?? "";
    if (!(key in words)) throw new Error(`a page says ${key}`);
    return words[key].replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  });
