// @ts-check
/**
 * What an author calls servers and replicas, in place of what the language calls them. Statements,
 * facts and addresses keep the language's own names; they are put in where words are drawn.
 */

/** @type {Map<string, string>} */
let names = new Map();
/** @type {RegExp|null} */
let pattern = null;

/** @param {readonly (readonly [string, string])[]} pairs what the language calls it, and its name */
export function callBy(pairs) {
  names = new Map(pairs);
  const any = pairs.map(([of]) => of.replaceAll(".", "\\.")).join("|");
  pattern = any ? new RegExp(`(?<![\\p{L}\\p{N}_.-])(?:${any})(?![\\p{L}\\p{N}_-])`, "gu") : null;
}

/**
 * Words with the author's names in them.
 *
 * @param {string} words
 */
export const called = (words) =>
  pattern ? words.replace(pattern, (of) => names.get(of) ?? of) : words;
