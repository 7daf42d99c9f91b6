// @ts-check
/**
 * Where a space-time diagram stands: replicas are rows, time goes to the right, a message is a
 * line from the one who sent it to where it arrived or died. Coordinates only.
 */
import { formatExact } from "./exact.js";

/**
 * What is seen of a run. Microseconds.
 *
 * @typedef {{from_us: number, to_us: number}} Stretch
 * @typedef {{number: number, sent_us: number, ends_us: number, from: number, to: number,
 *   kind: number, marks: number}} Arrow
 * @typedef {{x1: number, y1: number, x2: number, y2: number}} Line
 */

/** What became of a message, bit by bit: see `Diagram.drawn` of the engine. */
export const DIED = 1;
export const LIE = 2;
export const COPY = 8;
export const WITHHELD = 16;

/** Room beside the rows, for their names; above them, for times and faults. */
export const LEFT = 58;
const TOP = 42;
const BOTTOM = 14;
/** So near one may come to a moment. */
export const NEAREST_US = 200;
/** Numbers that make one arrow. */
const STRIDE = 7;
/** A message that died is drawn so far on its way; one that was never sent hardly leaves. */
const DIED_AT = 0.84;
const WITHHELD_AT = 0.16;
/** Pixels between two labels of the axis, at least. */
const TICK_ROOM = 92;

/**
 * The arrows in what the engine gives.
 *
 * @param {Float64Array} flat
 * @returns {Arrow[]}
 */
export function arrowsIn(flat) {
  const arrows = [];
  for (let at = 0; at < flat.length; at += STRIDE) arrows.push(arrowAt(flat, at));
  return arrows;
}

/**
 * @param {Float64Array} flat
 * @param {number} [at]
 * @returns {Arrow}
 */
export function arrowAt(flat, at = 0) {
  const [own, sent_us, ends_us, from, to, kind, marks] = flat.subarray(at, at + STRIDE);
  return { number: own, sent_us, ends_us, from, to, kind, marks };
}

/**
 * The horizontal scale.
 *
 * @param {Stretch} stretch
 * @param {number} width
 */
export function scaleOf({ from_us, to_us }, width) {
  const us = (to_us - from_us) / Math.max(1, width - LEFT);
  return {
    /** Microseconds that a pixel is. */
    us,
    /** @param {number} time_us */
    x: (time_us) => LEFT + (time_us - from_us) / us,
    /** @param {number} x */
    time: (x) => from_us + (x - LEFT) * us,
  };
}

/**
 * The heights of the rows.
 *
 * @param {number} count
 * @param {number} height
 */
export function rowsIn(count, height) {
  const pitch = (height - TOP - BOTTOM) / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, row) => Math.round(TOP + row * pitch));
}

/**
 * A stretch that lies within the run, as long as it was where that is possible.
 *
 * @param {Stretch} stretch
 * @param {number} until_us
 * @returns {Stretch}
 */
export function within({ from_us, to_us }, until_us) {
  const span_us = Math.min(until_us, Math.max(NEAREST_US, to_us - from_us));
  const from = Math.min(Math.max(0, from_us), until_us - span_us);
  return { from_us: from, to_us: from + span_us };
}

/**
 * A stretch that is so many times as long, around a moment that stays where it is.
 *
 * @param {Stretch} stretch
 * @param {number} times
 * @param {number} around_us
 * @returns {Stretch}
 */
export function zoomed({ from_us, to_us }, times, around_us) {
  return {
    from_us: around_us - (around_us - from_us) * times,
    to_us: around_us + (to_us - around_us) * times,
  };
}

/**
 * The line of a message.
 *
 * @param {Arrow} arrow
 * @param {(time_us: number) => number} x
 * @param {readonly number[]} rows
 * @returns {Line}
 */
export function lineOf({ sent_us, ends_us, from, to, marks }, x, rows) {
  const share = marks & WITHHELD ? WITHHELD_AT : marks & DIED ? DIED_AT : 1;
  const [y1, far] = [rows[from], rows[to]];
  return { x1: x(sent_us), y1, x2: x(ends_us), y2: y1 + (far - y1) * share };
}

/**
 * How far a point is from a line.
 *
 * @param {Line} line
 * @param {number} x
 * @param {number} y
 */
export function distance({ x1, y1, x2, y2 }, x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length2 = dx * dx + dy * dy || 1;
  const share = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length2));
  return Math.hypot(x - x1 - share * dx, y - y1 - share * dy);
}

/**
 * Round moments for the axis, and how many digits of a second tell them apart.
 *
 * @param {Stretch} stretch
 * @param {number} width
 */
export function ticksIn(stretch, width) {
  const { from_us, to_us } = stretch;
  const step_us = roundSpan(scaleOf(stretch, width).us * TICK_ROOM);
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step_us) + 1e-9));
  const times = [];
  for (let at = Math.ceil(from_us / step_us) * step_us; at <= to_us; at += step_us)
    times.push({ time_us: at, words: formatExact(at, digits) });
  return times;
}

/** The next round length of time. @param {number} span_us */
function roundSpan(span_us) {
  if (span_us > 1e6) {
    const steps = [2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400];
    return (steps.find((step) => step * 1e6 >= span_us) ?? 14_400) * 1e6;
  }
  const power = 10 ** Math.floor(Math.log10(Math.max(1, span_us)));
  return power * ([1, 2, 5].find((step) => step * power >= span_us) ?? 10);
}

/**
 * A kind of message: which one of its protocol, what it is like whatever the protocol calls it, and
 * what readers call it.
 *
 * @typedef {{name: string, shape: string, words: string}} Kind
 */

/**
 * True of an answer: it is drawn in the colour of what it answers, and thinner.
 *
 * @param {Kind} kind
 */
export const isAnswer = ({ shape }) => shape.endsWith("-reply");

/** How many hues kinds have; the first is for signs of life. */
export const HUES = 6;

/**
 * The hue of each kind. Signs of life are pale, a message and its answer are alike.
 *
 * @param {readonly Kind[]} kinds
 */
export function huesOf(kinds) {
  const base = (/** @type {Kind} */ { shape }) => shape.replace(/-reply$/, "");
  const bases = [...new Set(kinds.map(base))].filter((one) => one !== "heartbeat");
  return kinds.map((kind) => {
    const place = bases.indexOf(base(kind));
    return place < 0 ? 0 : 1 + (place % (HUES - 1));
  });
}
