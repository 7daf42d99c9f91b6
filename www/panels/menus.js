// @ts-check
/** Menus under a button, by mouse and by keyboard. */
import { breathe, html } from "../draw/dom.js";
import { say } from "../draw/page-words.js";

/** @typedef {{value: string, label: string, hint?: string}} Entry */

/**
 * @template Loaded
 * @typedef {object} MenuOptions
 * @property {string} [prefix] words before the choice, on the button
 * @property {() => Promise<Loaded>} [load] gets what the items need, before it first opens
 * @property {(list: HTMLElement, loaded: Loaded) => void} fill makes the items each time it opens
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
  list.replaceChildren(...entries.map((entry) => createItem(entry, current)));
}

/**
 * The same, entries that follow each other and are of one group under its name.
 *
 * @param {HTMLElement} list
 * @param {readonly (Entry & {group: string})[]} entries
 * @param {string} current
 */
export function fillGroups(list, entries, current) {
  list.replaceChildren();
  let last;
  for (const entry of entries) {
    const { group } = entry;
    if (last !== group) {
      const title = html("p", { "aria-hidden": "true" }, group);
      list.append(html("div", { role: "group", "aria-label": group, class: "menu-group" }, title));
    }
    list.lastElementChild?.append(createItem(entry, current));
    last = group;
  }
}

/**
 * @param {Entry} entry
 * @param {string} current
 */
const createItem = ({ value, label, hint }, current) =>
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
  );

/**
 * When a popover hides while the focus is in it, the focus goes back where the reader came from.
 *
 * @param {HTMLElement} panel
 * @param {() => HTMLElement|SVGElement|null} origin
 */
export function returnFocus(panel, origin) {
  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open" || !panel.contains(document.activeElement)) return;
    origin()?.focus({ preventScroll: true });
  });
}

/** @template [Loaded=void] */
export class Menu {
  /**
   * @param {Element} host
   * @param {string} name what the menu chooses, "Scenario"
   * @param {(value: string) => void} choose
   * @param {MenuOptions<Loaded>} options
   */
  constructor(host, name, choose, options) {
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
    this.list = html("div", {
      class: "menu-list",
      role: "menu",
      "aria-label": name,
      popover: "auto",
    });
    host.replaceChildren(this.button, this.list);
    // The button shows and hides it, a press elsewhere or Escape hides it: the platform's work.
    this.button.popoverTargetElement = this.list;
    /** What the items need, as soon as it is there. @type {{loaded: Loaded}|undefined} */
    this.ready = options.load ? undefined : { loaded: /** @type {Loaded} */ (undefined) };
    this.list.addEventListener("beforetoggle", (event) => this.toggled(event));
    returnFocus(this.list, () => this.button);
    this.button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.list.showPopover();
    });
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.click(event));
    host.addEventListener("focusout", (event) => {
      const to = /** @type {FocusEvent} */ (event).relatedTarget;
      if (to && !host.contains(/** @type {Node} */ (to))) this.list.hidePopover();
    });
  }

  /** @param {string} label what is chosen */
  setLabel(label) {
    this.text.textContent = label;
    this.button.setAttribute("aria-label", say("menu.chosen", { menu: this.name, chosen: label }));
  }

  /** @param {Event} event */
  click(event) {
    const item = /** @type {Element} */ (event.target).closest("[data-value]");
    if (!item || item.ariaDisabled === "true") return;
    if (!this.options.stays) this.list.hidePopover();
    this.choose(item.getAttribute("data-value") ?? "");
  }

  /** @param {ToggleEvent} event before it shows or hides */
  toggled(event) {
    const opens = event.newState === "open";
    if (opens && !this.ready) {
      event.preventDefault();
      if (this.button.ariaExpanded !== "true") void this.load();
      return;
    }
    this.button.setAttribute("aria-expanded", String(opens));
    if (!opens) return;
    this.fill();
    const items = this.items();
    // The platform moves the focus there with the menu, so that the next key finds it.
    (items.find((item) => item.ariaChecked === "true") ?? items[0])?.setAttribute("autofocus", "");
  }

  /** Gets what its items need, and shows it. */
  async load() {
    this.button.setAttribute("aria-expanded", "true");
    try {
      const loaded = await /** @type {() => Promise<Loaded>} */ (this.options.load)();
      // While the platform still asks whether to show it, it may not be shown.
      await breathe();
      this.ready = { loaded };
    } catch (error) {
      this.button.setAttribute("aria-expanded", "false");
      if (!this.options.failed) throw error;
      this.options.failed(error);
      return;
    }
    this.list.showPopover({ source: this.button });
  }

  fill() {
    if (this.ready) this.options.fill(this.list, this.ready.loaded);
  }

  /** Makes the items anew if they are on view, the focus where it was. */
  refill() {
    if (!this.list.matches(":popover-open")) return;
    const { scrollTop } = this.list;
    const value = document.activeElement?.getAttribute("data-value");
    this.fill();
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
    if (!(event.key in goals)) return;
    items[goals[event.key]]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
