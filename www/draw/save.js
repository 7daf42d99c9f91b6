// @ts-check
/** Files for the reader to keep. */
import { html } from "./dom.js";

/**
 * Hands a file to the browser.
 *
 * @param {string} name
 * @param {BlobPart} content
 * @param {string} type
 */
export function saveFile(name, content, type) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = html("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has it by then.
  window.setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
