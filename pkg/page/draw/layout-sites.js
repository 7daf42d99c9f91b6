// @ts-check
/**
 * Where sites are drawn: side by side or, on a screen that is narrow, one below the other; their
 * borders, and the WAN links between these. Coordinates only: it never touches the document.
 */
import { arrowhead, crossAt, pathThrough, way } from "./geometry.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./geometry.js").Box} Box */

/** Side by side: room for the WAN link that leads over a site, if there is one. */
const BESIDE = { gap: 40, head: 92, over: 46, height: 30, pill: 18, apart: 12, above: 16 };
/**
 * Below each other, where a finger needs room: WAN links lead down tracks at the sides, which are so
 * far from the edge.
 */
const BELOW = { gap: 34, head: 122, height: 60, pill: 26, apart: 26, gutter: 17, tracks: [4, 13] };
/** A border begins so far below the top of its site. */
const BORDER = { y: 24, width: 116 };
const WAN = 74;
/** Over the border that a WAN link comes down to: where it turns, and how far from the middle. */
const TURN = { y: [-12, -24], x: 13 };

/**
 * What sites take at the top of everything in them, and at both sides.
 *
 * @param {number} sites
 * @param {boolean} stacked
 */
export function siteRoom(sites, stacked) {
  if (sites < 2) return { head: 0, over: 0, left: 0, right: 0 };
  if (stacked) {
    return { head: BELOW.head, over: 0, left: BELOW.gutter, right: sites > 2 ? BELOW.gutter : 0 };
  }
  const over = sites > 2 ? BESIDE.over : 0;
  return { head: BESIDE.head + over, over, left: 0, right: 0 };
}

/**
 * Where each site begins, and the size of all of them.
 *
 * @param {number} sites
 * @param {boolean} stacked
 * @param {{width: number, height: number}} size of one of them
 */
export function placeSites(sites, stacked, { width, height }) {
  const { left, right } = siteRoom(sites, stacked);
  const places = Array.from({ length: sites }, (_, site) =>
    stacked
      ? { x: left, y: site * (height + BELOW.gap) }
      : { x: site * (width + BESIDE.gap), y: 0 },
  );
  const last = places[sites - 1];
  return { places, width: last.x + width + right, height: last.y + height };
}

/**
 * @typedef {{sites: Point[], width: number, whole: number, total: number, over: number,
 *   stacked: boolean}} Frame sites: where each begins; width: of what is in one, without its power
 *   chain; whole: with it; total: of the picture
 */

/**
 * @param {Frame} frame
 * @param {number} site
 * @returns {Box}
 */
export function borderBox(frame, site) {
  const { x, y } = frame.sites[site];
  return {
    x: x + (frame.width - BORDER.width) / 2,
    y: y + frame.over + BORDER.y,
    width: BORDER.width,
    height: (frame.stacked ? BELOW : BESIDE).height,
  };
}

/**
 * The numbers of the two lanes of a WAN link, which has the number of its cable among those between
 * sites.
 *
 * @param {Plan} plan
 * @param {number} index the part's
 */
export function wanLanes({ parts, lanes }, index) {
  const isBorder = (/** @type {number} */ part) => parts[part].kind === "site";
  const between = lanes.flatMap(({ from, to }, lane) =>
    isBorder(from) && isBorder(to) ? [lane] : [],
  );
  const first = 2 * (index - parts.findIndex(({ kind }) => kind === "wan"));
  return between.slice(first, first + 2);
}

/**
 * Between the two lanes of a WAN link.
 *
 * @param {Plan} plan
 * @param {Frame} frame
 * @param {number} index the part's
 * @returns {Box}
 */
export function wanBox(plan, frame, index) {
  const { from, to } = plan.lanes[wanLanes(plan, index)[0]];
  const sites = [from, to].map((part) => plan.parts[part].site ?? 0);
  const [low, high] = sites.map((site) => borderBox(frame, site));
  const { pill } = frame.stacked ? BELOW : BESIDE;
  const middle = low.y + (low.height - pill) / 2;
  if (frame.stacked) {
    const room = besideBorder(frame, low, sites[1] - sites[0] > 1);
    return { x: (room.from + room.to - WAN) / 2, y: middle, width: WAN, height: pill };
  }
  const x = (low.x + high.x + BORDER.width - WAN) / 2;
  const over = isFar(frame, low, high);
  return { x, y: over ? BESIDE.above : middle, width: WAN, height: pill };
}

/**
 * True if there is a site between two borders that stand side by side.
 *
 * @param {Frame} frame
 * @param {Box} low
 * @param {Box} high
 */
const isFar = (frame, low, high) => high.x - low.x > 1.5 * (frame.whole + BESIDE.gap);

