// @ts-check
/** The plant: built once a plan, then only what changed is written, frame by frame. */
import { beliefColour, orderWords } from "./belief.js";
import { replicaColour } from "./colours.js";
import { set, setClass, setText, svg } from "./dom.js";
import { isSevered } from "./faults.js";
import { describePart, formatRole, stateInWords, withArrows } from "./format.js";
import { say, tell } from "./page-words.js";
import { pointAt, round } from "./geometry.js";
import { createGlyph, updateGlyph } from "./glyph.js";
import { hint } from "./hints.js";
import {
  disksWidth,
  MEMBER,
  labelPlace,
  layoutPlant,
  membersOf,
  packetWay,
} from "./layout-plant.js";
import { guess, shortened } from "./measure.js";
import { createMember, updateMember } from "./member.js";
import { drawPackets, overlay } from "./packet-layer.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */
/** @typedef {import("./packets.js").DrawnPacket} DrawnPacket */

export class PlantView {
  /**
   * @param {Element} host
   * @param {{toggleLane: (lane: number, both: boolean) => void,
   *   openPart: (part: number, anchor: Element) => void}} actions
   */
  constructor(host, actions) {
    this.actions = actions;
    this.still = svg("g", { class: "racks" });
    this.laneLayer = svg("g", { class: "lanes" });
    this.partLayer = svg("g", { class: "parts" });
    this.packetLayer = svg("g", { class: "packets" });
    this.deathLabel = svg("text", { class: "death", "text-anchor": "middle" });
    this.root = svg(
      "svg",
      { class: "plant-picture", role: "group", tabindex: -1, "aria-label": say("plant.name") },
      hatch(),
      this.still,
      this.laneLayer,
      this.partLayer,
    );
    const { sheet, stack } = overlay(this.root, this.packetLayer, this.deathLabel);
    this.sheet = sheet;
    this.stack = stack;
    host.replaceChildren(stack);
    /** @type {Map<string, import("./geometry.js").Way>} */
    this.routes = new Map();
    this.enlarged = 1;
    this.measure = guess;
    /** What was drawn last. @type {Parameters<PlantView["update"]>|undefined} */
    this.shown = undefined;
    /** @type {{width: number, height: number}|undefined} */
    this.room = undefined;
    /** Where the words about a death stand. @type {{key: string, at: import("./geometry.js").Point}|undefined} */
    this.labelled = undefined;
    /** The shape that is drawn: another plan of the same shape need not be built anew. */
    this.key = "";
    this.root.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const lane = target.closest("[data-lane]");
      if (lane) return actions.toggleLane(Number(lane.getAttribute("data-index")), false);
      const part = target.closest("[data-part]");
      if (part) actions.openPart(Number(part.getAttribute("data-index")), part);
    });
  }

  /**
   * Takes a plan over. One of the same shape leaves what is drawn, and the focus in it, alone.
   *
   * @param {Plan} plan
   * @returns {boolean} true if it was built anew
   */
  setPlan(plan) {
    this.shown = undefined;
    const key = `${plan.racks} ${plan.servers} ${plan.disks} ${plan.replicas.map(
      ({ part }) => part,
    )} ${plan.groups.length > 1 ? JSON.stringify([plan.shown, plan.groups]) : ""}`;
    this.plan = plan;
    if (key === this.key) return false;
    this.key = key;
    const layout = layoutPlant(plan);
    this.layout = layout;
    this.routes.clear();
    /** @type {string[]} */
    this.laneKeys = [];
    /** @type {string[]} */
    this.partKeys = [];
    for (const picture of [this.root, this.sheet]) {
      set(picture, "viewBox", `0 0 ${layout.width} ${layout.height}`);
    }
    this.stack.style.setProperty("--natural-width", `${Math.round(layout.width)}px`);
    this.stack.style.setProperty(
      "--aspect",
      `${Math.round(layout.width)} / ${Math.round(layout.height)}`,
    );
    this.drops = layout.drops.map(({ line, side }) =>
      svg("path", { class: `drop side-${"ab"[side]}`, d: line }),
    );
    this.still.replaceChildren(
      ...layout.racks.flatMap(({ box, label }, rack) => [
        svg("rect", { class: "rack", ...box, rx: 12 }),
        svg("text", { class: "rack-label", ...label }, say("plant.rack", { rack: rack + 1 })),
      ]),
      ...this.drops,
    );
    this.lanes = layout.lanes.map((shape, index) => createLane(shape, index, plan.lanes[index]));
    this.laneLayer.replaceChildren(...this.lanes);
    this.parts = plan.parts.map((part, index) =>
      createPart(plan, part, layout.parts[index], index),
    );
    this.partLayer.replaceChildren(...this.parts.map(({ element }) => element));
    this.members = [...membersOf(plan)].flatMap(([part, members]) =>
      members.map((member, line) => {
        const y = layout.parts[part].base + line * MEMBER;
        const nodes = createMember(y);
        this.parts?.[part].element.append(nodes.element);
        return { ...member, ...nodes };
      }),
    );
    this.sizeWords();
    return true;
  }

  /**
   * In a small picture words are larger than its scale makes them, as far as its boxes have room.
   *
   * @param {{width: number, height: number}} [room]
   */
  sizeWords(room = this.room) {
    const { layout } = this;
    this.room = room;
    if (!room || !layout) return;
    const scale = Math.min(room.width / layout.width, room.height / layout.height);
    const enlarged = Math.min(1.42, Math.max(1, 1 / scale));
    this.stack.style.setProperty("--enlarged", enlarged.toFixed(2));
    if (enlarged === this.enlarged) return;
    this.enlarged = enlarged;
    // Where nothing moves, no frame would come to fit them anew.
    if (this.shown) this.update(...this.shown);
  }

  /**
   * @param {View} view
   * @param {DrawnPacket[]} packets
   * @param {boolean} still
   */
  update(view, packets, still) {
    const { plan, lanes, parts, laneKeys, partKeys } = this;
    if (!plan || !lanes || !parts || !laneKeys || !partKeys) return;
    this.shown = [view, packets, still];
    const faults = view.faults.map(({ text }) => text).join();
    const losses = lossesOf(plan, view);
    view.lanes.forEach((lane, index) => {
      const { from, to } = plan.lanes[index];
      const idle =
        lane.state === "up" &&
        [from, to].some(
          (part) => plan.parts[part].kind === "server" && STOPPED.includes(view.parts[part].state),
        );
      const loses = losses.get(index)?.join(", ") ?? "";
      const key = `${lane.state}${lane.used}${idle}${loses}${lane.state === "up" ? "" : faults}`;
      if (laneKeys[index] === key) return;
      laneKeys[index] = key;
      updateLane(lanes[index], plan, plan.lanes[index], lane, view);
      set(lanes[index], "data-idle", idle);
      markLoss(lanes[index], loses);
    });
    this.layout?.drops.forEach(({ feed }, index) => {
      const drop = this.drops?.[index];
      if (drop) set(drop, "data-dead", view.parts[feed].state !== "up");
    });
    const width = (/** @type {string} */ words) => this.measure(words, 11) * this.enlarged;
    view.parts.forEach((part, index) => {
      // Most parts work, and this is done for each in every frame.
      const key = part.why ? `${this.enlarged} ${stateInWords(part, plan)}` : part.state;
      if (partKeys[index] === key) return;
      partKeys[index] = key;
      updatePart(parts[index], plan, plan.parts[index], part, width);
    });
    for (const [index, { part }] of plan.replicas.entries()) {
      const room = this.layout?.parts[part].box.width ?? 0;
      // What is not said in whole here is said by the card, and by the name that is read out.
      const fitting = (
        /** @type {string} */ words,
        /** @type {number} */ taken,
        larger = this.enlarged,
      ) =>
        // A guess errs to the safe side, and would cut what fits.
        this.measure === guess
          ? words
          : shortened(words, (one) => this.measure(one, 12) * larger <= room - taken);
      const beside = BELOW_GLYPH + disksWidth(plan);
      const believed = (/** @type {string} */ words) =>
        fitting(words, beside, Math.min(this.enlarged, BELIEF_ENLARGED));
      updateReplica(parts[part], plan, view, index, fitting, believed);
    }
    for (const member of this.members ?? []) updateMember(member, plan, view, this.measure);
    this.updatePackets(view, packets, still);
  }

  /**
   * @param {View} view
   * @param {DrawnPacket[]} packets
   * @param {boolean} still
   */
  updatePackets(view, packets, still) {
    const plan = /** @type {Plan} */ (this.plan);
    let latest = null;
    const placed = packets.map((drawn) => {
      const route = this.routeOf(drawn.packet);
      const at = pointAt(route, drawn.share);
      const before = pointAt(route, drawn.share - 0.02);
      const angle = (Math.atan2(at.y - before.y, at.x - before.x) * 180) / Math.PI;
      const dead = drawn.dead || drawn.packet.died_on === "sender";
      const one = { ...drawn, dead, at, angle };
      if (dead && !this.tellsItself(drawn.packet, view)) latest = one;
      return one;
    });
    drawPackets(this.packetLayer, placed, plan, still);
    this.labelDeath(latest, view);
  }

  /**
   * True if the packet died at a part that already says in the picture what is wrong with it.
   *
   * @param {import("../pkg/facts.js").PacketView} packet
   * @param {View} view
   */
  tellsItself(packet, view) {
    const last = packet.lanes[packet.lanes.length - 1];
    if (packet.died_on !== "part" || last === undefined) return false;
    return view.parts[this.plan?.lanes[last].to ?? 0].state !== "up";
  }

  /**
   * Says in the picture why the latest packet died.
   *
   * @param {import("./packet-layer.js").PlacedPacket|null} dead
   * @param {View} view
   */
  labelDeath(dead, view) {
    const { layout } = this;
    const cause = dead?.packet.died ?? null;
    const words = cause && this.plan ? withArrows(tell("cause", cause, this.plan)) : "";
    setText(this.deathLabel, words);
    if (!dead || !layout) return;
    const marks = view.lanes.flatMap(({ state }, index) =>
      state === "cut" || state === "down" ? [layout.lanes[index].mark] : [],
    );
    const key = `${words} ${round(dead.at.x)} ${round(dead.at.y)} ${marks.length}`;
    if (this.labelled?.key !== key) {
      this.labelled = {
        key,
        at: labelPlace(layout, dead.at, this.measure(words, 12) * this.enlarged, marks),
      };
    }
    set(this.deathLabel, "x", round(this.labelled.at.x));
    set(this.deathLabel, "y", round(this.labelled.at.y + 4));
  }

  /**
   * The way of a packet through the plant, to where it arrives or dies.
   *
   * @param {import("../pkg/facts.js").PacketView} packet
   */
  routeOf(packet) {
    const key = `${packet.lanes} ${packet.died_on} ${packet.from}`;
    const known = this.routes.get(key);
    if (known) return known;
    const route = packetWay(
      /** @type {Plan} */ (this.plan),
      /** @type {import("./layout-plant.js").PlantLayout} */ (this.layout),
      packet,
    );
    this.routes.set(key, route);
    return route;
  }

  /**
   * Lights up the lanes that a flow takes.
   *
   * @param {readonly number[]} lanes
   */
  light(lanes) {
    for (const [index, element] of (this.lanes ?? []).entries()) {
      setClass(element, "lit", lanes.includes(index));
    }
  }
}

