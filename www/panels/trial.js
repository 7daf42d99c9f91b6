// @ts-check
/** What a panel needs that has the run played many times: a button, a bar, and why nothing came of it. */
import { html, set, setText } from "../draw/dom.js";
import { formatSpan } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { inWords } from "../run/session.js";

/** How long it will take is not known before. */
const ESTIMATED_MS = 1_000;

/**
 * @param {string} key of what it is called
 * @param {() => void} act
 */
export function button(key, act) {
  const made = html("button", { type: "button", class: "pill" }, say(key));
  made.addEventListener("click", act);
  return made;
}

export class Progress {
  /**
   * @param {string} label the key of what the bar is called
   * @param {[string, string]} words the keys of how far it is, without an estimate and with one
   */
  constructor(label, words) {
    this.bar = html("progress", { hidden: true, "aria-label": say(label) });
    this.state = html("p", { class: "diagram-counts", role: "status" });
    this.words = words;
    this.all = 0;
    this.begun_ms = 0;
  }

  /** @param {number} [all] if it is known */
  begin(all = 0) {
    [this.all, this.begun_ms] = [all, performance.now()];
    setText(this.state, say("explore.loading"));
  }

  /**
   * @param {number} done
   * @param {number} all
   */
  show(done, all) {
    set(this.bar, "hidden", false);
    set(this.bar, "max", Math.max(1, all));
    set(this.bar, "value", done);
  }

  /** @param {number} done of all */
  tell(done) {
    const { all } = this;
    const passed_ms = performance.now() - this.begun_ms;
    this.show(done, all);
    const left_us = (passed_ms * 1e3 * (all - done)) / Math.max(1, done);
    const about = { done, all, left: formatSpan(Math.ceil(left_us / 1e6) * 1e6) };
    const isKnown = done > 0 && passed_ms > ESTIMATED_MS;
    setText(this.state, say(this.words[isKnown ? 1 : 0], about));
  }

  /** @param {string} [words] what it came to; if none, they were said */
  end(words) {
    set(this.bar, "hidden", true);
    if (words !== undefined) setText(this.state, words);
  }
}

/** How many runs are done. */
export const tries = () =>
  new Progress("explore.running", ["explore.progress", "explore.progress-left"]);

/**
 * @param {HTMLElement} where
 * @param {{why: unknown, error: string}} message of the worker
 */
export async function refuse(where, { why, error }) {
  const words = ["groups", "after", "nothing", "many", "exhausted"];
  const { errors = null } = /** @type {{errors?: any}} */ (why ?? {});
  if (errors) setText(where, await inWords(errors));
  else if (words.includes(error)) setText(where, say(`explore-refused.${error}`));
  else setText(where, say("explore-refused.broken", { error }));
}
