// @ts-check
/** What is said when the engine traps, or the page has a bug: once, with what a report needs. */
import { html } from "./dom.js";
import { say } from "./late-words.js";

/** @param {{at: string, seed: unknown, error: string}} what */
export const bugInWords = (what) => say("bug.told", what);

/**
 * What a report of a bug needs: the link of the run, and a way to begin again.
 *
 * @param {string} link "" if there is none
 */
export function reportTools(link) {
  const reload = html("button", { type: "button", class: "pill" }, say("bug.reload"));
  reload.addEventListener("click", () => location.reload());
  if (!link) return [reload];
  const address = new URL(`./${link}`, location.href).href;
  const field = html("input", {
    readonly: true,
    class: "share-link",
    value: address,
    "aria-label": say("bug.link"),
  });
  field.addEventListener("focus", () => field.select());
  return [html("label", { class: "report-link" }, say("bug.send"), field), reload];
}
