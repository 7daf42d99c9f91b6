// @ts-check
/** Bars of what came over time: what was answered below, what failed on top of it by cause. */
import { svg } from "../draw/dom.js";

export const HEIGHT = 28;

/**
 * @typedef {object} Stretch
 * @property {number} from_us
 * @property {number} asked
 * @property {number} answered
 * @property {number[]} failed
 */

/**
 * Outlines of the bars, one path a kind: of the answered ones first, then by cause.
 *
 * @param {{stretches: Stretch[], stretch_us: number, causes: readonly string[]}} counted
 * @param {(time_us: number) => number} x
 */
export function barsOf({ stretches, stretch_us, causes }, x) {
  const most = Math.max(1, ...stretches.map(({ asked }) => asked));
  const paths = [...Array(causes.length + 1)].map(() => "");
  for (const { from_us, answered, failed } of stretches) {
    const [left, right] = [x(from_us), x(from_us + stretch_us)];
    let below = HEIGHT;
    [answered, ...failed].forEach((count, kind) => {
      const height = (count / most) * HEIGHT;
      if (!count) return;
      paths[kind] += `M${left.toFixed(1)} ${below.toFixed(1)}V${(below - height).toFixed(1)}`;
      paths[kind] += `H${right.toFixed(1)}V${below.toFixed(1)}Z`;
      below -= height;
    });
  }
  return paths;
}

/**
 * @param {number} width
 * @param {number} until_us
 * @returns {(time_us: number) => number}
 */
export const scaleOf = (width, until_us) => (time_us) => (time_us / until_us) * width;

/**
 * The colour of a kind, beside its words.
 *
 * @param {string} kind
 */
export function swatchOf(kind) {
  const swatch = svg("svg", {
    class: "requests-swatch",
    width: 12,
    height: 12,
    "aria-hidden": "true",
  });
  swatch.append(svg("rect", { class: `request ${kind}`, width: 12, height: 12 }));
  return swatch;
}
