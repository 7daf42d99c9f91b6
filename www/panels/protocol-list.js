// @ts-check
/** The protocols as a menu shows them: by family, with what each promises and where it is from. */
import { html } from "../draw/dom.js";
import { say, tell } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").ProtocolEntry} ProtocolEntry */

/** A longer text is not parsed once for each protocol, only to say beforehand what would fail. */
const CHECKED_LENGTH_MAX = 200_000;

const FAMILIES = ["crash-fault", "byzantine-fault", "production code"];

/**
 * @typedef {object} ListOptions
 * @property {import("../run/engine.js").Engine} engine
 * @property {string} text the scenario
 * @property {import("../pkg/facts.js").Plan} plan its own
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
  const entries = options.engine.protocols();
  const groups = FAMILIES.map((family) => {
    const members = entries.filter((entry) => entry.family === family);
    return createGroup(family, members, options);
  });
  list.classList.add("protocol-list");
  list.replaceChildren(...groups);
}

/**
 * @param {string} family
 * @param {ProtocolEntry[]} members
 * @param {ListOptions} options
 */
function createGroup(family, members, options) {
  const title = tell("family-name", family);
  const shared = commonest(members.map(promised));
  const group = html(
    "div",
    { role: "group", "aria-label": title, class: "protocol-group" },
    html(
      "p",
      { class: "protocol-family" },
      html("b", {}, title),
      " ",
      tell("family", family),
      html("span", {}, shared),
    ),
  );
  group.hidden = members.length === 0;
  group.append(...members.map((entry) => createItem(entry, promised(entry) === shared, options)));
  return group;
}

/**
 * "Promise: One log for all, ..."
 *
 * @param {ProtocolEntry} entry
 */
function promised({ safety, needs }) {
  return say("promised", { promise: { safety, needs } });
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
function createItem({ name, paper, safety, needs }, usual, options) {
  const summary = tell("summary", name);
  const promise = tell("promise", { safety, needs });
  const checked = options.checked.includes(name);
  const reason = refusal(name, checked, options);
  const by = name.startsWith("tikv-raft") ? say("run-by.tikv") : "";
  const lines = [html("span", {}, summary)];
  if (reason) lines.push(html("span", { class: "protocol-refusal" }, reason));
  if (by && !summary.includes("TiKV")) lines.push(html("span", {}, by));
  if (!usual) lines.push(html("span", {}, say("promised", { promise: { safety, needs } })));
  return html(
    "button",
    {
      type: "button",
      role: options.role,
      tabindex: -1,
      "data-value": name,
      "aria-checked": String(checked),
      "aria-disabled": reason ? "true" : null,
      "aria-label": say(reason ? "protocol.not-here" : "protocol.label", {
        ...{ name, reason, summary, by, promise, paper },
      }),
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
function refusal(name, checked, { engine, text, plan, full, fixed }) {
  if (name === fixed) return say("protocol.own");
  if (checked) return null;
  const errors =
    text.length > CHECKED_LENGTH_MAX
      ? []
      : engine.check(engine.with_protocol(text, name, plan.shown));
  if (errors.length) return say("protocol.cannot", { why: errors[0].fact });
  return full ? say("protocol.full") : null;
}
