// @ts-check
/** Owns time: where the playhead stands, whether it moves, how fast. Knows nothing of the page. */

export const SPEED_EXPONENT_MAX = 2;

export class Playback {
  /**
   * @param {() => void} changed called when something but the passing of time has changed
   */
  constructor(changed) {
    this.changed = changed;
    this.time_us = 0;
    this.until_us = 1;
    /** How far the run is simulated: the playhead waits there. */
    this.frontier_us = 0;
    this.speed = 1;
    this.playing = false;
    /** Where it begins again when it is at its end; null if it does not. @type {number|null} */
    this.loop_us = null;
    /** True if time passes out of sight, too: whoever comes by finds it as far as it would be. */
    this.unseen = false;
    /** @type {number|null} */
    this.last_ms = null;
    /** Where it waits for its reader, in order. @type {readonly number[]} */
    this.steps_us = [];
    /** At which of these it has waited, or was put. */
    this.waited_us = -1;
  }

  play() {
    if (this.time_us >= this.until_us) {
      this.time_us = 0;
      this.waited_us = -1;
    }
    this.playing = true;
    this.last_ms = null;
    this.changed();
  }

  pause() {
    this.playing = false;
    this.changed();
  }

  toggle() {
    if (this.playing) return this.pause();
    // Whoever goes on from a step has seen it.
    this.waited_us = this.time_us;
    this.play();
  }

  /**
   * @param {number} time_us
   */
  seek(time_us) {
    this.time_us = Math.round(Math.min(this.until_us, Math.max(0, time_us)));
    // A run that is opened is put at its start, where it may have a step.
    this.waited_us = this.time_us || -1;
    this.changed();
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.setSpeedExponent(Math.log10(speed));
  }

  /**
   * A speed as a power of ten, -2 to 2, as the slider has it.
   *
   * @param {number} exponent
   */
  setSpeedExponent(exponent) {
    const bounded = Math.min(SPEED_EXPONENT_MAX, Math.max(-SPEED_EXPONENT_MAX, exponent));
    this.speed = 10 ** bounded;
    this.changed();
  }

  /**
   * @param {number} until_us
   */
  setUntil(until_us) {
    this.until_us = until_us;
    this.time_us = Math.min(this.time_us, until_us);
  }

  /**
   * Lets the time since the last frame pass.
   *
   * @param {number} now_ms as requestAnimationFrame says it
   * @returns {boolean} true if the playhead moved
   */
  tick(now_ms) {
    if (!this.playing) {
      this.last_ms = null;
      return false;
    }
    // A long pause between frames is the machine's, not the run's.
    const longest_ms = this.unseen ? Infinity : 100;
    const passed_ms = this.last_ms === null ? 0 : Math.min(longest_ms, now_ms - this.last_ms);
    this.last_ms = now_ms;
    const goal_us = this.time_us + passed_ms * 1000 * this.speed;
    const before_us = this.time_us;
    this.time_us = Math.min(goal_us, this.until_us, Math.max(before_us, this.frontier_us));
    const step_us = this.steps_us.find((at_us) => at_us >= before_us && at_us > this.waited_us);
    if (step_us !== undefined && step_us <= this.time_us) {
      this.time_us = this.waited_us = step_us;
      this.pause();
    }
    if (this.playing && this.time_us >= this.until_us) {
      if (this.loop_us === null) this.pause();
      else this.seek(Math.min(this.loop_us, this.until_us - 1));
    }
    return this.time_us !== before_us;
  }
}
