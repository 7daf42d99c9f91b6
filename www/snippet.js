// @ts-check
/** What an author pastes into a post. */
import { linkAddress } from "./address.js";

const EMBED_HEIGHT = 520;
/** With what liars told each, and what it broke. */
const EMBED_HEIGHT_EVIDENCE = 760;

/** Scripts, and tabs that are no longer in the sandbox: for "Open in Halflink". */
const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox";

/**
 * @param {string} address of the page
 * @param {string} link
 * @param {{title: string, module: string, evidence: boolean, compared?: readonly string[]|null}} run
 *   title: plain text; evidence: true if there are liars or something breaks; compared: who stands
 *   beside it in Halflink
 * @param {number|null} time_us
 */
export function embedSnippet(address, link, run, time_us) {
  const { title, module, evidence, compared = null } = run;
  const page = address.split("#")[0].split("?")[0].replace(/[^/]*$/, "embed.html");
  const source = linkAddress(page, link, time_us, compared) + (module && `&in=${module}`);
  const height = evidence ? EMBED_HEIGHT_EVIDENCE : EMBED_HEIGHT;
  const quote = (/** @type {string} */ text) => text.replaceAll("&", "&amp;")
    .replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<iframe src="${quote(source)}" sandbox="${SANDBOX}" width="100%" height="${height}" ` +
    `title="${quote(`Halflink: ${title}`)}" loading="lazy"></iframe>`;
}
