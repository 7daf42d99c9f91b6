// @ts-check
/** What others read, see or scan of a run: a section of Share, which is loaded when it is opened. */
import { html, set, setText } from "../draw/dom.js";
import { formatTime } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { pngOf } from "../draw/raster.js";
import { saveFile } from "../draw/save.js";
import { FRAMES_MOST, framesOf, webmHere } from "../run/film.js";
import { inWords } from "../run/session.js";
import { Trials } from "../run/trials.js";
import { fileName } from "./snippet.js";
import {
  LEVELS,
  copies,
  copyPicture,
  diagramCanvas,
  filmOf,
  pictureOf,
  qrCanvas,
  qrOf,
} from "./takeaway-pictures.js";
import { Progress, button } from "./trial.js";

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

const FILMS = ["gif", "webm"];
const WIDTHS = ["640", "960", "1280"];
const SPEEDS = ["0.1", "0.5", "1", "2", "4", "10", "30"];

/** Which fields each form has. */
const FIELDS = {
  tool: ["from", "to", "group"],
  png: ["shows", "theme"],
  qr: ["level"],
  film: ["from", "to", "shows", "theme", "speed", "width"],
};

/** @param {string} form */
const fieldsOf = (form) =>
  TOOLS.has(form) ? FIELDS.tool : (FIELDS[/** @type {"png"|"qr"} */ (form)] ?? FIELDS.film);

export class TakeAway {
  /**
   * @param {() => Described|undefined} told what is shared
   * @param {() => string} link as Share shows it
   */
  constructor(told, link) {
    this.told = told;
    this.link = link;
    this.trials = new Trials((message) => void this.tell(message));
    /** Whoever makes a film. @type {AbortController|undefined} */
    this.filming = undefined;
    /** True while a picture is drawn. */
    this.drawing = false;
    /** Which question about the link is the last. */
    this.asked = 0;
    this.what = choice("take.what", []);
    /** @type {Record<string, ReturnType<typeof choice>|ReturnType<typeof seconds>>} */
    this.fields = {
      from: seconds("take.from", { value: "0" }),
      to: seconds("take.to", { placeholder: say("take.end") }),
      group: choice("take.group", []),
      shows: choice("share.shows", []),
      theme: choice(
        "share.colours",
        ["light", "dark"].map((one) => option(one, say(`share.${one}`))),
      ),
      level: choice(
        "take.level",
        LEVELS.map((one) => option(one, say(`take-level.${one}`))),
      ),
      speed: choice(
        "share.speed",
        SPEEDS.map((one) => option(one, `${one}×`)),
      ),
      width: choice(
        "take.width",
        WIDTHS.map((one) => option(one, one)),
      ),
    };
    this.about = html("p", { class: "soft", role: "status" });
    this.save = button("take.save", () => void this.toggle());
    this.saveSvg = button("take.save-svg", () => void this.saveQr());
    this.copy = button("take.copy", () => void this.copyPicture());
    this.progress = new Progress("take.running", ["take.frames", "take.frames-left"]);
    this.state = this.progress.state;
    this.state.className = "share-length";
    this.element = this.assemble();
    this.refresh();
  }

  assemble() {
    const drawn = ["png", "qr", "gif", ...(webmHere() ? ["webm"] : [])];
    this.what.field.append(
      optgroup("take.tools", [...TOOLS.keys()].map(formOption)),
      optgroup("take.pictures", drawn.map(formOption)),
    );
    const { theme, level, speed, width } = this.fields;
    theme.field.value = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    [level.field.value, speed.field.value, width.field.value] = ["medium", "1", "960"];
    const labels = [this.what, ...Object.values(this.fields)].map(({ label }) => label);
    const asked = html("div", { class: "share-options" }, ...labels);
    asked.addEventListener("change", () => {
      setText(this.state, "");
      void this.show();
    });
    return html(
      "section",
      { class: "takeaway", "aria-label": say("take.title") },
      html("h3", {}, say("take.title")),
      asked,
      this.about,
      html("p", { class: "takeaway-acts" }, this.save, this.saveSvg, this.copy),
      this.progress.bar,
      this.state,
    );
  }

  get form() {
    return this.what.field.value;
  }

  /** Another run is shared, or this one again, or by another link. */
  refresh() {
    const plan = this.told()?.plan;
    if (!plan) return;
    this.cancel();
    const { group, from, to } = this.fields;
    const names = plan.groups.map(({ name }, number) => option(`${number}`, name));
    group.field.replaceChildren(option("", say("take.all-groups")), ...names);
    group.field.value = `${plan.shown}`;
    for (const { field } of [from, to]) set(field, "max", plan.until_us / SECOND_US);
    setText(this.state, "");
    void this.show();
  }

