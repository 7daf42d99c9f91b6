// @ts-check
/** The belief strip: the whole run at a glance, and the slider to move in it. */
import { orderColour, orderWords } from "./belief.js";
import { calling } from "./called.js";
import { replicaColour } from "./colours.js";
import { html, set, setText, svg } from "./dom.js";
import { formatTick, formatTime, ofGroup } from "./format.js";
import { round } from "./geometry.js";
import { join } from "./join.js";
import { labelWidth } from "./layout-faults.js";
import { FAULT_ROWS, layoutStrip, stripScale } from "./layout-strip.js";
import { guess, shortened } from "./measure.js";
import { inRow, listed, say } from "./words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */

/**
 * @typedef {{seek: (time_us: number) => void,
 *   list?: (faults: import("../pkg/facts.js").FaultSpan[], anchor: Element) => void}} StripActions
 *   list: shows faults that the strip has no room for
 */

/** What the rows under the replicas' are called. */
const rows = () => [say("strip.no-leader"), say("strip.faults"), say("strip.writes")];
/** Of these words, and the room beside them. */
const [NAME_SIZE, NAME_GAP] = [11.5, 9];
/** Of the labels of the axis. */
const TICK_SIZE = 11.5;

export class StripView {
  /**
   * @param {HTMLElement} host
   * @param {StripActions|null} actions none in a still figure
   * @param {"all"|"lanes"|"axis"} [part] see {@link layoutStrip}
   */
  constructor(host, actions, part = "all") {
    this.part = part;
    this.thin = false;
    this.measure = guess;
    /** Of faults, beside the row that counts the rest. */
    this.rows = FAULT_ROWS;
    this.host = host;
    this.axis = svg("g", { class: "axis" });
    this.names = svg("g", { class: "strip-names" });
    this.lanes = svg("g", { class: "strip-lanes" });
    this.values = svg("g", { class: "strip-values" });
    this.leaderless = svg("path", { class: "leaderless" });
    this.faults = svg("g", { class: "strip-faults" });
    this.more = svg("g", { class: "strip-mores" });
    const writes = (/** @type {string} */ fate, /** @type {string} */ words) =>
      svg("path", { class: fate }, svg("title", {}, words));
    this.committed = writes("committed", say("strip.served"));
    this.late = writes("late", say("strip.late"));
    this.lost = writes("lost", say("strip.lost"));
    this.beyond = svg("rect", { class: "beyond" });
    this.violations = svg("g", { class: "violations" });
    const grip = part === "lanes" ? [] : [svg("circle", { r: 7, cy: 7 })];
    this.playhead = svg("g", { class: "playhead" }, svg("path"), ...grip);
    this.root = svg(
      "svg",
      {
        class: "strip-picture",
        ...(part === "lanes"
          ? { role: "img" }
          : { role: "slider", tabindex: 0, "aria-label": say("strip.time"), "aria-valuemin": 0 }),
      },
      this.axis,
      this.names,
      this.lanes,
      this.values,
      this.leaderless,
      this.faults,
      this.more,
      this.committed,
      this.late,
      this.lost,
      this.beyond,
      this.violations,
      this.playhead,
    );
    this.doors = html("div", { class: "strip-doors" });
    host.replaceChildren(this.root, this.doors);
    this.extra = 0;
    this.time_us = 0;
    this.left = 74;
    /** What the lanes are called. @type {string[]} */
    this.called = [];
    this.width = host.clientWidth;
    if (actions) this.watch(actions);
  }

