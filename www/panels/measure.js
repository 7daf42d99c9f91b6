// @ts-check
/** How wide words are drawn here, as the browser has it. */

import { called } from "../draw/called.js";
import { html } from "../draw/dom.js";
import { guess } from "../draw/measure.js";

const KNOWN_MAX = 4_000;

/** @type {Map<string, number>} */
const known = new Map();
/** @type {CanvasRenderingContext2D|null|undefined} */
let context;
let family = "";

/** @type {import("../draw/measure.js").Measure} */
export function measured(text, size) {
  const words = called(text);
  family ||= getComputedStyle(document.body).fontFamily;
  // A size of letters that nobody writes need not be looked for.
  if (!words) return 0;
  const key = `${size} ${words}`;
  let width = known.get(key);
  if (width === undefined) {
    context ??= html("canvas").getContext("2d");
    if (!context) return guess(text, size);
    // Labels of different weights differ by less than a letter.
    context.font = `650 ${size}px ${family}`;
    width = context.measureText(words).width;
    if (known.size > KNOWN_MAX) known.clear();
    known.set(key, width);
  }
  return width;
}
