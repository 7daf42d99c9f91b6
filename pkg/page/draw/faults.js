// @ts-check
/** What a click does, as statements of the scenario text. No document, no state. */

import { say, tell } from "./words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Cause} Cause */

/** @typedef {readonly Pick<import("../pkg/facts.js").FaultView, "target">[]} Faults those in force */

/**
 * True if a fault in force names that link, in that direction, itself.
 *
 * @param {Faults} faults
 * @param {string} from
 * @param {string} to
 */
export function isCut(faults, from, to) {
  return faults.some(
    ({ target: { link } }) =>
      link !== null &&
      ((link.from === from && link.to === to) ||
        (link.both && link.from === to && link.to === from)),
  );
}

/**
 * True if a link is cut, or loses packets, by a fault of its own: then a click heals it.
 * A fault of both directions may be in force for the other one only, so its state has the say.
 *
 * @param {string} state
 * @param {Faults} faults
 * @param {string} from
 * @param {string} to
 */
export function isSevered(state, faults, from, to) {
  return state === "cut" || (state !== "up" && isCut(faults, from, to));
}

/**
 * What Enter or a click does to a link.
 *
 * @param {boolean} severed
 * @param {string} from
 * @param {string} to
 * @param {boolean} [both]
 */
export function toggleLink(severed, from, to, both = false) {
  const verb = severed ? "heal" : "cut";
  return `${verb} ${from} ${both ? "<->" : "->"} ${to}`;
}

/**
 * How a link is, and what it does to packets besides losing them.
 *
 * @param {string} state in words
 * @param {readonly import("../pkg/facts.js").Fact[]} impaired
 */
export function withImpairments(state, impaired) {
  return impaired.length ? say("flow.also", { state, impaired }) : state;
}

/**
 * Why a link is not up in few words, for a label in the picture.
 *
 * @param {string} state
 * @param {Cause|null} why
 * @param {Plan} plan
 * @param {readonly import("../pkg/facts.js").Fact[]} impaired
 */
export function shortReason(state, why, plan, impaired) {
  if (state === "impaired") return impaired.map((how) => tell("impaired", how)).join(" · ");
  if (state === "lossy" && why) return say("reason.lossy", { percent: why.percent });
  const part =
    state === "cut" || !why
      ? null
      : (why.part ?? (why.lane === null ? null : plan.lanes[why.lane].from));
  if (part !== null) return say("reason.at", { part }, plan);
  return say(state === "dead" ? "reason.dead" : "reason.cut");
}
