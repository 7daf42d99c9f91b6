// @ts-check
/** The logical view: replicas, and everything each sends another as one lane with one arrowhead. */
import { beliefColour, beliefWords, liesInWords, phaseWords } from "./belief.js";
import { set, setClass, setText, svg } from "./dom.js";
import { isSevered, shortReason, withImpairments } from "./faults.js";
import { say, tell } from "./words.js";
import { formatAgo, formatRole } from "./format.js";
import { pointAt } from "./geometry.js";
import { createGlyph, updateGlyph } from "./glyph.js";
import { hint } from "./hints.js";
import { layoutLogic } from "./layout-logic.js";
import { guess, shortened } from "./measure.js";
import { drawPackets, overlay } from "./packet-layer.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */

/** Of the labels, and of what is said of a flow, as in css/. */
const [SIZE, REASON] = [12.5, 12.5];
/** Of the labels where a page shows generals, as in css/side.css. */
const ON_PAGE = 14.5;
/** From this size on labels are short. */
const LARGE = 13;
/** A still figure is as wide as its words are; beside a ring they are no longer than this. */
const FIGURE_MOST = 157;
/** Beside a ring of an embed large words may reach into what is left free around the picture. */
const AROUND = 16;
/** What is said of a flow is no longer than this, or it would meet the crosses of others. */
const REASON_MOST = 122;

export class LogicView {
  /**
   * @param {Element} host
   * @param {{toggleFlow: (flow: number, both: boolean) => void,
   *   openReplica: (replica: number, anchor: Element) => void,
   *   pointAtFlow?: (flow: number|null) => void}} actions
   * @param {boolean} labels true to write beside each replica what it believes
   */
  constructor(host, actions, labels) {
    this.labels = labels;
    /** Of the labels, where a narrow frame makes them larger than they are. */
    this.large = 0;
    this.measure = guess;
    /** What was drawn last. @type {Parameters<LogicView["update"]>|undefined} */
    this.shown = undefined;
    /** The replicas that are drawn. */
    this.key = "";
    this.actions = actions;
    this.flowLayer = svg("g", { class: "flows" });
    this.nodeLayer = svg("g", { class: "nodes" });
    this.packetLayer = svg("g", { class: "packets" });
    this.root = svg(
      "svg",
      { class: "logic", role: "group", tabindex: -1, "aria-label": say("logic.name") },
      this.flowLayer,
      this.nodeLayer,
    );
    const { sheet, stack } = overlay(this.root, this.packetLayer);
    this.sheet = sheet;
    host.replaceChildren(stack);
    this.root.addEventListener("click", (event) => this.click(event));
    for (const [name, on] of /** @type {const} */ ([
      ["pointerover", true],
      ["focusin", true],
      ["pointerout", false],
      ["focusout", false],
    ])) {
      this.root.addEventListener(name, (event) => {
        const element = /** @type {Element} */ (event.target).closest("[data-flow]");
        if (element) actions.pointAtFlow?.(on ? Number(element.getAttribute("data-index")) : null);
      });
    }
  }

  /**
   * Takes a plan over. One with the same replicas leaves what is drawn, and the focus in it, alone.
   *
   * @param {Plan} plan
   * @returns {boolean} true if it was built anew
   */
  setPlan(plan) {
    this.shown = undefined;
    // An order is no replica's colour: generals need words.
    const labels = this.labels || plan.generals;
    const key = `${plan.replicas.map(({ name }) => name).join()} ${labels} ${plan.names}`;
    this.plan = plan;
    if (key === this.key) return false;
    this.key = key;
    this.layout = layoutLogic(plan.replicas.length, labels, plan.generals);
    const { width, height } = this.layout;
    set(this.root, "viewBox", `0 0 ${width} ${height}`);
    set(this.sheet, "viewBox", `0 0 ${width} ${height}`);
    set(this.root, "data-many", plan.replicas.length > 3 ? plan.replicas.length : null);
    set(this.root, "data-roomy", labels);
    this.flowLayer.replaceChildren();
    this.nodeLayer.replaceChildren();
    const names = plan.replicas.map(({ name }) => name);
    this.flows = this.layout.flows.map((shape, index) => {
      const flow = createFlow(shape, index, `${names[shape.from]}->${names[shape.to]}`);
      this.flowLayer.append(flow);
      return flow;
    });
    this.nodes = this.layout.nodes.map((shape, index) =>
      this.createNode(shape, index, names[index]),
    );
    /** @type {string[]} */
    this.drawn = [];
    return true;
  }

  /**
   * In a small picture labels are larger than its scale makes them.
   *
   * @param {number} size
   */
  sizeWords(size) {
    if (size === this.large) return;
    this.large = size;
    this.drawn = [];
    // Where nothing moves, no frame would come to fit them anew.
    if (this.shown) this.update(...this.shown);
  }

