// @ts-check
/** The scenario as text: edited by hand, following clicks, with errors where they are. */
import { html, setText } from "../draw/dom.js";
import { join } from "../draw/join.js";
import { say, tell } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").Diagnostic} Diagnostic */
/** @typedef {import("../pkg/facts.js").ExpectationView} Expectation */

const DELAY_MS = 350;
/** Lines wrap up to here; beyond, an element a line would cost a typist too much. */
const WRAPPED_LINES_MAX = 2_000;

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
 * A text cut into stretches that are wrong and stretches that are not.
 * Columns count code points from 1.
 *
 * @param {string} text
 * @param {readonly Diagnostic[]} errors
 * @returns {{text: string, error: boolean}[]}
 */
export function markErrors(text, errors) {
  /** @type {{text: string, error: boolean}[]} */
  const stretches = [];
  for (const [index, line] of text.split("\n").entries()) {
    const letters = [...line, "\n"];
    const wrong = new Set();
    for (const error of errors) {
      if (error.line !== index + 1) continue;
      const from = Math.min(letters.length - 1, Math.max(0, error.column - 1));
      const to = Math.min(letters.length, from + Math.max(1, error.length));
      for (let at = from; at < to; at += 1) wrong.add(at);
    }
    letters.forEach((letter, at) => {
      const last = stretches[stretches.length - 1];
      const error = wrong.has(at);
      if (last && last.error === error) last.text += letter;
      else stretches.push({ text: letter, error });
    });
  }
  return stretches;
}

/**
 * Where a line and column stand in a text, in UTF-16 units as a textarea counts.
 *
 * @param {string} text
 * @param {number} line
 * @param {number} column
 */
export function offsetOf(text, line, column) {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const head = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("");
  return Math.min(text.length, before + head.length);
}

export class TextPane {
  /**
   * @param {HTMLElement} host
   * @param {{check: (text: string) => Diagnostic[], edit: (text: string) => unknown,
   *   begin: () => void, open: () => void}} actions
   */
  constructor(host, actions) {
    this.host = host;
    this.actions = actions;
    this.numbers = html("div", { class: "line-numbers", "aria-hidden": "true" });
    this.marks = html("div", { class: "error-marks", "aria-hidden": "true" });
    this.area = html("textarea", {
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-label": say("text.label"),
      "aria-describedby": "text-state",
    });
    this.state = html("p", { class: "text-state", id: "text-state" });
    this.list = html("ul", { class: "error-list" });
    this.expected = html("p", { class: "expected", role: "status", hidden: true });
    const begin = html("button", { type: "button", class: "pill" }, say("text.new"));
    begin.addEventListener("click", () => actions.begin());
    const open = html(
      "button",
      { type: "button", class: "pill", title: say("text.drop") },
      say("text.open"),
    );
    open.addEventListener("click", () => actions.open());
    const help = html(
      "a",
      {
        class: "pill",
        href: say("page.language-page"),
        target: "_blank",
        rel: "noopener",
        "aria-label": say("text.language"),
      },
      "?",
    );
    const close = html(
      "button",
      { type: "button", class: "icon", "aria-label": say("text.close") },
      "✕",
    );
    close.addEventListener("click", () => host.dispatchEvent(new Event("close")));
    host.replaceChildren(
      html(
        "div",
        { class: "pane-head" },
        html("h2", {}, say("text.title")),
        begin,
        open,
        help,
        close,
      ),
      html(
        "div",
        { class: "editor" },
        this.numbers,
        html("div", { class: "editor-body" }, this.marks, this.area),
      ),
      this.expected,
      this.state,
      this.list,
    );
    this.valid = true;
    this.timer = 0;
    /** @type {readonly Expectation[]} */
    this.expectations = [];
    this.verdict = /** @type {"passed"|"failed"|"unknown"} */ ("unknown");
    new ResizeObserver(() => this.fit()).observe(this.area);
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("scroll", () => this.scroll());
  }

  /** True while the user's text is not yet that of the run. */
  get dirty() {
    return !this.valid || this.timer !== 0;
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
    if (this.area.value === text) return this.report([]);
    if (!this.area.value) {
      // Nobody has been in it: it need not be laid out to keep a place.
      this.area.value = text;
      this.area.setSelectionRange(0, 0);
      return this.report([]);
    }
    const { selectionStart, scrollTop } = this.area;
    const changed = firstDifference(this.area.value, text);
    this.area.value = text;
    const caret = document.activeElement === this.area ? selectionStart : changed;
    this.area.setSelectionRange(caret, caret);
    this.area.scrollTop = scrollTop;
    this.report([]);
  }

