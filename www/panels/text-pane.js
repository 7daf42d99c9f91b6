// @ts-check
/** The scenario as text: edited by hand, following clicks, with errors where they are. */
import { diagnosticsInWords } from "../draw/diagnostics.js";
import { html, setText } from "../draw/dom.js";
import { join } from "../draw/join.js";
import { say, tell } from "../draw/late-words.js";
import { diagnosticsOf } from "../run/engine.js";
import { Editor } from "./editor.js";
import { PlainEditor } from "./plain-editor.js";

/** @typedef {import("../pkg/facts.js").Diagnostic} Diagnostic */
/** @typedef {import("../pkg/facts.js").ExpectationView} Expectation */

const DELAY_MS = 350;
/** As many as the engine tells of. */
const ERRORS_MAX = 20;

/**
 * Whether a run came out as its author expects: "passed", "failed" or, as long as it runs,
 * "unknown".
 *
 * @param {import("../pkg/facts.js").Strip|null} strip
 */
function verdictOf(strip) {
  const expected = strip?.outcome?.expected;
  if (expected === undefined || expected === null) return "unknown";
  return expected ? "passed" : "failed";
}

/**
 * What a diagnostic is about, in a text cut into lines, in UTF-16 units as an editor counts. Columns
 * count code points from 1.
 *
 * @param {readonly string[]} lines
 * @param {Pick<Diagnostic, "line"|"column"|"length">} error
 * @returns {{from: number, to: number}}
 */
export function stretchOf(lines, { line, column, length }) {
  const own = [...(lines[line - 1] ?? "")];
  const last = lines.reduce((sum, one) => sum + one.length + 1, 0) - 1;
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const before = own.slice(0, column - 1).join("").length;
  const about = own.slice(column - 1, column - 1 + length).join("").length;
  const from = Math.min(last, start + before);
  return { from, to: Math.min(last, from + about) };
}

/**
 * @param {string} key of what stands on it
 * @param {string} hint
 * @param {() => void} press
 */
function pill(key, hint, press) {
  const button = html("button", { type: "button", class: "pill", title: hint || null }, say(key));
  button.addEventListener("click", press);
  return button;
}

export class TextPane {
  /**
   * @param {HTMLElement} host
   * @param {object} actions
   * @param {(text: string) => Diagnostic[]} actions.check
   * @param {(text: string) => unknown} actions.edit
   * @param {(text: string) => Promise<string>} actions.format
   * @param {() => string} actions.original the text as it was opened
   * @param {() => void} actions.begin
   * @param {() => void} actions.open
   * @param {() => readonly {name: string, kind: string}[]} actions.parts of the run's plan
   * @param {import("./editor.js").CodeMirror|string} code what the editor is made of, or why it
   *   has not come
   */
  constructor(host, actions, code) {
    this.host = host;
    this.actions = actions;
    this.valid = true;
    this.timer = 0;
    /** What it is compared with. @type {string|null} */
    this.original = null;
    /** @type {readonly Expectation[]} */
    this.expectations = [];
    this.verdict = /** @type {"passed"|"failed"|"unknown"} */ ("unknown");
    this.state = html("p", { class: "text-state", id: "text-state" });
    this.told = html("p", { class: "text-told", role: "status", hidden: true });
    this.list = html("ul", { class: "error-list" });
    this.expected = html("p", { class: "expected", role: "status", hidden: true });
    this.changes = pill("text.changes", say("text.changes-hint"), () => this.toggleChanges());
    this.changes.setAttribute("aria-pressed", "false");
    const room = html("div", { class: "editor" });
    host.replaceChildren(this.head(), this.tools(), room, this.told, this.expected, this.state);
    host.append(this.list);
    const options = {
      parent: room,
      label: say("text.label"),
      described: this.state.id,
      onInput: () => this.typed(),
      onFormat: () => void this.format(),
      check: actions.check,
      parts: actions.parts,
    };
    this.editor = typeof code === "string" ? new PlainEditor(options) : new Editor(code, options);
    if (typeof code === "string") {
      this.changes.hidden = true;
      this.tell(say("text.plain", { error: code }));
    }
  }

  head() {
    const attributes = { class: "pill", href: say("page.language-page"), target: "_blank" };
    const help = html(
      "a",
      { ...attributes, rel: "noopener", "aria-label": say("text.language") },
      "?",
    );
    const close = html(
      "button",
      { type: "button", class: "icon", "aria-label": say("text.close") },
      "✕",
    );
    close.addEventListener("click", () => this.host.dispatchEvent(new Event("close")));
    return html("div", { class: "pane-head" }, html("h2", {}, say("text.title")), help, close);
  }

  tools() {
    const { begin, open } = this.actions;
    return html(
      "div",
      { class: "pane-tools" },
      pill("text.new", "", () => begin()),
      pill("text.open", say("text.drop"), () => open()),
      pill("text.format", say("text.format-hint"), () => void this.format()),
      this.changes,
    );
  }

  get text() {
    return this.editor.text;
  }

  /** True while the user's text is not yet that of the run. */
  get dirty() {
    return !this.valid || this.timer !== 0;
  }

  /** Says what is not said by the text itself; nothing takes it away. @param {string} words */
  tell(words) {
    this.told.hidden = !words;
    setText(this.told, words);
  }