  /**
   * The first of some words for which there is room beside a place, or as much as there is of the
   * last: by how wide they are, not by how many stand there.
   *
   * @param {readonly string[]} words the longest first
   * @param {number} x
   * @param {string} anchor
   * @param {number} size
   * @param {number} [atMost]
   */
  fitting(words, x, anchor, size, atMost = Infinity) {
    const width = this.layout?.width ?? 0;
    const isRing = (this.nodes?.length ?? 0) > 3;
    const room =
      anchor === "middle" ? 2 * Math.min(x, width - x) : anchor === "end" ? x : width - x;
    const letters = Math.max(size, this.large);
    const around = this.labels && isRing && anchor !== "middle" && letters > LARGE ? AROUND : 0;
    const most = Math.min(room + around, atMost * (letters / size));
    const isFigure = this.measure === guess;
    const fits = (/** @type {string} */ one) =>
      isFigure ? !isRing || guess(one, SIZE) <= FIGURE_MOST : this.measure(one, letters) <= most;
    const last = words[words.length - 1];
    return words.find(fits) ?? (isFigure ? last : shortened(last, fits));
  }

  /**
   * @param {import("./layout-logic.js").NodeShape} shape
   * @param {number} index
   * @param {string} name
   */
  createNode(shape, index, name) {
    const radius = this.layout?.radius ?? 22;
    const halo = svg("circle", { class: "halo", r: radius + 9 });
    const glyph = createGlyph(name, radius);
    const labels = this.layout?.labels
      ? [
          svg("text", { class: "node-role", "text-anchor": shape.anchor }),
          svg("text", { class: "node-belief", "text-anchor": shape.anchor, y: 16 }),
        ]
      : [];
    const at = { x: shape.label.x - shape.centre.x, y: shape.label.y - shape.centre.y };
    const label = svg(
      "g",
      { class: "node-label", transform: `translate(${at.x} ${at.y})` },
      ...labels,
    );
    const element = svg(
      "g",
      {
        class: "node",
        "data-replica": name,
        "data-index": index,
        role: "button",
        tabindex: -1,
        transform: `translate(${shape.centre.x} ${shape.centre.y})`,
      },
      svg("title"),
      halo,
      glyph.element,
      label,
    );
    this.nodeLayer.append(element);
    return { element, halo, glyph, labels };
  }

  /** @param {Event} event */
  click(event) {
    const target = /** @type {Element} */ (event.target);
    const flow = target.closest("[data-flow]");
    if (flow) return this.actions.toggleFlow(Number(flow.getAttribute("data-index")), false);
    const node = target.closest("[data-replica]");
    if (node) this.actions.openReplica(Number(node.getAttribute("data-index")), node);
  }

  /**
   * @param {View} view
   * @param {import("./packets.js").DrawnPacket[]} packets
   * @param {boolean} still
   * @param {boolean} coarse true while the clock runs too fast to read milliseconds
   */
  update(view, packets, still, coarse) {
    const { plan, layout } = this;
    if (!plan || !layout) return;
    this.shown = [view, packets, still, coarse];
    // Lies are faults in force too.
    const faults = view.faults.map(({ text }) => text).join();
    for (const flow of view.flows) this.updateFlow(flow, view, faults);
    for (const [index, replica] of view.replicas.entries()) {
      this.updateNode(replica, index, view, coarse);
    }
    const count = view.replicas.length;
    const placed = packets.map((drawn) => {
      const { from, to, died } = drawn.packet;
      const shape = layout.flows[from * (count - 1) + to - (to > from ? 1 : 0)];
      const at = pointAt(shape.way, died === null ? drawn.share : drawn.share * 0.6);
      const [start, end] = shape.way.points;
      const angle = (Math.atan2(end.y - start.y, end.x - start.x) * 180) / Math.PI;
      return { ...drawn, at, angle };
    });
    drawPackets(this.packetLayer, placed, plan, still);
  }

  /**
   * @param {import("../pkg/facts.js").FlowView} flow
   * @param {View} view
   * @param {string} faults all those in force
   */
  updateFlow(flow, view, faults) {
    const plan = /** @type {Plan} */ (this.plan);
    const count = view.replicas.length;
    const index = flow.from * (count - 1) + flow.to - (flow.to > flow.from ? 1 : 0);
    const [from, to] = [plan.replicas[flow.from].name, plan.replicas[flow.to].name];
    // What a stopped replica does not send or hear is no fault of the link.
    const idle =
      flow.state !== "cut" && !(view.replicas[flow.from].up && view.replicas[flow.to].up);
    const waits = flow.impaired.map((how) => tell("impaired", how)).join();
    const key =
      flow.state === "up" && !faults && !idle
        ? "up"
        : `${flow.why ? tell("cause", flow.why, plan) : flow.state} ${waits} ${idle} ${faults}`;
    if (this.drawn?.[index] === key) return;
    if (this.drawn) this.drawn[index] = key;
    const element = /** @type {SVGGElement} */ (this.flows?.[index]);
    const lies = view.replicas[flow.from].lies.filter(({ toward }) => toward.includes(flow.to));
    const plain = flow.why
      ? tell("cause", flow.why, plan)
      : lies.length
        ? say("flow.story", { lies: liesInWords({ lies }) })
        : say(flow.impaired.length ? "flow.impaired" : "flow.up");
    const says = withImpairments(plain, flow.impaired);
    const cut = isSevered(flow.state, view.faults, from, to);
    set(element, "data-state", flow.state);
    set(element, "data-idle", idle);
    set(element, "data-lies", lies.length > 0);
    set(element, "aria-pressed", cut ? "true" : "false");
    const act = cut ? "heal" : flow.state === "dead" ? "why" : "cut";
    const state = flow.state === "cut" ? say("flow.cut") : says;
    set(
      element,
      "aria-label",
      say("link.label", { from, to, state }) + hint("link.enter", { act }),
    );
    const [title, reason] = [element.children[0], element.children[5]];
    setText(title, say("link.title", { from, to, state: says }) + hint("link.click", { act }));
    const shape = this.layout?.flows[index];
    if (!shape) return;
    const { state: how, why, impaired } = flow;
    const short = how === "up" || idle ? "" : shortReason(how, why, plan, impaired);
    const words = how === "impaired" && !idle ? [short, say("flow.impaired")] : [short];
    setText(reason, this.fitting(words, shape.reason.x, shape.anchor, REASON, REASON_MOST));
  }

