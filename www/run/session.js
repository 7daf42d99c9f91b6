// @ts-check
/** The run on the page: which text it came from, how far it is simulated, what is done to it. */
import { callBy } from "../draw/called.js";
import { breathe } from "../draw/dom.js";
import { diagnosticsOf, loadEngine, moduleWanted, renewEngine } from "./engine.js";
import { late } from "./late.js";
import { loadOriginals, loadScenario, nameOf } from "./library.js";
import { isInside, isSaid, say, tell } from "../draw/words.js";

const loadDiagnostics = late(() => import("../draw/diagnostics.js"), "diagnosticsModule");

/** @typedef {import("./engine.js").Engine} Engine */
/** @typedef {import("./engine.js").Run} Run */
/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */

/** What the engine does in a millisecond or so, as its own meter counts. */
export const SLICE_WORK = 4_000;
const SLICE_MS = 6;
/** While nothing moves there is more time; still a frame in which the page answers to a click. */
const WAITING_MS = 24;
const STRIP_EVERY_MS = 250;
/** Letters of a link by which its reader knows it. */
const LINK_SHOWN = 40;

/** What the page opens on. */
export const STORY = "cloudflare-2020";

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
    /** The whole run is simulated. */
    this.over = false;
    /** It is, and the strip tells all of it. */
    this.done = false;
    this.stripped_ms = 0;
    /** The text of the run, or of the one that was asked for last, to be told if the engine breaks. */
    this.text = "";
    /** What a link says its run hashed to; dropped at the first change. */
    this.promised = "";
    /** The link last opened, if it says what its run hashed to, and its text. */
    this.asked = { link: "", text: "" };
    /** How often something was opened: what was asked for last is what counts. */
    this.opened = 0;
  }

  /**
   * Opens a text in place of what was there, which undo brings back. Throws `{ errors }` and keeps
   * what was there.
   *
   * @param {string} text
   * @param {boolean} [whole] it is opened as its author wrote it, and not a change of what is there
   */
  async openText(text, whole = false) {
    this.opened += 1;
    const ticket = this.opened;
    // The code for it may have to be loaded, and meanwhile something else may be asked for.
    const opened = await this.within(() => ticket === this.opened && this.put(text));
    if (!opened) return;
    this.promised = "";
    // What was open before is no word on whose run this is.
    if (whole) this.run?.know([text]);
    this.changed();
    void this.attribute();
  }

  /**
   * @param {string} text
   * @returns {true}
   */
  put(text) {
    try {
      if (this.run) this.run.edit(text);
      else this.run = new this.engine.Run(text);
      return true;
    } catch (error) {
      // What the engine refuses was never the run; what it breaks on is what to report.
      if (!diagnosticsOf(error)) this.text = text;
      throw error;
    }
  }

  /**
   * Does something in this module, or in the one that can.
   *
   * @template Result
   * @param {() => Result} what
   */
  async within(what) {
    try {
      return what();
    } catch (error) {
      const wanted = moduleWanted(error);
      if (!wanted) throw error;
      await this.upgrade(wanted);
      return what();
    }
  }

  /**
   * Goes on in another module: with the run as it is, and all that can be undone and redone.
   *
   * @param {string} name
   */
  async upgrade(name) {
    this.events.notice(say("session.more"));
    const engine = await loadEngine(name);
    this.events.notice("");
    this.engine = engine;
    if (!this.run) return;
    const run = engine.Run.resume(this.run.texts(), this.run.place());
    this.run.free();
    this.run = run;
    this.changed();
    void this.attribute();
  }

  /**
   * The text of a shipped scenario.
   *
   * @param {string} name
   */
  async shipped(name) {
    if (name !== STORY) return loadScenario(name);
    // Inside it is in English, which is better than nothing.
    const inside = () => this.engine.story();
    return isInside() ? inside() : loadScenario(name).catch(inside);
  }

  /** The name of the shipped scenario that runs, if it is one that has come. */
  get name() {
    return this.text === this.engine.story() ? STORY : nameOf(this.text);
  }

  /**
   * Notes may have been written for the run of a shipped scenario, and not for this one. If it is not
   * shipped itself, that takes the scenarios of those notes; until they have come, and if they do not,
   * the notes stand as they are.
   */
  async attribute() {
    const { run, plan: before } = this;
    if (!run || !before.notes.length) return;
    if (this.name) {
      run.know([this.text]);
      return;
    }
    const texts = await loadOriginals(before.notes).catch(() => []);
    if (run !== this.run) return;
    run.know(texts);
    this.tellStrip();
  }

  /**
   * Opens a link. A bad one is told, and what was there stays.
   *
   * @param {string} link "#1.…"
   * @returns {Promise<boolean>} true if it opened
   */
  async openLink(link) {
    try {
      this.opened += 1;
      const ticket = this.opened;
      await breathe();
      const opened = await this.within(() => this.engine.open_link(link));
      await breathe();
      if (ticket !== this.opened) return true;
      await this.openText(opened.text, true);
      this.promised = opened.trace_hash;
      if (this.promised) this.asked = { link, text: opened.text };
      if (opened.semantics !== opened.current_semantics) {
        const args = { old: opened.semantics, now: opened.current_semantics };
        this.noticeLate("session.recorded", args);
      }
      return true;
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      const short = link.length > LINK_SHOWN ? `${link.slice(0, LINK_SHOWN)}…` : link;
      this.events.notice(say("session.closed", { link: short, why: await inWords(errors) }));
      return false;
    }
  }

  /**
   * Does something to the run; what the engine refuses is told, and the last good run stays. If it
   * takes code that is not there yet, it is done as soon as that is loaded.
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
      const wanted = moduleWanted(error);
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      if (wanted)
        this.upgrade(wanted).then(
          () => this.attempt(change),
          (why) => this.refuse(why),
        );
      else this.refuse(error);
      return null;
    }
  }

  /** @param {unknown} error what the engine refuses; anything else is a bug, and thrown on */
  refuse(error) {
    const errors = diagnosticsOf(error);
    if (!errors) throw error;
    // The words may come when the reader has gone on.
    const { text } = this;
    void inWords(errors).then((words) => this.text === text && this.events.notice(words));
  }

  /** @param {number} group to show from now on */
  show(group) {
    this.run?.show_group(group);
    this.changed();
  }

  /**
   * @param {number} time_us
   * @param {string} statement
   * @param {number} group whose replicas it names
   * @returns {number|null} when it was placed
   */
  act(time_us, statement, group) {
    const { shown } = this.plan;
    return this.attempt((run) => {
      run.peek_group(group);
      try {
        return run.act(time_us, statement);
      } finally {
        run.peek_group(shown);
      }
    });
  }

  changed() {
    if (!this.run) return;
    this.text = this.run.text();
    this.plan = this.run.plan();
    callBy(this.plan.names);
    this.over = this.run.advance(1);
    this.done = this.over;
    this.readStrip();
    this.events.plan();
  }

  /** How far it is simulated. */
  get frontier_us() {
    return this.run?.frontier() ?? 0;
  }

  /**
   * Simulates ahead for a few milliseconds, or reads the strip: both at once may take too long.
   *
   * @param {boolean} [waiting] true if somebody waits for it, and nothing moves
   */
  advance(waiting = false) {
    if (!this.run || this.done) return;
    if (this.stripDue_ms <= performance.now()) this.tellStrip();
    else this.simulate(waiting ? WAITING_MS : SLICE_MS);
  }

  /** Since when its strip is to be read anew; later than now if it is not yet. */
  get stripDue_ms() {
    return this.over ? this.stripped_ms : this.stripped_ms + STRIP_EVERY_MS;
  }

  tellStrip() {
    this.done = this.over;
    this.readStrip();
    if (this.done) this.compareHash();
  }

  /** @param {number} for_ms */
  simulate(for_ms) {
    const until_ms = performance.now() + for_ms;
    while (this.run && !this.over && performance.now() < until_ms) {
      this.over = this.run.advance(SLICE_WORK);
    }
  }

  /** Lets go of the run. */
  close() {
    try {
      this.run?.free();
    } catch {
      // An engine that broke frees nothing any more.
    }
    [this.run, this.text, this.over, this.done] = [null, "", true, true];
    this.opened += 1;
  }

  readStrip() {
    if (!this.run) return;
    this.strip = this.run.strip();
    this.stripped_ms = performance.now();
    this.events.strip();
  }

  /**
   * The engine broke: whatever it held is given up, and another one takes its place.
   *
   * @returns {Promise<string>} the link of what ran, to be sent with a report; "" if there is none
   */
  async recover() {
    this.run = null;
    this.opened += 1;
    this.done = true;
    renewEngine();
    this.engine = await loadEngine();
    return this.text ? this.engine.link_of(this.text) : "";
  }

  /** A link that replays differently says so. */
  compareHash() {
    const hash = this.strip.outcome?.trace_hash;
    if (!this.promised || !hash || hash.startsWith(this.promised)) return;
    this.noticeLate("session.differs", { promised: this.promised, hash });
    this.promised = "";
  }

  /**
   * Says what few readers need to be told: the words for it come late.
   *
   * @param {string} key
   * @param {import("../draw/words.js").Args} args
   */
  noticeLate(key, args) {
    void loadDiagnostics()
      .then(
        ({ say }) => say(key, args),
        () => say("diagnostic.untold"),
      )
      .then((words) => this.events.notice(words));
  }
}

/**
 * What the engine finds wrong; the words for that come late.
 *
 * @param {readonly import("../pkg/facts.js").Diagnostic[]} errors
 */
export function inWords(errors) {
  return loadDiagnostics().then(
    ({ diagnosticsInWords }) => diagnosticsInWords(errors),
    () =>
      errors
        .map(({ fact }) =>
          isSaid(`diagnostic.${fact.kind}`) ? tell("diagnostic", fact) : say("diagnostic.untold"),
        )
        .join(" · "),
  );
}
