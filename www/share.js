// @ts-check
/** Links out and links in: the same run for somebody else. */
import { linkAddress } from "./address.js";
import { html, set, setText } from "./dom.js";
import { formatTime } from "./format.js";
import { embedSnippet } from "./snippet.js";

export const CHAT_LENGTH_MAX = 1_900;
const LINK_LENGTH_MAX = 8_000;

/**
 * What to say about a link's length.
 *
 * @param {number} length
 */
export function lengthWords(length) {
  const characters = `${length.toLocaleString("en")} characters`;
  if (length <= CHAT_LENGTH_MAX) return `${characters}: fits a chat message.`;
  if (length <= LINK_LENGTH_MAX) {
    return `${characters}: too long for some chats and for Firefox's history. It still works.`;
  }
  return `${characters}: too long for many places. Send the file instead.`;
}

/**
 * Copies, or failing that selects, so that the user can.
 *
 * @param {HTMLInputElement|HTMLTextAreaElement} field
 * @returns {Promise<boolean>} true if copied
 */
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return false;
  }
}

export class ShareDialog {
  /**
   * @param {() => {link: string, known: boolean, title: string, module: string, evidence: boolean,
   *   text: string, time_us: number, compared: readonly string[]|null}} describe known: true if the
   *   link can tell whether it replays as it ran here
   */
  constructor(describe) {
    this.describe = describe;
    /** What is shown. @type {ReturnType<typeof describe>|undefined} */
    this.described = undefined;
    this.link = html("input", { readonly: true, class: "share-link", "aria-label": "Link" });
    this.length = html("p", { class: "share-length", role: "status" });
    this.proof = html("p", { class: "share-proof soft", role: "status", hidden: true }, "This run is " +
      "still being simulated. The link works; once that is done, it can also tell whether it replays " +
      "as it ran here.");
    this.snippet = html("textarea", { readonly: true, rows: 4, "aria-label": "Embed snippet" });
    this.when = html("input", { type: "checkbox" });
    this.whenText = html("span");
    this.file = html("a", { class: "pill" }, "Save the text as a file");
    this.dialog = html("dialog", { class: "share", "aria-label": "Share this run" },
      html("form", { method: "dialog", class: "pane-head" }, html("h2", {}, "Share this run"),
        html("button", { class: "icon", "aria-label": "Close" }, "✕")),
      html("p", {}, "Whoever opens it gets the same run, packet for packet."),
      html("div", { class: "share-row" }, this.link, this.copyButton("Copy link", this.link)),
      this.length, this.proof,
      html("label", { class: "share-when" }, this.when, this.whenText),
      html("h3", {}, "In a post"),
      html("p", {}, "A live copy that works on any page, and touches nothing of it."),
      html("div", { class: "share-row" }, this.snippet,
        this.copyButton("Copy snippet", this.snippet)),
      html("p", { class: "share-file" }, this.file));
    document.body.append(this.dialog);
    this.when.addEventListener("change", () => this.fill());
  }

  /**
   * @param {string} label
   * @param {HTMLInputElement|HTMLTextAreaElement} field
   */
  copyButton(label, field) {
    const button = html("button", { type: "button", class: "pill go" }, label);
    button.addEventListener("click", async () => {
      const copied = await copy(field);
      button.textContent = copied ? "Copied" : "Selected: press Ctrl+C";
      window.setTimeout(() => (button.textContent = label), 2_000);
    });
    return button;
  }

  /** Shows the dialog, the link already copied where the browser lets us. */
  async open() {
    this.described = this.describe();
    this.fill();
    this.dialog.showModal();
    this.link.focus();
    this.link.select();
    if (await copy(this.link)) {
      setText(this.length, `Copied. ${lengthWords(this.link.value.length)}`);
    }
  }

  /** More of the run is simulated: once it is all, the link says what it came to. */
  refresh() {
    if (!this.dialog.open || this.described?.known) return;
    const described = this.describe();
    if (!described.known) return;
    this.described = { ...described, time_us: this.described?.time_us ?? described.time_us };
    this.fill();
  }

  fill() {
    if (!this.described) return;
    const { link, known, text, time_us, compared } = this.described;
    set(this.proof, "hidden", known);
    const at_us = this.when.checked ? time_us : null;
    this.link.value = linkAddress(location.href, link, at_us, compared);
    this.snippet.value = embedSnippet(location.href, link, this.described, at_us);
    setText(this.length, lengthWords(this.link.value.length));
    setText(this.whenText, `Start at ${formatTime(time_us)}`);
    this.file.setAttribute("href", `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`);
    this.file.setAttribute("download", "scenario.halflink");
  }
}
