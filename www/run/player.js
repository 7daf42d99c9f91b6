// @ts-check
/**
 * What the page and the embed share: a session, time, and the frame in which all that is seen is
 * drawn. The page is a function of a view: panels are told what a frame holds.
 */
import { showBanner } from "../draw/banner.js";
import { believersInWords } from "../draw/strip-view.js";
import { byId } from "../draw/dom.js";
import { formatTime } from "../draw/format.js";
import { drawnPackets, windowFor } from "../draw/packets.js";
import { readAddress } from "./address.js";
import { announcer } from "./announce.js";
import { Building } from "./building.js";
import { Crossings } from "./crossings.js";
import { Panels } from "./panels.js";
import { Playback } from "./playback.js";
import { isShipped } from "./library.js";
import { SLICE_WORK, STORY, Session } from "./session.js";
import { Stepping } from "./stepping.js";
import { listed, say } from "../draw/words.js";
import { late } from "./late.js";

const loadBug = late(() => import("../draw/bug.js"), "bugModule");

/** @typedef {import("../pkg/facts.js").View} View */
/** @typedef {import("./panels.js").Frame} Frame */

const WORDS_EVERY_MS = 120;
/** How long a frame may be at it to get where the playhead is. */
const APPROACH_MS = 12;
/** A wait that is shorter is not worth a word. */
const PATIENCE_MS = 250;
/** A frame that has been at it for so long leaves the picture to the next one. */
const FRAME_MS = 12;

export class Player {
  /**
   * @param {import("./engine.js").Engine} engine
   * @param {{plan?: () => void, strip?: () => void, drawn?: () => void,
   *   unopened?: (words: string) => void,
   *   asked?: (asked: import("./address.js").Asked) => void}} hooks
   */
  constructor(engine, hooks) {
    this.hooks = hooks;
    this.reduced = matchMedia("(prefers-reduced-motion: reduce)");
    this.playback = new Playback(() => this.refresh());
    this.session = new Session(engine, {
      plan: () => this.planChanged(),
      strip: () => this.stripChanged(),
      notice: (words) => this.notice(words),
    });
    this.crossings = new Crossings();
    this.announce = announcer(byId("live"));
    this.panels = new Panels([], { notice: () => {} }, (changed) => this.told(changed));
    /** Protocols beside the run's own; null while it is alone. @type {readonly string[]|null} */
    this.compared = null;
    /** True while all groups are shown, beside each other. */
    this.all = false;
    /** Whoever simulates more than the run; true if there is more to do. @type {() => boolean} */
    this.beside = () => false;
    /** @type {View|undefined} */
    this.view = undefined;
    /** @type {import("../draw/packets.js").DrawnPacket[]} */
    this.packets = [];
    /** True if the words of the moment may be written. */
    this.words = true;
    /** @type {Frame["waiting"]} */
    this.waiting = null;
    /** @type {readonly number[]} */
    this.pointed = [];
    this.wanted = false;
    /** Since when the playhead waits for its moment to be simulated; 0 if it does not. */
    this.waiting_ms = 0;
    this.stepping = new Stepping(this.session, this.playback);
    this.dirty = true;
    /** True if the last frame left its picture to this one. */
    this.late = false;
    this.building = new Building(this);
    this.worded_ms = 0;
    this.failed = false;
    /** True if readers may look, and not act: so its author wants it. */
    this.fixed = false;
    /** The text that was opened. */
    this.beginning = "";
    /** What everybody believed in the last frame. */
    this.beliefs = "";
    /** @type {string|undefined} */
    this.announced = undefined;
    this.watchVisibility();
    // A trap of the engine is told wherever it happens.
    window.addEventListener("error", ({ error }) => error && void this.fail(error));
    window.addEventListener("unhandledrejection", ({ reason }) => void this.fail(reason));
  }

  /**
   * @param {readonly import("./panels.js").Row[]} rows
   * @param {import("./panels.js").Panels["commands"]} commands
   * @param {() => void} [opened] a panel is there that was not
   */
  wire(rows, commands, opened) {
    const told = (/** @type {import("./panels.js").Change} */ changed) => this.told(changed);
    this.panels = new Panels(rows, commands, told, () => {
      this.refresh();
      opened?.();
    });
    this.tell("start");
  }

  /**
   * How it stands now.
   *
   * @param {import("./panels.js").Change} changed
   * @returns {Frame}
   */
  told(changed) {
    const { session, playback, view, packets, words, waiting, compared, all, pointed } = this;
    const { engine, run, plan, strip, text, done } = session;
    const { time_us, speed, playing } = playback;
    return {
      changed,
      engine,
      run,
      plan,
      strip,
      text,
      done,
      view,
      packets,
      time_us,
      speed,
      playing,
      still: this.reduced.matches,
      coarse: this.coarse,
      words,
      waiting,
      compared,
      all,
      pointed,
    };
  }

