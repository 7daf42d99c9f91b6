// @ts-check
/**
 * The run, played many times with other faults: which of them hurts most, and how few it takes. And
 * what of its text its outcome needs.
 */
import { html, set, setText } from "../draw/dom.js";
import { capital, formatSpan } from "../draw/format.js";
import { UNKNOWN, heatOf, unheat, warm } from "../draw/heat.js";
import { say } from "../draw/late-words.js";
import { PLACE, Trials } from "../run/trials.js";
import { Foresight } from "./foresight.js";
import { button, refuse, tries } from "./trial.js";

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../pkg/facts.js").Explored} Explored */

const FAULTS = ["cuts", "parts", "lies"];
const SIZES = ["1", "2", "3"];
const GOALS = ["stalled", "flapping", "unsafe"];
const OUTCOMES = ["unsafe", "stalled", "flapping", "recovered", "parted", "stable"];
/** As the command line has it. */
const AT_S = 5;
/** More rows than that nobody reads. */
const ROWS = 100;
const SECOND_US = 1e6;

class ExplorePanel {
  /**
   * @param {HTMLElement} host
   * @param {{edit: (words: string) => unknown, seek: (time_us: number) => void}} commands
   */
  constructor(host, { edit, seek }) {
    this.host = host;
    this.edit = edit;
    /** @type {Frame|null} */
    this.frame = null;
    this.isOpen = false;
    /** @type {import("../pkg/facts.js").Struck[]} */
    this.strikes = [];
    /** @type {Explored|null} */
    this.found = null;
    /** The texts of the run and of those that were opened of what was found. @type {Set<string>} */
    this.runs = new Set();
    /** True from when one is opened until it is there. */
    this.opening = false;
    /** What is drawn of it. */
    this.drawn = "";
    /** What is made short, and the shortest text so far. */
    this.asked = "";
    this.shorter = "";
    this.sets = new Trials((message) => this.told(message));
    this.short = new Trials((message) => this.toldShorter(message));
    this.faults = choice("explore.faults", FAULTS, (one) => say(`explore-faults.${one}`));
    this.size = choice("explore.size", SIZES, (one) => one);
    this.goal = choice("explore.goal", GOALS, (one) => say(`word.${one}`));
    this.at = secondsField();
    this.start = button("explore.start", () => this.toggle());
    this.progress = tries();
    this.results = html("div", { class: "explore-results" });
    this.results.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a")) this.opening = true;
    });
    this.shorten = button("explore.shorten", () => this.toggleShort());
    this.shortState = html("p", { class: "diagram-counts", role: "status" });
    this.take = button("explore.take", () => this.edit(this.shorter));
    this.foresight = new Foresight({ seek });
    this.assemble();
  }

  assemble() {
    set(this.take, "hidden", true);
    this.host.replaceChildren(
      html("h2", { class: "small-heading" }, say("explore.title")),
      html("p", { class: "soft" }, say("explore.about")),
      html(
        "div",
        { class: "opened-asked" },
        ...[this.faults, this.size, this.goal, this.at].map(({ label }) => label),
      ),
      html("div", { class: "opened-tools" }, this.start),
      this.progress.bar,
      this.progress.state,
      this.results,
      ...this.foresight.parts,
      html("h2", { class: "small-heading" }, say("explore.short-title")),
      html("p", { class: "soft" }, say("explore.short-about")),
      html("div", { class: "opened-tools" }, this.shorten, this.take),
      this.shortState,
    );
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    if (this.host.hidden) {
      if (this.isOpen) this.close();
      return;
    }
    const wasOpen = this.isOpen;
    // Who opens it sees it.
    if (!wasOpen) this.host.scrollIntoView({ block: "nearest" });
    this.isOpen = true;
    if (wasOpen && frame.changed !== "plan") return;
    const { text } = frame;
    this.foresight.update(frame);
    // Whatever is opened of what was found is one of its runs.
    if (this.opening) this.runs.add(text);
    this.opening = false;
    if (this.runs.size && !this.runs.has(text)) this.forget();
    if (this.asked && text !== this.asked && text !== this.shorter) this.forgetShort();
    this.warm();
  }

  /** What was found is of another run. */
  forget() {
    this.sets.end();
    this.progress.end("");
    setText(this.start, say("explore.start"));
    this.found = null;
    this.runs.clear();
    this.results.replaceChildren();
    unheat();
  }

  /** What was made short is another text. */
  forgetShort() {
    this.short.end();
    [this.asked, this.shorter] = ["", ""];
    set(this.take, "hidden", true);
    setText(this.shorten, say("explore.shorten"));
    setText(this.shortState, "");
  }

  /** Nobody waits for what is out of sight. */
  close() {
    this.isOpen = false;
    if (this.sets.isRunning) this.toggle();
    if (this.short.isRunning) this.toggleShort();
    if (this.foresight.trials.isRunning) this.foresight.toggle();
    unheat();
  }

  toggle() {
    if (this.sets.isRunning) {
      this.sets.end();
      this.ended("stopped");
      return;
    }
    const { frame } = this;
    // The browser says what is wrong with the field.
    if (!frame || !this.at.field.reportValidity()) return;
    const at_us = Math.round(Number(this.at.field.value) * SECOND_US);
    this.forget();
    this.runs.add(frame.text);
    this.drawn = "";
    setText(this.start, say("explore.cancel"));
    this.progress.begin();
    this.sets.begin({
      kind: "sets",
      text: frame.text,
      faults: this.faults.field.value,
      size: Number(this.size.field.value),
      goal: this.goal.field.value,
      at_us,
    });
  }

  /** @param {any} message of the worker */
  told(message) {
    const { kind } = message;
    if (kind === "begun") {
      [this.progress.all, this.strikes] = [message.all, message.strikes];
      this.progress.tell(0);
    } else if (kind === "failed") {
      void refuse(this.progress.state, message);
      this.ended();
    } else {
      this.found = message.found;
      this.draw();
      if (kind === "done") this.ended("done");
      else this.progress.tell(message.done);
    }
  }

  /** @param {"done"|"stopped"} [how] if none, it was said */
  ended(how) {
    setText(this.start, say("explore.start"));
    if (how && this.found) this.progress.end(capital(claimOf(this.found, how === "done")));
    else this.progress.end(how && say("explore.nothing-tried"));
  }

  draw() {
    const found = /** @type {Explored} */ (this.found);
    const drawn = JSON.stringify([found.singles.length, found.found]);
    // Who reads in it is not to lose the place.
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.results.replaceChildren(
      ...foundList(found),
      ...singlesTable(found),
      ...(found.singles.length ? [legend()] : []),
    );
    this.warm();
  }

  /** Each fault where it strikes, as hot as it hurts. */
  warm() {
    const { found, frame, strikes } = this;
    if (found && frame && this.isOpen) warm(found, strikes, frame.plan);
  }

  toggleShort() {
    const { frame } = this;
    if (this.short.isRunning) {
      this.short.end();
      setText(this.shorten, say("explore.shorten"));
      setText(this.shortState, say(this.shorter ? "explore.short-so-far" : "explore.short-none"));
      return;
    }
    if (!frame) return;
    [this.shorter, this.asked] = ["", frame.text];
    set(this.take, "hidden", true);
    setText(this.shorten, say("explore.cancel"));
    setText(this.shortState, say("explore.loading"));
    const words = Object.fromEntries(OUTCOMES.map((one) => [one, say(`word.${one}`)]));
    const title = say("explore.made-short", { outcome: PLACE });
    this.short.begin({ kind: "shrink", text: frame.text, title, words });
  }

  /** @param {any} message of the worker */
  toldShorter(message) {
    const { kind } = message;
    if (kind === "shorter") {
      this.shorter = message.text;
      const { actions, replays } = message;
      setText(this.shortState, say("explore.shorter", { actions, replays }));
    } else if (kind === "failed") {
      void refuse(this.shortState, message);
    } else {
      const { text, actions, replays, is_done } = message.shrunk;
      this.shorter = text;
      const [before, after] = actions;
      const same = text === this.asked ? "explore.short-same" : "explore.short";
      const key = is_done ? same : "explore.short-unfinished";
      setText(this.shortState, say(key, { before, after, replays }));
    }
    if (this.shorter && this.shorter !== this.asked) set(this.take, "hidden", false);
    if (kind !== "shorter") setText(this.shorten, say("explore.shorten"));
  }
}

