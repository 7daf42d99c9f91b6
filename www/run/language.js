// @ts-check
/**
 * The language of the page is chosen here, and nowhere else: what the address asks for (`lang=de`),
 * or else what the reader's browser does, of those that there are. English is inside; the others
 * are files, which `xtask/src/languages.rs` makes of words/, and which the page itself names.
 */
import { speakBy } from "../draw/words.js";
import { part } from "./late.js";

/** Says it in that language from now on. English needs nothing to be waited for. */
export async function speak() {
  const root = document.documentElement;
  const asked = /\blang=([\w-]+)/.exec(location.href) ?? [];
  const language = chosen([...asked, ...navigator.languages], root.dataset.languages);
  // If it does not come, English is better than nothing.
  const words = language && (await part(`languages/${language}`).catch(console.error));
  if (!words) return;
  speakBy(words);
  root.lang = language;
  root.dir = words["page.direction"];
}

/**
 * The first of the languages wanted that there is; "" for English, or where there is none of them.
 *
 * @param {readonly string[]} wanted
 * @param {string} [there] besides English, each with what else it is asked for by:
 *   "de,zh-Hant zh-TW zh-HK"
 */
export function chosen(wanted, there = "") {
  const known = `${there}, en`.split(",").map((names) => names.split(" "));
  for (const tag of wanted) {
    const found = known.find((names) => names.some((name) => name && tag.startsWith(name)));
    if (found) return found[0];
  }
  return "";
}