/**
 * What is beside a border, from the tracks to it.
 *
 * @param {Frame} frame
 * @param {Box} border
 * @param {boolean} right
 */
function besideBorder(frame, border, right) {
  return right
    ? { from: border.x + border.width, to: frame.total - BELOW.gutter }
    : { from: BELOW.gutter, to: border.x };
}

/**
 * From border to border.
 *
 * @param {Frame} frame
 * @param {Box} low
 * @param {Box} high
 * @param {number} direction 0 leads to the higher number
 * @returns {import("./layout-plant.js").LaneShape}
 */
export function shapeWan(frame, low, high, direction) {
  if (frame.stacked) return shapeDown(frame, low, high, direction);
  return isFar(frame, low, high)
    ? shapeOver(low, high, direction)
    : shapeAcross(low, high, direction);
}

/**
 * Between borders that stand side by side.
 *
 * @param {Box} left
 * @param {Box} right
 * @param {number} direction
 */
function shapeAcross(left, right, direction) {
  const { apart } = BESIDE;
  const y = left.y + left.height / 2 + (direction ? apart : -apart);
  const [from, to] = [left.x + left.width, right.x];
  const points = [
    { x: from, y },
    { x: to, y },
  ];
  const hit = { x: from, y: y - apart, width: to - from, height: 2 * apart };
  const quarter = from + (to - from) * (direction ? 0.75 : 0.25);
  return finish(points, direction, { x: direction ? -1 : 1, y: 0 }, { x: quarter, y }, hit);
}

/**
 * Over the site between them.
 *
 * @param {Box} left
 * @param {Box} right
 * @param {number} direction
 */
function shapeOver(left, right, direction) {
  const apart = direction ? BESIDE.apart : -BESIDE.apart;
  const y = BESIDE.above + BESIDE.pill / 2 + apart;
  const [from, to] = [left.x + left.width / 2 + apart, right.x + right.width / 2 - apart];
  const points = [
    { x: from, y: left.y },
    { x: from, y },
    { x: to, y },
    { x: to, y: right.y },
  ];
  const mark = { x: from + (to - from) * (direction ? 0.75 : 0.25), y };
  const hit = { x: mark.x - 30, y: y - BESIDE.apart, width: 60, height: 2 * BESIDE.apart };
  return finish(points, direction, { x: 0, y: 1 }, mark, hit);
}

/**
 * Between borders of which one stands below the other: to the next site at the left, and down onto
 * its border; past a site at the right. Neither lane crosses the other.
 *
 * @param {Frame} frame
 * @param {Box} low
 * @param {Box} high
 * @param {number} direction
 */
function shapeDown(frame, low, high, direction) {
  const right = high.y - low.y > 1.5 * (frame.sites[1].y - frame.sites[0].y);
  const aside = direction ? BELOW.apart : -BELOW.apart;
  const middle = (/** @type {Box} */ { y, height }) => y + height / 2;
  const track = BELOW.tracks[direction];
  const room = besideBorder(frame, low, right);
  const [x, wall] = right ? [frame.total - track, room.from] : [track, room.to];
  const y = middle(low) + aside;
  const centre = high.x + high.width / 2;
  const [end, turn] = right
    ? [{ x: wall, y: middle(high) - aside }, middle(high) - aside]
    : [
        { x: centre + (direction ? TURN.x : -TURN.x), y: high.y },
        high.y - BORDER.y + TURN.y[direction],
      ];
  const points = [{ x: wall, y }, { x, y }, { x, y: turn }, { x: end.x, y: turn }, end];
  const mark = { x: (room.from + room.to) / 2, y };
  const half = BELOW.apart / 2;
  const hit = { x: room.from, y: y - half, width: room.to - room.from, height: 2 * half };
  const towards = right ? { x: -1, y: 0 } : direction ? { x: 1, y: 0 } : { x: 0, y: 1 };
  return finish(points, direction, towards, mark, hit);
}

/**
 * @param {Point[]} points from the lower number to the higher
 * @param {number} direction
 * @param {Point} towards where the arrowhead points
 * @param {Point} mark
 * @param {Box} hit
 * @returns {import("./layout-plant.js").LaneShape}
 */
function finish(points, direction, towards, mark, hit) {
  const end = points[direction ? 0 : points.length - 1];
  const tip = { x: end.x - towards.x * 1.5, y: end.y - towards.y * 1.5 };
  return {
    way: way(direction ? [...points].reverse() : points),
    line: pathThrough(points),
    head: arrowhead(tip, towards, 6.4),
    cross: crossAt(mark, 4.6),
    mark,
    hit,
    centre: mark,
  };
}
