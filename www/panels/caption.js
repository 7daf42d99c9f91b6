// @ts-check
/** What is happening now, in the scenario's words and in the run's own. */
import { html, set, setText } from "../draw/dom.js";
import { formatTime, ofGroup, splitCaption } from "../draw/format.js";
import { isSaid, say, tell } from "../draw/words.js";

/** A sentence of those that an embed loads when it needs one. */
export const OUTSIDE = "outside.lies";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */

/**
 * The caption in force, its number from 1, and how many there are.
 *
 * @param {Plan} plan
 * @param {number} time_us
 */
export function captionAt(plan, time_us) {
  let number = 0;
  while (number < plan.notes.length && plan.notes[number].at_us <= time_us) number += 1;
  return { note: number ? plan.notes[number - 1] : null, number, count: plan.notes.length };
}

export class CaptionView {
  /**
   * @param {Element} host
   * @param {{seek: (time_us: number) => void}} actions
   */
  constructor(host, actions) {
    this.step = html("span", { class: "step-text" });
    this.back = html(
      "button",
      { type: "button", class: "step-button", "aria-label": say("caption.back") },
      "‹",
    );
    this.forward = html(
      "button",
      { type: "button", class: "step-button", "aria-label": say("caption.forward") },
      "›",
    );
    this.heading = html("h2");
    this.body = html("p");
    this.elsewhere = html("p", { class: "elsewhere", hidden: true }, say("caption.elsewhere"));
    this.consequence = html("p", { class: "consequence" });
    this.bar = html("div", { class: "step" }, this.step, this.back, this.forward);
    this.outsideText = html("span");
    this.outside = html(
      "p",
      { class: "outside", hidden: true },
      html("b", {}, say("caption.outside"), " "),
      this.outsideText,
    );
    host.replaceChildren(
      this.bar,
      this.outside,
      this.elsewhere,
      this.heading,
      this.body,
      this.consequence,
    );
    this.back.addEventListener("click", () => this.go(-1, actions.seek));
    this.forward.addEventListener("click", () => this.go(1, actions.seek));
  }

  /**
   * @param {number} by
   * @param {(time_us: number) => void} seek
   */
  go(by, seek) {
    if (!this.plan) return;
    const { number } = captionAt(this.plan, this.time_us ?? 0);
    const note = this.plan.notes[number - 1 + by];
    if (note) seek(note.at_us);
  }

  /**
   * @param {Plan} plan
   * @param {View} view
   */
  update(plan, view) {
    this.plan = plan;
    this.time_us = view.time_us;
    const { note, number, count } = captionAt(plan, view.time_us);
    setText(
      this.step,
      (count ? say("caption.step", { number, count }) : "") + formatTime(view.time_us),
    );
    set(this.back, "disabled", number <= 1);
    set(this.forward, "disabled", number >= count);
    const [heading, body] = splitCaption(note?.text ?? plan.title);
    setText(this.heading, heading);
    setText(this.body, body);
    set(this.heading, "hidden", !heading);
    set(this.body, "hidden", !body);
    // What was said of another run steps back.
    const elsewhere = Boolean(note?.elsewhere);
    set(this.elsewhere, "hidden", !elsewhere);
    for (const part of [this.heading, this.body]) set(part, "data-elsewhere", elsewhere);
    set(this.outside, "hidden", !view.outside);
    setText(
      this.outsideText,
      view.outside && isSaid(OUTSIDE) ? ofGroup(plan) + tell("outside", view.outside) : "…",
    );
    const consequence = view.consequence;
    // A caption that came later than the fault has the last word, unless the fault did nothing.
    const stale =
      consequence && note && !elsewhere && note.at_us > consequence.at_us && !consequence.nothing;
    set(this.consequence, "hidden", !consequence || stale);
    if (!consequence) return;
    setText(this.consequence, ofGroup(plan) + tell("aftermath", consequence.said));
    set(this.consequence, "data-nothing", consequence.nothing);
  }
}

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "seek"|"learn">} commands
 */
export function openCaption(host, commands) {
  const caption = new CaptionView(host, commands);
  return {
    caption,
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan, view }) {
      if (!view) return;
      caption.update(plan, view);
      if (view.outside && !isSaid(OUTSIDE)) commands.learn();
    },
  };
}