  /** @param {StripActions} actions */
  watch(actions) {
    const { list } = actions;
    if (list)
      this.doors.addEventListener("click", ({ target }) => {
        const door = /** @type {Element} */ (target);
        const index = [...this.doors.children].indexOf(door);
        const faults = this.strip?.faults ?? [];
        if (index >= 0)
          list(
            this.doorsOf(this.layout)[index].faults.map((one) => faults[one]),
            door,
          );
      });
    let dragging = false;
    const seek = (/** @type {PointerEvent} */ event) => {
      if (!this.strip) return;
      const x = event.clientX - this.root.getBoundingClientRect().left;
      actions.seek(this.scale().time(x));
    };
    this.root.addEventListener("pointerdown", (event) => {
      dragging = true;
      this.root.setPointerCapture(event.pointerId);
      seek(event);
    });
    this.root.addEventListener("pointermove", (event) => dragging && seek(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.root.addEventListener(name, () => (dragging = false));
    }
    this.root.addEventListener("keydown", (event) => this.key(event, actions));
    // The width is kept: asking the document for it in every frame would lay the page out anew.
    new ResizeObserver(([entry]) => {
      this.width = entry.contentRect.width;
      this.draw();
    }).observe(this.host);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {StripActions} actions
   */
  key(event, actions) {
    if (!this.strip || event.ctrlKey || event.metaKey || event.altKey) return;
    const until_us = this.strip.until_us;
    const step_us = event.shiftKey ? until_us / 20 : until_us / 200;
    /** @type {Record<string, number>} */
    const goals = {
      ArrowLeft: this.time_us - step_us,
      ArrowDown: this.time_us - step_us,
      ArrowRight: this.time_us + step_us,
      ArrowUp: this.time_us + step_us,
      PageDown: this.time_us - until_us / 20,
      PageUp: this.time_us + until_us / 20,
      Home: 0,
      End: until_us,
    };
    const goal = goals[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    actions.seek(goal);
  }

  scale() {
    return stripScale(Math.max(240, this.width), this.strip?.until_us ?? 1, this.left);
  }

  /** @param {number} extra height for its lanes */
  setExtra(extra) {
    if (extra === this.extra) return;
    this.extra = extra;
    this.draw();
  }

  /**
   * @param {Plan} plan
   * @param {Strip} strip
   */
  update(plan, strip) {
    this.plan = plan;
    this.strip = strip;
    this.draw();
  }

  /** Takes its room, until it is drawn. @param {Strip} strip */
  reserve(strip) {
    const { width, left, measure } = this;
    set(this.root, "height", layoutStrip(strip, Math.max(240, width), left, { measure }).height);
  }

  draw() {
    const { plan, strip } = this;
    // It draws itself anew when it gets another width, whatever else is drawn then.
    if (plan && strip) calling(plan.names, () => this.drawRun(plan, strip));
  }

  /**
   * @param {Plan} plan
   * @param {Strip} strip
   */
  drawRun(plan, strip) {
    // An author's names may be long: they leave most of the width to the run.
    const room = Math.max(64, this.width * 0.3);
    const fits = (/** @type {string} */ name) => this.measure(name, NAME_SIZE) <= room;
    this.called = plan.replicas.map(({ name }) => shortened(name, fits));
    const names = [...rows(), ...this.called];
    const widest = Math.max(...names.map((name) => this.measure(name, NAME_SIZE)));
    this.left = Math.max(this.width < 560 ? 70 : 74, Math.ceil(widest) + NAME_GAP);
    const layout = layoutStrip(strip, Math.max(240, this.width), this.left, {
      generals: plan.generals,
      part: this.part,
      thin: this.thin,
      rows: this.rows,
      extra: this.extra,
      measure: this.measure,
    });
    this.layout = layout;
    set(this.root, "width", layout.width);
    set(this.root, "height", layout.height);
    if (this.part !== "lanes") {
      set(this.root, "aria-valuemax", Math.round(strip.until_us / 1000));
    }
    this.drawAxis(layout, strip.until_us);
    this.drawNames(layout, plan);
    join(
      this.lanes,
      layout.lanes.flatMap(({ paths }, lane) => paths.map((path) => ({ ...path, lane }))),
      ({ lane, kind, leader, value }) => `${lane} ${kind} ${leader} ${value}`,
      ({ kind }) => svg("path", { class: `belief ${kind}` }),
      (element, { kind, leader, value, lane, line }) => {
        set(element, "d", line);
        const colour = orderColour(value) ?? replicaColour(leader ?? lane);
        set(element, "fill", kind === "follows" ? colour : null);
        set(element, "stroke", kind === "nobody" ? colour : null);
      },
    );
    join(
      this.values,
      layout.lanes.flatMap(({ labels }) => labels),
      (_, index) => index,
      () => svg("text"),
      (element, { x, y, text }) => {
        set(element, "x", x);
        set(element, "y", y);
        setText(element, text);
      },
    );
    this.drawFaults(layout);
    set(this.leaderless, "d", layout.leaderless);
    set(this.committed, "d", layout.committed);
    set(this.late, "d", layout.late);
    set(this.lost, "d", layout.lost);
    set(this.beyond, "x", layout.frontier);
    set(this.beyond, "y", layout.top);
    set(this.beyond, "height", layout.bottom - layout.top);
    set(this.beyond, "width", Math.max(0, layout.right - layout.frontier));
    join(
      this.violations,
      layout.violations,
      (_, index) => index,
      () => svg("g", { class: "violation" }, svg("title"), svg("path")),
      (element, { x, text }) => {
        setText(element.children[0], text);
        set(
          element.children[1],
          "d",
          `M${round(x)} ${layout.top - 2}V${layout.bottom}m0 0l-5 5l5 5l5-5Z`,
        );
      },
    );
    set(this.playhead.children[0], "d", `M0 7V${layout.bottom}`);
    this.setTime(this.time_us, this.words ?? "");
  }

  /**
   * @param {import("./layout-strip.js").StripLayout} layout
   * @param {number} until_us
   */
  drawAxis(layout, until_us) {
    join(
      this.axis,
      layout.ticks,
      ({ time_us }) => time_us,
      () => svg("g", {}, svg("path"), svg("text", { "text-anchor": "middle" })),
      (element, { x, time_us }) => {
        const label = this.part === "lanes" ? "" : formatTick(time_us, until_us);
        set(element.children[0], "d", `M${round(x)} ${layout.top - 4}V${layout.bottom}`);
        // The last one stands at the edge.
        set(
          element.children[1],
          "x",
          Math.min(x, layout.width - this.measure(label, TICK_SIZE) / 2),
        );
        set(element.children[1], "y", layout.bottom + 15);
        setText(element.children[1], label);
      },
    );
  }

  /**
   * @param {import("./layout-strip.js").StripLayout} layout
   * @param {Plan} plan
   */
  drawNames(layout, plan) {
    const dense = layout.lanes.length > 5;
    const [no_leader, faults, writes] = rows();
    const names = [
      ...layout.lanes.map(({ y, height }, index) => ({
        text: dense && index % 2 ? "" : this.called[index],
        y: y + height / 2 + 4,
        strong: true,
        part: undefined,
      })),
      { text: no_leader, y: layout.leaderlessY + 6, strong: false, part: "lanes" },
      { text: faults, y: layout.faultsY + 10, strong: false, part: "axis" },
      { text: writes, y: layout.writesY + 10, strong: false, part: "lanes" },
    ].filter(
      ({ part }) =>
        part === undefined ||
        (!(plan.generals && part === "lanes") && (this.part === "all" || part === this.part)),
    );
    join(
      this.names,
      names,
      (_, index) => index,
      () => svg("text", { "text-anchor": "end" }),
      (element, { text, y, strong }) => {
        set(element, "class", strong ? "strong" : null);
        set(element, "x", layout.left - 10);
        set(element, "y", y);
        setText(element, text);
      },
    );
  }

  /** @param {import("./layout-strip.js").StripLayout} layout */
  drawFaults(layout) {
    join(
      this.faults,
      layout.faults,
      (_, index) => index,
      () => svg("g", {}, svg("title"), svg("rect", { height: 12, rx: 3 }), svg("text")),
      (element, fault) => {
        set(element, "class", `strip-fault ${fault.class}`);
        setText(element.children[0], fault.text);
        set(element.children[1], "x", fault.x);
        set(element.children[1], "y", fault.y);
        set(element.children[1], "width", fault.width);
        set(element.children[2], "x", fault.x + (fault.before ? -4 : 5));
        set(element.children[2], "text-anchor", fault.before ? "end" : null);
        set(element.children[2], "y", fault.y + 9.6);
        setText(element.children[2], fault.label);
      },
    );
    join(
      this.more,
      layout.more,
      (_, index) => index,
      () => svg("g", { class: "strip-more" }, svg("rect", { height: 12, rx: 3 }), svg("text")),
      (element, { x, y, width, label }) => {
        set(element.children[0], "x", x);
        set(element.children[0], "y", y);
        set(element.children[0], "width", width);
        set(element.children[1], "x", x + 5);
        set(element.children[1], "y", y + 9.6);
        setText(element.children[1], label);
      },
    );
    // What is in a slider is no button, so these lie over it.
    join(
      this.doors,
      this.doorsOf(layout),
      ({ name }) => name,
      () => html("button", { type: "button" }),
      (element, { x, y, width, words }) => {
        set(element, "aria-label", words);
        set(element, "title", words);
        const place = { left: x, top: y - 6, width };
        for (const [name, value] of Object.entries(place)) {
          element.style.setProperty(name, `${round(value)}px`);
        }
      },
    );
  }

  /**
   * Where the faults can be read in full: at each count of more, and at their name.
   *
   * @param {import("./layout-strip.js").StripLayout|undefined} layout
   */
  doorsOf(layout) {
    if (!layout || this.part === "lanes") return [];
    const more = layout.more.map(({ x, y, label, faults }, index) => ({
      name: String(index),
      x,
      y,
      width: labelWidth(label, this.measure),
      faults,
      words: say("strip.more-faults", { count: faults.length }),
    }));
    const all = (this.strip?.faults ?? []).map((_, index) => index);
    if (!all.length) return more;
    const words = say("strip.all-faults", { count: all.length });
    return [
      { name: "all", x: layout.left - 56, y: layout.faultsY, width: 50, faults: all, words },
      ...more,
    ];
  }

  /**
   * @param {number} time_us
   * @param {string} words the state at that time, for a screen reader
   */
  setTime(time_us, words) {
    this.time_us = time_us;
    this.words = words;
    if (!this.strip) return;
    set(this.playhead, "transform", `translate(${round(this.scale().x(time_us))} 0)`);
    if (this.part === "lanes") return;
    set(this.root, "aria-valuenow", Math.round(time_us / 1000));
    set(this.root, "aria-valuetext", formatTime(time_us) + say("list.stop") + words);
  }
}

/**
 * Who follows whom, in a sentence; of generals, who will do what.
 *
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").View} view
 */
export function believersInWords(plan, view) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  view.replicas.forEach((replica, index) => {
    const leader = !replica.up
      ? "down"
      : plan.generals
        ? orderWords(replica.value)
        : replica.leader === null
          ? "nobody"
          : plan.replicas[replica.leader].name;
    groups.set(leader, [...(groups.get(leader) ?? []), plan.replicas[index].name]);
  });
  const told = [...groups].map(([leader, names]) => {
    const kind =
      leader === "down" || leader === "nobody" ? leader : plan.generals ? "orders" : "leader";
    const who = listed(names);
    return say(`believers.${kind}`, { who, count: names.length, leader, order: leader });
  });
  return ofGroup(plan) + inRow(told);
}
