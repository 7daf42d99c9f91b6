// @ts-check
/** The parts of the plant, one by one: how each is made, and what is written on it. */
import { beliefColour, orderWords } from "./belief.js";
import { replicaColour } from "./colours.js";
import { set, setClass, setText, svg } from "./dom.js";
import { describePart, formatRole, stateInWords, withArrows } from "./format.js";
import { createGlyph, updateGlyph } from "./glyph.js";
import { hint } from "./hints.js";
import { disksWidth } from "./layout-plant.js";
import { guess, shortened } from "./measure.js";
import { say, tell } from "./page-words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */

/**
 * @typedef {{element: SVGGElement, title: SVGTitleElement, note: SVGTextElement|null, noteY: number,
 *   copied: SVGRectElement|null, glyph: import("./glyph.js").Glyph|null,
 *   halo: SVGRectElement|null, body: SVGRectElement,
 *   role: SVGTextElement|null, epoch: SVGTextElement|null, belief: SVGTextElement|null}} PartNodes
 */

/**
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {import("./layout-plant.js").PartShape} shape
 * @param {number} index
 * @returns {PartNodes}
 */
export function createPart(plan, part, shape, index) {
  const { x, y, width } = shape.box;
  const title = svg("title");
  const body = svg("rect", {
    class: "body",
    width,
    height: shape.box.height,
    rx: radii[part.kind],
  });
  const height = shape.base || shape.box.height;
  const element = svg(
    "g",
    {
      class: `part ${part.kind} side-${part.side === null ? "" : "ab"[part.side]}`,
      "data-part": part.name,
      "data-index": index,
      role: "button",
      tabindex: -1,
      "aria-haspopup": "dialog",
      transform: `translate(${x} ${y})`,
    },
    title,
  );
  /** @type {PartNodes} */
  const nodes = {
    element,
    title,
    note: null,
    noteY: height - 12,
    copied: null,
    glyph: null,
    halo: null,
    body,
    role: null,
    epoch: null,
    belief: null,
  };
  const short = part.name.replace(/^(r|site)\d+\./, "").replace(/-(?=[ab]$)/, " ");
  if (part.kind === "server" && part.replica !== null) {
    decorateReplica(nodes, plan.replicas[part.replica].name, part.name, shape);
  } else if (part.kind === "tor" || part.kind === "spine") {
    nodes.note = svg("text", { class: "part-note", x: width / 2, y: height - 7 });
    element.append(
      body,
      svg("text", { class: "part-name", x: width / 2, y: height / 2 + 4.5 }, short),
      nodes.note,
    );
  } else if (part.kind === "server") {
    // Letters are larger on a phone.
    const fitted = shortened(part.name, (one) => guess(one, 15) <= Math.max(width - 22, 48));
    nodes.note = svg("text", { class: "part-note", x: 11, y: nodes.noteY });
    element.append(
      body,
      svg("text", { class: "server-name", x: 11, y: NAME_Y }, fitted),
      nodes.note,
    );
  } else if (part.kind === "feed") {
    nodes.note = svg("text", { class: "part-note", x: 80, y: height / 2 - 7 });
    element.append(
      svg("rect", { class: "hit", width, height }),
      svg("path", { class: "feed-line", d: `M0 ${height / 2}H${width}` }),
      svg("text", { class: "feed-name", x: 34, y: height / 2 - 7 }, short),
      nodes.note,
    );
  } else if (part.kind === "pdu") {
    const letter = part.side ? "B" : "A";
    element.append(
      svg("rect", { class: "hit", x: -7, width: width + 13, height }),
      body,
      svg("text", { class: "pdu-name", x: width / 2, y: height - 7 }, letter),
    );
  } else if (["ups", "generator", "ats", "site", "wan"].includes(part.kind)) {
    // Which side it is on is said at the other end of its line.
    const name = ["ups", "generator"].includes(part.kind) ? part.kind : short;
    element.append(
      body,
      svg("text", { class: "chain-name", x: width / 2, y: height / 2 + 4.5 }, name),
    );
  } else {
    // A finger finds a breaker by more than its width.
    if (part.kind === "breaker") {
      element.append(svg("rect", { class: "hit", x: -7, width: width + 13, height }));
    }
    element.append(
      body,
      svg("path", {
        class: "cross",
        d: `M3 3L${width - 3} ${height - 3}M${width - 3} 3L3 ${height - 3}`,
      }),
    );
  }
  return nodes;
}

/** @param {import("./layout-plant.js").PlantLayout["folds"][0]} fold */
export function createFold({ rack, box, count, open }) {
  const words = say(open ? "plant.fold" : "plant.idle", { count });
  return svg(
    "g",
    {
      class: "fold",
      "data-fold": rack,
      role: "button",
      tabindex: -1,
      "aria-expanded": String(open),
      "aria-label": say("plant.fold-label", { words, rack: rack + 1 }),
      transform: `translate(${box.x} ${box.y})`,
    },
    svg("rect", { class: "body", width: box.width, height: box.height, rx: 8 }),
    svg("text", { class: "server-name", x: box.width / 2, y: box.height / 2 + 4 }, words),
  );
}

/** What is taken of a server's width where its words stand: by its glyph, and by its edges. */
const BESIDE_GLYPH = 60;
export const BELOW_GLYPH = 11;
/** Where an idle server's name stands, and what is between it and a note beside it. */
const [NAME_Y, GAP] = [22, 6];

/** @type {Record<string, number>} */
const radii = {
  ...{ spine: 8, tor: 7, server: 10, pdu: 4, disk: 3, feed: 0, nic: 2, psu: 2 },
  ...{ ups: 4, generator: 4, ats: 4, breaker: 2, site: 8, wan: 11 },
};

