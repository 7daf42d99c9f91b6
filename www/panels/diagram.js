// @ts-check
/**
 * The space-time diagram of the run, beside the plant or in its place: what each replica said to
 * whom, when it arrived or died; and the same as a table.
 */
import { LEFT, arrowAt, arrowsIn, huesOf, isAnswer } from "../draw/diagram-layout.js";
import { scaleOf, within, zoomed } from "../draw/diagram-layout.js";
import { DiagramView } from "../draw/diagram-view.js";
import { byId, html, set, setText } from "../draw/dom.js";
import { formatSpan } from "../draw/format.js";
import { say, tell } from "../draw/late-words.js";
import { sentences } from "../draw/words.js";
import { packetWords } from "../draw/packet-layer.js";
import { diagnosticsOf } from "../run/engine.js";
import { Messages } from "../run/diagram-record.js";
import { SLICE_WORK } from "../run/session.js";
import { elements, timesOf } from "./diagram-parts.js";

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
/** So long looking for what one message says may go on in a turn. */
const SLICE_MS = 8;
/** What is chosen has that much of the stretch on either side. */
const EDGE = 0.08;
/** While time runs, the stretch follows when the playhead comes to this share of it. */
const FOLLOWED = 0.9;

/** Which run, and which group of it. @param {Frame} frame */
const keyOf = ({ text, plan }) => JSON.stringify([text, plan.shown]);

