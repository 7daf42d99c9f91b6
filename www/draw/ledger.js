// @ts-check
/** The ledger of a run as a list: which events are in it, and as a file. */
import { called } from "./called.js";
import { tell } from "./late-words.js";

/** @typedef {import("../pkg/facts.js").LedgerEntry} Entry */
/** @typedef {import("../pkg/facts.js").Plan} Plan */

/** Kinds of event, by what they are about. @type {ReadonlyMap<string, readonly string[]>} */
export const ABOUT = new Map([
  ["actions", ["action", "undone"]],
  ["beliefs", ["changed", "enters", "holds"]],
  ["leadership", ["leads", "nobody-leads", "parted", "agreed"]],
  ["clients", ["tried", "committed", "asked", "answered", "failed"]],
  [
    "plant",
    [
      ...["tripped", "drained", "generates", "transferred", "rebuilt", "started", "stopped"],
      ...["bundled", "unbundled", "switch-heard", "switch-unheard", "connected", "disconnected"],
      ...["behind", "caught-up", "shut-out", "promoted"],
    ],
  ],
  ["checks", ["broke", "no-more", "exhausted"]],
]);

/** By the name of an event what it is about. @type {Map<string, string>} */
const GROUP = new Map([...ABOUT].flatMap(([group, kinds]) => kinds.map((kind) => [kind, group])));

/** @param {Entry} entry */
export const aboutOf = ({ said }) => GROUP.get(said.kind) ?? "checks";

/**
 * @typedef {object} Asked
 * @property {ReadonlySet<string>} hidden what nothing is shown about
 * @property {string} find words that an event says
 * @property {string} without words of events of which none stands between it and the last that says
 *   what is found
 */

/**
 * The events that are asked for, by their number.
 *
 * @param {readonly Entry[]} entries
 * @param {(number: number) => string} words
 * @param {Asked} asked
 */
export function found(entries, words, { hidden, find, without }) {
  const [wanted, barred] = [find.trim().toLowerCase(), without.trim().toLowerCase()];
  /** @type {number[]} */
  const numbers = [];
  let isBarred = false;
  entries.forEach((entry, number) => {
    const said = wanted ? words(number).toLowerCase() : "";
    if (!hidden.has(aboutOf(entry)) && said.includes(wanted)) {
      if (!isBarred) numbers.push(number);
      isBarred = false;
    }
    // One may be both: then it stands before the next.
    isBarred ||= wanted !== "" && barred !== "" && said.includes(barred);
  });
  return numbers;
}

/**
 * The last of them that has happened by then, by its place among them; -1 if none has.
 *
 * @param {readonly Entry[]} entries
 * @param {readonly number[]} numbers
 * @param {number} time_us
 */
export function latest(entries, numbers, time_us) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[numbers[middle]].at_us <= time_us) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * An event in words.
 *
 * @param {Entry} entry
 * @param {Plan} plan
 */
export const eventWords = ({ said }, plan) => tell("ledger", said, plan);

/**
 * An object a line, of the fields that `halflink export --as jsonl` has, by the author's names.
 *
 * @param {readonly Entry[]} entries
 * @param {Plan} plan
 */
export const asJsonLines = (entries, plan) =>
  entries.map((entry) => `${JSON.stringify(lineOf(entry, plan))}\n`).join("");

/**
 * @param {Entry} entry
 * @param {Plan} plan
 */
function lineOf(entry, plan) {
  const { kind, ...fact } = entry.said;
  return {
    at_us: entry.at_us,
    group: plan.cluster,
    event: kind,
    replica: entry.who === null ? null : called(plan.replicas[entry.who].name),
    words: called(eventWords(entry, plan)),
    fact: inOrder(fact),
  };
}

/**
 * With names in the order in which the command line has them.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function inOrder(value) {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || !value) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([name, field]) => [name, inOrder(field)]));
}

/**
 * The same as a table (RFC 4180).
 *
 * @param {readonly Entry[]} entries
 * @param {Plan} plan
 */
export function asTable(entries, plan) {
  const quoted = (/** @type {string} */ text) =>
    /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const rows = entries.map((entry) => {
    const { at_us, group, event, replica, words } = lineOf(entry, plan);
    return [`${at_us}`, group, event, replica ?? "", words].map(quoted).join(",");
  });
  return `${["at_us,group,event,replica,words", ...rows].join("\n")}\n`;
}
