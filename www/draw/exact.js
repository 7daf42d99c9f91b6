// @ts-check
/** Moments of the run, more exactly than a reader of a clock wants them. */
import { minutes, number } from "./words.js";

/**
 * A moment of the run with so many digits of a second: "0:15.0042".
 *
 * @param {number} time_us
 * @param {number} digits up to six
 */
export function formatExact(time_us, digits) {
  const grain_us = 10 ** (6 - digits);
  const whole = Math.floor(time_us / grain_us + 1e-9);
  const [minute, rest] = [Math.floor((whole * grain_us) / 60e6), (whole * grain_us) % 60e6];
  return `${minutes(minute)}:${number(rest / 1e6, digits, digits, 2)}`;
}
