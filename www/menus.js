// @ts-check
/** Menus under a button, by mouse and by keyboard. */
import { html } from "./dom.js";

/** @typedef {{value: string, label: string, hint?: string}} Entry */

export class Menu {
  /**
   * @param {Element} host
   * @param {string} name what the menu chooses, "Scenario"
   * @param {(value: string) => void} choose
   * @param {string} [prefix] words before the choice, on the button
   */
  constructor(host, name, choose, prefix = "") {
    this.choose = choose;
    this.name = name;
    this.text = html("b");
    this.button = html("button", {
      type: "button", class: "pill", "aria-haspopup": "menu", "aria-expanded": "false",
    }, ...(prefix ? [html("span", { class: "soft" }, prefix)] : []), this.text, html("span", { "aria-hidden": "true", class: "chevron" }, "▾"));
    this.list = html("div", { class: "menu-list", role: "menu", "aria-label": name, hidden: true });
    host.replaceChildren(this.button, this.list);
    this.button.addEventListener("click", () => this.show(this.list.hidden === true));
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.show(true);
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", (event) => {
      if (!host.contains(/** @type {Node} */ (event.target))) this.show(false, false);
    });
    host.addEventListener("focusout", (event) => {
      const to = /** @type {FocusEvent} */ (event).relatedTarget;
      if (to && !host.contains(/** @type {Node} */ (to))) this.show(false, false);
    });
  }

  /**
   * @param {readonly Entry[]} entries
   * @param {string} current
   * @param {string} [label] of the button, where it is not that of the entry
   */
  set(entries, current, label) {
    const entry = entries.find(({ value }) => value === current);
    this.text.textContent = label ?? entry?.label ?? current;
    this.button.setAttribute("aria-label", `${this.name}: ${this.text.textContent}`);
    this.list.replaceChildren(...entries.map(({ value, label: words, hint }) => {
      const item = html("button", {
        type: "button", role: "menuitemradio", tabindex: -1, "data-value": value,
        "aria-checked": value === current ? "true" : "false",
      }, html("b", {}, words), ...(hint ? [html("span", {}, hint)] : []));
      item.addEventListener("click", () => {
        this.show(false);
        this.choose(value);
      });
      return item;
    }));
  }

  /**
   * @param {boolean} open
   * @param {boolean} [focus] true to move the focus along
   */
  show(open, focus = true) {
    const shown = !this.list.hidden;
    if (open === shown) return;
    this.list.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (!focus) return;
    const items = this.items();
    if (open) (items.find((item) => item.ariaChecked === "true") ?? items[0])?.focus();
    else this.button.focus();
  }

  items() {
    return /** @type {HTMLElement[]} */ ([...this.list.children]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const items = this.items();
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const goals = /** @type {Record<string, number>} */ ({
      ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0, End: items.length - 1,
    });
    if (event.key === "Escape") this.show(false);
    else if (event.key in goals) items[goals[event.key]]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
