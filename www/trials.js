// @ts-check
/**
 * Plays a run many times, apart from the page, which goes on meanwhile. It does one thing that it is
 * asked for, tells how far it is, and ends when it is terminated.
 */

import { Catalogue } from "./draw/words.js";

/** @typedef {import("./run/trials.js").SetsTask} SetsTask */
/** @typedef {import("./run/trials.js").ShrinkTask} ShrinkTask */
/** @typedef {import("./run/trials.js").AheadTask} AheadTask */
/** @typedef {import("./run/trials.js").TakeTask} TakeTask */

/** So often it tells how far it is. */
const TELL_MS = 250;

const page = /** @type {Worker} */ (/** @type {unknown} */ (self));

/** @typedef {typeof import("./pkg/halflink-production.js")} Engine */

/**
 * Every set of faults, one after the other.
 *
 * @param {Engine} engine
 * @param {SetsTask} task
 */
function trySets({ Exploration }, { text, faults, size, goal, at_us }) {
  const search = new Exploration(text, faults, size, goal, at_us);
  page.postMessage({ kind: "begun", all: search.sets(), strikes: search.strikes() });
  goThrough(search);
}

/**
 * From each of many moments of a run many that go on.
 *
 * @param {Engine} engine
 * @param {AheadTask} task
 */
function lookAhead({ Foresight }, { text }) {
  const search = new Foresight(text);
  page.postMessage({ kind: "begun", all: search.replays() });
  goThrough(search);
}

/** @param {{advance: () => boolean, found: () => unknown}} search */
function goThrough(search) {
  let told_ms = performance.now();
  for (let done = 1; search.advance(); done += 1) {
    if (performance.now() - told_ms < TELL_MS) continue;
    page.postMessage({ kind: "found", done, found: search.found() });
    told_ms = performance.now();
  }
  page.postMessage({ kind: "done", found: search.found() });
}

/**
 * What of a text its outcome needs.
 *
 * @param {Engine} engine
 * @param {ShrinkTask} task
 */
function makeShort({ shrink }, { text, title, words }) {
  const called = (/** @type {string[]} */ outcomes) =>
    title.replace("*", outcomes.map((one) => words[one]).join(", "));
  const tell = (/** @type {string} */ text, /** @type {number} */ actions, replays = 0) =>
    page.postMessage({ kind: "shorter", text, actions, replays });
  page.postMessage({ kind: "done", shrunk: shrink(text, called, tell) });
}

/**
 * What other tools read of a run, told by the page's words. Where it is too much, and its reader has
 * not said up to when, as much as there may be.
 *
 * @param {Engine} engine
 * @param {TakeTask} task
 */
function takeAway({ Run, take_away }, { text, form, from_us, to_us, until_us, group, words }) {
  const catalogue = new Catalogue(words);
  const run = new Run(text);
  const plans = run.plan().groups.map((_, number) => {
    run.peek_group(number);
    return run.plan();
  });
  run.free();
  const speak = (
    /** @type {number} */ number,
    /** @type {string} */ room,
    /** @type {any} */ fact,
  ) => catalogue.tell(room, fact, plans[number]);
  let told_ms = performance.now();
  const watch = (/** @type {number} */ thousandths) => {
    if (performance.now() - told_ms < TELL_MS) return;
    page.postMessage({ kind: "played", thousandths });
    told_ms = performance.now();
  };
  /** @type {any} */
  let more = null;
  let end_us = to_us ?? until_us;
  for (;;) {
    try {
      const taken = take_away(text, form, from_us, end_us, group ?? undefined, speak, watch);
      const [content, ended] = taken;
      // Who has said up to when decides what to do.
      if (more && to_us !== null) throw { ...more, fits_us: end_us };
      page.postMessage({ kind: "done", content: new Blob([content]), ended, end_us, more });
      return;
    } catch (/** @type {any} */ why) {
      if (why?.refused !== "many" || why.fits_us === null || why.fits_us === end_us) throw why;
      end_us = why.fits_us;
      // A run may have too many messages, and what is left of it too many lines: the last bound is
      // the one that it goes up to.
      more = why;
    }
  }
}

page.onmessage = async ({ data }) => {
  try {
    const address = new URL("pkg/halflink-production.js", location.href).href;
    const engine = /** @type {Engine} */ (await import(address));
    await engine.default();
    if (data.kind === "sets") trySets(engine, data);
    else if (data.kind === "ahead") lookAhead(engine, data);
    else if (data.kind === "take") takeAway(engine, data);
    else makeShort(engine, data);
  } catch (error) {
    // A word of the engine's, what is wrong with a text, why there is nothing, or a failure.
    const isTold = typeof error === "object" && error !== null && !(error instanceof Error);
    const why = isTold ? error : null;
    page.postMessage({ kind: "failed", why, error: String(error) });
  }
};
