// @ts-check
/**
 * What may stand at a place in a text. What is expected there the engine says, as it says it of a
 * line that ends too early; so there is no second grammar. Of what there is, the text tells what
 * its author calls things, and the plan which parts there are.
 */
import { ACTIONS, LEADERS, ORDERS, PROTOCOLS, READS, ROLES, STATEMENTS } from "./grammar.js";
import { tokensOf } from "./tokens.js";

/** @typedef {import("../pkg/facts.js").Diagnostic} Diagnostic */
/**
 * `of`: what a name of the author's stands for.
 *
 * @typedef {{label: string, of?: string, verb?: boolean}} Option
 * @typedef {{kind: string, text?: string, names?: string[]}} Expected
 * @typedef {{name: string, kind: string}} Part
 */

/** What is being written, up to the place: no mark, no quote, no space. */
const WRITTEN = /[^\s,:%|"<>#]*$/;

/**
 * What is expected behind what stands in a line, if it is not whole.
 *
 * @param {(text: string) => Diagnostic[]} check
 * @param {string} text all of it: what it calls things counts
 * @param {string} head of the line
 * @returns {Expected|null}
 */
export function expectedBehind(check, text, head) {
  // A line is read by itself, but for the names, and after the first.
  const names = text.split("\n").filter((line) => /^\s*(?:name|cluster)\s/.test(line));
  const whole = ["halflink 1", ...names, head].join("\n");
  const last = names.length + 2;
  const wrong = check(whole).find(({ line, fact }) => line === last && fact.kind === "expected");
  const { what, found } = /** @type {{what?: Expected, found?: {kind: string}}} */ (
    /** @type {unknown} */ (wrong?.fact ?? {})
  );
  return what && found?.kind === "end" ? what : null;
}

/**
 * @param {Expected} expected
 * @param {object} known
 * @param {import("./tokens.js").Declared} known.declared by the text
 * @param {readonly Part[]} known.parts of the plan
 * @param {string} known.head of the line
 * @returns {Option[]}
 */
function optionsOf({ kind, text = "", names }, { declared, parts, head }) {
  const plain = (/** @type {readonly string[]} */ words) => words.map((label) => ({ label }));
  const named = (/** @type {Map<string, string>} */ names) =>
    [...names].map(([label, of]) => ({ label, of }));
  const replicas = [
    ...named(declared.replicas),
    ...plain(Array.from({ length: declared.most }, (_, index) => `n${index + 1}`)),
  ];
  const leader = plain(LEADERS.slice(0, 1));
  const isAction = ACTIONS.some(({ name }) => new RegExp(`\\s${name}\\s+$`).test(head));
  const servers = [
    ...named(declared.servers),
    ...plain(parts.filter((one) => one.kind === "server").map(({ name }) => name)),
  ];
  // What drops packets is a switch.
  const drops = /\sgray\s+$/.test(head);
  const isMeant = (/** @type {Part} */ part) =>
    !drops || part.kind === "tor" || part.kind === "spine";
  const all = [
    ...(drops ? [] : named(declared.servers)),
    ...plain(parts.filter(isMeant).map(({ name }) => name)),
  ];
  const volumes = servers.map(({ label }) => ({ label: `${label}.disk` }));
  switch (kind) {
    case "mark":
      return plain(/^\w/.test(text) ? [text] : []);
    case "verb":
      return (names ?? []).map((label) => ({ label, verb: true }));
    case "first-statement":
      return plain(["halflink 1"]);
    case "statement":
      return plain(STATEMENTS);
    case "replica":
      return [...replicas, ...leader];
    case "end-of-link":
      return [...replicas, ...leader, ...all];
    case "sender":
      return [...replicas, ...plain(["*", "all", "control"])];
    case "receiver":
      return [...replicas, ...plain(["*"])];
    case "named":
      return [...replicas, ...servers].filter((one) => !("of" in one));
    case "server":
      return isAction ? [...servers, ...leader] : servers;
    case "volume":
      return [...volumes, ...plain([`${LEADERS[0]}.disk`])];
    case "part":
      return all;
    case "group":
      return plain(declared.clusters);
    case "protocol":
      return plain(PROTOCOLS);
    case "protocols":
      return plain([...PROTOCOLS, ...(/^\s*expect/.test(head) ? ["all"] : [])]);
    case "role":
      return plain(ROLES);
    case "reading":
      return plain(READS);
    case "order":
      return plain(ORDERS);
    default:
      return plain(names ?? []);
  }
}

/**
 * What may be written at a place, and since where it is being written; nothing in comments and in
 * texts in quotes, and where the line is whole.
 *
 * @param {string} text
 * @param {{line: string, column: number}} place in UTF-16 units
 * @param {object} known
 * @param {(text: string) => Diagnostic[]} known.check
 * @param {import("./tokens.js").Declared} known.declared by the text
 * @param {readonly Part[]} known.parts of the plan
 * @returns {{from: number, options: Option[]}|null}
 */
export function completionsAt(text, { line, column }, { check, declared, parts }) {
  const before = line.slice(0, column);
  const from = column - (WRITTEN.exec(before)?.[0].length ?? 0);
  const head = before.slice(0, from);
  const { kind, to } = tokensOf(before, declared).at(-1) ?? { kind: "word", to: 0 };
  const isQuoted = kind === "string" ? to > from : head.includes('"') && kind === "invalid";
  if (kind === "comment" || isQuoted) return null;
  if (!head.trim()) return { from, options: STATEMENTS.map((label) => ({ label })) };
  const expected = expectedBehind(check, text, head);
  const options = expected ? optionsOf(expected, { declared, parts, head }) : [];
  const written = before.slice(from);
  // What is written in full needs no help, and Enter ends its line.
  if (!options.length || options.some(({ label }) => label === written)) return null;
  return { from, options };
}
