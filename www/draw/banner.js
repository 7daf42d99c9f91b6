// @ts-check
/** The line at the top of the page in which something is said once. */
import { html } from "./dom.js";

/**
 * @param {HTMLElement} banner
 * @param {string} words "" to take it away
 * @param {Element[]} tools that go with the words
 */
export function showBanner(banner, words, tools) {
  banner.hidden = !words;
  if (!words) return;
  const close = html("button", { type: "button", class: "icon", "aria-label": "Dismiss" }, "✕");
  close.addEventListener("click", () => {
    banner.hidden = true;
  });
  banner.replaceChildren(html("span", {}, words), ...tools, close);
}

/**
 * What a report of a bug needs: the link of the run, and a way to begin again.
 *
 * @param {string} link "" if there is none
 */
export function reportTools(link) {
  const reload = html("button", { type: "button", class: "pill" }, "Reload");
  reload.addEventListener("click", () => location.reload());
  if (!link) return [reload];
  const address = new URL(`./${link}`, location.href).href;
  const field = html("input", {
    readonly: true,
    class: "share-link",
    value: address,
    "aria-label": "Link to send with a report",
  });
  field.addEventListener("focus", () => field.select());
  return [html("label", { class: "report-link" }, "Link to send ", field), reload];
}