/** A server in one of these states neither sends nor hears. */
const STOPPED = ["crashed", "failed", "unpowered", "data-loss"];

/**
 * By lane, the flows that are cut as such, or lose packets so, and would take it.
 *
 * @param {Plan} plan
 * @param {View} view
 */
function lossesOf(plan, view) {
  /** @type {Map<number, string[]>} */
  const losses = new Map();
  for (const { from, to, lost_as_such, lanes } of view.flows) {
    if (!lost_as_such) continue;
    const name = `${plan.replicas[from].name} → ${plan.replicas[to].name}`;
    for (const lane of lanes) losses.set(lane, [...(losses.get(lane) ?? []), name]);
  }
  return losses;
}

/**
 * Marks a lane, which works, with the flows that would take it and do not get through.
 *
 * @param {SVGGElement} element
 * @param {string} loses
 */
function markLoss(element, loses) {
  set(element, "data-loses", loses || null);
  if (!loses) return;
  const [title] = element.children;
  setText(title, title.textContent + say("plant.loses", { flows: loses }));
  const label = `${element.getAttribute("aria-label")}`;
  set(element, "aria-label", label + say("plant.loses-label", { flows: loses }));
}

/** The pattern of a part that is alive and does not do its work. */
function hatch() {
  return svg(
    "defs",
    {},
    svg(
      "pattern",
      {
        id: "hatch",
        width: 7,
        height: 7,
        patternUnits: "userSpaceOnUse",
        patternTransform: "rotate(45)",
      },
      svg("rect", { class: "hatch-paper", width: 7, height: 7 }),
      svg("rect", { class: "hatch-line", width: 2.4, height: 7 }),
    ),
  );
}

