// @ts-check
/** The protocols as a menu shows them: by family, with what each promises and where it is from. */
import { html } from "../draw/dom.js";
import { tell } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").ProtocolEntry} ProtocolEntry */

/** A longer text is not parsed once for each protocol, only to say beforehand what would fail. */
const CHECKED_LENGTH_MAX = 200_000;

/** @type {[string, string, string][]} */
const FAMILIES = [
  ["crash-fault", "Crash-fault", "Machines stop and messages get lost. Nobody lies."],
  [
    "byzantine-fault",
    "Byzantine-fault",
    "Some machines lie, each its own way to each of the others.",
  ],
  ["production code", "Production code", "The crates that others run, in the same picture."],
];

/** @type {[RegExp, string][]} */
const RUN_BY = [[/^tikv-raft/, "This is the code TiKV runs."]];

/**
 * @typedef {object} ListOptions
 * @property {import("../run/session.js").Session} session
 * @property {"menuitemradio"|"menuitemcheckbox"} role
 * @property {readonly string[]} checked
 * @property {boolean} [full] true if no more can be chosen
 * @property {string} [fixed] one that cannot be taken out
 */

/**
 * @param {HTMLElement} list
 * @param {ListOptions} options
 */
export function fillProtocols(list, options) {
  const entries = options.session.engine.protocols();
  const groups = FAMILIES.map(([family, title, words]) => {
    const members = entries.filter((entry) => entry.family === family);
    return createGroup(title, words, members, options);
  });
  list.classList.add("protocol-list");
  list.replaceChildren(...groups);
}

/**
 * @param {string} title
 * @param {string} words
 * @param {ProtocolEntry[]} members
 * @param {ListOptions} options
 */
function createGroup(title, words, members, options) {
  const shared = commonest(members.map(({ promise }) => promise));
  const group = html(
    "div",
    { role: "group", "aria-label": title, class: "protocol-group" },
    html(
      "p",
      { class: "protocol-family" },
      html("b", {}, title),
      " ",
      words,
      html("span", {}, `Promise: ${shared}`),
    ),
  );
  group.hidden = members.length === 0;
  group.append(...members.map((entry) => createItem(entry, entry.promise === shared, options)));
  return group;
}

/**
 * @param {readonly string[]} words
 */
function commonest(words) {
  const count = (/** @type {string} */ one) => words.filter((other) => other === one).length;
  return [...words].sort((one, other) => count(other) - count(one))[0] ?? "";
}

/**
 * @param {ProtocolEntry} entry
 * @param {boolean} usual true if its promise is that of its group
 * @param {ListOptions} options
 */
function createItem({ name, summary, paper, promise }, usual, options) {
  const checked = options.checked.includes(name);
  const reason = refusal(name, checked, options);
  const by = RUN_BY.find(([pattern]) => pattern.test(name))?.[1];
  const lines = [html("span", {}, summary)];
  if (reason) lines.push(html("span", { class: "protocol-refusal" }, reason));
  if (by && !summary.includes("TiKV")) lines.push(html("span", {}, by));
  if (!usual) lines.push(html("span", {}, `Promise: ${promise}`));
  return html(
    "button",
    {
      type: "button",
      role: options.role,
      tabindex: -1,
      "data-value": name,
      "aria-checked": String(checked),
      "aria-disabled": reason ? "true" : null,
      "aria-label":
        `${name}. ${reason ? `Not here: ${reason}. ` : ""}${summary} ${by ?? ""} ` +
        `${promise} ${paper}`,
      title: promise,
    },
    html("b", {}, name),
    ...lines,
    html("span", { class: "protocol-paper" }, paper),
  );
}

/**
 * Why a protocol cannot be chosen; `null` if it can.
 *
 * @param {string} name
 * @param {boolean} checked
 * @param {ListOptions} options
 */
function refusal(name, checked, { session, full, fixed }) {
  if (name === fixed) return "The scenario's own: chosen in the bar above.";
  if (checked) return null;
  const text = session.text;
  const errors =
    text.length > CHECKED_LENGTH_MAX
      ? []
      : session.engine.check(session.engine.with_protocol(text, name));
  if (errors.length) return `Cannot run this scenario: ${tell("diagnostic", errors[0].fact)}`;
  return full ? "Six are shown already: take one out first." : null;
}
