// @ts-check
/**
 * The space-time diagram of the run, beside the plant or in its place: what each replica said to
 * whom, when it arrived or died; and the same as a table.
 */
import {
  DIED,
  LIE,
  arrowAt,
  arrowsIn,
  formatExact,
  huesOf,
  isAnswer,
} from "../draw/diagram-layout.js";
import { scaleOf, within, zoomed } from "../draw/diagram-layout.js";
import { DiagramView } from "../draw/diagram-view.js";
import { byId, html, set, setText } from "../draw/dom.js";
import { formatSpan } from "../draw/format.js";
import { say, tell } from "../draw/late-words.js";
import { diagnosticsOf } from "../run/engine.js";
import { Messages } from "../run/diagram-record.js";

/** @typedef {import("../draw/diagram-layout.js").Arrow} Arrow */
/** @typedef {import("../draw/diagram-layout.js").Stretch} Stretch */
/** @typedef {import("../run/panels.js").Frame} Frame */

/** It begins with so many times what a follower waits for its leader. */
const FIRST_SPANS = 2;
/** A step of the buttons and keys. */
const ZOOM = 2;
const PAN = 0.25;
/** Rows of the table at once. */
const ROWS = 50;
/** Work that looking for what one message says may take in a turn. */
const SLICE_WORK = 4_000;
/** So long it may go on. */
const SLICE_MS = 8;
/** What is chosen has that much of the stretch on either side. */
const EDGE = 0.08;
/** While time runs, the stretch follows when the playhead comes to this share of it. */
const FOLLOWED = 0.9;

class DiagramPanel {
  /**
   * @param {HTMLElement} host
   * @param {Pick<import("./acting.js").Commands, "seek">} commands
   */
  constructor(host, { seek }) {
    this.host = host;
    this.seek = seek;
    /** @type {Frame|null} */
    this.frame = null;
    this.stretch = { from_us: 0, to_us: 0 };
    /** Of which run the stretch is. */
    this.shownText = "";
    /** What kinds are called that are not drawn. @type {Set<string>} */
    this.hidden = new Set();
    /** Replicas that are not drawn. @type {Set<number>} */
    this.away = new Set();
    /** @type {Arrow|null} */
    this.chosen = null;
    this.dirty = true;
    this.messages = new Messages(() => {
      this.dirty = true;
      this.soon();
    });
    const { canvas, probe, counts, kinds, said, table, tableButton, all } = elements({
      earlier: () => this.step(false),
      later: () => this.step(true),
      out: () => this.zoom(ZOOM),
      in: () => this.zoom(1 / ZOOM),
      whole: () => this.whole(),
      table: () => this.toggleTable(),
    });
    this.canvas = canvas;
    this.counts = counts;
    this.kinds = kinds;
    this.said = said;
    this.table = table;
    this.tableButton = tableButton;
    /** What is in the table. */
    this.tableKey = "";
    /** What kinds have buttons. */
    this.namesShown = "";
    /** @type {number|undefined} */
    this.pending = undefined;
    this.view = new DiagramView(canvas, probe);
    this.window = html("div", { class: "diagram-window", hidden: true });
    host.replaceChildren(...all);
    this.listen();
  }

