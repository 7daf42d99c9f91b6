// @ts-check
/** What the page makes of its address, and the addresses it makes. */
import { late } from "./late.js";

const SECOND_US = 1_000_000;
/** An address as this page makes it; any other is mended first. */
const PLAIN = /^(?:#(?:\d+\.[\w-]*|[a-z][a-z0-9.-]*)?(?:&[a-z]+(?:=[\w.:,+/-]*)?)*)?(?<![.,:+/-])$/;

const loadForgive = late(() => import("./forgive.js"), "forgiveModule");

/**
 * A time of an address: seconds ("15", "12.5", "15s"), or what a clock shows ("0:15", "1:02:03",
 * "1m30s").
 *
 * @param {string} words
 * @returns {number|null} null if it is none
 */
export function readTime(words) {
  const found = /^(?:(?:(\d{1,2})[:h])?(\d{1,4})[:m])?(?:(\d{1,5}(?:[.,]\d{1,6})?)s?|(?<=m))$/.exec(
    words,
  );
  if (!found) return null;
  const [hours, minutes, seconds] = found
    .slice(1)
    .map((part) => Number(part?.replace(",", ".") ?? 0));
  if ((found[2] !== undefined && seconds >= 60) || (found[1] !== undefined && minutes >= 60))
    return null;
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
  t: readTime,
  compare: readProtocols,
  in: oneOf("production"),
  play: oneOf("off", "visible", "now"),
  speed: readSpeed,
  loop: readFlag,
  theme: oneOf("light", "dark", "auto"),
  view: oneOf("logic", "plant", "both"),
  fixed: readFlag,
  group: (/** @type {string} */ words) => (/^[a-z][a-z0-9-]{0,31}$/.test(words) ? words : null),
  groups: readFlag,
};

/**
 * What comes after the `#`: the engine's part, and options of the page's own.
 *
 * @param {string} hash
 * @param {string} [name] of the frame, in which an author may set options, too: "halflink play=off"
 */
export function parseHash(hash, name = "") {
  const [link, ...linked] = hash.split("&");
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
    link,
    refused,
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
    /** The group to show first, by its name; or all of them. */
    group: read("group", OPTIONS.group),
    groups: read("groups", OPTIONS.groups) ?? false,
  };
}

/** @typedef {ReturnType<typeof parseHash>} Asked */

/**
 * What the address of this page asks for, whatever it was pasted through.
 */
export async function readAddress() {
  // Where it cannot be mended, whoever reads it says what is wrong with it.
  const { tidy } = PLAIN.test(location.hash)
    ? { tidy: String }
    : await loadForgive().catch(() => ({ tidy: String }));
  return parseHash(tidy(location.hash), window.name);
}

/**
 * @param {string} address of the page
 * @param {string} link "#2.…"
 * @param {number|null} time_us to start at
 * @param {readonly string[]|null} [compared] protocols to set beside the scenario's own
 * @param {string} [group] as {@link groupOption} writes it
 */
export function linkAddress(address, link, time_us, compared = null, group = "") {
  const at = time_us === null ? "" : `&t=${Math.floor(time_us) / SECOND_US}`;
  const beside = compared === null ? "" : `&compare=${compared.join(",")}`;
  return `${address.split("#")[0]}${link}${at}${beside}${group}`;
}

/**
 * Which group an address shows, unless it is the first.
 *
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {boolean} all of them, beside each other
 */
export const groupOption = ({ shown, cluster }, all) =>
  all ? "&groups" : shown ? `&group=${cluster}` : "";
