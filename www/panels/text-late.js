// @ts-check
/** The text pane, loaded when a reader opens it. */
import { html } from "../draw/dom.js";
import { late, preload } from "../run/late.js";
import { disclose } from "./disclose.js";
import { say } from "../draw/page-words.js";

/** @typedef {import("./text-pane.js").TextPane} TextPane */

const loadPane = late(() => import("./text-pane.js"));

/** @type {() => Promise<import("./editor.js").CodeMirror>} */
const loadCode = late(
  // Beside the page, wherever this module is put.
  () => import(new URL("pkg/halflink-editor.js", document.baseURI).href),
);

const loadAll = () =>
  // Without the editor there is a plain field.
  Promise.all([loadPane(), loadCode().catch((error) => String(error))]);

export class LateText {
  /**
   * @param {HTMLElement} button
   * @param {Omit<ConstructorParameters<typeof import("./text-pane.js").TextPane>[1], "parts">
   *   & Pick<import("./acting.js").Commands, "notice"|"refresh"|"told">} commands
   */
  constructor(button, commands) {
    this.button = button;
    this.commands = commands;
    this.host = html("section", {
      id: "text-pane",
      class: "text-pane",
      "aria-label": say("page.text"),
      hidden: true,
    });
    document.querySelector(".stage")?.prepend(this.host);
    /** @type {TextPane|undefined} */
    this.pane = undefined;
    preload(button, loadAll);
    disclose(button, this.host, commands.refresh, () =>
      this.open().catch((error) => {
        commands.notice(say("late.text", { error: String(error) }));
        return false;
      }),
    );
    this.host.addEventListener("close", () => button.click());
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
      if (typed) pane.put(typed + pane.text);
    } finally {
      window.removeEventListener("keydown", keep, true);
    }
  }

  async load() {
    const [{ TextPane }, code] = await loadAll();
    if (!this.pane) {
      const parts = () => this.commands.told().plan.parts;
      this.pane = new TextPane(this.host, { ...this.commands, parts }, code);
      this.update(this.commands.told());
    }
    return this.pane;
  }

  /**
   * Shows the run's text, what is expected of it, and how that came out.
   *
   * @param {import("../run/panels.js").Frame} frame
   */
  update({ changed, plan, strip, text }) {
    if (changed !== "strip") this.pane?.setText(text);
    this.pane?.setExpectations(plan.expectations ?? [], strip);
  }

  /** Something else was opened, which is what changes are compared with from now on. */
  reopened() {
    this.pane?.compareAgain();
  }

  /** True while what is typed has errors; else it is the run, by now. */
  isDrafting() {
    return this.pane?.settle() ?? false;
  }

  /**
   * Another text takes the place of the one in the pane. What was typed and has errors was never
   * the run, so undo could not bring it back: it is kept.
   *
   * @param {() => Promise<unknown>} open
   */
  async keepDraft(open) {
    const { pane } = this;
    const draft = pane?.leave() ?? "";
    const { text } = this.commands.told();
    await open();
    if (!draft || !pane) return;
    // Of a large plan the pane is told a little later.
    if (pane.text === draft && this.commands.told().text === text) {
      // Nothing else was opened.
      pane.typed();
      return;
    }
    const back = html("button", { type: "button", class: "pill" }, say("text.back"));
    back.addEventListener("click", () => {
      this.commands.notice("");
      if (this.host.hidden) this.button.click();
      pane.put(draft);
    });
    this.commands.notice(say("text.aside"), [back]);
  }
}

/**
 * @param {HTMLElement} button
 * @param {ConstructorParameters<typeof LateText>[1]} commands
 */
export const openText = (button, commands) => new LateText(button, commands);
