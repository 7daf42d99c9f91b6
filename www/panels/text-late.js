// @ts-check
/** The text pane, loaded when a reader opens it. */
import { late, preload } from "../run/late.js";

/** @typedef {import("./text-pane.js").TextPane} TextPane */

const loadPane = late(() => import("./text-pane.js"));

export class LateText {
  /**
   * @param {HTMLElement} host
   * @param {HTMLButtonElement} button that opens it
   * @param {ConstructorParameters<typeof import("./text-pane.js").TextPane>[1]} actions
   * @param {import("../run/session.js").Session} session whose text it is
   */
  constructor(host, button, actions, session) {
    this.host = host;
    this.actions = actions;
    this.session = session;
    /** @type {TextPane|undefined} */
    this.pane = undefined;
    preload(button, loadPane);
  }

  /** The pane, when it is there. What is typed before is for it, and not for the page. */
  async open() {
    let typed = "";
    const keep = (/** @type {KeyboardEvent} */ event) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (key === "Tab" || key === "Escape") return;
      if (key.length === 1 && !ctrlKey && !metaKey && !altKey) typed += key;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", keep, true);
    try {
      const pane = await this.load();
      if (typed) pane.put(typed + pane.area.value);
    } finally {
      window.removeEventListener("keydown", keep, true);
    }
  }

  async load() {
    const { TextPane } = await loadPane();
    if (!this.pane) {
      this.pane = new TextPane(this.host, this.actions);
      this.update();
    }
    return this.pane;
  }

  /** Shows the run's text, and what is expected of it. */
  update() {
    this.pane?.setText(this.session.text);
    this.judge();
  }

  /** Shows how what is expected came out. */
  judge() {
    const { plan, strip } = this.session;
    this.pane?.setExpectations(plan.expectations ?? [], strip);
  }

  /** See TextPane. */
  leave() {
    return this.pane?.leave() ?? "";
  }

  /** @param {string} draft */
  async put(draft) {
    (await this.load()).put(draft);
  }
}