/**
 * @param {import("./layout-plant.js").LaneShape} shape
 * @param {number} index
 * @param {import("../pkg/facts.js").PlanLane} lane
 */
function createLane(shape, index, lane) {
  return svg(
    "g",
    {
      class: "lane cable",
      "data-lane": lane.name.replaceAll(" ", ""),
      "data-index": index,
      role: "button",
      tabindex: -1,
    },
    svg("title"),
    svg("path", { class: "hit-line", d: shape.line }),
    svg("rect", { class: "hit", ...shape.hit }),
    svg("path", { class: "loss", d: shape.line }),
    svg("path", { class: "line", d: shape.line }),
    svg("path", { class: "head", d: shape.head }),
    svg("path", { class: "cross", d: shape.cross }),
  );
}

/**
 * @param {SVGGElement} element
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").PlanLane} lane
 * @param {import("../pkg/facts.js").LaneView} state
 * @param {View} view
 */
function updateLane(element, plan, lane, state, view) {
  const [from, to] = [plan.parts[lane.from].name, plan.parts[lane.to].name];
  const cut = isSevered(state.state, view.faults, from, to);
  const act = cut ? "heal" : "cut";
  set(element, "data-state", state.state);
  set(element, "data-cut", cut);
  set(element, "data-used", state.used);
  set(element, "aria-pressed", cut ? "true" : "false");
  const args = { from, to, state: say(`flow.${state.state}`) };
  set(element, "aria-label", say("link.label", args) + hint("link.enter", { act }));
  setText(element.children[0], say("link.title", args) + hint("link.click", { act }));
}

