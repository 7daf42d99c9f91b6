// @ts-check
/**
 * Steps of a tour: where the run waits, what its author points at, what he asks, and how one goes on.
 * What a reader answers is kept here alone, and only as long as the page is open.
 */
import { html, set, setText, svg } from "../draw/dom.js";
import { say } from "../draw/late-words.js";
import { sentences } from "../draw/words.js";
import { captionAt } from "./caption.js";

/** So long a reader waits at most for the next step, and so much of what leads to it he sees then. */
const [WAIT_US, LEAD_US] = [8e6, 3e6];

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../pkg/facts.js").NoteView} Note */
/** @typedef {Pick<import("./acting.js").Commands, "playback"|"compare"|"refresh"|"announce">} Given */

/** How far a ring is from what it is around, as a share of the larger side; at least, and at most. */
const [RING_SHARE, RING_LEAST, RING_MOST] = [0.08, 3, 8];

/**
 * The steps at which the run stands: of what is said now, what waits.
 *
 * @param {Frame} frame
 * @returns {number[]} by their number in the plan
 */
function stepsAt({ plan, strip, time_us }) {
  const { now } = captionAt(strip, time_us);
  return now.flatMap(({ note }) => (note !== null && plan.notes[note].waits ? [note] : []));
}

/**
 * What a step points at, with those for `leader` who believe now that they lead. A step by time names
 * replicas of the first group: in another one, or where all are shown, they are other servers.
 *
 * @param {Frame} frame
 * @param {Note} note
 */
function pointed({ plan, view, all }, { focus, at_us }) {
  const lead = view?.replicas.map(({ up, role }) => up && role === "leader") ?? [];
  const leaders = plan.replicas.map(({ name }) => name).filter((_, index) => lead[index]);
  const others = all || (plan.shown > 0 && at_us !== null);
  return focus
    .filter((name) => !others || !/^(n\d+|leader)\b/.test(name))
    .flatMap((name) =>
      name.includes("leader") ? leaders.map((one) => name.replace("leader", one)) : [name],
    );
}

/**
 * From when on the way to the next step is played: all of it, or where that takes long, its end.
 *
 * @param {number} time_us
 * @param {number|undefined} next_us if it is known
 * @param {number} speed
 */
export const leadOf = (time_us, next_us, speed) =>
  next_us !== undefined && next_us - time_us > WAIT_US * speed
    ? next_us - LEAD_US * speed
    : time_us;

/** What else would tell how it comes out. */
const TELLING = ["#evidence", "#databases", "#requests", "#compare"];

/**
 * What is said where no further step comes, once that is known.
 *
 * @param {Frame} frame
 * @param {readonly number[]} steps at which the run stands
 */
function ended({ plan, strip, done }, steps) {
  if (!done || !plan.notes.some(({ waits }) => waits)) return "";
  const came = new Set(strip.captions.map(({ note }) => note));
  const isWhole = plan.notes.every(({ waits }, note) => !waits || came.has(note));
  if (isWhole) return steps.length ? say("steps.last") : "";
  return say("steps.none");
}

/**
 * How the elements are found of what a step points at: a part, a replica, a cable, or what one replica
 * sends another.
 *
 * @param {string} name "r1.tor-a", "n1", "n3 -> n1", "r1.s1 <-> r1.tor-a"
 */
export function selectors(name) {
  const [from, both, to] = name.split(/ (<?)-> /);
  if (to === undefined) return [`[data-part="${from}"]`, `[data-replica="${from}"]`];
  const ways = both ? [`${from}->${to}`, `${to}->${from}`] : [`${from}->${to}`];
  return ways.flatMap((way) => [`[data-lane="${way}"]`, `[data-flow="${way}"]`]);
}

/** What an author points at, in every picture that has it. */
class Focus {
  /** @param {ParentNode} root in which the pictures are */
  constructor(root) {
    this.root = root;
  }

  /** @param {readonly string[]} names */
  mark(names) {
    const { root } = this;
    const all = names.flatMap(selectors).flatMap((one) => [...root.querySelectorAll(one)]);
    const wanted = new Set(all);
    for (const one of root.querySelectorAll("[data-focus]")) {
      if (wanted.has(one)) continue;
      set(one, "data-focus", null);
      one.querySelector(":scope > .ring")?.remove();
    }
    for (const one of wanted) this.point(/** @type {SVGGraphicsElement} */ (one));
  }

