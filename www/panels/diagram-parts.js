// @ts-check
/** What the panel of messages is made of, and what it says of one. */
import { DIED, LIE, WITHHELD } from "../draw/diagram-layout.js";
import { html, set } from "../draw/dom.js";
import { formatExact } from "../draw/exact.js";
import { formatSpan } from "../draw/format.js";
import { say } from "../draw/late-words.js";

/** @typedef {import("../draw/diagram-layout.js").Arrow} Arrow */

/**
 * What the panel is made of.
 *
 * @param {Record<"earlier"|"later"|"out"|"in"|"whole"|"table", () => void>} acts
 */
export function elements(acts) {
  const button = (/** @type {keyof typeof acts} */ name, sign = "") => {
    const label = say(`diagram.${name}`);
    const words = sign ? { "aria-label": label, title: label } : {};
    const element = html("button", { type: "button", class: "pill", ...words }, sign || label);
    element.addEventListener("click", acts[name]);
    return element;
  };
  const canvas = html("canvas", {
    class: "diagram-picture",
    tabindex: 0,
    role: "application",
    "aria-label": say("bar.diagram"),
    "aria-describedby": "diagram-keys",
  });
  const probe = html("i", { class: "diagram-probe", "aria-hidden": "true" });
  const counts = html("p", { class: "diagram-counts" });
  const kinds = html("div", {
    class: "diagram-kinds",
    role: "group",
    "aria-label": say("diagram.kinds"),
  });
  const said = html("p", { class: "diagram-said", role: "status" });
  const tableButton = button("table");
  set(tableButton, "aria-expanded", "false");
  const table = html("div", {
    class: "diagram-table",
    hidden: true,
    tabindex: 0,
    role: "region",
    "aria-label": say("diagram.table-of"),
  });
  const tools = html(
    "div",
    { class: "diagram-tools" },
    button("earlier", "‹"),
    button("later", "›"),
  );
  tools.append(button("out", "−"), button("in", "+"), button("whole"), tableButton);
  const heading = html("h2", { class: "small-heading" }, say("diagram.title"));
  const keys = html("p", { id: "diagram-keys", class: "diagram-keys" }, say("diagram.keys"));
  const room = html("div", { class: "diagram-room" }, canvas);
  const head = html("div", { class: "diagram-head" }, heading, counts, tools);
  const all = [head, kinds, room, said, keys, table, probe];
  return { canvas, probe, counts, kinds, said, table, tableButton, all };
}

/**
 * @param {Arrow} arrow
 * @param {number} until_us up to when the run is known
 */
export function fateInWords({ sent_us, ends_us, marks }, until_us) {
  const took = formatSpan(ends_us - sent_us);
  if (marks & WITHHELD) return say("diagram.withheld");
  if (ends_us > until_us) return say("diagram.under-way");
  if (marks & DIED) return say("diagram.died", { took });
  return say(marks & LIE ? "diagram.lie" : "diagram.arrived", { took });
}

/**
 * @param {Arrow} arrow
 * @param {import("../run/panels.js").Frame} frame
 */
export function timesOf(arrow, { plan, strip }) {
  const name = (/** @type {number} */ id) => plan.replicas[id].name;
  const sent = formatExact(arrow.sent_us, 6);
  return {
    sent,
    from: name(arrow.from),
    to: name(arrow.to),
    fate: fateInWords(arrow, strip.frontier_us),
  };
}
