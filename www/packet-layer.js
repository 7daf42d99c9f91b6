// @ts-check
/** Draws packets at the places it is given. Both pictures use it. */
import { replicaColour } from "./colours.js";
import { set, setText, svg } from "./dom.js";
import { round } from "./geometry.js";
import { join } from "./join.js";

/** @typedef {import("./packets.js").DrawnPacket & {at: import("./types.js").Point,
 *   angle: number}} PlacedPacket */

const ARROW = "M7 0L-5 5L-2 0L-5-5Z";
const CROSS = "M-5.5-5.5L5.5 5.5M5.5-5.5L-5.5 5.5";

/**
 * The sign of a kind of message: a request is round, an answer small, a vote a diamond.
 *
 * @param {string} kind
 */
function shapeOf(kind) {
  if (kind.includes("vote")) {
    return kind.endsWith("reply") ? "M0-4.6L4.6 0L0 4.6L-4.6 0Z" : "M0-6.6L6.6 0L0 6.6L-6.6 0Z";
  }
  const r = kind.endsWith("reply") ? 3.4 : 5;
  return `M${-r} 0a${r} ${r} 0 1 1 ${2 * r} 0a${r} ${r} 0 1 1 ${-2 * r} 0Z`;
}

/**
 * @param {SVGGElement} layer
 * @param {readonly PlacedPacket[]} packets
 * @param {readonly {name: string}[]} replicas
 * @param {boolean} still
 */
export function drawPackets(layer, packets, replicas, still) {
  join(layer, packets, ({ packet }) => packet.id, ({ packet }) => {
    const to = replicas[packet.to].name;
    return svg("g", {
      class: "packet", "data-packet": packet.id, "data-kind": packet.kind,
      "data-from": replicas[packet.from].name, "data-to": to,
    }, svg("title"), svg("path", { fill: replicaColour(packet.from) }),
    svg("path", { class: "packet-cross", d: CROSS }));
  }, (element, { packet, dead, at, angle }) => {
    const turn = still ? ` rotate(${Math.round(angle)})` : "";
    element.setAttribute("transform", `translate(${round(at.x)} ${round(at.y)})${turn}`);
    set(element, "data-died", packet.died);
    set(element, "data-dead", dead);
    set(element.children[1], "d", still ? ARROW : shapeOf(packet.kind));
    if (packet.died) setText(element.children[0], `${packet.words}: ${packet.died}`);
    else setText(element.children[0], packet.words);
  });
}
