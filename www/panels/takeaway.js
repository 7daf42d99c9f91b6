// @ts-check
/** What others read, see or scan of a run: a section of Share, which is loaded when it is opened. */
import { html, set, setText } from "../draw/dom.js";
import { formatTime } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { saveFile } from "../draw/save.js";
import { inWords } from "../run/session.js";
import { Trials } from "../run/trials.js";
import { fileName } from "./snippet.js";

/** @typedef {import("./share.js").Described} Described */

const SECOND_US = 1e6;

/**
 * What other tools read, by the names of the command line: what the file is called, and whether it
 * may be of several groups.
 *
 * @type {ReadonlyMap<string, {end: string, type: string, isOfGroup?: boolean}>}
 */
const TOOLS = new Map([
  ["mermaid", { end: "sequence.mmd", type: "text/plain;charset=utf-8", isOfGroup: true }],
  ["shiviz", { end: "shiviz.log", type: "text/plain;charset=utf-8", isOfGroup: true }],
  ["history", { end: "history.jsonl", type: "application/jsonl" }],
  ["messages", { end: "messages.csv", type: "text/csv;charset=utf-8", isOfGroup: true }],
  ["jsonl", { end: "events.jsonl", type: "application/jsonl" }],
  ["csv", { end: "events.csv", type: "text/csv;charset=utf-8" }],
]);

/** How ShiViz is to read the log. */
const EXPRESSION = "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)";

export class TakeAway {
  /** @param {() => Described|undefined} told what is shared */
  constructor(told) {
    this.told = told;
    this.trials = new Trials((message) => void this.tell(message));
    this.what = choice("take.what", []);
    this.from = seconds("take.from", { value: "0" });
    this.to = seconds("take.to", { placeholder: say("take.end") });
    this.group = choice("take.group", []);
    this.about = html("p", { class: "soft" });
    this.save = button("take.save", () => void this.toggle());
    this.bar = /** @type {HTMLProgressElement} */ (
      html("progress", { hidden: true, max: 1000, "aria-label": say("take.running") })
    );
    this.state = html("p", { class: "share-length", role: "status" });
    this.element = html(
      "section",
      { class: "takeaway", "aria-label": say("take.title") },
      html("h3", {}, say("take.title")),
      html(
        "div",
        { class: "share-options" },
        ...[this.what, this.from, this.to, this.group].map(({ label }) => label),
      ),
      this.about,
      html("p", { class: "takeaway-acts" }, this.save),
      this.bar,
      this.state,
    );
    this.what.field.append(
      optgroup(
        "take.tools",
        [...TOOLS.keys()].map((form) => option(form, say(`take-form.${form}`))),
      ),
    );
    this.what.field.addEventListener("change", () => this.show());
    this.refresh();
  }

  /** Another run is shared, or this one again. */
  refresh() {
    const plan = this.told()?.plan;
    if (!plan) return;
    this.cancel();
    const names = plan.groups.map(({ name }, number) => option(`${number}`, name));
    this.group.field.replaceChildren(option("", say("take.all-groups")), ...names);
    this.group.field.value = `${plan.shown}`;
    for (const { field } of [this.from, this.to]) set(field, "max", plan.until_us / SECOND_US);
    this.show();
  }

  /** What is asked of the form that is chosen. */
  show() {
    const form = this.what.field.value;
    const groups = this.told()?.plan.groups ?? [];
    const isOfGroup = TOOLS.get(form)?.isOfGroup ?? false;
    set(this.group.label, "hidden", groups.length < 2);
    set(this.group.field.options[0], "hidden", isOfGroup);
    if (isOfGroup && !this.group.field.value)
      this.group.field.value = `${this.told()?.plan.shown ?? 0}`;
    setText(this.about, say(`take-about.${form}`, { expression: EXPRESSION }));
    setText(this.state, "");
  }