  /** @param {SVGGraphicsElement} element */
  point(element) {
    set(element, "data-focus", true);
    if (element.matches("[data-lane], [data-flow]")) return;
    // It is around what it stands in, but for itself; what is not drawn has no place yet.
    element.querySelector(":scope > .ring")?.remove();
    const { x, y, width, height } = element.getBBox();
    if (!width) return;
    const share = RING_SHARE * Math.max(width, height);
    const by = Math.min(RING_MOST, Math.max(RING_LEAST, share));
    const ring = svg("rect", { class: "ring" });
    set(ring, "x", x - by);
    set(ring, "y", y - by);
    set(ring, "width", width + 2 * by);
    set(ring, "height", height + 2 * by);
    set(ring, "rx", 2 * by);
    element.append(ring);
  }
}

export class Steps {
  /**
   * @param {HTMLElement} host
   * @param {Given} commands
   */
  constructor(host, { playback, compare, refresh, announce }) {
    this.host = host;
    this.announce = announce;
    this.announced = "";
    this.playback = playback;
    this.compare = compare;
    this.refresh = refresh;
    this.root = /** @type {Document|ShadowRoot} */ (host.getRootNode());
    this.focus = new Focus(this.root);
    /** What was answered, by the number of the step. @type {Map<number, number>} */
    this.answers = new Map();
    this.text = "";
    this.shown = "";
    /** True while a comparison is coming for which the caption makes room. */
    this.leaves = false;
    this.said = html("p", { class: "steps-said", "aria-live": "polite" });
    this.choices = html("div", { class: "steps-choices" });
    this.next = html("button", { type: "button", class: "pill go next" }, say("steps.next"));
    this.next.addEventListener("click", () => this.goOn());
    host.replaceChildren(this.said, this.choices);
    // It belongs to the caption, which was here before.
    this.root.querySelector("#caption")?.append(host);
    const strip = this.root.querySelector("#strip");
    if (strip) new ResizeObserver(() => refresh()).observe(strip);
  }

  /**
   * The way on is at the head of what is in sight: of the caption, or of the comparison.
   *
   * @param {boolean} compared
   */
  place(compared) {
    const { root, next } = this;
    const arrows = root.querySelector("#caption .step-button:nth-of-type(2)");
    const head = compared ? root.querySelector(".compare-head") : null;
    if (head && next.parentElement !== head) head.insertBefore(next, head.lastElementChild);
    if (!head && arrows && next.previousElementSibling !== arrows) arrows.after(next);
  }

  /** The caption is out of sight: who was in it is at the head of the comparison, once that is there. */
  leave() {
    const last = this.root.querySelector(".compare-head button:last-child");
    if (!this.leaves || !last) return;
    this.leaves = false;
    /** @type {HTMLElement} */ (this.next.hidden ? last : this.next).focus();
  }

  /** Plays on to the next step. Who cannot wait, or wants nothing to move, goes there at once. */
  goOn() {
    const { playback, frame } = this;
    const { time_us, steps_us, frontier_us, speed } = playback;
    const next_us = steps_us.find((at_us) => at_us > time_us);
    if (frame?.still || playback.playing) {
      playback.seek(next_us ?? frontier_us);
      playback.pause();
      return;
    }
    const from_us = leadOf(time_us, next_us, speed);
    if (from_us > time_us) playback.seek(from_us);
    playback.toggle();
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    const { plan, time_us, compared } = frame;
    const notes = JSON.stringify(plan.notes);
    if (notes !== this.text) {
      this.text = notes;
      this.shown = "";
      this.answers.clear();
    }
    set(this.host, "hidden", !plan.notes.some(({ waits }) => waits));
    const steps = stepsAt(frame);
    this.focus.mark(steps.flatMap((step) => pointed(frame, plan.notes[step])));
    const more = this.playback.steps_us.some((at_us) => at_us > time_us);
    set(this.next, "hidden", !more);
    this.place(compared !== null);
    this.veil(frame);
    this.leave();
    // Who does not see that it has stopped hears why.
    const said = steps.map((step) => plan.notes[step].text).join(say("list.gap"));
    if (!frame.playing && said && said !== this.announced) this.announce(said);
    if (!frame.playing) this.announced = said;
    const key = JSON.stringify([
      steps,
      compared,
      [...this.answers],
      plan.protocol,
      more,
      frame.done,
    ]);
    if (key === this.shown) return;
    this.shown = key;
    // Who chose by a key stays there.
    const focused = [...this.choices.children].indexOf(
      /** @type {Element} */ (this.root.activeElement),
    );
    this.choices.replaceChildren(...steps.flatMap((step) => this.offered(step, plan.notes[step])));
    const again = /** @type {HTMLElement|undefined} */ (this.choices.children[focused]);
    again?.focus();
    const told = [this.answered(frame, steps), more ? "" : ended(frame, steps)];
    setText(this.said, sentences(told.filter(Boolean)));
  }

