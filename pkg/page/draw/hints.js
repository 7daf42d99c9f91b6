// @ts-check
/** What a reader may do is said where it can be done, and left out where the author lets nobody act. */

import { say } from "./words.js";

/**
 * @param {string} key of what can be done
 * @param {import("./words.js").Args} [args]
 */
export function hint(key, args) {
  return document.body?.hasAttribute("data-fixed") ? "" : say(key, args);
}