  /** What is asked of the form that is chosen. */
  async show() {
    const { form, fields } = this;
    const told = this.told();
    if (!told) return;
    const wanted = fieldsOf(form);
    for (const [name, { label }] of Object.entries(fields))
      set(label, "hidden", !wanted.includes(name));
    const group = /** @type {HTMLSelectElement} */ (fields.group.field);
    const isOfGroup = TOOLS.get(form)?.isOfGroup ?? false;
    set(fields.group.label, "hidden", !wanted.includes("group") || told.plan.groups.length < 2);
    set(group.options[0], "hidden", isOfGroup);
    if (isOfGroup && !group.value) group.value = `${told.plan.shown}`;
    this.showWhat();
    set(this.saveSvg, "hidden", form !== "qr");
    set(this.copy, "hidden", !copies() || !["png", "qr"].includes(form));
    const asked = ++this.asked;
    const words = await this.aboutWords(form, told);
    if (asked === this.asked) setText(this.about, words);
  }

  /** What may be seen on a picture. */
  showWhat() {
    const field = /** @type {HTMLSelectElement} */ (this.fields.shows.field);
    const before = field.value || "logic";
    const figures = ["strip", "logic", "plant"].map((one) => option(one, say(`share.${one}`)));
    const isOpen = this.form === "png" && diagramCanvas() !== null;
    field.replaceChildren(...figures, ...(isOpen ? [option("diagram", say("take.diagram"))] : []));
    field.value = before;
    if (!field.value) field.value = "logic";
    // It is taken as it is seen.
    set(this.fields.theme.field, "disabled", field.value === "diagram");
  }

  /**
   * @param {string} form
   * @param {Described} told
   */
  async aboutWords(form, told) {
    if (form === "png") return say("take-about.png", { at: formatTime(told.time_us) });
    if (form === "qr") {
      try {
        return qrWords(await this.code(), this.level);
      } catch (error) {
        return say("take-refused.broken", { error: String(error) });
      }
    }
    if (!FILMS.includes(form)) return say(`take-about.${form}`, { expression: EXPRESSION });
    const { count } = this.frames(told.plan.until_us) ?? { count: 0 };
    const words = say(`take-about.${form}`, { count, most: FRAMES_MOST });
    return webmHere() ? words : `${words}${say("list.gap")}${say("take.no-webm")}`;
  }

  get level() {
    return /** @type {import("./takeaway-pictures.js").Level} */ (this.fields.level.field.value);
  }

  code() {
    return qrOf(this.link(), this.level);
  }

  toggle() {
    if (this.trials.isRunning || this.filming) {
      this.cancel();
      setText(this.state, say("take.cancelled"));
      return;
    }
    const run = this.told();
    if (!run) return;
    if (this.form === "png") void this.savePng();
    else if (this.form === "qr") void this.saveQr(true);
    else if (FILMS.includes(this.form)) void this.film(run);
    else this.take(run);
  }

  /** @param {Described} run */
  take(run) {
    const stretch = this.stretch(run.plan.until_us);
    if (!stretch) return;
    this.begun();
    const group = this.fields.group.field.value;
    this.trials.begin({
      kind: "take",
      text: run.text,
      form: this.form,
      ...stretch,
      until_us: run.plan.until_us,
      group: group ? Number(group) : null,
      words: /** @type {any} */ (globalThis).halflinkWords,
    });
  }

  /**
   * From when to when; null if it is none, and then it says so.
   *
   * @param {number} until_us
   */
  stretch(until_us) {
    const { from, to } = this.fields;
    // The browser says what is no number, and then it has no value.
    const isUnread = [from, to].find(({ field }) => field.validity.badInput);
    if (isUnread || !from.field.value.trim()) {
      setText(this.state, say("take-refused.after", { until: exact(until_us) }));
      return null;
    }
    const micros = (/** @type {string} */ value) => Math.round(Number(value) * SECOND_US);
    const from_us = micros(from.field.value);
    const to_us = to.field.value.trim() ? micros(to.field.value) : null;
    const last_us = to_us ?? until_us;
    const isRight = [from_us, last_us].every((at) => at >= 0 && at <= until_us);
    if (isRight && from_us <= last_us) return { from_us, to_us };
    const key = isRight ? "take-refused.order" : "take-refused.after";
    setText(this.state, say(key, { until: exact(until_us) }));
    return null;
  }

  /**
   * The moments of a film.
   *
   * @param {number} until_us
   */
  frames(until_us) {
    const stretch = this.stretch(until_us);
    if (!stretch) return null;
    const { from_us, to_us } = stretch;
    const speed = Number(this.fields.speed.field.value);
    const asked = framesOf(from_us, to_us ?? until_us, speed);
    // Who has not said up to when gets as much as there may be.
    const count = to_us === null ? Math.min(asked.count, FRAMES_MOST) : asked.count;
    return { count, step_us: asked.step_us, from_us, isCut: count < asked.count };
  }

  /** @param {number} [all] of how many frames, if it is a film */
  begun(all) {
    setText(this.save, say("take.cancel"));
    this.progress.begin(all);
    for (const { field } of [this.what, ...Object.values(this.fields)])
      set(field, "disabled", true);
  }

  ended() {
    this.progress.end();
    setText(this.save, say("take.save"));
    for (const { field } of [this.what, ...Object.values(this.fields)])
      set(field, "disabled", null);
    this.showWhat();
  }

  /** Whatever is not ready is given up. */
  cancel() {
    this.trials.end();
    this.filming?.abort();
    this.filming = undefined;
    this.ended();
  }