  /** @param {import("./panels.js").Change} changed */
  tell(changed) {
    this.panels.tell(this.told(changed));
  }

  /** @param {readonly number[]} lanes that a reader points at */
  pointAt(lanes) {
    this.pointed = lanes;
    this.tell("pointed");
  }

  /** @param {readonly string[]|null} names of protocols to see beside the run's own */
  compare(names) {
    this.compared = names;
    this.all &&= names === null;
    this.tell("compared");
    this.refresh();
  }

  /**
   * @param {number|null} group to show; null for all, beside each other
   * @param {readonly string[]|null} [compared]
   */
  showGroup(group, compared = null) {
    this.all = group === null;
    if (group !== null && group !== this.session.plan.shown) this.session.show(group);
    this.compare(compared);
  }

  /**
   * Opens what the address asks for, or the story. Whoever has something to say of an address that
   * does not open (`unopened`) gets no story in its place.
   *
   * @returns {Promise<boolean>} true if what it asks for is what runs
   */
  async openAddress() {
    const asked = await readAddress();
    const { link, refused } = asked;
    this.hooks.asked?.(asked);
    const running = this.session.run !== null;
    const some = link.length > 1;
    const name = link.slice(1);
    const open = () => (isShipped(name) ? this.openLibrary(name) : this.openLink(link));
    const opened = !some || (await open());
    if (this.hooks.unopened && !(some && opened)) {
      const refusal = byId("banner").firstChild?.textContent ?? "";
      this.hooks.unopened(opened ? say("player.nothing") : refusal);
      return false;
    }
    if (!opened && running) return false;
    if (!this.session.run) await this.openLibrary(STORY);
    if (opened && refused.length) {
      this.notice(say("player.asks", { what: listed(refused) }));
    }
    this.begin(asked);
    this.beginning = this.session.text;
    this.openGroup(asked);
    return opened;
  }

  /**
   * Time begins as the address asks. Of less motion the reader has the last word.
   *
   * @param {import("./address.js").Asked} asked
   */
  begin({ time_us, play, speed, loop }) {
    const { playback, reduced } = this;
    playback.setSpeed(speed);
    playback.loop_us = loop ? (time_us ?? 0) : null;
    playback.unseen = play === "now";
    if (time_us !== null) playback.seek(time_us);
    else if (reduced.matches) this.stopAtFirstFault();
    const plays = play === null ? time_us === null : play !== "off";
    if (plays && !reduced.matches) playback.play();
    else playback.pause();
  }

  /** @param {import("./address.js").Asked} asked */
  openGroup({ group, groups, compared }) {
    const known = this.session.plan.groups.map(({ name }) => name);
    const number = group === null ? 0 : known.indexOf(group);
    if (number < 0) this.notice(say("player.asks", { what: `group=${group}` }));
    this.showGroup(groups && known.length > 1 ? null : Math.max(0, number), compared);
  }

  /** Where nothing may move unasked, the run stands where the story begins. */
  stopAtFirstFault() {
    const { strip, plan } = this.session;
    const [fault] = strip.faults;
    // A tour begins where its author begins it.
    if (plan.notes.some(({ waits }) => waits)) this.playback.seek(0);
    else if (fault) this.playback.seek(fault.from_us);
    else this.firstFaultWanted = !this.session.done;
  }

  /** @param {string} link */
  async openLink(link) {
    this.notice("");
    const crossing = this.crossings.from(this);
    const opened = await this.session.openLink(link);
    if (opened) crossing();
    return opened;
  }

  /** @param {string} name of a shipped scenario */
  async openLibrary(name) {
    let text;
    try {
      text = await this.session.shipped(name);
    } catch (error) {
      this.notice(say("late.failed", { what: name, error: String(error) }));
      return false;
    }
    await this.openText(text);
    return true;
  }

  /** @param {string} text */
  async openText(text) {
    const crossing = this.crossings.from(this);
    try {
      await this.session.openText(text, true);
    } catch (error) {
      this.session.refuse(error);
      return;
    }
    crossing();
  }

  planChanged() {
    const { plan } = this.session;
    this.failed = false;
    this.stepping.stop();
    this.playback.setUntil(plan.until_us);
    if (this.all && plan.groups.length < 2) this.showGroup(0);
    this.building.begin();
    this.hooks.plan?.();
    this.refresh();
  }

