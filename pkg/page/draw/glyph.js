// @ts-check
/**
 * A replica as a sign: whom it believes in, whether it wears the crown, how patient it still is,
 * whether it has two faces.
 */
import { beliefColour } from "./belief.js";
import { inkOn, replicaColour } from "./colours.js";
import { set, setClass, setText, svg } from "./dom.js";
import { guess, letters, shortened } from "./measure.js";

/** Half of a face each way. */
const FACES = "M0-6.5A6.5 6.5 0 0 0 0 6.5Z";
const CROWN = "M-10 6L-10.5-4.5L-5-.5L0-8L5-.5L10.5-4.5L10 6Z";

/**
 * @typedef {{element: SVGGElement, ring: SVGCircleElement, disc: SVGCircleElement,
 *   name: SVGTextElement, crown: SVGPathElement, off: SVGPathElement, radius: number}} Glyph
 */

/**
 * A replica's name as it fits into its sign: a long one is smaller, and cut short.
 *
 * @param {string} name
 * @param {number} radius
 */
export function labelIn(name, radius) {
  const room = 1.8 * radius;
  const fits = (/** @type {string} */ text) => guess(text, 0.45 * radius) <= room;
  const label = shortened(name, fits);
  const size = letters(label) > 2 ? Math.min(0.72 * radius, room / guess(label, 1)) : 0.86 * radius;
  return { label, size };
}

/**
 * @param {string} name "n1"
 * @param {number} radius
 * @returns {Glyph}
 */
export function createGlyph(name, radius) {
  const { size, label } = labelIn(name, radius);
  const glyph = {
    ring: svg("circle", { class: "patience", r: radius + 4.5, pathLength: 100 }),
    disc: svg("circle", { class: "disc", r: radius }),
    name: svg("text", { class: "glyph-name", y: size * 0.36, "font-size": size }, label),
    crown: svg("path", {
      class: "crown",
      d: CROWN,
      transform: `translate(0 ${-radius - 9}) scale(${radius / 20})`,
    }),
    off: svg("path", {
      class: "off",
      transform: `translate(${radius * 0.8} ${-radius * 0.8}) scale(${radius * 0.26})`,
    }),
  };
  const faces = svg(
    "g",
    {
      class: "faces",
      transform: `translate(${-radius * 0.85} ${radius * 0.8}) scale(${radius / 20})`,
    },
    svg("circle", { r: 7.5 }),
    svg("path", { d: FACES }),
  );
  const element = svg(
    "g",
    { class: "glyph" },
    glyph.ring,
    glyph.disc,
    glyph.name,
    glyph.crown,
    glyph.off,
    faces,
  );
  return { ...glyph, element, radius };
}

/**
 * @param {Glyph} glyph
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {number} index the replica's number
 * @param {import("../pkg/facts.js").ReplicaView} replica
 * @param {number} time_us
 */
export function updateGlyph(glyph, plan, index, replica, time_us) {
  const believes = beliefColour(plan, replica);
  const colour = believes ?? replicaColour(index);
  const hollow = believes === null;
  setClass(glyph.element, "hollow", hollow && replica.up);
  setClass(glyph.element, "down", !replica.up);
  setClass(glyph.element, "paused", replica.paused);
  // Two bars, or a cross.
  set(glyph.off, "d", replica.paused ? "M-.6-1V1M.6-1V1" : "M-1-1L1 1M1-1L-1 1");
  setClass(glyph.element, "crowned", replica.up && replica.leader === index);
  setClass(glyph.element, "two-faced", replica.lies.length > 0);
  set(glyph.disc, "fill", hollow ? null : colour);
  set(glyph.disc, "stroke", replica.up ? colour : null);
  set(glyph.name, "fill", hollow ? null : inkOn(colour));
  const { size, label } = labelIn(plan.replicas[index].name, glyph.radius);
  setText(glyph.name, label);
  set(glyph.name, "font-size", size);
  set(glyph.name, "y", size * 0.36);
  const left = patience(replica, time_us);
  set(glyph.ring, "stroke-dasharray", left === null ? "0 100" : `${left} 100`);
}

/**
 * The share of its election timer that a replica has left, in hundredths and no finer than shows.
 *
 * @param {import("../pkg/facts.js").ReplicaView} replica
 * @param {number} time_us
 */
function patience(replica, time_us) {
  if (!replica.up || replica.timeout_at_us === null || !replica.timeout_us) return null;
  const left = (replica.timeout_at_us - time_us) / replica.timeout_us;
  return Math.round(Math.min(1, Math.max(0, left)) * 33) * 3;
}
