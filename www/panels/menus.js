// @ts-check
/** Menus under a button, by mouse and by keyboard. */
import { html } from "../draw/dom.js";

/** @typedef {{value: string, label: string, hint?: string}} Entry */

/**
 * @typedef {object} MenuOptions
 * @property {string} [prefix] words before the choice, on the button
 * @property {(list: HTMLElement) => void|Promise<void>} [fill] makes the items each time it opens
 * @property {(error: unknown) => void} [failed] told why there are no items
 * @property {boolean} [stays] true to stay open after a choice, where many can be made
 */

/**
 * Makes the items of a menu of which one is chosen.
 *
 * @param {HTMLElement} list
 * @param {readonly Entry[]} entries
 * @param {string} current
 */
export function fillMenu(list, entries, current) {
  list.replaceChildren(
    ...entries.map(({ value, label, hint }) =>
      html(
        "button",
        {
          type: "button",
          role: "menuitemradio",
          tabindex: -1,
          "data-value": value,
          "aria-checked": value === current ? "true" : "false",
        },
        html("b", {}, label),
        ...(hint ? [html("span", {}, hint)] : []),
      ),
    ),
  );
}

export class Menu {
  /**
   * @param {Element} host
   * @param {string} name what the menu chooses, "Scenario"
   * @param {(value: string) => void} choose
   * @param {MenuOptions} [options]
   */
  constructor(host, name, choose, options = {}) {
    this.choose = choose;
    this.name = name;
    this.options = options;
    this.text = html("b");
    const { prefix } = options;
    this.button = html(
      "button",
      { type: "button", class: "pill", "aria-haspopup": "menu", "aria-expanded": "false" },
      ...(prefix ? [html("span", { class: "soft" }, prefix)] : []),
      this.text,
      html("span", { "aria-hidden": "true", class: "chevron" }, "▾"),
    );
    this.list = html("div", { class: "menu-list", role: "menu", "aria-label": name, hidden: true });
    host.replaceChildren(this.button, this.list);
    this.button.addEventListener("click", () => this.show(this.list.hidden === true));
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.show(true);
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.click(event));
    document.addEventListener("pointerdown", (event) => {
      if (!host.contains(/** @type {Node} */ (event.target))) this.show(false, false);
    });
    host.addEventListener("focusout", (event) => {
      const to = /** @type {FocusEvent} */ (event).relatedTarget;
      if (to && !host.contains(/** @type {Node} */ (to))) this.show(false, false);
    });
  }

  /** @param {string} label what is chosen */
  setLabel(label) {
    this.text.textContent = label;
    this.button.setAttribute("aria-label", `${this.name}: ${label}`);
  }

  /** @param {Event} event */
  click(event) {
    const item = /** @type {Element} */ (event.target).closest("[data-value]");
    if (!item || item.ariaDisabled === "true") return;
    if (!this.options.stays) this.show(false);
    this.choose(item.getAttribute("data-value") ?? "");
  }

  /**
   * @param {boolean} open
   * @param {boolean} [focus] true to move the focus along
   */
  async show(open, focus = true) {
    if (open === (this.button.ariaExpanded === "true")) return;
    this.button.setAttribute("aria-expanded", String(open));
    if (open && !(await this.fill())) return;
    this.list.hidden = !open;
    if (!focus) return;
    const items = this.items();
    if (open) (items.find((item) => item.ariaChecked === "true") ?? items[0])?.focus();
    else this.button.focus();
  }

  /** Makes the items, which may have to be loaded; false if it is not to be shown after all. */
  async fill() {
    try {
      await this.options.fill?.(this.list);
    } catch (error) {
      this.button.setAttribute("aria-expanded", "false");
      if (!this.options.failed) throw error;
      this.options.failed(error);
    }
    return this.button.ariaExpanded === "true";
  }

  /** Makes the items anew if they are on view, the focus where it was. */
  async refill() {
    if (this.list.hidden) return;
    const { scrollTop } = this.list;
    const value = document.activeElement?.getAttribute("data-value");
    await this.fill();
    this.list.scrollTop = scrollTop;
    this.items()
      .find((item) => item.getAttribute("data-value") === value)
      ?.focus();
  }

  items() {
    return /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll("[data-value]")]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const items = this.items();
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const goals = /** @type {Record<string, number>} */ ({
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    });
    if (event.key === "Escape") this.show(false);
    else if (event.key in goals) items[goals[event.key]]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