  /** What was typed becomes the run, if it can; true if it cannot. */
  settle() {
    if (this.timer) {
      window.clearTimeout(this.timer);
      this.timer = 0;
      this.actions.edit(this.area.value);
    }
    return !this.valid;
  }

  /**
   * Another text takes the place of this one. What was typed becomes the run first, if it can.
   *
   * @returns {string} what was typed and cannot run
   */
  leave() {
    const draft = this.settle() ? this.area.value : "";
    this.valid = true;
    return draft;
  }

  /** @param {string} text as if it had been typed */
  put(text) {
    this.area.value = text;
    this.area.focus();
    this.typed();
  }

  typed() {
    window.clearTimeout(this.timer);
    const errors = this.actions.check(this.area.value);
    this.report(errors);
    this.timer = errors.length
      ? 0
      : window.setTimeout(() => {
          this.timer = 0;
          this.actions.edit(this.area.value);
        }, DELAY_MS);
  }

  /** @param {readonly Diagnostic[]} errors */
  report(errors) {
    this.valid = errors.length === 0;
    this.mark(errors);
    setText(
      this.state,
      errors.length ? say("text.errors", { count: errors.length }) : say("text.valid"),
    );
    this.area.setAttribute("aria-invalid", String(!this.valid));
    join(
      this.list,
      errors.slice(0, 20),
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
    const lines = this.area.value.split("\n");
    const wrapped = lines.length <= WRAPPED_LINES_MAX;
    this.area.wrap = wrapped ? "soft" : "off";
    this.host.toggleAttribute("data-wrapped", wrapped);
    const pieces = (/** @type {{text: string, error: boolean}[]} */ stretches) =>
      stretches.map((one) => (one.error ? html("mark", {}, one.text) : html("span", {}, one.text)));
    if (!wrapped) {
      this.numberLines(new Set(errors.map(({ line }) => line)));
      this.marks.replaceChildren(
        ...pieces(errors.length ? markErrors(this.area.value, errors) : []),
      );
      return;
    }
    this.numbers.replaceChildren();
    const valid = errors.length === 0;
    this.marks.replaceChildren(
      ...lines.map((text, index) => {
        const own = errors.filter(({ line }) => line === index + 1);
        const expectation = valid && this.expectations.find(({ line }) => line === index + 1);
        const line = html(
          "div",
          { class: own.length ? "line wrong" : "line" },
          ...pieces(
            markErrors(
              text,
              own.map((error) => ({ ...error, line: 1 })),
            ),
          ),
        );
        if (expectation) {
          line.dataset.expect = expectation.applies ? this.verdict : "elsewhere";
        }
        return line;
      }),
    );
    // Where it is laid out anyhow: to ask for its width now would lay out a page that is half built.
    requestAnimationFrame(() => this.fit());
  }

  /** Marks wrap where the text does: as wide as it, without its scroll bar. */
  fit() {
    this.marks.style.setProperty("width", `${this.area.clientWidth}px`);
    this.scroll();
  }

  /**
   * Numbers the lines. Only a wrong one is an element: a text may have sixty thousand lines.
   *
   * @param {Set<number>} wrong
   */
  numberLines(wrong) {
    const count = this.area.value.split("\n").length;
    /** @type {(string|Element)[]} */
    const pieces = [];
    let plain = "";
    for (let line = 1; line <= count; line += 1) {
      if (wrong.has(line)) {
        pieces.push(plain, html("span", { class: "wrong" }, String(line)));
        plain = "\n";
      } else {
        plain += `${line}\n`;
      }
    }
    this.numbers.replaceChildren(...pieces, plain);
  }

  /** @param {Diagnostic} error */
  goTo(error) {
    const from = offsetOf(this.area.value, error.line, error.column);
    const to = offsetOf(this.area.value, error.line, error.column + error.length);
    this.area.focus();
    this.area.setSelectionRange(from, to);
  }

  scroll() {
    const { scrollTop, scrollLeft } = this.area;
    this.numbers.style.setProperty("transform", `translateY(${-scrollTop}px)`);
    this.marks.style.setProperty("transform", `translate(${-scrollLeft}px, ${-scrollTop}px)`);
  }
}

/**
 * @param {string} one
 * @param {string} other
 */
function firstDifference(one, other) {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