  stripChanged() {
    const { plan, strip } = this.session;
    this.playback.frontier_us = strip.frontier_us;
    const waits = (/** @type {number|null} */ note) => note !== null && plan.notes[note].waits;
    this.playback.steps_us = strip.captions
      .filter(({ note }) => waits(note))
      .map((one) => one.at_us);
    // A run may end before its text says so, at a bound on its work.
    this.playback.setUntil(this.session.done ? strip.frontier_us : plan.until_us);
    // Before a first picture it is enough to know how much room there is for that.
    const isKnown = this.view || this.building.plan === plan;
    this.tell(isKnown ? "strip" : "room");
    if (isKnown) this.hooks.strip?.();
    if (this.firstFaultWanted && strip.faults.length) {
      this.firstFaultWanted = false;
      this.stopAtFirstFault();
    }
    this.refresh();
  }

  /** Asks for a frame, in which everything is drawn anew. */
  refresh() {
    this.dirty = true;
    this.wake();
  }

  wake() {
    if (this.wanted || this.failed) return;
    this.wanted = true;
    // What is built before a picture need not wait for the screen.
    if (this.building.steps.length) void this.building.turn().then(() => this.between());
    else requestAnimationFrame((now_ms) => this.frame(now_ms));
  }

  /** Builds, where no frame is due. */
  between() {
    this.wanted = false;
    try {
      if (!this.building.goOn()) this.wake();
    } catch (error) {
      void this.fail(error);
    }
  }

  /** @param {number} now_ms */
  frame(now_ms) {
    this.wanted = false;
    let more = false;
    const begun_ms = performance.now();
    try {
      if (this.building.goOn(begun_ms)) return;
      const left = this.late;
      this.late = false;
      more = left;
      // The first picture comes before anything that a later one needs.
      const first = !this.view && this.playback.time_us <= this.session.frontier_us;
      if (!this.hidden && !left && !first) {
        this.session.advance(this.waiting_ms > 0);
        more = this.beside();
        more = this.stepping.goOn() || more;
      }
      if (this.isLate(begun_ms)) return;
      const moved = !this.hidden && !this.waiting_ms && this.playback.tick(now_ms);
      if (moved || this.dirty) {
        const there = this.isThere();
        // A frame that others have left their picture to draws it, however long the way there is.
        if (there && !left && this.isLate(begun_ms)) return;
        this.wait(now_ms, there);
        if (!this.waiting_ms) this.draw(now_ms);
        more ||= this.waiting_ms > 0;
      }
    } catch (error) {
      void this.fail(error);
      return;
    }
    if (!this.hidden && (this.playback.playing || !this.session.done || more)) this.wake();
  }

  /**
   * True if this frame leaves its picture to the next one. Where the playhead waits for what is not
   * simulated yet there is none to draw.
   *
   * @param {number} begun_ms
   */
  isLate(begun_ms) {
    const { playback, session } = this;
    const drawable = session.done || playback.time_us <= session.frontier_us;
    this.late = drawable && performance.now() - begun_ms > FRAME_MS;
    if (this.late) this.wake();
    return this.late;
  }

  /**
   * True if the moment at which the playhead stands can be drawn at once; else gets nearer to it.
   */
  isThere() {
    const { run, frontier_us } = this.session;
    const { time_us: at_us, speed } = this.playback;
    if (!run) return true;
    const time_us = Math.floor(at_us);
    if (time_us > frontier_us && !this.session.done) return false;
    const until_ms = performance.now() + APPROACH_MS;
    do {
      if (run.approach(time_us, windowFor(speed), SLICE_WORK)) return true;
    } while (performance.now() < until_ms);
    return false;
  }

  /**
   * Says how far it is while the playhead waits.
   *
   * @param {number} now_ms
   * @param {boolean} there
   */
  wait(now_ms, there) {
    const { playback, session } = this;
    if (there) {
      if (this.waiting_ms) this.stopWaiting(false);
      return;
    }
    this.waiting_ms ||= now_ms;
    this.dirty = true;
    if (now_ms - this.waiting_ms < PATIENCE_MS) return;
    const { time_us } = playback;
    this.waiting = { time_us, share: Math.min(1, session.frontier_us / Math.max(1, time_us)) };
    this.tell("wait");
    // A picture of something is better than none.
    if (this.view || !session.run?.approach(0, 0, SLICE_WORK)) return;
    this.building.steps.push(() => session.run && this.show(session.run.view(0, 0), now_ms));
  }

  /**
   * The playhead waits no more.
   *
   * @param {boolean} [early] true if the reader will not: as far as it is simulated must do
   */
  stopWaiting(early = true) {
    if (early) this.playback.seek(Math.min(this.playback.time_us, this.session.frontier_us));
    this.waiting_ms = 0;
    this.waiting = null;
    this.tell("wait");
  }

