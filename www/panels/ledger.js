// @ts-check
/**
 * What happened in the run, event by event: to look through, to find what came without something
 * else before it, to go there, and to take away.
 */
import { called } from "../draw/called.js";
import { html, set, setText } from "../draw/dom.js";
import { formatExact } from "../draw/exact.js";
import { say } from "../draw/late-words.js";
import { ABOUT, aboutOf, asJsonLines, asTable, eventWords, found, latest } from "../draw/ledger.js";
import { saveFile } from "../draw/save.js";
import { diagnosticsOf } from "../run/engine.js";
import { Played } from "../run/played.js";
import { inWords } from "../run/session.js";
import { fileName } from "./snippet.js";

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../pkg/facts.js").LedgerEntry} Entry */

/** A row's height, in pixels. */
const ROW = 26;
/** Rows beyond those that are seen. */
const MORE = 10;
/** So many events are handed over at once. */
const PIECE = 5_000;
/** Digits of a second. */
const DIGITS = 4;
/** There are many of these, and they say little. */
const FIRST_HIDDEN = "clients";

class LedgerPanel {
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
    /** @type {Entry[]} */
    this.entries = [];
    /** Which of them are shown. @type {number[]} */
    this.numbers = [];
    /** What each says, once it has been asked. @type {string[]} */
    this.words = [];
    this.hidden = new Set([FIRST_HIDDEN]);
    this.isOpen = false;
    /** Of which run they are; "" while that is simulated. */
    this.ofRun = "";
    /** Where the playhead stands among those that are shown. */
    this.place = -1;
    this.events = new Played(
      ({ Ledger }, ...run) => new Ledger(...run),
      () => this.grown(),
    );
    this.counts = html("p", { class: "diagram-counts", role: "status" });
    this.find = search("events.find", "events.find-hint");
    this.without = search("events.without", "events.without-hint");
    this.rows = html("div", { class: "events-rows" });
    this.list = html(
      "div",
      { class: "events-list", role: "listbox", tabindex: "0", "aria-label": say("events.title") },
      this.rows,
    );
    this.told = html("p", { class: "visually-hidden", role: "status" });
    /** What takes events. @type {HTMLElement[]} */
    this.tools = [];
    this.assemble();
    this.listen();
  }

  assemble() {
    const tool = (/** @type {string} */ key, /** @type {() => void} */ act) => {
      const button = html("button", { type: "button", class: "pill" }, say(key));
      button.addEventListener("click", act);
      return button;
    };
    this.tools = [
      tool("events.previous", () => this.step(-1)),
      tool("events.next", () => this.step(1)),
      tool("events.copy", () => void this.copy()),
      tool("events.jsonl", () => this.save("jsonl", asJsonLines, "application/jsonl")),
      tool("events.csv", () => this.save("csv", asTable, "text/csv")),
    ];
    this.host.replaceChildren(
      html("h2", { class: "small-heading" }, say("events.title")),
      html("div", { class: "opened-tools" }, ...[...ABOUT.keys()].map((group) => this.chip(group))),
      html("div", { class: "opened-asked" }, this.find.label, this.without.label),
      this.list,
      this.counts,
      html("div", { class: "opened-tools" }, ...this.tools),
      this.told,
    );
  }

  listen() {
    for (const { field } of [this.find, this.without])
      field.addEventListener("input", () => this.show());
    this.list.addEventListener("scroll", () => this.draw());
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", ({ target }) => {
      const row = /** @type {Element} */ (target).closest("[data-place]");
      if (row) this.go(Number(row.getAttribute("data-place")));
    });
  }

  /** @param {string} group */
  chip(group) {
    const chip = html(
      "button",
      { type: "button", class: "pill", "aria-pressed": String(!this.hidden.has(group)) },
      say(`events-about.${group}`),
    );
    chip.addEventListener("click", () => {
      if (!this.hidden.delete(group)) this.hidden.add(group);
      set(chip, "aria-pressed", !this.hidden.has(group));
      this.show();
    });
    return chip;
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    if (this.host.hidden) {
      // Its memory is given back.
      this.events.drop();
      this.isOpen = false;
      this.ofRun = "";
      return;
    }
    // Who opens it sees it.
    if (!this.isOpen) this.host.scrollIntoView({ block: "nearest" });
    this.isOpen = true;
    const { text, plan, strip, done, time_us, playing } = frame;
    const key = done ? JSON.stringify([text, plan.shown, strip.frontier_us]) : "";
    if (key !== this.ofRun || !key) this.forget();
    this.ofRun = key;
    if (done) void this.events.of(text, plan.shown, strip.frontier_us);
    else this.events.drop();
    // Of several in one moment the reader may have gone to an earlier one.
    const isThere = this.entries[this.numbers[this.place]]?.at_us === Math.floor(time_us);
    const place = isThere ? this.place : latest(this.entries, this.numbers, time_us);
    if (place === this.place) return;
    this.place = place;
    if (playing || frame.changed === "moment") this.reveal();
    this.draw();
  }

  forget() {
    [this.entries, this.numbers, this.words, this.place] = [[], [], [], -1];
    setText(this.counts, say("diagram.coming"));
    for (const tool of this.tools) set(tool, "disabled", true);
    this.draw();
  }

  /** There is more of it. A list that grows under a reader's eyes is read when it is whole. */
  grown() {
    const { record, done, error } = this.events;
    if (error) void this.tell(error);
    if (!record || !done) return;
    this.words = [];
    this.take(record, []);
  }

  /** @param {unknown} error why there is no list */
  async tell(error) {
    const errors = diagnosticsOf(error);
    setText(this.counts, errors ? await inWords(errors) : String(error));
  }

  /**
   * A piece of it at a time.
   *
   * @param {import("../pkg/halflink-production.js").Ledger} record
   * @param {Entry[]} taken
   */
  take(record, taken) {
    // Another run has taken its place.
    if (record !== this.events.record) return;
    const piece = record.entries(taken.length, PIECE);
    taken.push(...piece);
    if (piece.length === PIECE) {
      setTimeout(() => this.take(record, taken), 0);
      return;
    }
    this.entries = taken;
    // What it was made of is no longer needed.
    record.free();
    this.events.record = null;
    this.show();
  }

  /** @param {number} number */
  wordsOf(number) {
    const plan = /** @type {Frame} */ (this.frame).plan;
    this.words[number] ??= eventWords(this.entries[number], plan);
    return this.words[number];
  }

  /** Those that are asked for. */
  show() {
    const { entries, hidden } = this;
    const [find, without] = [this.find.field.value, this.without.field.value];
    this.numbers = found(entries, (number) => called(this.wordsOf(number)), {
      hidden,
      find,
      without,
    });
    setText(this.counts, say("events.counts", { shown: this.numbers.length, all: entries.length }));
    this.place = latest(entries, this.numbers, this.frame?.time_us ?? 0);
    for (const tool of this.tools) set(tool, "disabled", !this.numbers.length);
    set(this.without.field, "disabled", !this.find.field.value.trim());
    // As tall as it is now it can be scrolled.
    this.draw();
    this.reveal();
    this.draw();
  }

  /** The rows that are seen. */
  draw() {
    const { list, numbers } = this;
    this.rows.style.setProperty("height", `${numbers.length * ROW}px`);
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - MORE);
    const last = Math.min(numbers.length, first + Math.ceil(list.clientHeight / ROW) + 2 * MORE);
    const rows = [];
    for (let place = first; place < last; place++) rows.push(this.row(place));
    this.rows.replaceChildren(...rows);
    set(
      list,
      "aria-activedescendant",
      first <= this.place && this.place < last ? `event-${this.place}` : null,
    );
  }

  /** @param {number} place among those that are shown */
  row(place) {
    const number = this.numbers[place];
    const entry = this.entries[number];
    const row = html(
      "div",
      {
        ...{ id: `event-${place}`, role: "option", class: "event", "data-place": place },
        ...{ "aria-selected": String(place === this.place), "data-about": aboutOf(entry) },
        ...{ "aria-setsize": this.numbers.length, "aria-posinset": place + 1 },
      },
      html("span", { class: "event-at" }, formatExact(entry.at_us, DIGITS)),
      html("span", { class: "event-words", title: this.wordsOf(number) }, this.wordsOf(number)),
    );
    row.style.setProperty("top", `${place * ROW}px`);
    return row;
  }

  /** The row of the playhead comes into sight, if it is not. */
  reveal() {
    const { list, place } = this;
    const top = Math.max(0, place) * ROW;
    if (top < list.scrollTop || top + ROW > list.scrollTop + list.clientHeight)
      list.scrollTop = top - list.clientHeight / 2;
  }

  /**
   * To the next event that is shown, or the one before.
   *
   * @param {number} by
   */
  step(by) {
    const at_us = this.entries[this.numbers[this.place]]?.at_us;
    const isThere = at_us === Math.floor(this.frame?.time_us ?? 0);
    // Between two events the one before is the one that was last.
    this.go(by < 0 && !isThere ? this.place : this.place + by);
  }

  /** @param {number} place among those that are shown */
  go(place) {
    const number = this.numbers[place];
    if (number === undefined) return;
    const { at_us } = this.entries[number];
    this.place = place;
    // Who goes from one to the next reads it.
    this.playback.pause();
    this.seek(at_us);
    // Of several in one moment it is this one.
    this.place = place;
    this.reveal();
    this.draw();
    setText(this.told, `${formatExact(at_us, DIGITS)} ${this.wordsOf(number)}`);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    const last = this.numbers.length - 1;
    const to = { Home: 0, End: last }[event.key];
    if (by === undefined && to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(to ?? Math.max(0, Math.min(last, this.place + (by ?? 0))));
  }

  /** Those that are shown. */
  taken() {
    return this.numbers.map((number) => this.entries[number]);
  }

  async copy() {
    if (!this.frame) return;
    const lines = this.numbers.map(
      (number) =>
        `${formatExact(this.entries[number].at_us, 6)}\t${called(this.wordsOf(number))}\n`,
    );
    const failed = await navigator.clipboard.writeText(lines.join("")).then(() => false, String);
    setText(
      this.counts,
      failed ? say("events.refused") : say("events.copied", { count: lines.length }),
    );
  }

  /**
   * @param {string} end of the file's name
   * @param {typeof asTable} write
   * @param {string} type
   */
  save(end, write, type) {
    if (!this.frame) return;
    const { plan } = this.frame;
    saveFile(`${fileName(plan.title)}-events.${end}`, write(this.taken(), plan), type);
  }
}

/**
 * @param {string} key of what is looked for
 * @param {string} hint an example, by its key
 */
function search(key, hint) {
  const field = html("input", { type: "search", spellcheck: "false", placeholder: say(hint) });
  return {
    field: /** @type {HTMLInputElement} */ (field),
    label: html("label", {}, html("span", {}, say(key)), field),
  };
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof LedgerPanel>[1]} commands
 */
export const open = (host, commands) => new LedgerPanel(host, commands);
