// @ts-check
/** What a click does, as statements of the scenario text. No document, no state. */

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").View} View */

/**
 * True if a fault in force names that link, in that direction, itself.
 *
 * @param {readonly {text: string}[]} faults
 * @param {string} from
 * @param {string} to
 */
export function isCut(faults, from, to) {
  const links = [`${from} -> ${to}`, `${from} <-> ${to}`, `${to} <-> ${from}`];
  return faults.some(({ text }) => {
    const match = /^(?:cut|lose \d+% of) (.+)$/.exec(text);
    return match !== null && links.includes(match[1]);
  });
}

/**
 * True if a link is cut, or loses packets, by a fault of its own: then a click heals it.
 * A fault of both directions may be in force for the other one only, so its state has the say.
 *
 * @param {string} state
 * @param {readonly {text: string}[]} faults
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
 * The parts of a plan that a reason names.
 *
 * @param {Plan} plan
 * @param {string} reason
 * @returns {number[]}
 */
export function partsNamed(plan, reason) {
  const words = new Set(reason.match(/[a-z0-9][a-z0-9.-]*[a-z0-9]/g) ?? []);
  return plan.parts.flatMap((part, index) => (words.has(part.name) ? [index] : []));
}

/**
 * A reason in few words, for a label in the picture.
 *
 * @param {string} state
 * @param {string|null} why
 * @param {Plan} plan
 */
export function shortReason(state, why, plan) {
  if (state === "cut") return "cut";
  if (state === "lossy") return /\d+ ?%/.exec(why ?? "")?.[0].concat(" lost") ?? "lossy";
  const [part] = partsNamed(plan, why ?? "");
  return part === undefined ? "dead" : `dies at ${plan.parts[part].name}`;
}