  toggle() {
    if (this.trials.isRunning) {
      this.cancel();
      setText(this.state, say("take.cancelled"));
      return;
    }
    const run = this.told();
    if (!run) return;
    const stretch = this.stretch(run.plan.until_us);
    if (!stretch) return;
    this.begun(say("take.loading"));
    this.trials.begin({
      kind: "take",
      text: run.text,
      form: this.what.field.value,
      ...stretch,
      until_us: run.plan.until_us,
      group: this.group.field.value ? Number(this.group.field.value) : null,
      words: /** @type {any} */ (globalThis).halflinkWords,
    });
  }

  /**
   * From when to when; null if it is none, and then it says so.
   *
   * @param {number} until_us
   */
  stretch(until_us) {
    const micros = (/** @type {HTMLInputElement} */ { value }) =>
      Math.round(Number(value) * SECOND_US);
    const from_us = micros(this.from.field);
    const to_us = this.to.field.value.trim() ? micros(this.to.field) : null;
    const last_us = to_us ?? until_us;
    const isRight = [from_us, last_us].every((at) => at >= 0 && at <= until_us);
    if (isRight && from_us <= last_us) return { from_us, to_us };
    const key = isRight ? "take-refused.order" : "take-refused.after";
    setText(this.state, say(key, { until: formatTime(until_us) }));
    return null;
  }

  /** @param {string} words */
  begun(words) {
    setText(this.save, say("take.cancel"));
    setText(this.state, words);
    set(this.what.field, "disabled", true);
  }

  ended() {
    set(this.bar, "hidden", true);
    set(this.what.field, "disabled", null);
    setText(this.save, say("take.save"));
  }

  /** Whatever is not ready is given up. */
  cancel() {
    this.trials.end();
    this.ended();
  }

  /** @param {any} message of the worker */
  async tell(message) {
    const { kind } = message;
    if (kind === "played") {
      set(this.bar, "hidden", false);
      set(this.bar, "value", message.thousandths);
      setText(this.state, say("take.playing"));
      return;
    }
    this.ended();
    if (kind === "failed") {
      setText(this.state, await whyNot(message));
      return;
    }
    const { end, type } = /** @type {{end: string, type: string}} */ (
      TOOLS.get(this.what.field.value)
    );
    const file = `${fileName(this.told()?.plan.title ?? "")}-${end}`;
    saveFile(file, message.content, type);
    const { more, ended, end_us } = message;
    const said = [say("share.saved", { file })];
    if (more) said.push(say("take.cut", { ...more, to: exact(end_us) }));
    if (ended) said.push(say("take.ended", { why: ended }));
    setText(this.state, said.join(say("list.gap")));
  }
}

/**
 * Why there is nothing, in words.
 *
 * @param {{why: any, error: string}} message of the worker
 */
async function whyNot({ why, error }) {
  if (why?.errors) return inWords(why.errors);
  if (why?.refused !== "many") return say("take-refused.broken", { error });
  const fits = why.fits_us === null ? "" : exact(why.fits_us);
  return say(fits ? "take-refused.fits" : "take-refused.many", { ...why, fits });
}

/** In seconds, as the fields have it. @param {number} time_us */
const exact = (time_us) => `${time_us / SECOND_US}`;

/**
 * @param {string} key of what it is called
 * @param {() => void} act
 */
function button(key, act) {
  const made = html("button", { type: "button", class: "pill" }, say(key));
  made.addEventListener("click", act);
  return made;
}

/**
 * @param {string} value
 * @param {string} words
 */
const option = (value, words) => html("option", { value }, words);

/**
 * @param {string} key
 * @param {HTMLElement[]} options
 */
const optgroup = (key, options) => html("optgroup", { label: say(key) }, ...options);

/**
 * @param {string} key
 * @param {HTMLElement[]} options
 */
function choice(key, options) {
  const field = /** @type {HTMLSelectElement} */ (html("select", {}, ...options));
  return { field, label: html("label", {}, html("span", {}, say(key)), field) };
}

/**
 * @param {string} key
 * @param {import("../draw/dom.js").Attributes} attributes
 */
function seconds(key, attributes) {
  const options = { type: "number", min: "0", step: "any", ...attributes };
  const field = /** @type {HTMLInputElement} */ (html("input", options));
  return { field, label: html("label", {}, html("span", {}, say(key)), field) };
}
