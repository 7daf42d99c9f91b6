// @ts-check
/**
 * A run as one file: a page with the embed, its engine, its words and its looks in it. It asks for
 * nothing, so it plays from a disk, without a network, for as long as there are browsers.
 */
import { loadOriginals } from "../run/library.js";
import { quote } from "./snippet.js";

/** Nothing from anywhere but this file. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; " +
  "style-src 'unsafe-inline' data:; connect-src data:; img-src data:; form-action 'none'";

/** In the embed's script, the address of the looks that come late. */
const LATE_STYLE = "pkg/halflink-embed-late.css";

/** In the same, where it finds the page; the files of a reader are no such place. */
const OWN_SITE = 'new URL("./",location.href).href';

/** In place of a site that is not known: an address that is nobody's, and what hides ways to it. */
const NOWHERE = "https://halflink.invalid/";
const HIDDEN = "a.open,.unstarted a{display:none}";

/**
 * A file of a site.
 *
 * @param {string} site
 */
const fetched = (site) => async (/** @type {string} */ name) => {
  const answer = await fetch(new URL(name, site));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.text();
};

const loadedParts = () => Object.keys(/** @type {any} */ (self).halflinkParts ?? {});

/**
 * @param {object} run
 * @param {string} run.title plain text
 * @param {string} run.address of the embed, with the run and its options behind the `#`; without a
 *   site before it no way to one is shown
 * @param {Pick<import("../pkg/facts.js").Plan, "notes">} run.plan
 * @param {string} run.language the page's
 * @param {(name: string) => Promise<string>} [run.read] its files, if they are not fetched
 * @param {() => string[]} [run.parts] which have come of those that a page loads by their names
 */
export async function pageFile({ title, address, plan, language, read, parts = loadedParts }) {
  const [site, hash] = address.split("embed.html");
  const get = read ?? fetched(site);
  // Its menus offer production code, too, and it has nowhere to get that from.
  const engines = ["", "-late", "-production"];
  const words = language === "en" ? [] : [`pkg/languages/${language}.js`];
  // Of the notes of shipped scenarios, which are for another run is known from these.
  await loadOriginals(plan.notes);
  const shipped = parts()
    .filter((name) => /^library/.test(name))
    .map((name) => `pkg/${name}.js`);
  const [page, style, later, first, ...more] = await Promise.all([
    get("embed.html"),
    get("pkg/halflink-embed.css"),
    get(LATE_STYLE),
    ...engines.map((name) => get(`pkg/halflink-embed${name}.js`)),
    ...[...words, ...shipped].map(get),
  ]);
  const begun = first
    .replaceAll(LATE_STYLE, `data:text/css;base64,${base64(later)}`)
    .replaceAll(OWN_SITE, JSON.stringify(site || NOWHERE));
  // What the embed asks for at once has come before it.
  const begin = `/^#\\d/.test(location.hash)||(location.hash=${JSON.stringify(hash)})`;
  const scripts = [begin, ...more, begun];
  return written(page, { title, site, style, scripts, language });
}

/**
 * As text: a page that is parsed here would heed the policy of this one.
 *
 * @param {string} page
 * @param {{title: string, site: string, style: string, scripts: string[], language: string}} made
 */
function written(page, { title, site, style, scripts, language }) {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    `<title>${quote(title)}</title>`,
    // A way to Halflink leads to where this was made.
    `<base href="${quote(site || NOWHERE)}">`,
    '<link rel="icon" href="data:,">',
    `<style>${style}${site ? "" : HIDDEN}</style>`,
  ];
  // As text of a page a script ends where the word stands, wherever that is.
  const body = scripts.map(
    (text) => `<script>${text.replace(/<(?=\/script|!--)/gi, "\\x3c")}</script>`,
  );
  return page
    .replace(
      /<meta http-equiv[^>]*>|<title>.*?<\/title>|<link[^>]*>|<script[^>]*src[^>]*><\/script>/g,
      "",
    )
    .replace(
      / data-languages="[^"]*"/,
      () => ` data-languages="${language === "en" ? "" : language}"`,
    )
    .replace("</head>", () => `${head.join("\n")}\n</head>`)
    .replace("</body>", () => `${body.join("\n")}\n</body>`);
}

/** @param {string} text */
function base64(text) {
  return btoa(
    Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""),
  );
}