/**
 * @param {PartNodes} nodes
 * @param {string} name the replica's
 * @param {string} server
 * @param {import("./layout-plant.js").PartShape} shape
 */
function decorateReplica(nodes, name, server, { box: { width, height }, base }) {
  nodes.halo = svg("rect", {
    class: "halo",
    x: -6,
    y: -6,
    width: width + 12,
    height: height + 12,
    rx: 15,
  });
  nodes.glyph = createGlyph(name, 18);
  nodes.glyph.element.setAttribute("transform", "translate(31 35)");
  nodes.role = svg("text", { class: "server-role", x: 60, y: 27 });
  nodes.epoch = svg("text", { class: "server-epoch", x: 60, y: 44 });
  nodes.belief = svg("text", { class: "server-belief", x: 11, y: base - 11 });
  nodes.element.append(
    nodes.halo,
    nodes.body,
    nodes.glyph.element,
    nodes.role,
    nodes.epoch,
    nodes.belief,
  );
  set(nodes.element, "data-server-of", name);
  set(nodes.element, "data-server", server);
}

/**
 * @param {PartNodes} nodes
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {import("../pkg/facts.js").PartView} state
 * @param {(words: string) => number} width of a note
 */
export function updatePart(nodes, plan, part, state, width) {
  const { element, title, note } = nodes;
  set(element, "data-state", state.state);
  const says = stateInWords(state, plan);
  set(
    element,
    "aria-label",
    say("part.label", { part: describePart(part), state: says }) + hint("replica.enter"),
  );
  setText(title, say("part.title", { part: part.name, state: says }));
  drawCopied(nodes, state);
  if (!note) return;
  // Which PDUs are dead is in the tooltip and the menu: a switch has no room for their names.
  const words = state.why ? withArrows(tell("note", state.why)) : "";
  const all = Number(nodes.body.getAttribute("width"));
  const taken = part.kind === "server" ? BELOW_GLYPH + disksWidth(plan) : 13;
  const below = part.kind === "feed" ? 276 : all - taken;
  // Large words of an idle server stand beside its name, where there are no disks.
  const name =
    part.kind === "server" ? `${element.querySelector(".server-name")?.textContent}` : "";
  const beside = name ? all - 2 * BELOW_GLYPH - GAP - (width(name) * 12) / 11 : 0;
  const isBeside = width(words) > below && beside > below;
  const room = isBeside ? beside : below;
  const fits = (/** @type {string} */ one) => width(one) <= room;
  if (name) {
    setClass(note, "beside", isBeside);
    set(note, "x", isBeside ? all - BELOW_GLYPH : BELOW_GLYPH);
    set(note, "y", isBeside ? NAME_Y : nodes.noteY);
  }
  const short =
    !fits(words) && state.why?.kind === "gray"
      ? withArrows(tell("note", { ...state.why, kind: "short" }))
      : words;
  setText(note, shortened(short, fits));
}

/**
 * Fills a disk that is being rebuilt from below, as far as it is.
 *
 * @param {PartNodes} nodes
 * @param {import("../pkg/facts.js").PartView} state
 */
function drawCopied(nodes, { state, why }) {
  const percent = state === "rebuilding" ? Number(why?.rebuild?.percent) : 0;
  if (!percent && !nodes.copied) return;
  const [width, height] = ["width", "height"].map((one) => nodes.body.getAttribute(one));
  if (!nodes.copied) {
    nodes.copied = svg("rect", { class: "copied", width });
    nodes.body.after(nodes.copied);
  }
  const copied = (Number(height) * percent) / 100;
  set(nodes.copied, "y", Number(height) - copied);
  set(nodes.copied, "height", copied);
}

/**
 * @param {PartNodes} nodes
 * @param {Plan} plan
 * @param {View} view
 * @param {number} index
 * @param {(words: string, taken: number) => string} fitting as much as there is room for
 * @param {(words: string) => string} fittingBelow as much as there is room for before its disks
 * @param {number} marks what marks of databases take of its width
 */
export function updateReplica(nodes, plan, view, index, fitting, fittingBelow, marks) {
  const replica = view.replicas[index];
  const { glyph, role, epoch, belief, halo, body } = nodes;
  if (!glyph || !role || !epoch || !belief || !halo) return;
  updateGlyph(glyph, plan, index, replica, view.time_us);
  const follows = replica.up ? replica.leader : null;
  const believes = beliefColour(plan, replica);
  set(body, "stroke", replica.up ? (believes ?? replicaColour(index)) : null);
  setClass(nodes.element, "hollow", replica.up && believes === null);
  set(halo, "fill", believes ?? "none");
  setClass(nodes.element, "leads", replica.up && follows === index);
  setText(role, fitting(formatRole(replica, plan), BESIDE_GLYPH));
  const place =
    tell("place", replica.place) +
    (replica.lies.length ? say("plant.lies") : "") +
    (replica.paused ? ` · ${say("note.paused")}` : "");
  setText(epoch, fitting(place, BESIDE_GLYPH + marks));
  const believed = !replica.up
    ? ""
    : plan.generals
      ? orderWords(replica.value)
      : follows === null
        ? say("plant.no-leader")
        : follows === index
          ? say("plant.leads")
          : say("belief.follows", { leader: follows }, plan);
  const short = say("plant.follows", { leader: follows }, plan);
  const isWhole = follows === null || follows === index || fittingBelow(believed) === believed;
  setText(belief, fittingBelow(!replica.up || plan.generals || isWhole ? believed : short));
}
