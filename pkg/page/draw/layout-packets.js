// @ts-check
/** Where a packet is drawn in the plant, and the words about its death. */
import { pointAt, way } from "./geometry.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("./layout-plant.js").PlantLayout} PlantLayout */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./geometry.js").Box} Box */

/** How far from a part's edge a packet dies at it: outside, for inside there are words. */
const DOOR = 8;

/**
 * The way of a packet, to where it arrives or dies.
 *
 * @param {Plan} plan
 * @param {PlantLayout} layout
 * @param {Pick<import("../pkg/facts.js").PacketView, "lanes"|"died_on"|"from">} packet
 */
export function packetWay(plan, layout, { lanes, died_on, from }) {
  const ways = lanes.map((lane) => layout.lanes[lane].way);
  const last = ways[ways.length - 1];
  const before = ways.slice(0, -1).flatMap(({ points }) => points);
  if (died_on === null) return way(ways.flatMap(({ points }) => points));
  if (died_on === "lane") {
    return way([...before, last.points[0], pointAt(last, 0.25), pointAt(last, 0.5)]);
  }
  if (died_on === "part" && last) {
    return way([...before, ...last.points.slice(0, -1), pointAt(last, 1 - DOOR / last.length)]);
  }
  // It never got further than the sender's end of a cable.
  const first =
    last ??
    layout.lanes[plan.lanes.findIndex((lane) => lane.from === plan.replicas[from].part)].way;
  return way([pointAt(first, (DOOR + 1) / first.length)]);
}

const LABEL = { height: 14, step: 7, reach: 168 };

/** Where a label may stand beside what it is about, the nearest first. */
const PLACES = Array.from({ length: (2 * LABEL.reach) / LABEL.step + 1 }, (_, column) =>
  Array.from({ length: 25 }, (__, row) => ({
    x: column * LABEL.step - LABEL.reach,
    y: (row - 12) * LABEL.step,
  })),
)
  .flat()
  .sort((one, other) => cost(one) - cost(other));

/**
 * Words belong rather above or below what they are about than beside it.
 *
 * @param {Point} place
 */
function cost({ x, y }) {
  return Math.abs(x) * 0.8 + Math.abs(y);
}

/**
 * The middle of a label that lies on no part, on no name of a rack and on none of `marks`: as near
 * as there is room to where a packet died.
 *
 * @param {PlantLayout} layout
 * @param {Point} at
 * @param {number} width
 * @param {readonly Point[]} marks crosses to be seen
 * @returns {Point}
 */
export function labelPlace(layout, at, width, marks) {
  const taken = [
    ...layout.parts.map(({ box }) => box),
    ...layout.racks.map(({ label }) => around(label, 60, LABEL.height)),
    ...[at, ...marks].map((mark) => around(mark, 15, 15)),
  ];
  const place = PLACES.map(({ x, y }) => ({ x: at.x + x, y: at.y + y })).find((middle) => {
    const box = around(middle, width, LABEL.height);
    return (
      box.x >= 0 &&
      box.x + box.width <= layout.width &&
      box.y >= 0 &&
      box.y + box.height <= layout.height &&
      !taken.some((one) => meet(one, box))
    );
  });
  return place ?? at;
}

/**
 * @param {Point} middle
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
function around({ x, y }, width, height) {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/**
 * @param {Box} one
 * @param {Box} other
 */
function meet(one, other) {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