  /** The first picture, if where the playhead stands it can be drawn at once. */
  drawFirst() {
    if (!this.view && this.isThere()) this.draw(performance.now());
  }

  /** @param {number} now_ms */
  draw(now_ms) {
    const { session, playback } = this;
    if (!session.run) return;
    const time_us = Math.floor(playback.time_us);
    this.show(session.run.view(time_us, windowFor(playback.speed)), now_ms);
  }

  /**
   * @param {View} view
   * @param {number} now_ms
   */
  show(view, now_ms) {
    const { playback } = this;
    const still = this.reduced.matches;
    this.packets =
      still && playback.playing
        ? []
        : drawnPackets(view.packets, playback.time_us, playback.speed, still);
    // Words that change every frame cannot be read: between clicks they are written at leisure.
    const beliefs = view.replicas
      .map(({ up, role, epoch, leader }) => `${up}${role}${epoch}${leader}`)
      .join();
    this.words = this.dirty || beliefs !== this.beliefs || now_ms - this.worded_ms > WORDS_EVERY_MS;
    // Whoever draws may ask for another frame, so this comes first.
    this.dirty = false;
    this.beliefs = beliefs;
    const isFirst = !this.view;
    this.view = view;
    this.building.tellMoment(isFirst);
    if (this.words) {
      this.worded_ms = now_ms;
      this.announceBeliefs(view);
    }
    this.words = true;
    this.hooks.drawn?.();
  }

  /** True while milliseconds pass too fast to be read. */
  get coarse() {
    return this.playback.playing && this.playback.speed > 0.2;
  }

  /** @param {View} view */
  announceBeliefs(view) {
    const words = believersInWords(this.session.plan, view);
    if (words === this.announced) return;
    const first = this.announced === undefined;
    this.announced = words;
    if (!first) this.announce(`${formatTime(view.time_us)}: ${words}`);
  }

  /** @param {number} time_us */
  seek(time_us) {
    this.playback.seek(time_us);
  }

  /** @param {number} by one event, forwards or back */
  step(by) {
    if (!this.session.run) return;
    this.playback.pause();
    // Beyond what is simulated nobody knows what comes next.
    this.stepping.begin(this.waiting_ms ? 0 : by);
    if (this.stepping.goOn()) this.refresh();
  }

  /**
   * Does something to the plant, or to a group on it, now. In the past, this forks the run there.
   *
   * @param {string} statement
   * @param {number} [group] whose replicas it names
   */
  act(statement, group = this.session.plan.shown) {
    if (this.fixed) return;
    this.notice("");
    const placed_us = this.session.act(Math.floor(this.playback.time_us), statement, group);
    if (placed_us === null) return;
    this.playback.seek(Math.max(this.playback.time_us, placed_us));
    this.announce(`${formatTime(placed_us)}: ${statement}`);
  }

  /** Back to the run as it was opened. What was done can be redone. */
  reset() {
    this.crossings.walk(this, () =>
      this.session.attempt((run) => {
        while (run.can_undo() && run.text() !== this.beginning) run.undo();
      }),
    );
  }

  undo() {
    this.crossings.walk(this, () => this.session.attempt((run) => run.undo()));
  }

  redo() {
    this.crossings.walk(this, () => this.session.attempt((run) => run.redo()));
  }

  /** What moves stands still while nobody can see it. */
  watchVisibility() {
    this.hidden = document.hidden;
    document.addEventListener("visibilitychange", () => this.setHidden(document.hidden));
    this.reduced.addEventListener("change", () => this.refresh());
  }

  /** @param {boolean} hidden */
  setHidden(hidden) {
    this.hidden = hidden;
    if (!this.playback.unseen) this.playback.last_ms = null;
    if (!hidden) this.refresh();
  }

  /**
   * @param {string} words "" to take it away
   * @param {Element[]} [tools] that go with the words
   */
  notice(words, tools = []) {
    if (!this.failed || tools.length) showBanner(byId("banner"), words, tools);
  }

  /**
   * The engine trapped, or the page has a bug: it is said once, with the link to send, and the page
   * can go on with another scenario.
   *
   * @param {unknown} error
   */
  async fail(error) {
    if (this.failed) return;
    const seed = this.session.plan?.seed ?? "unknown";
    const at = formatTime(this.playback.time_us);
    this.failed = true;
    this.playback.playing = false;
    this.stopWaiting(false);
    this.view = undefined;
    console.error(error);
    this.compare(null);
    const link = await this.session.recover().catch(() => "");
    const bug = await loadBug().catch(() => null);
    const what = String(error);
    if (bug) this.notice(bug.bugInWords({ at, seed, error: what }), bug.reportTools(link));
    else showBanner(byId("banner"), what, []);
  }
}
