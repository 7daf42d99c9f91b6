// @ts-check
/** The run on the page: which text it came from, how far it is simulated, what is done to it. */
import { diagnosticsInWords, diagnosticsOf } from "./engine.js";

/** @typedef {import("./types.js").Engine} Engine */
/** @typedef {import("./types.js").Run} Run */
/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").Strip} Strip */

const SLICE_EVENTS = 4_000;
const SLICE_MS = 6;
const STRIP_EVERY_MS = 250;

export const DEFAULT_SCENARIO = "cloudflare-2020";

export class Session {
  /**
   * @param {Engine} engine
   * @param {{plan: () => void, strip: () => void, notice: (words: string) => void}} events
   *   plan: the plan or the text changed; strip: more is simulated
   */
  constructor(engine, events) {
    this.engine = engine;
    this.events = events;
    /** @type {Run|null} */
    this.run = null;
    this.plan = /** @type {Plan} */ (/** @type {unknown} */ (null));
    this.strip = /** @type {Strip} */ (/** @type {unknown} */ (null));
    this.done = false;
    this.stripped_ms = 0;
    /** What a link says its run hashed to; dropped at the first change. */
    this.promised = "";
    /** @type {string|null} */
    this.libraryName = null;
  }

  /**
   * Opens a text in place of what was there. Throws `{ errors }` and keeps what was there.
   *
   * @param {string} text
   */
  openText(text) {
    const run = new this.engine.Run(text);
    this.run?.free();
    this.run = run;
    this.promised = "";
    this.libraryName = null;
    this.changed();
  }

  /** @param {string} name */
  openLibrary(name) {
    const library = this.engine.library();
    const entry = library.find((one) => one.name === name) ?? library[0];
    this.openText(entry.text);
    this.libraryName = entry.name;
    this.events.plan();
  }

  /**
   * Opens a link. A bad one is told, and what was there stays.
   *
   * @param {string} link "#1.…"
   * @returns {boolean} true if it opened
   */
  openLink(link) {
    try {
      const opened = this.engine.open_link(link);
      this.openText(opened.text);
      this.promised = opened.trace_hash;
      if (opened.semantics !== opened.current_semantics) {
        this.events.notice(`This link was recorded with engine ${opened.semantics}; it is ` +
          `replayed here with engine ${opened.current_semantics} and may come out differently.`);
      }
      return true;
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      this.events.notice(`That link does not open: ${diagnosticsInWords(errors)}`);
      return false;
    }
  }

  /**
   * Does something to the run; what the engine refuses is told, and the last good run stays.
   *
   * @template Result
   * @param {(run: Run) => Result} change
   * @returns {Result|null}
   */
  attempt(change) {
    if (!this.run) return null;
    try {
      const result = change(this.run);
      this.promised = "";
      this.events.notice("");
      this.changed();
      return result;
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      this.events.notice(diagnosticsInWords(errors));
      return null;
    }
  }

  changed() {
    if (!this.run) return;
    this.plan = this.run.plan();
    this.done = this.run.advance(1);
    this.readStrip();
    this.events.plan();
  }

  /** Simulates ahead for a few milliseconds. */
  advance() {
    if (!this.run || this.done) return;
    const until_ms = performance.now() + SLICE_MS;
    while (!this.done && performance.now() < until_ms) this.done = this.run.advance(SLICE_EVENTS);
    if (this.done || performance.now() - this.stripped_ms > STRIP_EVERY_MS) this.readStrip();
    if (this.done) this.compareHash();
  }

  readStrip() {
    if (!this.run) return;
    this.strip = this.run.strip();
    this.stripped_ms = performance.now();
    this.events.strip();
  }

  /** A link that replays differently says so. */
  compareHash() {
    const hash = this.strip.outcome?.trace_hash;
    if (!this.promised || !hash || hash === this.promised) return;
    this.events.notice("This run now replays differently from when its link was made: " +
      `its trace hash was ${this.promised} and is ${hash}.`);
    this.promised = "";
  }
}