/**
 * What is known of the smallest sets: no more than the search behind it.
 *
 * @param {Explored} found
 * @param {boolean} isTried all sets were tried
 */
function claimOf({ goal, smallest, sizes }, isTried) {
  const unknown = sizes.reduce((sum, size) => sum + size.unknown, 0);
  const tried = sizes.reduce((sum, size) => sum + size.tried, 0);
  const outcome = say(`word.${goal}`);
  const most = sizes.length - 1;
  if (smallest === null) {
    const key = !isTried ? "explore.none-so-far" : unknown ? "explore.none-known" : "explore.none";
    return say(key, { outcome, most, unknown, tried });
  }
  if (smallest === 0) return say("explore.already", { outcome });
  const fewer = sizes.slice(0, smallest).reduce((sum, size) => sum + size.unknown, 0);
  const sets = sizes[smallest]?.outcomes[goal] ?? 0;
  const key = fewer ? "explore.found-perhaps" : "explore.found";
  const claim = say(key, { outcome, size: smallest, sets, fewer });
  return isTried ? claim : `${claim} ${say("explore.stopped", { tried })}`;
}

/** @param {Explored} found */
function foundList({ found, smallest, at_us }) {
  if (!smallest) return [];
  const items = found
    .slice(0, ROWS)
    .map(({ faults, reached, alike, link }) =>
      html(
        "li",
        {},
        html("a", { href: address(link, at_us) }, faults.join(", ")),
        alike > 1 ? ` ${say("explore.alike", { reached, alike })}` : "",
      ),
    );
  return [html("ul", { class: "explore-found" }, ...items), ...moreThan(found.length)];
}