/**
 * @typedef {{element: SVGGElement, title: SVGTitleElement, note: SVGTextElement|null,
 *   glyph: import("./glyph.js").Glyph|null, halo: SVGRectElement|null, body: SVGRectElement,
 *   role: SVGTextElement|null, epoch: SVGTextElement|null, belief: SVGTextElement|null}} PartNodes
 */

/**
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").PlanPart} part
 * @param {import("./layout-plant.js").PartShape} shape
 * @param {number} index
 * @returns {PartNodes}
 */
function createPart(plan, part, shape, index) {
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
    glyph: null,
    halo: null,
    body,
    role: null,
    epoch: null,
    belief: null,
  };
  const short = part.name.replace(/^r\d+\./, "").replace("-", " ");
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
    nodes.note = svg("text", { class: "part-note", x: 11, y: height - 12 });
    element.append(
      body,
      svg("text", { class: "server-name", x: 11, y: 22 }, part.name),
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
  } else {
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

/** What is taken of a server's width where its words stand: by its glyph, and by its edges. */
const [BESIDE_GLYPH, BELOW_GLYPH] = [60, 11];
/** What a server believes is enlarged by no more than this, as in css/plant.css. */
const BELIEF_ENLARGED = 1.2;

/** @type {Record<string, number>} */
const radii = { spine: 8, tor: 7, server: 10, pdu: 4, disk: 3, feed: 0 };

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
function updatePart(nodes, plan, part, state, width) {
  const { element, title, note } = nodes;
  set(element, "data-state", state.state);
  const says = stateInWords(state, plan);
  set(
    element,
    "aria-label",
    say("part.label", { part: describePart(part), state: says }) + hint("replica.enter"),
  );
  setText(title, say("part.title", { part: part.name, state: says }));
  if (!note) return;
  // Which PDUs are dead is in the tooltip and the menu: a switch has no room for their names.
  const words = state.why ? withArrows(tell("note", state.why)) : "";
  const room = part.kind === "tor" ? 97 : 276;
  const fits = (/** @type {string} */ one) => width(one) <= room;
  const short =
    !fits(words) && state.why?.kind === "gray"
      ? withArrows(tell("note", { ...state.why, kind: "short" }))
      : words;
  setText(note, shortened(short, fits));
}

/**
 * @param {PartNodes} nodes
 * @param {Plan} plan
 * @param {View} view
 * @param {number} index
 * @param {(words: string, taken: number) => string} fitting as much as there is room for
 * @param {(words: string) => string} fittingBelow as much as there is room for before its disks
 */
function updateReplica(nodes, plan, view, index, fitting, fittingBelow) {
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
  setText(epoch, fitting(place, BESIDE_GLYPH));
  const believed = !replica.up
    ? ""
    : plan.generals
      ? orderWords(replica.value)
      : follows === null
        ? say("plant.no-leader")
        : follows === index
          ? say("plant.leads")
          : say("belief.follows", { leader: follows }, plan);
  setText(belief, fittingBelow(believed));
}
