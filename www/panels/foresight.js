// @ts-check
/**
 * When a bad end became inevitable: from moments of the run many go on with another chance. How many
 * of them end badly stands in two rows under the belief strip, on its scale.
 */
import { html, set, setText, svg } from "../draw/dom.js";
import { formatExact } from "../draw/exact.js";
import { say } from "../draw/late-words.js";
import { Trials } from "../run/trials.js";
import { button, refuse, tries } from "./trial.js";

/** @typedef {import("../pkg/facts.js").Ahead} Ahead */
/** @typedef {import("../pkg/facts.js").Tally} Tally */
/** @typedef {"as_written"|"left_alone"} Way */

/** As the text goes on, and if nothing more is done. @type {readonly Way[]} */
const WAYS = ["as_written", "left_alone"];
const ROW_PX = 14;
/** How wide a row is in its own units: of microseconds there are more than browsers draw. */
const WIDE = 1_000;

export class Foresight {
  /** @param {{seek: (time_us: number) => void}} commands */
  constructor({ seek }) {
    this.seek = seek;
    /** Of the run on the page. */
    this.asked = "";
    /** Of the one that it looks into. */
    this.text = "";
    this.until_us = 0;
    /** @type {Ahead[]} */
    this.found = [];
    this.trials = new Trials((message) => this.told(message));
    this.progress = tries();
    this.start = button("foresight.start", () => this.toggle());
    this.results = html("div", { class: "explore-results" });
    this.rows = html("div", { class: "foresight", hidden: true });
    /** What the panel holds of it. */
    this.parts = [
      html("h2", { class: "small-heading" }, say("foresight.title")),
      html("p", { class: "soft" }, say("foresight.about")),
      html("div", { class: "opened-tools" }, this.start),
      this.progress.bar,
      this.progress.state,
      this.results,
    ];
  }

  /** @param {import("../run/panels.js").Frame} frame */
  update({ text, plan }) {
    if (text !== this.text && this.text) this.forget();
    [this.asked, this.until_us] = [text, plan.until_us];
  }

  /** What was found is of another run. */
  forget() {
    this.trials.end();
    this.progress.end("");
    setText(this.start, say("foresight.start"));
    [this.text, this.found] = ["", []];
    this.draw();
  }

  toggle() {
    if (this.trials.isRunning) {
      this.trials.end();
      this.ended(false);
      return;
    }
    if (!this.asked) return;
    this.forget();
    this.text = this.asked;
    setText(this.start, say("explore.cancel"));
    this.progress.begin();
    this.trials.begin({ kind: "ahead", text: this.text });
  }

  /** @param {any} message of the worker */
  told(message) {
    const { kind } = message;
    if (kind === "begun") {
      this.progress.all = message.all;
      this.progress.tell(0);
    } else if (kind === "failed") {
      void refuse(this.progress.state, message);
      this.progress.end();
      setText(this.start, say("foresight.start"));
    } else {
      const before = this.found.length;
      this.found = message.found;
      if (this.found.length > before) this.draw();
      if (kind === "done") this.ended(true);
      else this.progress.tell(message.done);
    }
  }

  /** @param {boolean} isWhole */
  ended(isWhole) {
    setText(this.start, say("foresight.start"));
    const words = claimOf(this.found);
    const stopped = say("foresight.stopped", { count: this.found.length });
    this.progress.end(isWhole ? words : `${stopped}${say("list.gap")}${words}`);
  }

  draw() {
    set(this.rows, "hidden", !this.found.length);
    if (!this.found.length) {
      this.rows.replaceChildren();
      this.results.replaceChildren();
      return;
    }
    const served = document.querySelector(".served");
    if (served && !this.rows.isConnected) served.prepend(this.rows);
    this.rows.replaceChildren(...WAYS.flatMap((way) => this.row(way)));
    this.results.replaceChildren(this.table());
  }

