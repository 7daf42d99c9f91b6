// Numbers that look random and are the same in every run.

/**
 * A generator of whole numbers from 0 to below a bound.
 *
 * @param {number} seed
 * @returns {(bound: number) => number}
 */
export function generator(seed) {
  let state = seed >>> 0;
  return (bound) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
