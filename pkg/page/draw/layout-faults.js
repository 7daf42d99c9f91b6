// @ts-check
/**
 * Where the strip draws faults. Each that is in force has a bar of its own, or is counted by the
 * last row's "+3 more"; and no words lie on others.
 */
import { faultText } from "./format.js";
import { say } from "./words.js";

/**
 * label: as much of its text as there is room for; before: true if that is before it, at the end
 *
 * @typedef {{x: number, y: number, width: number, text: string, label: string, before: boolean,
 *   class: string}} StripFault
 * faults: the numbers of those that it stands for
 * @typedef {{x: number, y: number, width: number, label: string, faults: number[]}} MoreFaults
 * @typedef {{rows: number, faults: StripFault[], more: MoreFaults[]}} FaultRows
 */

import { guess, shortened } from "./measure.js";

/** @typedef {import("./measure.js").Measure} Measure */

export const ROW_PITCH = 15;
/** Of the words. */
const SIZE = 11;
const PADDING = 12;
const GAP = 3;
/** Of bars so short that they follow each other within a point. */
const BAR_MIN = 0.8;
/** Fewer letters than these say nothing. */
const LETTERS_MIN = 5;

/**
 * How wide a label of that text is drawn, its padding included.
 *
 * @param {string} text
 * @param {Measure} [measure]
 */
export function labelWidth(text, measure = guess) {
  return measure(text, SIZE) + PADDING;
}

/**
 * @param {readonly import("../pkg/facts.js").FaultSpan[]} spans in order of time
 * @param {(time_us: number) => number} x
 * @param {{right: number, y: number, rows: number, words: (text: string) => string,
 *   measure: Measure}} place rows: how many may be used, beside the one that counts
 * @returns {FaultRows}
 */
export function layoutFaults(spans, x, { right, y, rows, words, measure }) {
  // The row that would count may as well show what it would count.
  let chosen = chooseRows(spans, rows + 1);
  if (chosen.includes(-1)) chosen = chooseRows(spans, rows);
  const shown = spans.map((span, index) => {
    const from = Math.min(x(span.from_us), right - 3);
    return {
      x: from,
      y: y + chosen[index] * ROW_PITCH,
      class: span.class,
      text: faultText(span),
      width: Math.max(3, Math.min(right, x(span.to_us)) - from),
      label: "",
      before: false,
    };
  });
  const faults = shown.filter((_, index) => chosen[index] >= 0);
  const used = Math.max(0, ...chosen.map((row) => row + 1));
  for (let row = 0; row < used; row += 1)
    label(
      faults.filter((one) => one.y === y + row * ROW_PITCH),
      { left: x(0), right, words, measure },
    );
  const more = gather(
    shown.flatMap((bar, index) =>
      chosen[index] >= 0 ? [] : [{ ...bar, y: y + used * ROW_PITCH, faults: [index] }],
    ),
    right,
    measure,
  );
  return { rows: used + (more.length ? 1 : 0), faults, more };
}

/**
 * The row of each fault, the first that is free; -1 for what finds none.
 *
 * @param {readonly import("../pkg/facts.js").FaultSpan[]} spans
 * @param {number} rows
 */
function chooseRows(spans, rows) {
  /** @type {number[]} */
  const ends = [];
  /** @type {(number|undefined)[]} by line of the text that repeats */
  const kept = [];
  return spans.map(({ from_us, to_us, line }) => {
    let row = line === null ? undefined : kept[line];
    if (row !== undefined) return row;
    row = ends.findIndex((end) => end <= from_us);
    if (row < 0 && ends.length < rows) row = ends.length;
    // What comes again keeps its row until it comes no more.
    const last = line === null ? to_us : spans.findLast((span) => span.line === line)?.to_us;
    if (row >= 0) ends[row] = Math.max(last ?? to_us, from_us + 1);
    if (line !== null) kept[line] = row;
    return row;
  });
}

/**
 * Writes each fault of one row, as far as the next one leaves room.
 *
 * @param {StripFault[]} faults
 * @param {{left: number, right: number, words: (text: string) => string, measure: Measure}} place
 */
function label(faults, { left, right, words, measure }) {
  let taken = left;
  faults.forEach((fault, index) => {
    const next = faults[index + 1]?.x ?? right + GAP;
    fault.width = Math.min(fault.width, Math.max(BAR_MIN, next - 1 - fault.x));
    const room = next - GAP - fault.x;
    const text = words(fault.text);
    const fits = (/** @type {string} */ one) => labelWidth(one, measure) <= room;
    fault.label = shortened(text, fits, LETTERS_MIN);
    // At the end of the run there may be room on the other side.
    fault.before = fault.label !== text && fault.x - labelWidth(text, measure) > taken;
    if (fault.before) fault.label = text;
    taken = fault.x + Math.max(fault.width, fault.before ? 0 : labelWidth(fault.label, measure));
  });
}

/**
 * Those that stand for more: what overlaps, or whose words would, stands for them together.
 *
 * @param {{x: number, y: number, width: number, faults: number[]}[]} hidden in order of time
 * @param {number} right
 * @param {Measure} measure
 */
function gather(hidden, right, measure) {
  /** @type {MoreFaults[]} */
  const more = [];
  for (const bar of hidden) {
    let one = counted(bar, right, measure);
    for (let last = more.at(-1); last && last.x + last.width + GAP > one.x; last = more.at(-1)) {
      more.pop();
      const x = Math.min(last.x, one.x);
      const end = Math.max(last.x + last.width, one.x + one.width);
      one = counted(
        { x, y: one.y, width: end - x, faults: [...last.faults, ...one.faults] },
        right,
        measure,
      );
    }
    more.push(one);
  }
  return more;
}

/**
 * @param {{x: number, y: number, width: number, faults: number[]}} bar
 * @param {number} right
 * @param {Measure} measure
 * @returns {MoreFaults}
 */
function counted({ x, y, width, faults }, right, measure) {
  const text = say("strip.more", { count: faults.length });
  const wide = Math.max(width, labelWidth(text, measure));
  return { x: Math.min(x, right - wide), y, width: wide, label: text, faults };
}