  /**
   * How likely it is, from each moment until the next that was looked at.
   *
   * @param {Way} way
   */
  row(way) {
    const { found, until_us } = this;
    const x = (/** @type {number} */ time_us) => (time_us / until_us) * WIDE;
    const parts = found.map((ahead, place) => {
      const to_us = found[place + 1]?.at_us ?? until_us;
      const { outages, tried, unknown } = ahead[way];
      const box = { x: x(ahead.at_us), width: x(to_us - ahead.at_us) };
      const [height, rest] = [outages / tried, unknown / tried];
      const words = svg("title", {}, tallied(ahead.at_us, ahead[way]));
      return svg(
        "g",
        {},
        words,
        svg("rect", { class: "track", ...box, y: 0, height: 1 }),
        svg("rect", { class: "unknown", ...box, y: 1 - height - rest, height: rest }),
        svg("rect", { class: "outage", ...box, y: 1 - height, height }),
      );
    });
    const picture = svg(
      "svg",
      {
        viewBox: `0 0 ${WIDE} 1`,
        preserveAspectRatio: "none",
        height: ROW_PX,
        role: "img",
        "aria-label": `${say(`foresight.${way}`)}: ${claimOf(found)}`,
      },
      ...parts,
    );
    return [html("span", { class: "requests-name" }, say(`foresight-row.${way}`)), picture];
  }

  /** The same for those who read it, and ways to the moments. */
  table() {
    const heading = (/** @type {string} */ key) => html("th", { scope: "col" }, say(key));
    const rows = this.found.map((ahead) => {
      const jump = html("button", { type: "button", class: "pill" }, moment(ahead.at_us));
      jump.addEventListener("click", () => this.seek(ahead.at_us));
      const cells = WAYS.map((way) => html("td", { class: "number" }, shareOf(ahead[way])));
      return html("tr", {}, html("th", { scope: "row" }, jump), ...cells);
    });
    const head = ["foresight.moment", ...WAYS.map((way) => `foresight.${way}`)];
    return html(
      "table",
      { class: "explore-table" },
      html("caption", {}, say("foresight.table")),
      html("thead", {}, html("tr", {}, ...head.map(heading))),
      html("tbody", {}, ...rows),
    );
  }
}

/** As exactly as moments are apart. @param {number} time_us */
const moment = (time_us) => formatExact(time_us, 3);

/** @param {Tally} tally */
function shareOf({ outages, tried, unknown }) {
  return say(unknown ? "foresight.share-unknown" : "foresight.share", { outages, tried, unknown });
}

/**
 * @param {number} at_us
 * @param {Tally} tally
 */
const tallied = (at_us, tally) =>
  say("foresight.tallied", { at: moment(at_us), share: shareOf(tally) });

/**
 * The first moment from which all end badly either way, beside the moment before it; no more than
 * was tried.
 *
 * @param {readonly Ahead[]} found
 */
export function claimOf(found) {
  if (!found.length) return say("foresight.nothing");
  const isAll = (/** @type {Tally} */ { outages, tried }) => outages === tried;
  const first = found.findIndex((ahead) => WAYS.every((way) => isAll(ahead[way])));
  const unknown = WAYS.flatMap((way) => found.map((ahead) => ahead[way].unknown)).reduce(
    (sum, one) => sum + one,
  );
  const known = first < 0 ? mostOf(found) : inevitableSince(found, first);
  return unknown ? `${known}${say("list.gap")}${say("foresight.unknown", { unknown })}` : known;
}

/**
 * @param {readonly Ahead[]} found
 * @param {number} first
 */
function inevitableSince(found, first) {
  const { at_us, left_alone } = found[first];
  const values = { at: moment(at_us), tried: left_alone.tried };
  if (!first) return say("foresight.from-start", values);
  const before = found[first - 1];
  return say("foresight.inevitable", {
    ...values,
    before: moment(before.at_us),
    written: before.as_written.outages,
    left: before.left_alone.outages,
  });
}

/** @param {readonly Ahead[]} found of which none is all either way */
function mostOf(found) {
  const [written, left] = WAYS.map((way) => Math.max(...found.map((one) => one[way].outages)));
  const values = { count: found.length, tried: found[0].left_alone.tried, written, left };
  return say(written || left ? "foresight.at-most" : "foresight.none", values);
}