  /**
   * What is to come, and how it comes out, is not shown to a reader who is still to be asked.
   *
   * @param {Frame} frame
   */
  veil({ plan, strip, time_us }) {
    const { now } = captionAt(strip, time_us);
    const open = (/** @type {{at_us: number, note: number|null}} */ one) =>
      one.note !== null &&
      plan.notes[one.note].answers.length > 0 &&
      !this.answers.has(one.note) &&
      (one.at_us > time_us || now.some(({ note }) => note === one.note));
    const veiled = strip.captions.some(open);
    const [picture, outcome] = ["#strip", ".transport .outcome"].map(
      (one) => /** @type {HTMLElement|null} */ (this.root.querySelector(one)),
    );
    if (!picture) return;
    const head = picture.querySelector(".playhead")?.getBoundingClientRect();
    const { left } = picture.getBoundingClientRect();
    picture.toggleAttribute("data-veiled", veiled);
    outcome?.toggleAttribute("data-veiled", veiled);
    for (const id of TELLING) this.root.querySelector(id)?.toggleAttribute("data-veiled", veiled);
    picture.querySelector(".strip-doors")?.toggleAttribute("inert", veiled);
    if (head) picture.style.setProperty("--veil", `${(head.left + head.right) / 2 - left}px`);
  }

  /**
   * What a reader may do at a step besides going on.
   *
   * @param {number} step
   * @param {Note} note
   */
  offered(step, { answers, compare }) {
    const chosen = this.answers.get(step);
    const buttons = answers.map((words, answer) => {
      const attributes = { type: "button", class: "pill", "aria-pressed": `${chosen === answer}` };
      const button = html("button", attributes, words);
      button.addEventListener("click", () => {
        this.answers.set(step, answer);
        this.refresh();
      });
      return button;
    });
    // A comparison would answer.
    if (!compare || (answers.length > 0 && chosen === undefined)) return buttons;
    const is = this.frame?.compared !== null;
    const attributes = { type: "button", class: "pill", "aria-pressed": `${is}` };
    const button = html("button", attributes, say("steps.compare", { protocol: compare }));
    button.addEventListener("click", () => {
      this.leaves = !is;
      this.compare(is ? null : [compare]);
    });
    return [...buttons, button];
  }

  /**
   * What was answered to the question just before: the run has the word now.
   *
   * @param {Frame} frame
   * @param {readonly number[]} steps
   */
  answered({ plan, strip, time_us }, steps) {
    const before = strip.captions.filter((one) => one.at_us <= time_us && one.note !== null);
    const asked = before.map(({ note }) => note ?? 0).filter((note) => !steps.includes(note));
    const last = asked.at(-1);
    const answer = last === undefined ? undefined : this.answers.get(last);
    if (last === undefined || answer === undefined) return "";
    return say("steps.answered", { answer: plan.notes[last].answers[answer] });
  }
}

/**
 * @param {HTMLElement} host
 * @param {Given} commands
 */
export function open(host, commands) {
  const steps = new Steps(host, commands);
  return { update: (/** @type {Frame} */ frame) => steps.update(frame) };
}