  listen() {
    const { canvas } = this;
    /** @type {{x: number, stretch: Stretch, moved: boolean}|null} */
    let pulled = null;
    canvas.addEventListener("pointerdown", (event) => {
      pulled = { x: event.offsetX, stretch: this.stretch, moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!pulled) return this.point(event);
      const by = event.offsetX - pulled.x;
      if (!pulled.moved && Math.abs(by) < 4) return;
      pulled.moved = true;
      const by_us = -by * scaleOf(pulled.stretch, this.view.width).us;
      const { from_us, to_us } = pulled.stretch;
      this.look({ from_us: from_us + by_us, to_us: to_us + by_us });
    });
    canvas.addEventListener("pointerup", (event) => {
      if (pulled && !pulled.moved) this.press(event);
      pulled = null;
    });
    canvas.addEventListener("pointercancel", () => (pulled = null));
    canvas.addEventListener(
      "wheel",
      (event) => {
        // Whoever scrolls the page down scrolls the page.
        if (!event.ctrlKey && Math.abs(event.deltaY) > Math.abs(event.deltaX)) return;
        event.preventDefault();
        if (event.ctrlKey) this.zoom(Math.exp(event.deltaY / 200), this.timeAt(event));
        else this.pan(event.deltaX / this.view.width);
      },
      { passive: false },
    );
    canvas.addEventListener("dblclick", (event) => this.zoom(1 / (2 * ZOOM), this.timeAt(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(([{ contentRect }]) => {
      this.view.resize(contentRect.width, contentRect.height);
      this.dirty = true;
      this.soon();
    }).observe(/** @type {Element} */ (canvas.parentElement));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.dirty = true;
      this.soon();
    });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.pan(-PAN),
      ArrowRight: () => this.pan(PAN),
      "+": () => this.zoom(1 / ZOOM),
      "=": () => this.zoom(1 / ZOOM),
      "-": () => this.zoom(ZOOM),
      0: () => this.whole(),
      n: () => this.step(true),
      p: () => this.step(false),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {MouseEvent} event */
  timeAt(event) {
    return scaleOf(this.stretch, this.view.width).time(event.offsetX);
  }

  /** @param {PointerEvent} event */
  point({ offsetX, offsetY }) {
    const near = this.view.near(this.stretch, offsetX, offsetY);
    set(this.canvas, "data-near", near !== null);
  }

  /**
   * A press on a message chooses it; one beside goes to that moment.
   *
   * @param {PointerEvent} event
   */
  press(event) {
    const near = this.view.near(this.stretch, event.offsetX, event.offsetY);
    if (near) this.choose(near);
    else {
      this.chosen = null;
      setText(this.said, "");
      this.seek(Math.max(0, this.timeAt(event)));
    }
  }

  /** @param {Arrow} arrow */
  choose(arrow) {
    this.chosen = arrow;
    const { from_us, to_us } = this.stretch;
    const span_us = to_us - from_us;
    const share = (arrow.sent_us - from_us) / span_us;
    if (share < EDGE || share > 1 - EDGE)
      this.look({ from_us: arrow.sent_us - span_us / 2, to_us: arrow.sent_us + span_us / 2 });
    // Half of its way, so that the plant shows it, too.
    this.seek(Math.floor((arrow.sent_us + arrow.ends_us) / 2));
    this.tell(arrow);
  }

  /**
   * What a message says; where to find out takes long, a little at a time.
   *
   * @param {Arrow} arrow
   */
  tell(arrow) {
    const { frame } = this;
    if (this.chosen !== arrow || !frame?.run) return;
    const told = frame.run.heard(arrow.sent_us, arrow.from, SLICE_WORK);
    if (!told) {
      setTimeout(() => this.tell(arrow), 0);
      return;
    }
    const own = told.findLast(({ at_us, to }) => at_us === arrow.sent_us && to === arrow.to);
    const { plan } = frame;
    const words = own ? wordsOf(own, plan) : this.kindWords(arrow);
    const said = say("diagram.said", { ...timesOf(arrow, plan), words });
    setText(this.said, said);
    this.tellWhy(arrow, said);
  }

  /**
   * Why whoever got it did not do what it asked for, where that is so.
   *
   * @param {Arrow} arrow
   * @param {string} said of it
   */
  tellWhy(arrow, said) {
    const { messages, frame } = this;
    if (this.chosen !== arrow || !messages.diagram || !frame) return;
    const asked = this.askedBy(arrow);
    const begun_ms = performance.now();
    while (!messages.diagram.seek_refusal(asked.number, SLICE_WORK)) {
      if (performance.now() - begun_ms < SLICE_MS) continue;
      setTimeout(() => this.tellWhy(arrow, said), 0);
      return;
    }
    const refusal = messages.diagram.refusal();
    if (!refusal) return;
    const why = say("diagram.refused", { to: asked.to, refusal }, frame.plan);
    setText(this.said, `${said} ${why}`);
  }

  /** Of an answer, what it answers: that came when the answer left. @param {Arrow} arrow */
  askedBy(arrow) {
    const { from, to, sent_us } = arrow;
    const came = (/** @type {Arrow} */ one) =>
      one.ends_us === sent_us && one.from === to && one.to === from;
    const kind = this.view.kinds[arrow.kind];
    return (kind && isAnswer(kind) && this.view.arrows.find(came)) || arrow;
  }

  /** @param {Arrow} arrow */
  kindWords({ kind }) {
    return this.view.kinds[kind]?.words ?? "";
  }

  /** @param {boolean} is_later */
  step(is_later) {
    const { diagram } = this.messages;
    if (!diagram || !this.frame) return;
    const from_us = this.chosen?.sent_us ?? this.frame.time_us;
    const found = diagram.beside(from_us, this.replicasShown(), this.kindsShown(), is_later);
    if (found.length) this.choose(arrowAt(found));
  }

  /** @param {number} share */
  pan(share) {
    const { from_us, to_us } = this.stretch;
    const by_us = (to_us - from_us) * share;
    this.look({ from_us: from_us + by_us, to_us: to_us + by_us });
  }

  /**
   * @param {number} times
   * @param {number} [around_us]
   */
  zoom(times, around_us = this.middle()) {
    this.look(zoomed(this.stretch, times, around_us));
  }

  /** The playhead, where it is seen; else the middle. */
  middle() {
    const { from_us, to_us } = this.stretch;
    const time_us = this.frame?.time_us ?? 0;
    return time_us >= from_us && time_us <= to_us ? time_us : (from_us + to_us) / 2;
  }

  whole() {
    this.look({ from_us: 0, to_us: this.frame?.plan.until_us ?? 0 });
  }

  /** @param {Stretch} stretch */
  look(stretch) {
    if (!this.frame) return;
    this.stretch = within(stretch, this.frame.plan.until_us);
    this.soon();
  }

  soon() {
    this.pending ??= requestAnimationFrame(() => {
      this.pending = undefined;
      this.draw();
    });
  }

  /** @param {Frame} frame */
  update(frame) {
    const { changed, plan, strip, text, done, time_us, playing } = frame;
    this.frame = frame;
    set(this.window, "hidden", this.host.hidden);
    if (this.host.hidden) return;
    if (text !== this.shownText) this.open(frame);
    if (changed === "strip" || changed === "plan") this.dirty = true;
    const known_us = strip.frontier_us;
    if (done) void this.messages.of(text, plan.shown, known_us);
    const { from_us, to_us } = this.stretch;
    const share = (time_us - from_us) / (to_us - from_us);
    if (playing && (share > FOLLOWED || share < 0))
      this.look({
        from_us: time_us - (to_us - from_us) * 0.1,
        to_us: time_us + (to_us - from_us) * 0.9,
      });
    this.soon();
  }

  /** Another run: around where its playhead stands. @param {Frame} frame */
  open({ text, plan, time_us }) {
    const isFirst = !this.shownText;
    this.shownText = text;
    this.chosen = null;
    setText(this.said, "");
    const span_us = plan.election_max_us * FIRST_SPANS;
    const known = this.stretch.to_us - this.stretch.from_us;
    // What a reader does to a run leaves him where he looks.
    if (isFirst || known <= 0 || this.stretch.to_us > plan.until_us)
      this.stretch = within(
        { from_us: time_us - span_us / 2, to_us: time_us + span_us / 2 },
        plan.until_us,
      );
  }

  replicasShown() {
    const count = this.frame?.plan.replicas.length ?? 0;
    let bits = 0;
    for (let id = 0; id < count; id++) if (!this.away.has(id)) bits |= 1 << id;
    return bits;
  }

  kindsShown() {
    let bits = 0;
    this.view.kinds.forEach(({ words }, place) => {
      if (!this.hidden.has(words)) bits |= 1 << place;
    });
    return bits >>> 0;
  }

  draw() {
    const { frame, view, messages, stretch } = this;
    if (!frame || this.host.hidden || !view.width) return;
    const { plan, strip, time_us } = frame;
    const names = plan.replicas.map(({ name }) => name);
    const scene = { names, strip, time_us, chosen: this.chosen };
    const { drawn } = view;
    const span_us = stretch.to_us - stretch.from_us;
    const isZoomed = drawn !== null && Math.abs((drawn.to_us - drawn.from_us) / 2 - span_us) > 1;
    const isOff =
      drawn !== null && (stretch.from_us < drawn.from_us || stretch.to_us > drawn.to_us);
    if (!drawn || this.dirty || isZoomed || isOff) {
      this.dirty = false;
      view.kinds = messages.kinds();
      const wide = view.wide(stretch);
      const flat = messages.diagram?.drawn(
        Math.max(0, wide.from_us),
        wide.to_us,
        this.replicasShown(),
        this.kindsShown(),
      );
      view.draw(stretch, flat ? arrowsIn(flat) : [], scene);
      this.drawKinds();
    } else view.show(stretch, scene);
    this.drawCounts();
    this.drawTable();
    this.drawWindow();
  }

  /** Where on the strip the stretch is. */
  drawWindow() {
    const { from_us, to_us } = this.stretch;
    const until_us = this.frame?.plan.until_us || 1;
    this.window.style.setProperty("--from", String(from_us / until_us));
    this.window.style.setProperty("--share", String((to_us - from_us) / until_us));
    if (!this.window.isConnected) byId("strip").append(this.window);
  }

  drawCounts() {
    const { messages, stretch, view } = this;
    const { diagram } = messages;
    if (messages.error) {
      const found = diagnosticsOf(messages.error) ?? [];
      const told = found.map(({ fact }) => tell("diagnostic", fact));
      return setText(this.counts, told.join(" ") || String(messages.error));
    }
    if (!diagram) return setText(this.counts, say("diagram.coming"));
    const share = diagram.known() / (this.frame?.strip.frontier_us || 1);
    if (!messages.done)
      return setText(this.counts, say("diagram.played", { percent: Math.floor(share * 100) }));
    const { from_us, to_us } = stretch;
    const [all, died] = diagram.drawn(from_us, to_us, this.replicasShown(), this.kindsShown());
    const isSeen = (/** @type {Arrow} */ one) => one.sent_us <= to_us && one.ends_us >= from_us;
    const drawn = view.arrows.filter(isSeen).length;
    let words = say("diagram.counts", { all, died, span: formatSpan(to_us - from_us) });
    if (drawn < all) words += ` ${say("diagram.drawn", { drawn })}`;
    if (share < 1)
      words += ` ${say("diagram.full", { all: diagram.count(), at: diagram.known() })}`;
    setText(this.counts, words);
    set(this.canvas, "aria-label", words);
  }

  /** The kinds of message there are, each a button that hides and shows it. */
  drawKinds() {
    const kinds = this.view.kinds;
    const hues = huesOf(kinds);
    const names = [...new Set(kinds.map(({ words }) => words))];
    const key = names.join("\n");
    if (this.namesShown === key) return;
    this.namesShown = key;
    this.kinds.replaceChildren(
      ...names.map((name) => {
        const place = kinds.findIndex(({ words }) => words === name);
        const hue = hues[place];
        const pressed = String(!this.hidden.has(name));
        const swatch = html("i", { class: "diagram-swatch", "data-hue": String(hue) });
        set(swatch, "data-answer", isAnswer(kinds[place]));
        const button = html("button", { type: "button", class: "pill", "aria-pressed": pressed });
        button.append(swatch, name);
        button.addEventListener("click", () => {
          if (!this.hidden.delete(name)) this.hidden.add(name);
          set(button, "aria-pressed", String(!this.hidden.has(name)));
          this.dirty = true;
          this.soon();
        });
        return button;
      }),
    );
  }

  toggleTable() {
    const isOpen = this.table.hidden;
    set(this.table, "hidden", !isOpen);
    set(this.tableButton, "aria-expanded", String(isOpen));
    this.tableKey = "";
    this.soon();
  }

  /** What is seen, in words: the first messages of the stretch. */
  drawTable() {
    const { messages, stretch, frame } = this;
    if (this.table.hidden || !messages.diagram || !frame) return;
    const { from_us, to_us } = stretch;
    const key = JSON.stringify([stretch, this.replicasShown(), this.kindsShown(), this.shownText]);
    if (key === this.tableKey) return;
    this.tableKey = key;
    const seen = messages.diagram.drawn(from_us, to_us, this.replicasShown(), this.kindsShown());
    const rows = arrowsIn(seen)
      .slice(0, ROWS)
      .map((arrow) => this.row(arrow));
    const heads = ["sent", "from", "to", "what", "came"].map((name) =>
      html("th", { scope: "col" }, say(`diagram.${name}`)),
    );
    const more = seen[0] - rows.length;
    this.table.replaceChildren(
      html("table", {}, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows)),
      ...(more > 0 ? [html("p", { class: "soft" }, say("diagram.more", { more }))] : []),
    );
  }

  /** @param {Arrow} arrow */
  row(arrow) {
    const plan = /** @type {Frame} */ (this.frame).plan;
    const times = timesOf(arrow, plan);
    const button = html("button", { type: "button" }, times.sent);
    button.addEventListener("click", () => this.choose(arrow));
    const cells = [times.from, times.to, this.kindWords(arrow), fateInWords(arrow)];
    return html("tr", {}, html("td", {}, button), ...cells.map((words) => html("td", {}, words)));
  }
}

/**
 * What the panel is made of.
 *
 * @param {Record<"earlier"|"later"|"out"|"in"|"whole"|"table", () => void>} acts
 */
function elements(acts) {
  const button = (/** @type {keyof typeof acts} */ name, sign = "") => {
    const label = say(`diagram.${name}`);
    const words = sign ? { "aria-label": label, title: label } : {};
    const element = html("button", { type: "button", class: "pill", ...words }, sign || label);
    element.addEventListener("click", acts[name]);
    return element;
  };
  const canvas = html("canvas", {
    class: "diagram-picture",
    tabindex: 0,
    role: "img",
    "aria-describedby": "diagram-keys",
  });
  const probe = html("i", { class: "diagram-probe", "aria-hidden": "true" });
  const counts = html("p", { class: "diagram-counts" });
  const kinds = html("div", {
    class: "diagram-kinds",
    role: "group",
    "aria-label": say("diagram.kinds"),
  });
  const said = html("p", { class: "diagram-said", role: "status" });
  const tableButton = button("table");
  set(tableButton, "aria-expanded", "false");
  const table = html("div", {
    class: "diagram-table",
    hidden: true,
    tabindex: 0,
    role: "region",
    "aria-label": say("diagram.table-of"),
  });
  const tools = html(
    "div",
    { class: "diagram-tools" },
    button("earlier", "‹"),
    button("later", "›"),
  );
  tools.append(button("out", "−"), button("in", "+"), button("whole"), tableButton);
  const heading = html("h2", { class: "small-heading" }, say("diagram.title"));
  const keys = html("p", { id: "diagram-keys", class: "visually-hidden" }, say("diagram.keys"));
  const room = html("div", { class: "diagram-room" }, canvas);
  const head = html("div", { class: "diagram-head" }, heading, counts, tools);
  const all = [head, kinds, room, said, table, keys, probe];
  return { canvas, probe, counts, kinds, said, table, tableButton, all };
}

/** @param {Arrow} arrow */
function fateInWords({ sent_us, ends_us, marks }) {
  const took = formatSpan(ends_us - sent_us);
  if (marks & DIED) return say(marks & LIE ? "diagram.withheld" : "diagram.died", { took });
  return say(marks & LIE ? "diagram.lie" : "diagram.arrived", { took });
}

/**
 * @param {Arrow} arrow
 * @param {import("../pkg/facts.js").Plan} plan
 */
function timesOf(arrow, plan) {
  const name = (/** @type {number} */ id) => plan.replicas[id].name;
  const sent = formatExact(arrow.sent_us, 6);
  return { sent, from: name(arrow.from), to: name(arrow.to), fate: fateInWords(arrow) };
}

/**
 * @param {import("../pkg/facts.js").ToldView} told
 * @param {import("../pkg/facts.js").Plan} plan
 */
function wordsOf({ words, died, truth, unheard }, plan) {
  const lie = died ? "packet.died-lie" : "packet.lie";
  const kind = truth ? lie : died ? "packet.died" : "packet";
  const said = say(kind, { words, died, truth }, plan);
  return unheard ? say("packet.unheard", { said, unheard }, plan) : said;
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof DiagramPanel>[1]} commands
 */
export function open(host, commands) {
  return new DiagramPanel(host, commands);
}
