// @ts-check
/**
 * How wide words are drawn. A page measures them where it draws them (`panels/measure.js`); a still
 * figure, which has to be the same wherever it is drawn, guesses by the letters.
 */

import { called } from "./called.js";

/**
 * The width of a label of a size, in points of the drawing.
 *
 * @typedef {(text: string, size: number) => number} Measure
 */

/** A little more than a letter takes of its size, so that a guess errs to the safe side. */
const LETTER = 6.9 / 11;

/**
 * How many letters a text is as wide as: those of the far east are as wide as two.
 *
 * @param {string} text
 */
export function letters(text) {
  let count = 0;
  for (const letter of called(text)) count += letter > "\u2e7f" ? 2 : 1;
  return count;
}

/** @type {Measure} */
export const guess = (text, size) => letters(text) * LETTER * size;

/**
 * A text, or as much of it as there is room for; nothing if that says nothing.
 *
 * @param {string} text
 * @param {(text: string) => boolean} fits
 * @param {number} [least] letters
 */
export function shortened(text, fits, least = 0) {
  if (fits(text)) return text;
  const all = [...called(text)];
  let [short, long] = [0, all.length];
  const cut = (/** @type {number} */ count) => `${all.slice(0, count).join("").trimEnd()}…`;
  while (long - short > 1) {
    const middle = (short + long) >> 1;
    if (fits(cut(middle))) short = middle;
    else long = middle;
  }
  return short + 1 < least ? "" : cut(short);
}
