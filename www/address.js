// @ts-check
/** What the page makes of its address, and the addresses it makes. */

const SECOND_US = 1_000_000;
/** Marks that end a sentence or dress a word, and no link. */
const GLUED = ".,;:!?*~\u2026\u3002\uff0c\uff09";

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
  const plain = text.replace(/&(?:(?:amp|#0*38|#x0*26);)+/gi, "&")
    .replace(/[\s\\\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/["'<>)\]}|`\u201c\u201d\u2018\u2019\u00ab\u00bb].*$/, "")
    .replace(/:~:.*$/, "");
  // An expression that looks for the end would look for it from every mark on.
  let end = plain.length;
  while (end > 0 && GLUED.includes(plain[end - 1])) end -= 1;
  return plain.slice(0, end);
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
 * How fast: "2", "0.5", "1/10".
 *
 * @param {string} words
 */
function readSpeed(words) {
  const [, whole, part] = /^(\d{1,3}(?:\.\d{1,3})?)(?:\/(\d{1,3}))?$/.exec(words) ?? [];
  const speed = Number(whole) / Number(part ?? 1);
  return speed >= 0.01 && speed <= 100 ? speed : null;
}

/** @param {string} words "" for an option that is only named */
function readFlag(words) {
  if (/^(|on|yes|true|1)$/.test(words)) return true;
  return /^(off|no|false|0)$/.test(words) ? false : null;
}

/**
 * @template {string} Word
 * @param {Word[]} known
 */
function oneOf(...known) {
  return (/** @type {string} */ words) => known.find((word) => word === words) ?? null;
}

/**
 * The options of an address, and how each is read; README says what each does. `in` is the module
 * that a run needs. What is not named here is left alone.
 */
const OPTIONS = {
  t: readTime, compare: readProtocols, in: oneOf("production"),
  play: oneOf("off", "visible", "now"), speed: readSpeed, loop: readFlag,
  theme: oneOf("light", "dark", "auto"), view: oneOf("logic", "plant", "both"), fixed: readFlag,
};

/**
 * What comes after the `#`: the engine's part, and options of the page's own.
 *
 * @param {string} hash
 * @param {string} [name] of the frame, in which an author may set options, too: "halflink play=off"
 */
export function parseHash(hash, name = "") {
  const [link, ...linked] = tidy(hash).split(/[&?]/);
  const named = /^halflink\b/.test(name) ? name.split(/[\s&;]+/).slice(1) : [];
  const options = [...named, ...linked];
  /** Options that say nothing. @type {string[]} */
  const refused = [];
  /**
   * @template Value
   * @param {keyof typeof OPTIONS} option
   * @param {(words: string) => Value|null} read
   */
  const read = (option, read) => {
    const given = options.filter((one) => one === option || one.startsWith(`${option}=`));
    const values = given.map((one) => read(one.slice(option.length + 1)));
    refused.push(...given.filter((_, index) => values[index] === null));
    return values.find((value) => value !== null) ?? null;
  };
  return {
    link, refused,
    time_us: read("t", OPTIONS.t),
    /** Protocols to set beside the scenario's own. */
    compared: read("compare", OPTIONS.compare),
    module: read("in", OPTIONS.in) ?? "",
    play: read("play", OPTIONS.play),
    speed: read("speed", OPTIONS.speed) ?? 1,
    loop: read("loop", OPTIONS.loop) ?? false,
    theme: read("theme", OPTIONS.theme) ?? "auto",
    view: read("view", OPTIONS.view) ?? "logic",
    fixed: read("fixed", OPTIONS.fixed) ?? false,
  };
}

/** @typedef {ReturnType<typeof parseHash>} Asked */

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