/** @param {Explored} found */
function singlesTable({ singles, at_us }) {
  if (!singles.length) return [];
  const heading = (/** @type {string} */ key) => html("th", { scope: "col" }, say(key));
  const rows = singles
    .slice(0, ROWS)
    .map((one) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, html("a", { href: address(one.link, at_us) }, one.fault)),
        html(
          "td",
          { "data-heat": one.outcome ? heatOf(one.outcome) : UNKNOWN },
          one.outcome ? say(`word.${one.outcome}`) : say("explore.unknown"),
        ),
        html("td", { class: "number" }, String(one.unserved)),
        html("td", { class: "number" }, formatSpan(one.longest_wait_us)),
      ),
    );
  const head = ["explore.fault", "explore.outcome", "explore.unserved", "explore.wait"];
  return [
    html(
      "table",
      { class: "explore-table" },
      html("caption", {}, say("explore.singles")),
      html("thead", {}, html("tr", {}, ...head.map(heading))),
      html("tbody", {}, ...rows),
    ),
    ...moreThan(singles.length),
  ];
}

/** What the colours in the picture mean. */
function legend() {
  const marks = OUTCOMES.filter((one) => heatOf(one) > 0).map((one) =>
    html("span", { class: "explore-mark", "data-heat": heatOf(one) }, say(`word.${one}`)),
  );
  const unknown = { class: "explore-mark", "data-heat": UNKNOWN };
  marks.push(html("span", unknown, say("explore.unknown")));
  return html("p", { class: "explore-legend" }, say("explore.legend"), " ", ...marks);
}

/** @param {number} count */
const moreThan = (count) =>
  count > ROWS ? [html("p", { class: "soft" }, say("explore.more", { count: count - ROWS }))] : [];

/**
 * The run, from where the faults come.
 *
 * @param {string} link
 * @param {number} at_us
 */
const address = (link, at_us) => `${link}&t=${at_us / SECOND_US}`;

/**
 * @param {string} key
 * @param {readonly string[]} values
 * @param {(value: string) => string} words
 */
function choice(key, values, words) {
  const options = values.map((value) => html("option", { value }, words(value)));
  const field = /** @type {HTMLSelectElement} */ (html("select", {}, ...options));
  return { field, label: html("label", {}, html("span", {}, say(key)), field) };
}

function secondsField() {
  const options = { type: "number", min: "0", step: "any", required: "", value: String(AT_S) };
  const field = /** @type {HTMLInputElement} */ (html("input", options));
  return { field, label: html("label", {}, html("span", {}, say("explore.at")), field) };
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof ExplorePanel>[1]} commands
 */
export const open = (host, commands) => new ExplorePanel(host, commands);