  /**
   * Shows the run's text, unless the user is in the middle of one that does not parse yet.
   *
   * @param {string} text
   */
  setText(text) {
    if (this.dirty) {
      setText(this.state, this.valid ? "" : say("text.wrong"));
      return;
    }
    if (!this.editor.has(text)) this.editor.replace(text);
    this.report([]);
  }

  /** What was typed becomes the run, if it can; true if it cannot. */
  settle() {
    if (this.timer) {
      window.clearTimeout(this.timer);
      this.timer = 0;
      this.actions.edit(this.text);
    }
    return !this.valid;
  }

  /**
   * Another text takes the place of this one. What was typed becomes the run first, if it can.
   *
   * @returns {string} what was typed and cannot run
   */
  leave() {
    const draft = this.settle() ? this.text : "";
    this.valid = true;
    return draft;
  }

  /** @param {string} text as if it had been typed */
  put(text) {
    this.editor.focus();
    this.editor.replace(text, true);
  }

  typed() {
    window.clearTimeout(this.timer);
    if (this.original === null) this.tell("");
    const { text } = this;
    const errors = this.actions.check(text);
    this.report(errors);
    this.timer = errors.length
      ? 0
      : window.setTimeout(() => {
          this.timer = 0;
          this.actions.edit(this.text);
        }, DELAY_MS);
  }

  /** The text in its canonical form, in one step. */
  async format() {
    const { text } = this;
    if (this.actions.check(text).length) return this.tell(say("text.format-errors"));
    try {
      const formatted = await this.actions.format(text);
      // Whoever writes on meanwhile is not interrupted.
      if (this.text !== text) return;
      const isSame = this.editor.has(formatted);
      if (!isSame) this.editor.replace(formatted, true);
      this.tell(say(isSame ? "text.format-same" : "text.formatted"));
    } catch (error) {
      const errors = diagnosticsOf(error);
      this.tell(errors ? diagnosticsInWords(errors) : String(error));
    }
  }

  /** Shows what has changed since the text was opened, or no longer. */
  toggleChanges() {
    const shows = this.original === null;
    this.changes.setAttribute("aria-pressed", String(shows));
    this.original = null;
    if (!(this.editor instanceof Editor)) return;
    if (shows) {
      this.compare();
      const [first] = this.editor.differences;
      if (first !== undefined) this.editor.show(first);
    } else {
      this.editor.compare(null);
      this.tell("");
    }
  }

  /** What it is compared with is another, if it is compared at all. */
  compareAgain() {
    if (this.original !== null) this.compare();
  }

  /** Compares with the text as it was opened. */
  compare() {
    if (!(this.editor instanceof Editor)) return;
    const original = this.actions.original();
    if (this.original !== original) this.editor.compare(original);
    this.original = original;
    const count = this.editor.differences.length;
    this.tell(count ? say("text.changed", { count }) : say("text.unchanged"));
  }

  /** @param {readonly Diagnostic[]} errors */
  report(errors) {
    this.valid = errors.length === 0;
    this.mark(errors);
    this.compareAgain();
    setText(
      this.state,
      errors.length ? say("text.errors", { count: errors.length }) : say("text.valid"),
    );
    join(
      this.list,
      errors.slice(0, ERRORS_MAX),
      (_, index) => index,
      () => {
        const button = html("button", { type: "button" });
        return html("li", {}, button);
      },
      (item, error) => {
        const button = /** @type {HTMLButtonElement} */ (item.firstElementChild);
        setText(button, `${error.line}:${error.column} ${tell("diagnostic", error.fact)}`);
        button.onclick = () => this.goTo(error);
      },
    );
  }

  /**
   * What the author expects, and how it came out.
   *
   * @param {readonly Expectation[]} expectations
   * @param {import("../pkg/facts.js").Strip|null} strip
   */
  setExpectations(expectations, strip) {
    const verdict = verdictOf(strip);
    const same =
      verdict === this.verdict &&
      JSON.stringify(expectations) === JSON.stringify(this.expectations);
    if (same) return;
    this.expectations = expectations;
    this.verdict = verdict;
    const own = expectations.find(({ applies }) => applies);
    this.expected.hidden = expectations.length === 0;
    this.expected.dataset.state = own ? verdict : "elsewhere";
    const others = expectations.length - (own ? 1 : 0);
    const more = others ? say("text.others", { count: others }) : "";
    setText(
      this.expected,
      own
        ? say("text.expected", { line: own.line, text: own.text, verdict }) + more
        : say("text.not-expected") + more,
    );
    if (!this.dirty) this.mark([]);
  }

  /** @param {readonly Diagnostic[]} errors */
  mark(errors) {
    const lines = errors.length ? this.text.split("\n") : [];
    const marks = errors.map((error) => ({
      ...stretchOf(lines, error),
      message: tell("diagnostic", error.fact),
    }));
    const wrong = [...new Set(errors.map(({ line }) => line))];
    const verdicts = this.expectations.map(({ line, applies }) => ({
      line,
      state: applies ? this.verdict : "elsewhere",
    }));
    this.editor.mark(
      marks,
      errors.length ? wrong.map((line) => ({ line, state: "wrong" })) : verdicts,
    );
  }

  /** @param {Diagnostic} error */
  goTo(error) {
    const { from, to } = stretchOf(this.text.split("\n"), error);
    this.editor.select(from, to);
  }
}