  /**
   * @param {import("../pkg/facts.js").ReplicaView} replica
   * @param {number} index
   * @param {View} view
   * @param {boolean} coarse
   */
  updateNode(replica, index, view, coarse) {
    const plan = /** @type {Plan} */ (this.plan);
    const node = this.nodes?.[index];
    if (!node) return;
    updateGlyph(node.glyph, plan, index, replica, view.time_us);
    set(node.halo, "fill", beliefColour(plan, replica) ?? "none");
    const leader = replica.leader === null ? "" : plan.replicas[replica.leader].name;
    set(node.element, "data-leader", leader);
    set(node.element, "data-role", replica.up ? replica.role : "down");
    set(node.element, "data-epoch", replica.epoch);
    const role = formatRole(replica, plan);
    const belief = beliefWords(plan, replica, index);
    const lies = liesInWords(replica);
    const traitor = lies && say("replica.traitor", { lies });
    const name = plan.replicas[index].name;
    set(
      node.element,
      "aria-label",
      say("replica.label", { name, role, place: replica.place, belief }) +
        `${phaseWords(plan, replica)}${traitor}${hint("replica.enter")}`,
    );
    if (!node.labels.length) return;
    const shape = /** @type {import("./layout-logic.js").NodeShape} */ (this.layout?.nodes[index]);
    const write = (/** @type {number} */ line, /** @type {string[]} */ ...words) =>
      setText(
        node.labels[line],
        this.fitting(words, shape.label.x, shape.anchor, this.labels ? SIZE : ON_PAGE),
      );
    if (plan.generals) {
      write(0, belief);
      // What it concluded in the end is too long for a label; its card says it.
      write(1, replica.phase?.kind === "round" ? tell("phase", replica.phase) : "");
      return;
    }
    const paused = replica.paused ? ` · ${say("note.paused")}` : "";
    write(0, `${role} · ${tell("place", replica.place)}${paused}`, role + paused, role);
    // Why it is down in two words: its card has the sentence.
    if (!replica.up) return write(1, tell("note", replica.why_down ?? "none"));
    // On a ring there is no room beside the outer ones for more.
    const heard = (/** @type {boolean} */ bare) =>
      view.replicas.length > 3 ? "" : heardWords(replica, index, view.time_us, coarse, bare);
    write(1, belief + heard(this.large > LARGE), belief + heard(true), belief);
  }

  /**
   * Lights up a flow, as when a reader points at what it depends on.
   *
   * @param {(flow: import("../pkg/facts.js").FlowView) => boolean} choose
   * @param {View} view
   */
  light(choose, view) {
    view.flows.forEach((flow, index) => {
      const element = this.flows?.[index];
      if (element) setClass(element, "lit", choose(flow));
    });
  }
}

/**
 * @param {import("./layout-logic.js").FlowShape} shape
 * @param {number} index
 * @param {string} name "n1->n2"
 */
function createFlow(shape, index, name) {
  return svg(
    "g",
    { class: "lane flow", "data-flow": name, "data-index": index, role: "button", tabindex: -1 },
    svg("title"),
    svg("path", { class: "hit", d: shape.hit }),
    svg("path", { class: "line", d: shape.line }),
    svg("path", { class: "head", d: shape.head }),
    svg("path", { class: "cross", d: shape.cross }),
    svg("text", {
      class: "reason",
      x: shape.reason.x,
      y: shape.reason.y,
      "text-anchor": shape.anchor,
    }),
  );
}

/**
 * @param {import("../pkg/facts.js").ReplicaView} replica
 * @param {number} index
 * @param {number} time_us
 * @param {boolean} coarse
 * @param {boolean} terse
 */
function heardWords(replica, index, time_us, coarse, terse) {
  if (!replica.up || replica.leader === index || replica.heard_us === null) return "";
  return ` · ${formatAgo(time_us - replica.heard_us, coarse, terse)}`;
}
