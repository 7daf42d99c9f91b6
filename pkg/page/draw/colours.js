// @ts-check
/** A colour for each replica. Never the only sign: glyph, dash and label say the same. */

/**
 * Each keeps 3:1 against white and the dark paper alike, none is near the red of faults, and the
 * first five are told apart, to any eye: a test computes it.
 */
export const REPLICA_COLOURS = [
  "#306cc0",
  "#9e9621",
  "#00906c",
  "#8a81ef",
  "#906520",
  "#229c9c",
  "#668e4f",
  "#427a17",
  "#a97fbc",
  "#637080",
  "#6482aa",
  "#4e69e5",
  "#5d784e",
  "#977d30",
  "#877077",
];

/**
 * @param {number} replica
 */
export function replicaColour(replica) {
  return REPLICA_COLOURS[replica % REPLICA_COLOURS.length];
}

/**
 * Relative luminance as WCAG 2 defines it.
 *
 * @param {string} colour "#rrggbb"
 */
export function luminance(colour) {
  const channel = (/** @type {number} */ at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/**
 * Contrast of two colours, 1 to 21.
 *
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @type {Map<string, string>} */
const inks = new Map();

/**
 * White where a large bold letter reads on the colour (3:1), else ink.
 *
 * @param {string} colour
 */
export function inkOn(colour) {
  let ink = inks.get(colour);
  if (ink) return ink;
  ink = contrast(colour, "#ffffff") >= 3 ? "#ffffff" : "#141a22";
  inks.set(colour, ink);
  return ink;
}
