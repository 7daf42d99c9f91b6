// @ts-check
/**
 * Where the logical view draws replicas and the flows between them. Coordinates only.
 *
 * Three replicas stand as the story draws them: n1 top left, n2 top right, n3 below. Others stand
 * on a circle.
 */
import { arrowhead, between, crossAt, pathThrough, way } from "./geometry.js";

/** @typedef {import("./geometry.js").Point} Point */

/**
 * @typedef {{from: number, to: number, way: import("./geometry.js").Way, line: string,
 *   head: string, cross: string, hit: string, reason: Point, anchor: string}} FlowShape
 * @typedef {{centre: Point, label: Point, anchor: string}} NodeShape
 * @typedef {{width: number, height: number, radius: number, labels: boolean, nodes: NodeShape[],
 *   flows: FlowShape[]}} LogicLayout
 */

/** More than these have no room to spare: their names would be too small to read. */
const MANY = 9;

/**
 * @param {number} count of replicas
 * @param {boolean} roomy true to leave room for labels beside the replicas
 * @param {boolean} [brief] true if these labels are short
 * @returns {LogicLayout}
 */
export function layoutLogic(count, roomy, brief = false) {
  const radius = count > MANY ? 20 : 22;
  const labels = roomy && count <= 7;
  const stage =
    count === 3
      ? triangle(labels ? 88 : 42, labels ? 460 : 380)
      : ring(count, labels ? (brief ? 128 : 168) : 0);
  const flows = [];
  for (let from = 0; from < count; from += 1) {
    for (let to = 0; to < count; to += 1) {
      if (from !== to) flows.push(shapeFlow(stage.nodes, from, to, radius, count));
    }
  }
  return { ...stage, radius, labels, flows };
}

/**
 * @param {number} top where the upper two stand
 * @param {number} width
 * @returns {{width: number, height: number, nodes: NodeShape[]}}
 */
function triangle(top, width) {
  const middle = width / 2;
  const [left, right] = [middle - 128, middle + 128];
  return {
    width,
    height: top + 170,
    nodes: [
      { centre: { x: left, y: top }, label: { x: left, y: top - 68 }, anchor: "middle" },
      { centre: { x: right, y: top }, label: { x: right, y: top - 68 }, anchor: "middle" },
      {
        centre: { x: middle, y: top + 132 },
        label: { x: middle + 38, y: top + 129 },
        anchor: "start",
      },
    ],
  };
}

/**
 * @param {number} count
 * @param {number} labels the room for labels at each side
 * @returns {{width: number, height: number, nodes: NodeShape[]}}
 */
function ring(count, labels) {
  const reach = Math.max(92, count * 14);
  const [around, above, below] = count > MANY ? [34, 38, 32] : [60, 48, 40];
  const side = labels || around;
  const head = labels ? 84 : above;
  const centre = { x: reach + side, y: reach + head };
  const nodes = Array.from({ length: count }, (_, index) => {
    // Two stand side by side; more start at the top.
    const turn = index / count - (count === 2 ? 0.5 : 0.25);
    const [x, y] = [Math.cos(turn * 2 * Math.PI), Math.sin(turn * 2 * Math.PI)];
    const at = { x: centre.x + x * reach, y: centre.y + y * reach };
    const isAbove = y < -0.9 || count === 2;
    return {
      centre: at,
      label: isAbove
        ? { x: at.x, y: at.y - 66 }
        : { x: at.x + Math.sign(x || 1) * (y > 0.7 ? 34 : 36), y: at.y - 4 },
      anchor: isAbove ? "middle" : x < -0.01 ? "end" : "start",
    };
  });
  return {
    width: centre.x * 2,
    height: count === 2 ? 160 : centre.y + reach + below,
    nodes: count === 2 ? nodes.map((node) => lift(node, 92 - centre.y)) : nodes,
  };
}

/**
 * @param {NodeShape} node
 * @param {number} by
 * @returns {NodeShape}
 */
function lift(node, by) {
  const move = (/** @type {Point} */ point) => ({ x: point.x, y: point.y + by });
  return { ...node, centre: move(node.centre), label: move(node.label) };
}

/**
 * A flow keeps to its own side of the line between two replicas. Its hit area is that side, and
 * the whole width around its own arrowhead; the other flow has the other end.
 *
 * @param {NodeShape[]} nodes
 * @param {number} from
 * @param {number} to
 * @param {number} radius
 * @param {number} count
 * @returns {FlowShape}
 */
function shapeFlow(nodes, from, to, radius, count) {
  const [start, end] = [nodes[from].centre, nodes[to].centre];
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const along = { x: (end.x - start.x) / length, y: (end.y - start.y) / length };
  const at = (/** @type {number} */ forward, /** @type {number} */ aside) => ({
    x: start.x + along.x * forward - along.y * aside,
    y: start.y + along.y * forward + along.x * aside,
  });
  const offset = count > 5 ? 4 : 7;
  const wide = count > 5 ? 10 : 16;
  const [first, last] = [radius + 10, length - radius - 9];
  const points = [at(first, offset), at(last, offset)];
  const head = Math.min(38, (last - first) / 2);
  // Past the middle, so that the crosses of both directions stand apart.
  const middle = between(points[0], points[1], 0.6);
  return {
    from,
    to,
    way: way(points),
    line: pathThrough([points[0], at(last - 4, offset)]),
    head: arrowhead(points[1], along, count > 5 ? 6.5 : 8.5),
    cross: crossAt(middle, 6),
    hit: pathThrough(
      [
        at(first + head, 0),
        at(first + head, wide),
        at(last + 6, wide),
        at(last + 6, -wide),
        at(last - head, -wide),
        at(last - head, 0),
      ],
      true,
    ),
    ...placeReason(at, along, first + (last - first) * reasonShare(from, to, count), offset),
  };
}

/**
 * How far along a flow its words stand. Those of the three that run round the inside of a triangle
 * stand in three rows, for there they share a place. What n3 tells n2 has its words near n3, or they
 * would leave the picture.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} count
 */
function reasonShare(from, to, count) {
  if (count !== 3 || to !== (from + 1) % 3) return count === 3 && to === 1 ? 0.45 : 0.6;
  return [0.5, 0.45, 0.7][from];
}

/**
 * Words about a flow stand beside its middle, on its own side, clear of the line.
 *
 * @param {(forward: number, aside: number) => Point} at
 * @param {Point} along
 * @param {number} middle
 * @param {number} offset
 */
function placeReason(at, along, middle, offset) {
  const point = at(middle, offset + 11);
  const steep = Math.abs(along.y) > 0.4;
  const right = -along.y > 0;
  if (steep) return { reason: { x: point.x, y: point.y + 4 }, anchor: right ? "start" : "end" };
  const below = along.x > 0;
  return { reason: { x: point.x, y: point.y + (below ? 8 : 1) }, anchor: "middle" };
}