class DiagramPanel {
  /**
   * @param {HTMLElement} host
   * @param {Pick<import("./acting.js").Commands, "seek"|"playback">} commands
   */
  constructor(host, { seek, playback }) {
    this.host = host;
    this.seek = seek;
    this.playback = playback;
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
    /** Where the playhead stands for it. */
    this.chosen_us = 0;
    /** While time runs, the stretch follows: a reader has not looked elsewhere. */
    this.follows = true;
    this.pulled = false;
    /** What the counts are of. */
    this.countsKey = "";
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
    /** Of the run that is shown. */
    this.protocol = "";
    this.replicas = 0;
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
      if (event.button) return;
      if (event.offsetX < LEFT) return this.toggle(this.view.rowAt(event.offsetY));
      this.pulled = true;
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
      this.pulled = false;
      pulled = null;
    });
    canvas.addEventListener("pointercancel", () => {
      this.pulled = false;
      pulled = null;
    });
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
    canvas.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(([{ contentRect }]) => {
      this.view.resize(contentRect.width, contentRect.height);
      this.dirty = true;
      this.soon();
    }).observe(/** @type {Element} */ (canvas.parentElement));
    for (const media of ["(prefers-color-scheme: dark)", "(forced-colors: active)"])
      matchMedia(media).addEventListener("change", () => {
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
      Enter: () => this.closer(),
      n: () => this.step(true),
      p: () => this.step(false),
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = /^[1-9]$/.test(key) ? () => this.toggle(Number(key) - 1) : keys[key];
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
      this.forget();
      this.seek(Math.max(0, this.timeAt(event)));
    }
  }

  /** @param {Arrow} arrow */
  choose(arrow) {
    this.playback.pause();
    if (this.chosen?.number === arrow.number) this.closer();
    this.chosen = arrow;
    const { from_us, to_us } = this.stretch;
    const span_us = to_us - from_us;
    const share = (arrow.sent_us - from_us) / span_us;
    if (share < EDGE || share > 1 - EDGE)
      this.look({ from_us: arrow.sent_us - span_us / 2, to_us: arrow.sent_us + span_us / 2 });
    // Half of its way, so that the plant shows it, too.
    this.chosen_us = Math.floor((arrow.sent_us + arrow.ends_us) / 2);
    this.seek(this.chosen_us);
    this.tell(arrow);
  }

  /**
   * What a message says and what came of it; where to find out takes long, a little at a time.
   *
   * @param {Arrow} arrow
   */
  tell(arrow) {
    const account = this.accountOf(arrow, () => this.tell(arrow));
    if (!account || !this.frame) return;
    const [kind, words] = [this.kindWords(arrow), packetWords(account, this.frame.plan)];
    const isNamed = words.toLowerCase().startsWith(kind.toLowerCase());
    const named = isNamed ? words : say("diagram.named", { kind, words });
    const said = say("diagram.said", { ...timesOf(arrow, this.frame), words: named });
    setText(this.said, said);
    this.tellWhy(arrow, said);
  }

  /**
   * What is known of a message, once it is; until then it is asked again, if it is still chosen.
   *
   * @param {Arrow} arrow
   * @param {() => void} again
   */
  accountOf(arrow, again) {
    const { diagram } = this.messages;
    const { chosen } = this;
    if (!diagram || !chosen) return null;
    const begun_ms = performance.now();
    while (!diagram.seek_account(arrow.number, SLICE_WORK)) {
      if (performance.now() - begun_ms < SLICE_MS) continue;
      setTimeout(() => chosen === this.chosen && again(), 0);
      return null;
    }
    return diagram.account();
  }

  /**
   * Why whoever got it did not do what it asked for, where that is so.
   *
   * @param {Arrow} arrow
   * @param {string} said of it
   */
  tellWhy(arrow, said) {
    const asked = this.askedBy(arrow);
    const account = this.accountOf(asked, () => this.tellWhy(arrow, said));
    if (!account?.refusal || !this.frame) return;
    const { answer, refusal } = account;
    const how = answer === "lie" ? "lied" : answer === "truth" ? "refused" : "silent";
    const why = say(`diagram.${how}`, { to: asked.to, refusal }, this.frame.plan);
    setText(this.said, sentences([said, why]));
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
    const { frame, chosen } = this;
    if (!diagram || !frame) return;
    const [replicas, kinds] = [this.replicasShown(), this.kindsShown()];
    const found = diagram.beside(frame.time_us, chosen?.number, replicas, kinds, is_later);
    if (found.length) this.choose(arrowAt(found));
  }

  /** Comes so near to what is chosen that it slants. */
  closer() {
    if (!this.chosen) return;
    const { sent_us, ends_us } = this.chosen;
    const [middle_us, half_us] = [(sent_us + ends_us) / 2, Math.max(100, ends_us - sent_us) * 4];
    this.look({ from_us: middle_us - half_us, to_us: middle_us + half_us });
  }

  /** @param {number} replica that is hidden, or shown again */
  toggle(replica) {
    if (replica >= (this.frame?.plan.replicas.length ?? 0)) return;
    if (!this.away.delete(replica)) this.away.add(replica);
    this.dirty = true;
    this.soon();
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
    const { from_us, to_us } = this.stretch;
    const { time_us } = this.frame;
    this.follows = time_us >= from_us && time_us <= to_us;
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
    if (this.host.hidden) {
      // Its memory is given back, and what did not come is asked for anew.
      this.messages.drop();
      this.dirty = true;
      return;
    }
    if (keyOf(frame) !== this.shownText) this.open(frame);
    if (changed === "moment" && Math.abs(time_us - this.chosen_us) > 1) this.forget();
    if (changed === "strip" || changed === "plan") this.dirty = true;
    const known_us = strip.frontier_us;
    if (done) void this.messages.of(text, plan.shown, known_us);
    const { from_us, to_us } = this.stretch;
    const share = (time_us - from_us) / (to_us - from_us);
    if (playing && this.follows && !this.pulled && (share > FOLLOWED || share < 0))
      this.look({
        from_us: time_us - (to_us - from_us) * 0.1,
        to_us: time_us + (to_us - from_us) * 0.9,
      });
    this.soon();
  }

  forget() {
    if (!this.chosen) return;
    this.chosen = null;
    setText(this.said, "");
  }

  /** Another run: around where its playhead stands. @param {Frame} frame */
  open(frame) {
    const { plan, time_us } = frame;
    const isFirst = !this.shownText;
    this.shownText = keyOf(frame);
    this.forget();
    // What another run has said is none of this one's.
    this.messages.drop();
    this.dirty = true;
    if (plan.protocol !== this.protocol) this.hidden.clear();
    if (plan.replicas.length !== this.replicas) this.away.clear();
    this.protocol = plan.protocol;
    this.replicas = plan.replicas.length;
    this.namesShown = "";
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
    const scene = { names, strip, time_us, chosen: this.chosen, away: this.away };
    const { drawn } = view;
    const span_us = stretch.to_us - stretch.from_us;
    const isZoomed = drawn !== null && Math.abs((drawn.to_us - drawn.from_us) / 2 - span_us) > 1;
    const isOff =
      drawn !== null && (stretch.from_us < drawn.from_us || stretch.to_us > drawn.to_us);
    if (!drawn || this.dirty || isZoomed || isOff) {
      this.dirty = false;
      // While another run is fetched, nothing is said of its kinds.
      if (messages.diagram) view.kinds = messages.kinds();
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
      return setText(this.counts, sentences(told) || String(messages.error));
    }
    if (!messages.done) this.countsKey = "";
    if (!diagram) return setText(this.counts, say("diagram.coming"));
    const share = diagram.known() / (this.frame?.strip.frontier_us || 1);
    if (!messages.done)
      return setText(this.counts, say("diagram.played", { percent: Math.floor(share * 100) }));
    const { from_us, to_us } = stretch;
    const key = JSON.stringify([stretch, this.replicasShown(), this.kindsShown(), messages.key]);
    if (key === this.countsKey) return;
    this.countsKey = key;
    const [all, died] = diagram.tally(from_us, to_us, this.replicasShown(), this.kindsShown());
    const isSeen = (/** @type {Arrow} */ one) => one.sent_us <= to_us && one.ends_us >= from_us;
    const drawn = view.arrows.filter(isSeen).length;
    const told = [say("diagram.counts", { all, died, span: formatSpan(to_us - from_us) })];
    if (drawn < all) told.push(say("diagram.drawn", { drawn }));
    if (share < 1) told.push(say("diagram.full", { all: diagram.count(), at: diagram.known() }));
    const words = sentences(told);
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

  /** The table takes the room of the picture. */
  toggleTable() {
    const isOpen = this.table.hidden;
    set(this.host, "data-table", isOpen);
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
    const asked = /** @type {const} */ ([from_us, to_us, this.replicasShown(), this.kindsShown()]);
    const first = arrowsIn(messages.diagram.first(...asked, ROWS));
    const rows = first.map((arrow) => this.row(arrow, frame));
    const heads = ["sent", "from", "to", "what", "came"].map((name) =>
      html("th", { scope: "col" }, say(`diagram.${name}`)),
    );
    const more = messages.diagram.tally(...asked)[0] - rows.length;
    this.table.replaceChildren(
      html("table", {}, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows)),
      ...(more > 0 ? [html("p", { class: "soft" }, say("diagram.more", { more }))] : []),
    );
  }

  /**
   * @param {Arrow} arrow
   * @param {Frame} frame
   */
  row(arrow, frame) {
    const times = timesOf(arrow, frame);
    const button = html("button", { type: "button" }, times.sent);
    button.addEventListener("click", () => this.choose(arrow));
    const cells = [times.from, times.to, this.kindWords(arrow), times.fate];
    return html("tr", {}, html("td", {}, button), ...cells.map((words) => html("td", {}, words)));
  }
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof DiagramPanel>[1]} commands
 */
export function open(host, commands) {
  return new DiagramPanel(host, commands);
}
