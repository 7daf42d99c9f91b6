// @ts-check
/** What is happening now, in the scenario's words and in the run's own. */
import { html, set, setText } from "../draw/dom.js";
import { formatTime, ofGroup, splitCaption } from "../draw/format.js";
import { isSaid, say, sentences, tell } from "../draw/words.js";

/** A sentence of those that an embed loads when it needs one. */
export const OUTSIDE = "outside.lies";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */
/** @typedef {import("../pkg/facts.js").CaptionView} Caption */
/** @typedef {import("../pkg/facts.js").View} View */

/**
 * The captions in force: what comes at one time stands together. Which of these times it is, from 1,
 * and all of them, as far as they are known.
 *
 * @param {Pick<Strip, "captions">} strip
 * @param {number} time_us
 */
export function captionAt({ captions }, time_us) {
  const times = [...new Set(captions.map(({ at_us }) => at_us))];
  const number = times.filter((at_us) => at_us <= time_us).length;
  return { now: captions.filter(({ at_us }) => at_us === times[number - 1]), number, times };
}

/**
 * What they say: the author's words, or else what the run tells of itself; before both, the title.
 *
 * @param {Plan} plan
 * @param {readonly Caption[]} captions
 */
export const captionWords = (plan, captions) =>
  sentences(
    captions.map(({ note, said }) =>
      said ? ofGroup(plan) + tell("caption", said) : (plan.notes[note ?? 0]?.text ?? ""),
    ),
  ) || plan.title;

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
    this.consequence = html("p", { class: "consequence" });
    this.bar = html("div", { class: "step" }, this.step, this.back, this.forward);
    this.outsideText = html("span");
    this.outside = html(
      "p",
      { class: "outside", hidden: true },
      html("b", {}, say("caption.outside"), say("list.gap")),
      this.outsideText,
    );
    host.replaceChildren(this.bar, this.outside, this.heading, this.body, this.consequence);
    this.back.addEventListener("click", () => this.go(-1, actions.seek));
    this.forward.addEventListener("click", () => this.go(1, actions.seek));
  }

  /**
   * @param {number} by
   * @param {(time_us: number) => void} seek
   */
  go(by, seek) {
    if (!this.strip) return;
    const { number, times } = captionAt(this.strip, this.time_us ?? 0);
    const time_us = times[number - 1 + by];
    if (time_us !== undefined) seek(time_us);
  }

  /**
   * @param {Plan} plan
   * @param {Pick<Strip, "captions">} strip
   * @param {View} view
   */
  update(plan, strip, view) {
    this.strip = strip;
    this.time_us = view.time_us;
    const { now, number, times } = captionAt(strip, view.time_us);
    const count = times.length;
    setText(
      this.step,
      (number ? say("caption.step", { number, count }) : "") + formatTime(view.time_us),
    );
    set(this.back, "disabled", number <= 1);
    set(this.forward, "disabled", number >= count);
    const [heading, body] = splitCaption(captionWords(plan, now));
    setText(this.heading, heading);
    setText(this.body, body);
    set(this.heading, "hidden", !heading);
    set(this.body, "hidden", !body);
    set(this.outside, "hidden", !view.outside);
    setText(
      this.outsideText,
      view.outside && isSaid(OUTSIDE) ? ofGroup(plan) + tell("outside", view.outside) : "…",
    );
    const consequence = view.consequence;
    // An author who speaks later than the fault has the last word, unless the fault did nothing.
    const spoke = now.some(({ note, at_us }) => note !== null && at_us > (consequence?.at_us ?? 0));
    const stale = spoke && !consequence?.nothing;
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
    update({ plan, strip, view }) {
      if (!view) return;
      caption.update(plan, strip, view);
      if (view.outside && !isSaid(OUTSIDE)) commands.learn();
    },
  };
}
