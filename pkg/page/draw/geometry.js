// @ts-check
/** Points and ways: no document, no state. */

/**
 * @typedef {{x: number, y: number}} Point
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/**
 * A way through points, with the length up to each of them.
 *
 * @typedef {{points: Point[], lengths: number[], length: number}} Way
 */

/**
 * @param {Point[]} points
 * @returns {Way}
 */
export function way(points) {
  const lengths = [0];
  for (let index = 1; index < points.length; index += 1) {
    const step = distance(points[index - 1], points[index]);
    lengths.push(lengths[index - 1] + step);
  }
  return { points, lengths, length: lengths[lengths.length - 1] };
}

/**
 * @param {Point} one
 * @param {Point} other
 */
export function distance(one, other) {
  return Math.hypot(other.x - one.x, other.y - one.y);
}

/**
 * The point at a share (0 to 1) of a way.
 *
 * @param {Way} path
 * @param {number} share
 * @returns {Point}
 */
export function pointAt(path, share) {
  const goal = Math.min(1, Math.max(0, share)) * path.length;
  let index = 1;
  while (index < path.points.length - 1 && path.lengths[index] < goal) index += 1;
  const [from, to] = [path.points[index - 1], path.points[index] ?? path.points[0]];
  if (!from) return to;
  const step = path.lengths[index] - path.lengths[index - 1];
  return between(from, to, step > 0 ? (goal - path.lengths[index - 1]) / step : 0);
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} share
 * @returns {Point}
 */
export function between(from, to, share) {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/**
 * A curve that leaves straight down and arrives straight down, as points.
 *
 * @param {Point} from
 * @param {Point} to
 * @param {number} [steps]
 * @returns {Point[]}
 */
export function dropCurve(from, to, steps = 16) {
  const bend = (to.y - from.y) * 0.55;
  const one = { x: from.x, y: from.y + bend };
  const two = { x: to.x, y: to.y - bend };
  return Array.from({ length: steps + 1 }, (_, index) => {
    const t = index / steps;
    const s = 1 - t;
    const mix = (/** @type {"x"|"y"} */ axis) =>
      s * s * s * from[axis] +
      3 * s * s * t * one[axis] +
      3 * s * t * t * two[axis] +
      t * t * t * to[axis];
    return { x: mix("x"), y: mix("y") };
  });
}

/**
 * The same way, aside by a distance: to the left of its direction of travel as it is drawn.
 *
 * @param {readonly Point[]} points
 * @param {number} aside
 * @returns {Point[]}
 */
export function offset(points, aside) {
  return points.map(({ x, y }, index) => {
    const before = points[Math.max(0, index - 1)];
    const after = points[Math.min(points.length - 1, index + 1)];
    const length = distance(before, after) || 1;
    return {
      x: x + ((after.y - before.y) / length) * aside,
      y: y - ((after.x - before.x) / length) * aside,
    };
  });
}

/**
 * An SVG path through points.
 *
 * @param {readonly Point[]} points
 * @param {boolean} [closed]
 */
export function pathThrough(points, closed = false) {
  const words = points.map(({ x, y }, index) => `${index ? "L" : "M"}${round(x)} ${round(y)}`);
  return words.join("") + (closed ? "Z" : "");
}

/**
 * An arrowhead with its tip at a point.
 *
 * @param {Point} tip
 * @param {Point} towards a vector
 * @param {number} size
 */
export function arrowhead(tip, towards, size) {
  const length = Math.hypot(towards.x, towards.y) || 1;
  const [ux, uy] = [towards.x / length, towards.y / length];
  const back = { x: tip.x - ux * size * 1.7, y: tip.y - uy * size * 1.7 };
  return pathThrough(
    [
      tip,
      { x: back.x - uy * size * 0.82, y: back.y + ux * size * 0.82 },
      { x: back.x + ux * size * 0.35, y: back.y + uy * size * 0.35 },
      { x: back.x + uy * size * 0.82, y: back.y - ux * size * 0.82 },
    ],
    true,
  );
}

/**
 * A cross centred on a point.
 *
 * @param {Point} at
 * @param {number} size half its width
 */
export function crossAt(at, size) {
  const [x, y, twice] = [round(at.x - size), round(at.y - size), round(size * 2)];
  return `M${x} ${y}l${twice} ${twice}m0 ${-twice}l${-twice} ${twice}`;
}

/**
 * @param {number} value
 */
export function round(value) {
  return Math.round(value * 10) / 10;
}
