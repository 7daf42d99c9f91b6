// @ts-check
/** The line at the top of the page in which something is said once. */
import { html } from "./dom.js";
import { say } from "./words.js";

/**
 * @param {HTMLElement} banner
 * @param {string} words "" to take it away
 * @param {Element[]} tools that go with the words
 */
export function showBanner(banner, words, tools) {
  banner.hidden = !words;
  if (!words) return;
  const close = html(
    "button",
    { type: "button", class: "icon", "aria-label": say("banner.dismiss") },
    "✕",
  );
  close.addEventListener("click", () => {
    banner.hidden = true;
  });
  banner.replaceChildren(html("span", {}, words), ...tools, close);
}
