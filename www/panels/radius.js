// @ts-check
/**
 * What would fall with the part that a reader points at, and what redundancy saves: in the picture,
 * and in sentences. Parts that are kept in mind fail along with it.
 */
import { byId, html } from "../draw/dom.js";
import { say, sentences } from "../draw/words.js";
import { inWords, kept } from "./radius-words.js";

/** @typedef {import("../run/panels.js").Frame} Frame */

/** Whoever only passes over a part is told nothing. */
const DELAY_MS = 250;

export class Radius {
  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} plant
   */
  constructor(host, plant) {
    this.host = host;
    this.plant = plant;
    /** @type {Frame|undefined} */
    this.frame = undefined;
    /** What a reader points at. @type {Element|null} */
    this.pointed = null;
    this.timer = 0;
    // Whoever pointed at something before this was there is told, too.
    this.soon(plant.querySelector("[data-part]:is(:hover, :focus)"), 0);
    plant.addEventListener("pointerover", (event) => this.point(event, DELAY_MS));
    plant.addEventListener("pointerleave", () => this.soon(null, DELAY_MS));
    plant.addEventListener("focusin", (event) => this.point(event, 0));
    plant.addEventListener("focusout", () => this.soon(null, DELAY_MS));
    plant.addEventListener("click", () => this.soon(null, 0));
    plant.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" || key === "Enter") this.soon(null, 0);
    });
  }

  /**
   * @param {Event} event
   * @param {number} delay_ms
   */
  point({ target }, delay_ms) {
    this.soon(/** @type {Element} */ (target).closest("[data-part]"), delay_ms);
  }

  /**
   * @param {Element|null} part
   * @param {number} delay_ms
   */
  soon(part, delay_ms) {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.pointed?.removeAttribute("aria-describedby");
      // What opens a menu of the part hides this: two things at once are not read. What moves under
      // the pointer meanwhile is not pointed at.
      this.pointed = document.querySelector(":popover-open") ? null : part;
      this.draw();
    }, delay_ms);
  }

  /** @param {Frame} frame */
  update(frame) {
    const { changed, compared, all } = frame;
    if (
      changed === "plan" &&
      this.frame &&
      frame.plan.parts.length !== this.frame.plan.parts.length
    ) {
      kept.clear();
      this.pointed = null;
    }
    this.frame = frame;
    // While time runs, it is said anew as often as it can be read.
    if (changed === "moment" && frame.words && compared === null && !all) this.draw();
  }

  draw() {
    const asked = Number(this.pointed?.getAttribute("data-index") ?? -1);
    const parts = [...new Set([...kept, ...(asked < 0 ? [] : [asked])])];
    const { run, plan, view } = this.frame ?? {};
    if (!run || !plan || !view || parts.length === 0) {
      this.host.hidden = true;
      this.mark(new Map());
      return;
    }
    const { fails, falls, spared, said } = run.blast(Uint16Array.from(parts));
    /** @type {Map<number, string>} */
    const marks = new Map();
    for (const [name, numbers] of Object.entries({ spared, falls, fails })) {
      for (const number of numbers) marks.set(number, name);
    }
    this.mark(marks);
    const [first, ...rest] = inWords(said, plan);
    this.host.replaceChildren(html("b", {}, first), say("list.gap"), sentences(rest));
    this.host.hidden = false;
    this.place();
    this.pointed?.setAttribute("aria-describedby", this.host.id);
  }

  /** At the foot of the plant, or at its head where it would hide what is pointed at. */
  place() {
    const room = this.plant.getBoundingClientRect();
    const seen = document.documentElement.clientHeight;
    const [top, bottom] = [Math.max(0, room.top), Math.min(seen, room.bottom)];
    const own = this.host.getBoundingClientRect().height;
    const part = this.pointed?.getBoundingClientRect();
    const hides = part !== undefined && part.bottom > bottom - own - 20;
    this.host.style.setProperty("left", `${Math.max(0, room.left) + 10}px`);
    this.host.style.setProperty("top", `${hides ? top + 10 : bottom - own - 10}px`);
  }

  /** @param {Map<number, string>} marks by part */
  mark(marks) {
    for (const part of this.plant.querySelectorAll("[data-part]")) {
      const mark = marks.get(Number(part.getAttribute("data-index")));
      if (mark) part.setAttribute("data-blast", mark);
      else part.removeAttribute("data-blast");
    }
  }
}

/**
 * @param {HTMLElement} host
 */
export function open(host) {
  return new Radius(host, byId("plant"));
}
