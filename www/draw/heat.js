// @ts-check
/** What single faults do, where they strike: the worse, the hotter. */

/** @typedef {import("../pkg/facts.js").Plan} Plan */

/** Between what hurts nobody and what hurts a little. */
const UNSEEN = 0.5;
/** From what hurts nobody on. */
const BY_HEAT = ["stable", "parted", "recovered", "flapping", "stalled", "unsafe"];

/** Of an outcome that is not known. */
export const UNKNOWN = "?";

/** @param {string|null} outcome */
export const heatOf = (outcome) => (outcome ? Math.max(0, BY_HEAT.indexOf(outcome)) : 0);

/** The picture without it. */
export function unheat() {
  for (const element of document.querySelectorAll("#plant [data-heat], #logic [data-heat]"))
    element.removeAttribute("data-heat");
}

/**
 * @param {import("../pkg/facts.js").Explored} explored
 * @param {readonly import("../pkg/facts.js").Struck[]} strikes each fault of its vocabulary
 * @param {Plan} plan that is drawn; what it does not have is not marked
 */
export function warm({ singles, vocabulary }, strikes, plan) {
  unheat();
  /** @type {Map<string, number>} */
  const heats = new Map();
  for (const { fault, outcome } of singles) {
    const struck = strikes[vocabulary.indexOf(fault)];
    const place = struck && placeOf(struck, plan);
    // What is not known hides nothing that is.
    const heat = outcome ? heatOf(outcome) : UNSEEN;
    if (place) heats.set(place, Math.max(heats.get(place) ?? 0, heat));
  }
  for (const [place, heat] of heats) {
    if (!heat) continue;
    for (const element of document.querySelectorAll(place))
      element.setAttribute("data-heat", heat === UNSEEN ? UNKNOWN : String(heat));
  }
}

/**
 * A selector for what a fault strikes.
 *
 * @param {import("../pkg/facts.js").Struck} struck
 * @param {Plan} plan
 */
function placeOf(struck, plan) {
  const name = (/** @type {number} */ replica) => plan.replicas[replica]?.name ?? "";
  if ("flow" in struck) {
    const [from, to] = struck.flow;
    return `#logic [data-flow="${CSS.escape(`${name(from)}->${name(to)}`)}"]`;
  }
  const part = "part" in struck ? struck.part : plan.replicas[struck.replica]?.part;
  const found = plan.parts[part ?? -1];
  return found && `#plant [data-part="${CSS.escape(found.name)}"]`;
}
