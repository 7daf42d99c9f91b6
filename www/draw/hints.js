// @ts-check
/** What a reader may do is said where it can be done, and left out where the author lets nobody act. */

/** @param {string} words what can be done */
export function hint(words) {
  return document.body?.hasAttribute("data-fixed") ? "" : words;
}
