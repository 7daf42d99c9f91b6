// @ts-check
/** What a replica believes, in words and in colour. No document, no state. */
import { replicaColour } from "./colours.js";
import { inRow, isSaid, say, tell } from "./words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").ReplicaView} ReplicaView */

/** Orders of a general: colours of their own, for they are no replica's. */
/** @type {Record<string, string>} */
export const ORDER_COLOURS = { attack: "#906520", retreat: "#306cc0", hold: "#9e9621" };

/**
 * The colour of an order, if it is one.
 *
 * @param {string|null|undefined} kind of the value
 */
export function orderColour(kind) {
  return ORDER_COLOURS[kind ?? ""] ?? null;
}

/**
 * The colour of what a replica believes in: its leader's, or a general's order. `null` is nobody.
 *
 * @param {Plan} plan
 * @param {ReplicaView} replica
 */
export function beliefColour(plan, replica) {
  if (!replica.up) return null;
  if (plan.generals) return orderColour(replica.value?.kind);
  return replica.leader === null ? null : replicaColour(replica.leader);
}

/**
 * Whom it follows, or what it will do.
 *
 * @param {Plan} plan
 * @param {ReplicaView} replica
 * @param {number} index
 */
export function beliefWords(plan, replica, index) {
  if (!replica.up) return downWords(plan, replica);
  if (plan.generals) return orderWords(replica.value);
  if (replica.leader === index) return say("belief.itself");
  return replica.leader === null
    ? say("belief.nobody")
    : say("belief.follows", { leader: replica.leader }, plan);
}

/**
 * Why it does not run.
 *
 * @param {Plan} plan
 * @param {ReplicaView} replica
 */
export function downWords(plan, { why_down }) {
  return tell("trouble", why_down ?? "none", plan);
}

/** @param {import("../pkg/facts.js").Fact|null} value */
export function orderWords(value) {
  return say(`order.${value && orderColour(value.kind) ? value.kind : "none"}`);
}

/**
 * Where it stands within its epoch, the one value it is about, and whether it is paused:
 * " · round 2 of 3".
 *
 * @param {Plan} plan
 * @param {ReplicaView} replica
 */
export function phaseWords(plan, { up, phase, value, paused }) {
  if (!up) return "";
  const words = [
    value && !plan.generals && tell("value", value),
    phase && isSaid(`phase.${phase.kind}`) && tell("phase", phase),
    paused && say("note.paused"),
  ];
  return words.map((said) => (said ? ` · ${said}` : "")).join("");
}

/**
 * What a traitor does, as the text writes it.
 *
 * @param {Pick<ReplicaView, "lies">} replica
 */
export function liesInWords({ lies }) {
  return inRow(lies.map(({ text }) => text));
}
