// What the page says, by the catalogue: in English or, with HALFLINK_PSEUDO=1, in a language made of
// it, in which every string stands in brackets and is 40 % longer. It is a language like any other:
// the page names it, and its words are a file.
import { Catalogue } from "../../www/draw/words.js";
import en from "../../words/en.json" with { type: "json" };
import html from "../../words/en.html.json" with { type: "json" };
import late from "../../words/en.late.json" with { type: "json" };
import own from "../../words/en.page.json" with { type: "json" };
import { PSEUDO, pseudo } from "../support/pseudo.js";

export { PSEUDO };

/** Its name: what such languages are called elsewhere, too. */
const LANGUAGE = "en-XA";

/** @type {Record<string, string>} */
const ENGLISH = { ...en, ...own, ...late, ...html };

const BRACKETS = { ...pseudo(ENGLISH), "page.language": LANGUAGE, "page.direction": "ltr" };

const spoken = new Catalogue(PSEUDO ? BRACKETS : ENGLISH);

/** A sentence of the page. @type {Catalogue["say"]} */
export const said = (key, args, names) => spoken.say(key, args, names);

/** A fact in words. @type {Catalogue["tell"]} */
export const told = (room, fact, names) => spoken.tell(room, fact, names);

/**
 * A pattern for such a sentence, of which some arguments are not known: `{term}` is `\d+`.
 *
 * @param {string} key
 * @param {Record<string, unknown>} [args] of those that are not known, a pattern in `«»`
 */
export const saying = (key, args) => patternOf(said(key, args));

/** @param {string} words with patterns in `«»` */
export function patternOf(words) {
  const plain = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return plain.replace(/«(.*?)»/g, (_, pattern) => pattern.replace(/\\(.)/g, "$1"));
}

/**
 * Whatever is opened from now on speaks the language of brackets.
 *
 * @param {import('@playwright/test').BrowserContext} context
 */
export async function speakBrackets(context) {
  await context.addInitScript((language) => {
    Object.defineProperty(navigator, "languages", { get: () => [language] });
  }, LANGUAGE);
  const isPage = (/** @type {URL} */ { pathname }) => /(\/|\.html)$/.test(pathname);
  await context.route(isPage, async (route) => {
    const response = await route.fetch().catch(() => null);
    if (!response) return route.continue();
    // The test may have left the page meanwhile.
    const text = await response.text().catch(() => null);
    if (text === null) return;
    const body = text.replace('data-languages=""', `data-languages="${LANGUAGE}"`);
    return route.fulfill({ response, body });
  });
  const script = (/** @type {string} */ name, /** @type {unknown} */ value) => ({
    body: `(self.halflinkParts??={})["${name}"]=${JSON.stringify(value)};`,
    contentType: "text/javascript",
  });
  await context.route(`**/pkg/languages/${LANGUAGE}.js`, (route) =>
    route.fulfill(script(`languages/${LANGUAGE}`, BRACKETS)),
  );
  // What scenarios say themselves is not translated.
  await context.route(`**/pkg/library/${LANGUAGE}/*.js`, async (route) => {
    const url = route.request().url();
    const response = await route.fetch({ url: url.replace(`/${LANGUAGE}/`, "/en/") });
    const text = await response.text();
    const body = text.replace('"library/en/', `"library/${LANGUAGE}/`);
    return route.fulfill({ response, body });
  });
}

/**
 * The sentence as it may be written where there is little room: whole, or its beginning.
 *
 * @param {string} words
 */
export function atLeastBegun(words) {
  const plain = (/** @type {string} */ one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^(${plain(words)}|${plain(words.slice(0, 4))}.*…)$`);
}
