// @ts-check
/** What an author pastes into a post: the live frame, a picture, in HTML or in Markdown. */
import { say } from "../draw/late-words.js";
import { linkAddress } from "../run/address.js";

/** Scripts, and tabs that are no longer in the sandbox: for "Open in Halflink". */
const SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox";

/**
 * The run that is pasted. title: plain text; height: as `embed-height.js` reckons it;
 * compared: who stands beside it in Halflink; group: which it shows, as an option.
 *
 * @typedef {{title: string, module: string, height: number, compared?: readonly string[]|null,
 *   group?: string}} Pasted
 * @typedef {Record<string, string|null>} AuthorOptions names and values as in an address; null if it
 *   is not set, "" if it has no value
 */

/** @param {string} text */
export const quote = (text) =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** @param {string} address of the page, whatever run it shows */
function pageOf(address) {
  return address.split("#")[0].split("?")[0];
}

/**
 * Where the embed shows a run.
 *
 * @param {string} address of the page
 * @param {string} link
 * @param {Pick<Pasted, "module"|"compared"|"group">} run
 * @param {number|null} time_us
 * @param {AuthorOptions} options
 */
export function embedAddress(address, link, run, time_us, options) {
  const { module, compared = null, group } = run;
  const page = pageOf(address).replace(/[^/]*$/, "embed.html");
  const all = { in: module || null, ...options };
  const chosen = Object.entries(all).map(([name, value]) =>
    value === null ? "" : value === "" ? `&${name}` : `&${name}=${value}`,
  );
  return linkAddress(page, link, time_us, compared, group) + chosen.join("");
}

/**
 * Where the page shows it, in the language in which it is embedded.
 *
 * @param {string} address of the page
 * @param {string} link
 * @param {Pick<Pasted, "compared"|"group">} run
 * @param {number|null} time_us
 * @param {AuthorOptions} options
 */
function runAddress(address, link, { compared = null, group }, time_us, { lang }) {
  const page = pageOf(address) + (lang ? `?lang=${lang}` : "");
  return linkAddress(page, link, time_us, compared, group);
}

/**
 * The frame, and under it the way to the run for readers whose feed or reader mode drops frames.
 *
 * @param {string} address of the page
 * @param {string} link
 * @param {Pasted} run
 * @param {number|null} time_us
 * @param {AuthorOptions} [options]
 */
export function embedSnippet(address, link, run, time_us, options = {}) {
  const { title, height } = run;
  const source = embedAddress(address, link, run, time_us, options);
  return (
    `<figure>\n<iframe src="${quote(source)}" sandbox="${SANDBOX}" width="100%" ` +
    `height="${height}" title="${quote(say("snippet.title", { title }))}" loading="lazy"></iframe>\n` +
    `<figcaption><a href="${quote(runAddress(address, link, run, time_us, options))}">` +
    `${quote(title)}</a>${quote(say("snippet.run"))}</figcaption>\n</figure>`
  );
}

/** What a page loads for its elements; the build makes it. */
const SCRIPT = "pkg/halflink-element.js";

/**
 * The element: the script that draws it, once a page is enough; and within it what stands there by
 * then, or where no script may run, which leads to the run.
 *
 * @param {string} address of the page
 * @param {string} link
 * @param {Pasted} run
 * @param {number|null} time_us
 * @param {AuthorOptions} options
 * @param {string} poster one line of SVG
 */
export function elementSnippet(address, link, run, time_us, options, poster) {
  const { title, module, height, compared = null, group = "" } = run;
  const [, name = "", value = null] = /^&(\w+)=?(.*)$/.exec(group) ?? [];
  /** @type {AuthorOptions} */
  const all = {
    link: link.replace(/^#/, ""),
    t: time_us === null ? null : `${Math.floor(time_us) / 1e6}`,
    in: module || null,
    compare: compared?.join(",") ?? null,
    ...(name ? { [name]: value } : {}),
    ...options,
    height: `${height}`,
  };
  const said = Object.entries(all)
    .filter(([, one]) => one !== null)
    .map(([key, one]) => (one === "" ? key : `${key}="${quote(one ?? "")}"`));
  const site = pageOf(address).replace(/[^/]*$/, "");
  const run_address = quote(runAddress(address, link, run, time_us, options));
  return (
    `<script async src="${quote(site + SCRIPT)}"></script>\n<figure>\n` +
    `<half-link ${said.join(" ")}><a href="${run_address}">${poster}</a></half-link>\n` +
    `<figcaption><a href="${run_address}">${quote(title)}</a>${quote(say("snippet.run"))}` +
    "</figcaption>\n</figure>"
  );
}

/**
 * A saved picture that leads to the run.
 *
 * @param {{file: string, words: string, address: string, title: string}} picture file: its name;
 *   words: what it shows; address: of the run
 */
export function pictureSnippet({ file, words, address, title }) {
  return (
    `<figure>\n<a href="${quote(address)}"><img src="${quote(file)}" alt="${quote(words)}"></a>\n` +
    `<figcaption><a href="${quote(address)}">${quote(title)}</a>` +
    `${quote(say("snippet.run"))}</figcaption>\n` +
    "</figure>"
  );
}

/**
 * The same for Markdown.
 *
 * @param {Parameters<typeof pictureSnippet>[0]} picture
 */
export function markdownSnippet({ file, words, address }) {
  const plain = words.replace(/\s+/g, " ").replace(/[\\[\]<>&*_`!]/g, "\\$&");
  return `[![${plain}](${file})](${address})`;
}

/**
 * A file's name made of words, "two-disks-that-do-not-matter", in any script.
 *
 * @param {string} words
 */
export function fileName(words) {
  const plain = words
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-");
  return (
    [...plain]
      .slice(0, 60)
      .join("")
      .replace(/^-+|-+$/g, "") || "halflink"
  );
}
