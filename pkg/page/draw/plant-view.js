// @ts-check
/** The plant: built once a plan, then only what changed is written, frame by frame. */
import { createMarks, hostsOf, marksWidth, updateMarks } from "./database-mark.js";
import { set, setClass, setText, svg } from "./dom.js";
import { isSevered, withImpairments } from "./faults.js";
import { stateInWords, withArrows } from "./format.js";
import { say, tell } from "./page-words.js";
import { inRow } from "./words.js";
import { pointAt, round } from "./geometry.js";
import { foldsOf, serversOf, touchedServers } from "./folds.js";
import { hint } from "./hints.js";
import { labelPlace, packetWay } from "./layout-packets.js";
import { disksWidth, MEMBER, layoutPlant, membersOf } from "./layout-plant.js";
import { guess, shortened } from "./measure.js";
import { createMember, updateMember } from "./member.js";
import { drawPackets, overlay } from "./packet-layer.js";
import { BELOW_GLYPH, createFold, createPart, updatePart, updateReplica } from "./plant-part.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */
/** @typedef {import("./packets.js").DrawnPacket} DrawnPacket */

export class PlantView {
  /**
   * @param {Element} host
   * @param {{toggleLane: (lane: number, both: boolean) => void,
   *   openPart: (part: number, anchor: Element) => void, rebuilt?: () => void}} actions
   *   rebuilt: it was built anew, for idle servers were folded or opened
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
    /** True if sites stand one below the other. */
    this.stacked = false;
    this.measure = guess;
    /** What was drawn last. @type {Parameters<PlantView["update"]>|undefined} */
    this.shown = undefined;
    /** @type {{width: number, height: number}|undefined} */
    this.room = undefined;
    /** How much room there is for it. A still figure has no bounds. @type {() => typeof this.room} */
    this.look = () => undefined;
    /** What is said of databases. @type {readonly import("./database-mark.js").DatabaseView[]} */
    this.databases = [];
    /** @type {ReturnType<typeof createMarks>} */
    this.marks = [];
    this.at_us = 0;
    /** Where the words about a death stand. @type {{key: string, at: import("./geometry.js").Point}|undefined} */
    this.labelled = undefined;
    /** Servers that something is wrong with. @type {ReadonlySet<number>} */
    this.touched = new Set();
    /** Racks whose idle servers are shown. @type {Set<number>} */
    this.open = new Set();
    this.faults = "";
    /** The shape that is drawn: another plan of the same shape need not be built anew. */
    this.key = "";
    this.root.addEventListener("click", (event) => {
      const target = /** @type {Element} */ (event.target);
      const lane = target.closest("[data-lane]");
      if (lane) return actions.toggleLane(Number(lane.getAttribute("data-index")), false);
      const fold = target.closest("[data-fold]");
      if (fold) return this.toggleFold(Number(fold.getAttribute("data-fold")));
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
    const key = `${plan.sites} ${plan.racks} ${plan.servers} ${plan.disks} ${plan.lanes.length} ${plan.parts.map(
      ({ kind }) => kind[0],
    )} ${plan.replicas.map(({ part }) => part)} ${plan.names} ${plan.groups.length > 1 ? JSON.stringify([plan.shown, plan.groups]) : ""}`;
    this.plan = plan;
    if (key === this.key) return false;
    if (this.key) this.open.clear();
    this.key = key;
    this.servers = serversOf(plan);
    this.touched = new Set();
    this.faults = "";
    this.build(plan);
    return true;
  }

  /** @param {Plan} plan */
  build(plan) {
    // A server of a database is not idle.
    const used = new Set([...this.touched, ...hostsOf(plan, this.databases).keys()]);
    const layout = layoutPlant(plan, foldsOf(plan, used, this.open), this.stacked);
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
    // How large its words are is known before they are there, or all of it would be styled twice.
    if (!this.room) this.sizeWords(this.look());
    this.drops = layout.drops.map(({ line, side }) =>
      svg("path", { class: `drop side-${"ab"[side]}`, d: line }),
    );
    this.still.replaceChildren(
      ...layout.sites.map((box) => svg("rect", { class: "site-ground", ...box, rx: 16 })),
      ...layout.racks.flatMap(({ box, label }, rack) => [
        svg("rect", { class: "rack", ...box, rx: 12 }),
        svg("text", { class: "rack-label", ...label }, say("plant.rack", { rack: rack + 1 })),
      ]),
      ...this.drops,
    );
    this.lanes = layout.lanes.map((shape, index) => {
      const { from, to } = plan.lanes[index];
      const isHidden = layout.hidden[from] || layout.hidden[to];
      return isHidden ? null : createLane(shape, index, plan.lanes[index]);
    });
    this.laneLayer.replaceChildren(...this.lanes.filter((lane) => lane !== null));
    this.parts = plan.parts.map((part, index) =>
      layout.hidden[index] ? null : createPart(plan, part, layout.parts[index], index),
    );
    this.partLayer.replaceChildren(
      ...this.parts.flatMap((part) => (part ? [part.element] : [])),
      ...layout.folds.map(createFold),
    );
    this.members = [...membersOf(plan)].flatMap(([part, members]) =>
      members.map((member, line) => {
        const y = layout.parts[part].base + line * MEMBER;
        const nodes = createMember(y);
        this.parts?.[part]?.element.append(nodes.element);
        return { ...member, ...nodes };
      }),
    );
    this.createMarks();
    this.sizeWords();
  }

  /**
   * Marks the servers of databases.
   *
   * @param {readonly import("./database-mark.js").DatabaseView[]} databases
   * @param {number} time_us
   */
  markDatabases(databases, time_us) {
    this.at_us = time_us;
    if (databases === this.databases) return updateMarks(this.marks, databases, time_us);
    const keyOf = () => String(this.databases.map(({ name, servers }) => [name, ...servers]));
    const before = keyOf();
    this.databases = databases;
    if (keyOf() === before) return updateMarks(this.marks, databases, time_us);
    if (this.plan && foldsOf(this.plan).idle.size) return this.rebuild();
    this.createMarks();
    // Replicas say less beside a mark.
    if (this.shown) this.update(...this.shown);
  }

  createMarks() {
    const { plan, parts, layout, databases } = this;
    for (const { remove } of this.marks) remove();
    const width = (/** @type {string} */ words) => this.measure(words, 12) * this.enlarged;
    this.marks =
      plan && parts && layout ? createMarks(plan, databases, parts, layout.parts, width) : [];
    updateMarks(this.marks, databases, this.at_us);
  }

  /** Builds what is shown anew. */
  rebuild() {
    if (this.plan) this.build(this.plan);
    if (this.shown) this.update(...this.shown);
    this.actions.rebuilt?.();
  }

  /**
   * Puts sites one below the other, or side by side.
   *
   * @param {boolean} stacked
   */
  stackSites(stacked) {
    if (stacked === this.stacked) return;
    this.stacked = stacked;
    if (this.plan && this.plan.sites > 1) this.rebuild();
  }

  /**
   * Shows the idle servers of a rack, or the line that stands for them.
   *
   * @param {number} rack
   */
  toggleFold(rack) {
    if (!this.open.delete(rack)) this.open.add(rack);
    this.rebuild();
    const line = /** @type {SVGElement|null} */ (this.root.querySelector(`[data-fold="${rack}"]`));
    line?.focus({ preventScroll: true });
  }

  /**
   * A server that something is done to is drawn by itself.
   *
   * @param {Plan} plan
   * @param {View} view
   * @param {string} faults
   */
  unfold(plan, view, faults) {
    if (faults === this.faults) return;
    this.faults = faults;
    const touched = touchedServers(plan, view, this.servers ?? []);
    if (`${[...touched]}` === `${[...this.touched]}`) return;
    this.touched = touched;
    if (foldsOf(plan).idle.size === 0) return;
    this.build(plan);
    this.actions.rebuilt?.();
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
    this.createMarks();
    // Where nothing moves, no frame would come to fit them anew.
    if (this.shown) this.update(...this.shown);
  }

  /**
   * @param {View} view
   * @param {DrawnPacket[]} packets
   * @param {boolean} still
   */
  update(view, packets, still) {
    const { plan } = this;
    if (!plan) return;
    const faults = view.faults.map(({ text }) => text).join();
    this.shown = [view, packets, still];
    this.unfold(plan, view, faults);
    const { lanes, parts, laneKeys, partKeys } = this;
    if (!lanes || !parts || !laneKeys || !partKeys) return;
    const losses = lossesOf(plan, view);
    view.lanes.forEach((lane, index) => {
      const element = lanes[index];
      if (!element) return;
      const { from, to } = plan.lanes[index];
      const idle =
        lane.state === "up" &&
        [from, to].some(
          (part) => plan.parts[part].kind === "server" && STOPPED.includes(view.parts[part].state),
        );
      const loses = inRow(losses.get(index) ?? []);
      const key = `${lane.state}${lane.used}${idle}${loses}${lane.state === "up" ? "" : faults}`;
      if (laneKeys[index] === key) return;
      laneKeys[index] = key;
      updateLane(element, plan, plan.lanes[index], lane, view);
      set(element, "data-idle", idle);
      markLoss(element, loses);
    });
    this.layout?.drops.forEach(({ source }, index) => {
      const drop = this.drops?.[index];
      if (drop) set(drop, "data-dead", !gives(plan, view, source));
    });
    const width = (/** @type {string} */ words) => this.measure(words, 11) * this.enlarged;
    view.parts.forEach((part, index) => {
      // Most parts work, and this is done for each in every frame.
      const key = part.why ? `${this.enlarged} ${stateInWords(part, plan)}` : part.state;
      const nodes = parts[index];
      if (!nodes || partKeys[index] === key) return;
      partKeys[index] = key;
      updatePart(nodes, plan, plan.parts[index], part, width);
    });
    for (const [index, { part }] of plan.replicas.entries()) {
      const room = this.layout?.parts[part].box.width ?? 0;
      // What is not said in whole here is said by the card, and by the name that is read out.
      const fitting = (/** @type {string} */ words, /** @type {number} */ taken) =>
        // A guess errs to the safe side, and would cut what fits.
        this.measure === guess
          ? words
          : shortened(words, (one) => this.measure(one, 12) * this.enlarged <= room - taken);
      const beside = BELOW_GLYPH + disksWidth(plan);
      const believed = (/** @type {string} */ words) => fitting(words, beside);
      const nodes = parts[part];
      const marks = marksWidth(this.marks.filter((mark) => mark.part === part).length);
      if (nodes) updateReplica(nodes, plan, view, index, fitting, believed, marks);
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
      ["cut", "down", "out", "other"].includes(state) ? [layout.lanes[index].mark] : [],
    );
    const at = `${round(dead.at.x)} ${round(dead.at.y)}`;
    const key = `${words} ${at} ${marks.length} ${this.enlarged}`;
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
      if (element) setClass(element, "lit", lanes.includes(index));
    }
  }
}

/**
 * True if a line gets power from there: a generator stands in for the feed of its side.
 *
 * @param {Plan} plan
 * @param {View} view
 * @param {number} source
 */
function gives({ parts }, view, source) {
  const { kind, side, site } = parts[source];
  const { state } = view.parts[source];
  const runs = (/** @type {Plan["parts"][0]} */ part, /** @type {number} */ index) =>
    part.kind === "generator" &&
    part.side === side &&
    part.site === site &&
    view.parts[index].state === "running";
  return state === "up" || state === "on-battery" || (kind === "feed" && parts.some(runs));
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
  const also = (/** @type {string|null} */ words) =>
    `${words}`.replace(/[.。]$/, "") + say("plant.loses", { flows: loses });
  setText(title, also(title.textContent));
  set(element, "aria-label", also(element.getAttribute("aria-label")));
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
  const args = { from, to, state: withImpairments(say(`flow.${state.state}`), state.impaired) };
  set(element, "aria-label", say("link.label", args) + hint("link.enter", { act }));
  setText(element.children[0], say("link.title", args) + hint("link.click", { act }));
}
