// @ts-check
/**
 * The field that a text is written in where the editor does not come: the same to the pane, and
 * plain to the reader.
 */
import { html } from "../draw/dom.js";

export class PlainEditor {
  /** @param {import("./editor.js").Options} options */
  constructor({ parent, label, described, onInput }) {
    this.area = html("textarea", {
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      "aria-label": label,
      "aria-describedby": described,
    });
    parent.append(this.area);
    this.area.addEventListener("input", onInput);
  }

  get text() {
    return this.area.value;
  }

  /** @param {string} text */
  has(text) {
    return this.text === text.replace(/\r\n?/g, "\n");
  }

  /**
   * @param {string} text
   * @param {boolean} [typed] as if the reader had written it
   */
  replace(text, typed = false) {
    const { selectionStart, scrollTop } = this.area;
    this.area.value = text;
    this.area.setSelectionRange(selectionStart, selectionStart);
    this.area.scrollTop = scrollTop;
    if (typed) this.area.dispatchEvent(new Event("input"));
  }

  focus() {
    this.area.focus();
  }

  /** @param {number} from @param {number} to */
  select(from, to) {
    this.area.focus();
    this.area.setSelectionRange(from, to);
  }

  /** @param {readonly unknown[]} marks */
  mark(marks) {
    this.area.setAttribute("aria-invalid", String(marks.length > 0));
  }
}
