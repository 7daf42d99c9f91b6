// @ts-check
/** Draws packets at the places it is given. Both pictures use it. */
import { orderColour } from "./belief.js";
import { replicaColour } from "./colours.js";
import { html, set, setText, svg } from "./dom.js";
import { round } from "./geometry.js";
import { join } from "./join.js";
import { isSaid, say } from "./words.js";

/** @typedef {import("./packets.js").DrawnPacket & {at: import("./geometry.js").Point,
 *   angle: number}} PlacedPacket */

const ARROW = "M7 0L-5 5L-2 0L-5-5Z";
/** A lie has spikes, whatever it is about. */
const LIE = `${Array.from({ length: 16 }, (_, at) => {
  const [reach, turn] = [at % 2 ? 4.6 : 9.2, (at * Math.PI) / 8];
  return `${at ? "L" : "M"}${round(Math.cos(turn) * reach)} ${round(Math.sin(turn) * reach)}`;
}).join("")}Z`;
const CROSS = "M-5.5-5.5L5.5 5.5M5.5-5.5L-5.5 5.5";

/**
 * A sheet over a picture, for what moves: the picture below need not be laid out and painted anew.
 *
 * @param {SVGSVGElement} picture
 * @param {Element[]} moving
 */
export function overlay(picture, ...moving) {
  const sheet = svg("svg", { "aria-hidden": "true" }, ...moving);
  const cover = html("div", { class: "overlay" }, sheet);
  return { sheet, stack: html("div", { class: "stack" }, picture, cover) };
}

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
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {boolean} still
 */
export function drawPackets(layer, packets, plan, still) {
  join(
    layer,
    packets,
    ({ packet }) => (still ? -1 - packet.id : packet.id),
    ({ packet }) => createPacket(packet, plan, still),
    (element, { packet, share, dead, at, angle }) => {
      const [title] = element.children;
      // That its acknowledgement died is news once it has arrived.
      const unheard = packet.unheard !== null && share >= 1;
      const isNews = unheard && !element.hasAttribute("data-unheard");
      if (!title.firstChild || isNews) setText(title, packetWords(packet, plan));
      set(element, "data-unheard", unheard);
      element.setAttribute("transform", `translate(${round(at.x)} ${round(at.y)})`);
      // What stands still points the way that it goes; a cross is a cross whichever way that is.
      if (still) set(element.children[1], "transform", `rotate(${Math.round(angle)})`);
      set(element, "data-dead", dead);
    },
  );
}

/**
 * What it says, and why it died. What messages say is told by words that come late; until they are
 * there it has no hint.
 *
 * @param {Pick<import("../pkg/facts.js").AccountView, "words"|"died"|"truth"|"unheard">
 *   & {again?: number}} packet
 * @param {import("../pkg/facts.js").Plan} plan
 */
export function packetWords({ words, died, truth, again = 0, unheard }, plan) {
  const lie = died ? "packet.died-lie" : "packet.lie";
  const kind = truth ? lie : died ? "packet.died" : "packet";
  if (!isSaid(kind)) return "";
  let said = say(kind, { words, died, truth }, plan);
  if (again) said = say("packet.again", { said, again });
  return unheard ? say("packet.unheard", { said, unheard }, plan) : said;
}

/**
 * All of a packet but its place, which alone changes while it is drawn.
 *
 * @param {import("../pkg/facts.js").PacketView} packet
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {boolean} still
 */
function createPacket(packet, plan, still) {
  const lie = packet.truth !== null;
  // Of an order, what it says matters; of all else, who says it.
  return svg(
    "g",
    {
      class: "packet",
      "data-packet": packet.id,
      "data-kind": packet.kind,
      "data-from": plan.replicas[packet.from].name,
      "data-to": plan.replicas[packet.to].name,
      "data-died": packet.died?.kind,
      "data-lie": lie,
    },
    svg("title"),
    svg("path", {
      fill: orderColour(packet.order) ?? replicaColour(packet.from),
      d: lie ? LIE : still ? ARROW : shapeOf(packet.kind),
    }),
    svg("path", { class: "packet-cross", d: CROSS }),
  );
}
