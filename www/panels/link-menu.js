// @ts-check
/** The menu of one direction of a link: what it does to packets now, and what it can be made to. */
import { withImpairments } from "../draw/faults.js";
import { withArrows } from "../draw/format.js";
import { html } from "../draw/dom.js";
import { say, tell } from "../draw/late-words.js";
import { wanLanes } from "../draw/layout-sites.js";
import { impairments } from "./choices.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */
/**
 * A flow between replicas, or a lane of a cable, by its number among `flows` or `lanes` of a view.
 *
 * @typedef {{kind: "flows"|"lanes", index: number}} Link
 */

/**
 * Its ends by name, how it is, and that in words.
 *
 * @param {Plan} plan
 * @param {View} view
 * @param {Link} link
 */
export function describeLink(plan, view, { kind, index }) {
  if (kind === "lanes") {
    const { state, impaired } = view.lanes[index];
    const { from, to } = plan.lanes[index];
    const ends = { from: plan.parts[from].name, to: plan.parts[to].name };
    return { ...ends, state, says: withImpairments(say(`flow.${state}`), impaired) };
  }
  const { from, to, state, why, impaired } = view.flows[index];
  const ends = { from: plan.replicas[from].name, to: plan.replicas[to].name };
  const plain = why ? tell("cause", why, plan) : say(`flow.${state}`);
  return { ...ends, state, says: withImpairments(plain, impaired) };
}

/**
 * The links that begin or end at a part: what its replica says and hears, then its cables.
 *
 * @param {Plan} plan
 * @param {View} view
 * @param {number} index the part's number
 * @returns {Link[]}
 */
export function linksOf(plan, view, index) {
  const { kind, replica, rack, slot, side } = plan.parts[index];
  if (kind === "wan") return wanLanes(plan, index).map((lane) => ({ kind: "lanes", index: lane }));
  const flows = view.flows.flatMap(({ from, to }, flow) =>
    replica !== null && [from, to].includes(replica) ? [flow] : [],
  );
  const isOfCard = (/** @type {number} */ one, /** @type {number} */ other) => {
    const [server, tor] = [plan.parts[one], plan.parts[other]];
    return server.rack === rack && server.slot === slot && tor.kind === "tor" && tor.side === side;
  };
  const lanes = plan.lanes.flatMap(({ from, to }, lane) => {
    const isOwn =
      kind === "nic" ? isOfCard(from, to) || isOfCard(to, from) : from === index || to === index;
    return isOwn ? [lane] : [];
  });
  return [
    ...flows.map((flow) => /** @type {Link} */ ({ kind: "flows", index: flow })),
    ...lanes.map((lane) => /** @type {Link} */ ({ kind: "lanes", index: lane })),
  ];
}

/**
 * A row for each way to impair a link, an amount a button; pressed is what is in force.
 *
 * @param {import("./choices.js").Ends} ends
 * @param {string} way "->" or "<->"
 * @param {View["faults"]} faults in force
 * @param {(statement: string) => void} commit
 */
export function impairmentRows(ends, way, faults, commit) {
  const link = withArrows(`${ends.from} ${way} ${ends.to}`);
  return impairments(ends, way, faults).map(({ title, amounts }) => {
    const buttons = amounts.map(({ label, statement, isIn }) => {
      const button = html(
        "button",
        {
          type: "button",
          class: "pill",
          "data-statement": statement,
          "aria-pressed": String(isIn),
          "aria-label": say("impair.label", { what: title, amount: label, link }),
        },
        label,
      );
      button.addEventListener("click", () => commit(statement));
      return button;
    });
    return html("div", { class: "disk-row impair-row" }, html("span", {}, title), ...buttons);
  });
}

/**
 * One direction, or both at once.
 *
 * @param {boolean} both
 * @param {(both: boolean) => void} choose
 */
export function bothWays(both, choose) {
  const box = html("input", { type: "checkbox", checked: both });
  box.addEventListener("change", () => choose(box.checked));
  return html("label", { class: "disk-row both-ways" }, box, say("impair.both-ways"));
}