  /** @param {any} message of the worker */
  async tell(message) {
    const { kind } = message;
    if (kind === "played") {
      this.progress.show(message.thousandths, 1_000);
      setText(this.state, say("take.playing"));
      return;
    }
    this.ended();
    if (kind === "failed") {
      setText(this.state, await whyNot(message));
      return;
    }
    const { end, type } = /** @type {{end: string, type: string}} */ (TOOLS.get(this.form));
    const { more, ended, end_us } = message;
    const said = [this.keep(end, message.content, type)];
    if (more) said.push(say("take.cut", { ...more, to: exact(end_us) }));
    if (ended) said.push(say("take.ended", { why: ended }));
    setText(this.state, said.join(say("list.gap")));
  }

  /**
   * A file of this run; what is said of it.
   *
   * @param {string} end of its name
   * @param {Blob|string} content
   * @param {string} type
   */
  keep(end, content, type) {
    const file = `${fileName(this.told()?.plan.title ?? "")}-${end}`;
    saveFile(file, content, type);
    return say("share.saved", { file });
  }

  /** The picture that is chosen, and what it is called. */
  async drawn() {
    if (this.form === "qr") {
      const code = await this.code();
      if (!code.svg) throw new Error(qrWords(code, this.level));
      return { canvas: await qrCanvas(code), end: "qr.png" };
    }
    const run = /** @type {Described} */ (this.told());
    const what = /** @type {"strip"|"logic"} */ (this.fields.shows.field.value);
    const theme = /** @type {"light"} */ (this.fields.theme.field.value);
    const at = what === "strip" ? "" : `-${Math.round(run.time_us / 1e5) / 10}s`;
    return { canvas: await pictureOf(run, what, theme), end: `${what}${at}.png` };
  }

  async savePng() {
    // Who presses twice wants one.
    if (this.drawing) return;
    this.drawing = true;
    setText(this.state, say("share.drawing"));
    try {
      const { canvas, end } = await this.drawn();
      setText(this.state, this.keep(end, await pngOf(canvas), "image/png"));
    } catch (error) {
      setText(this.state, say("share.undrawn", { error: String(error) }));
    } finally {
      this.drawing = false;
    }
  }

  /** @param {boolean} [asPng] */
  async saveQr(asPng = false) {
    try {
      const code = await this.code();
      // It has been said that it holds too much.
      if (!code.svg) setText(this.state, qrWords(code, this.level));
      else if (asPng) await this.savePng();
      else setText(this.state, this.keep("qr.svg", code.svg, "image/svg+xml"));
    } catch (error) {
      setText(this.state, say("take-refused.broken", { error: String(error) }));
    }
  }

  async copyPicture() {
    try {
      await copyPicture(this.drawn().then(({ canvas }) => canvas));
      setText(this.state, say("take.copied"));
    } catch (error) {
      setText(this.state, say("take.not-copied", { error: String(error) }));
    }
  }

  /** @param {Described} run */
  async film(run) {
    const frames = this.frames(run.plan.until_us);
    if (!frames) return;
    const { count, step_us, from_us, isCut } = frames;
    if (count > FRAMES_MOST) {
      setText(this.state, say("take-refused.frames", { count, most: FRAMES_MOST }));
      return;
    }
    const filming = new AbortController();
    this.filming = filming;
    const { shows, theme, width } = this.fields;
    const looks = {
      what: /** @type {any} */ (shows.field.value),
      theme: /** @type {any} */ (theme.field.value),
    };
    this.begun(count);
    try {
      const made = await filmOf(run, looks, {
        kind: /** @type {"gif"|"webm"} */ (this.form),
        times_us: Array.from({ length: count }, (_, at) => from_us + at * step_us),
        width: Number(width.field.value),
        progress: (done) => this.progress.tell(done),
        signal: filming.signal,
      });
      const said = this.keep(`${looks.what}.${this.form}`, made.file, made.file.type);
      const size = { count, width: made.width, height: made.height };
      const told = [said, say("take.filmed", size)];
      const to = exact(from_us + (count - 1) * step_us);
      if (isCut) told.push(say("take.cut-frames", { to, most: FRAMES_MOST }));
      setText(this.state, told.join(say("list.gap")));
    } catch (error) {
      // Whoever cancelled has been told.
      if (filming.signal.aborted) return;
      setText(this.state, say("share.undrawn", { error: String(error) }));
    }
    if (this.filming !== filming) return;
    this.filming = undefined;
    this.ended();
  }
}

/**
 * How large a QR code is, or that it holds less than the link.
 *
 * @param {{bytes: number, most: number, side: number}} code
 * @param {string} level
 */
function qrWords(code, level) {
  if (code.side) return say("take-about.qr", { ...code, level: say(`take-level.${level}`) });
  return say(level === "low" ? "take-refused.qr" : "take-refused.qr-level", code);
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
 * @param {string} value
 * @param {string} words
 */
const option = (value, words) => html("option", { value }, words);

/** @param {string} form */
const formOption = (form) => option(form, say(`take-form.${form}`));

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
