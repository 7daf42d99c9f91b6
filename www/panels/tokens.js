// @ts-check
/**
 * The tokens of the scenario language, as the editor colours them. A statement is a line, so a line
 * is all that is ever read. Which words there are the parser's own rows tell, `grammar.js`; what is
 * wrong with a line the engine says, and nobody else.
 */
import { ACTIONS, LEADERS, PROTOCOLS, STATEMENTS } from "./grammar.js";

/**
 * "invalid": what begins no statement, what stands where an action does and is none, a text that
 * does not end.
 *
 * @typedef {"statement"|"verb"|"time"|"number"|"protocol"|"part"|"replica"|"name"|"string"
 *   |"comment"|"mark"|"word"|"invalid"} Kind
 * @typedef {{from: number, to: number, kind: Kind}} Token places are UTF-16 units in the line
 */

/**
 * What a text calls things, wherever that stands in it.
 *
 * @typedef {object} Declared
 * @property {string[]} clusters
 * @property {Map<string, string>} servers by the author's name: "r1.s1"
 * @property {Map<string, string>} replicas by the author's name: "n1"
 * @property {number} most replicas of one group
 */

const statements = new Set(STATEMENTS);
const verbs = new Set(ACTIONS.map(({ name }) => name));
const protocols = new Set(PROTOCOLS);
const leaders = new Set(LEADERS);

const SPACE = /[\s\u200b\u2060\ufeff]+/y;
const QUOTE = /["“”„‟″＂]|&quot;/y;
/** As `src/scenario/spelling.rs` has them. */
const MARK = /(?:<|&lt;)?[-–—−](?:>|&gt;)|[→⟶⇒↔⟷⇄]|\.\.|…|[:,%|｜]|&#124;/y;
const PLAIN_STRING = /"(?:\\.|[^"\\])*"/y;
const CURLY_STRING = /(?:["“”„‟″＂]|&quot;).*(?:["“”„‟″＂]|&quot;)/y;

const TIME = /^\d+(?:\.\d+)?(?:us|ms|s|m)$/;
const NUMBER = /^\d+(?:\/s|k?w)?$/;
const REPLICA = /^n\d\d?$/;
const PART =
  /^(?:site\d+|wan\d+-\d+|(?:site\d+\.)?(?:feed|spine|generator|ups)-[ab]|r\d+\.(?:ats|(?:breaker|pdu|tor)-[ab]|s\d+(?:\.(?:(?:nic|psu)-[ab]|d\d+|disk))?))$/;

/** @param {RegExp} pattern a sticky one @param {string} line @param {number} at */
function match(pattern, line, at) {
  pattern.lastIndex = at;
  return pattern.exec(line)?.[0] ?? "";
}

/**
 * The pieces of a line, before anybody asks what they mean.
 *
 * @param {string} line
 * @returns {Token[]} of kind string, comment, mark, word or invalid
 */
function pieces(line) {
  /** @type {Token[]} */
  const found = [];
  let at = 0;
  const take = (/** @type {Kind} */ kind, /** @type {number} */ length) => {
    found.push({ from: at, to: at + length, kind });
    at += length;
  };
  while (at < line.length) {
    at += match(SPACE, line, at).length;
    if (at === line.length) break;
    const mark = match(MARK, line, at);
    if (line[at] === "#") take("comment", line.length - at);
    else if (match(QUOTE, line, at)) {
      const text = match(PLAIN_STRING, line, at) || match(CURLY_STRING, line, at);
      take(text ? "string" : "invalid", text ? text.length : line.length - at);
    } else if (mark) take("mark", mark.length);
    else take("word", wordAt(line, at));
  }
  return found;
}

/** How long a word is. @param {string} line @param {number} from */
function wordAt(line, from) {
  let at = from + 1;
  const goesOn = () =>
    at < line.length &&
    line[at] !== "#" &&
    !match(SPACE, line, at) &&
    !match(QUOTE, line, at) &&
    !match(MARK, line, at);
  while (goesOn()) at += 1;
  return at - from;
}

/**
 * @param {string} word
 * @param {Declared} declared
 * @returns {Kind}
 */
function kindOf(word, declared) {
  if (TIME.test(word)) return "time";
  if (NUMBER.test(word)) return "number";
  if (REPLICA.test(word) || leaders.has(word) || declared.replicas.has(word)) return "replica";
  if (protocols.has(word)) return "protocol";
  const [head] = word.split(".");
  const isIn = head !== word && (declared.servers.has(head) || leaders.has(head));
  if (PART.test(word) || declared.servers.has(word) || isIn) return "part";
  return "word";
}

/**
 * At which word of a statement its action begins; -1 where it has none.
 *
 * @param {string} statement
 * @param {readonly string[]} words
 */
function actionAt(statement, words) {
  const behind = (/** @type {number} */ at) => (words[at] === "in" ? at + 2 : at);
  if (statement === "at") return behind(2);
  if (statement === "every") return behind(6);
  const when = ["note", "step", "ask"].includes(statement) ? words.indexOf("when") : -1;
  return when > 0 ? behind(when + 1) : -1;
}

/**
 * What a statement names by a word of its own.
 *
 * @param {string} statement
 * @param {readonly string[]} words
 * @returns {number} at which word, or -1
 */
function nameAt(statement, words) {
  if (statement === "cluster" || statement === "database") return 1;
  if (statement === "name") return 2;
  return words[actionAt(statement, words) - 2] === "in" ? actionAt(statement, words) - 1 : -1;
}

/**
 * @param {string} line
 * @param {Declared} declared by its text
 * @returns {Token[]}
 */
export function tokensOf(line, declared) {
  const found = pieces(line);
  const told = found.filter(({ kind }) => kind === "word");
  const words = told.map(({ from, to }) => line.slice(from, to));
  const [statement] = words;
  const [action, name] = [actionAt(statement, words), nameAt(statement, words)];
  // A condition is an action, or something else that happens.
  const mayBeOther = statement !== "at" && statement !== "every";
  told.forEach((token, index) => {
    const word = words[index];
    if (index === 0) token.kind = statements.has(word) ? "statement" : "invalid";
    else if (index === name) token.kind = "name";
    else if (index === action && verbs.has(word)) token.kind = "verb";
    else if (index === action && !mayBeOther) token.kind = "invalid";
    else token.kind = kindOf(word, declared);
  });
  // A mark or a text begins no statement.
  if (found.length && found[0].kind !== "comment" && found[0] !== told[0])
    found[0].kind = "invalid";
  return found;
}

/** A text has at most so many bytes; what is longer is no scenario, and nobody reads all of it. */
const TEXT_MAX = 65_536;

const CLUSTER = /^\s*cluster\s+([a-z][a-z0-9-]*)\s*:\s*\S+\s+on\s+([^#]*)/;
const NAME = /^\s*name\s+(?:(n\d\d?)|(r\d+\.s\d+))\s+([^\s#,:"]+)/;

/**
 * @param {string} text which may have errors
 * @returns {Declared}
 */
export function declaredBy(text) {
  /** @type {Declared} */
  const declared = { clusters: [], servers: new Map(), replicas: new Map(), most: 0 };
  if (text.length > TEXT_MAX) return declared;
  for (const line of text.split("\n")) {
    const [, cluster, members] = CLUSTER.exec(line) ?? [];
    if (cluster) {
      declared.clusters.push(cluster);
      declared.most = Math.max(declared.most, members.split(/\s+/).filter(Boolean).length);
    }
    const [, replica, server, name] = NAME.exec(line) ?? [];
    if (replica) declared.replicas.set(name, replica);
    else if (server) declared.servers.set(name, server);
  }
  return declared;
}
