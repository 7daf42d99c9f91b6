// @ts-check
/** What the page makes of its address, and the addresses it makes. */

const SECOND_US = 1_000_000;

/**
 * What comes after the `#`, as it was before it was pasted through a chat, a mail or a blog: they
 * escape letters, spell `&` as `&amp;`, break lines, and glue on what stood around it.
 *
 * @param {string} hash
 */
export function tidy(hash) {
  let text = hash;
  try {
    text = decodeURIComponent(hash);
  } catch {
    // Not escaped by anybody who knew how: whoever reads it says what is wrong with it.
  }
  return text.replace(/&(?:(?:amp|#0*38|#x0*26);)+/gi, "&")
    .replace(/[\s\\\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/["'<>)\]}|`\u201c\u201d\u2018\u2019\u00ab\u00bb].*$/, "")
    .replace(/:~:.*$/, "")
    .replace(/[.,;:!?*~\u2026\u3002\uff0c\uff09]+$/, "");
}

/**
 * A time of an address: seconds ("15", "12.5", "15s") or what a clock shows ("0:15", "1:02:03").
 *
 * @param {string} words
 * @returns {number|null} null if it is none
 */
export function readTime(words) {
  const found = /^(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,5}(?:\.\d{1,6})?)s?$/.exec(words);
  if (!found) return null;
  const [hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  if (found[2] !== undefined && seconds >= 60 || found[1] !== undefined && minutes >= 60) return null;
  return Math.round(((hours * 60 + minutes) * 60 + seconds) * SECOND_US);
}

/** @param {string} words */
function readProtocols(words) {
  return /^[a-z0-9+,-]{0,200}$/.test(words) ? words.split(",").filter(Boolean) : null;
}

/**
 * What comes after the `#`: the engine's part, and options of the page's own.
 *
 * @param {string} hash
 * @returns {{link: string, time_us: number|null, compared: string[]|null, refused: string[]}}
 *   compared: protocols to set beside the scenario's own; refused: options that say nothing
 */
export function parseHash(hash) {
  const [link, ...options] = tidy(hash).split(/[&?]/);
  /** @type {string[]} */
  const refused = [];
  /**
   * @template Value
   * @param {string} name
   * @param {(words: string) => Value|null} read
   */
  const option = (name, read) => {
    const given = options.filter((one) => one.startsWith(`${name}=`));
    const values = given.map((one) => read(one.slice(name.length + 1)));
    refused.push(...given.filter((_, index) => values[index] === null));
    return values.find((value) => value !== null) ?? null;
  };
  return { link, time_us: option("t", readTime), compared: option("compare", readProtocols), refused };
}

/**
 * @param {string} address of the page
 * @param {string} link "#2.…"
 * @param {number|null} time_us to start at
 * @param {readonly string[]|null} [compared] protocols to set beside the scenario's own
 */
export function linkAddress(address, link, time_us, compared = null) {
  const at = time_us === null ? "" : `&t=${Math.floor(time_us) / SECOND_US}`;
  const beside = compared === null ? "" : `&compare=${compared.join(",")}`;
  return `${address.split("#")[0]}${link}${at}${beside}`;
}
