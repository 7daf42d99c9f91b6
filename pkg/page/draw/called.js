// @ts-check
/**
 * What an author calls servers and replicas, in place of what the language calls them. Statements,
 * facts and addresses keep the language's own names; they are put in where words are drawn.
 */

/** @typedef {readonly (readonly [string, string])[]} Pairs what the language calls it, and its name */
/** @typedef {{names: Map<string, string>, pattern: RegExp}|null} Called */

/** @type {Called} */
let now = null;
/** What was made of pairs. @type {WeakMap<Pairs, Called>} */
const known = new WeakMap();

/** @param {Pairs} pairs */
export function callBy(pairs) {
  now = known.get(pairs) ?? null;
  if (now || !pairs.length) return;
  const any = pairs.map(([of]) => of.replaceAll(".", "\\.")).join("|");
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_.-])(?:${any})(?![\\p{L}\\p{N}_-])`, "gu");
  now = { names: new Map(pairs), pattern };
  known.set(pairs, now);
}

/**
 * Does something by other names: replicas of two groups are all n1, and not called alike.
 *
 * @template Result
 * @param {Pairs} pairs
 * @param {() => Result} what
 */
export function calling(pairs, what) {
  const before = now;
  callBy(pairs);
  try {
    return what();
  } finally {
    now = before;
  }
}

/**
 * Words with the author's names in them.
 *
 * @param {string} words
 */
export const called = (words) =>
  now ? words.replace(now.pattern, (of) => now?.names.get(of) ?? of) : words;
