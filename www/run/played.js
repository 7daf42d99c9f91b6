// @ts-check
/**
 * What the engine's second module reads out of a run that it plays once more, a slice at a time:
 * every message, every event.
 */
import { loadEngine } from "./engine.js";
import { SLICE_WORK } from "./session.js";

/** How long slices of work may take before others have their turn. */
const SLICE_MS = 8;

/** @typedef {typeof import("../pkg/halflink-production.js")} Engine */

/** @template {{advance: (work: number) => boolean, free: () => void}} Record */
export class Played {
  /**
   * @param {(engine: Engine, text: string, group: number, until_us: number) => Record} make
   * @param {() => void} changed there is more of it, or all
   */
  constructor(make, changed) {
    this.make = make;
    this.changed = changed;
    /** @type {Record|null} */
    this.record = null;
    /** Of which run. */
    this.key = "";
    /** True when all is there, or as much as is kept. */
    this.done = false;
    /** Why there is none. @type {unknown} */
    this.error = null;
  }

  /**
   * That of another run; of the same one it keeps what it has.
   *
   * @param {string} text
   * @param {number} group
   * @param {number} until_us up to when the run is known
   */
  async of(text, group, until_us) {
    const key = JSON.stringify([text, group, until_us]);
    if (key === this.key) return;
    this.drop();
    this.key = key;
    try {
      const engine = await loadEngine("production");
      if (key !== this.key) return;
      const whole = /** @type {Engine} */ (/** @type {unknown} */ (engine));
      this.record = this.make(whole, text, group, until_us);
      this.go(key);
    } catch (error) {
      if (key !== this.key) return;
      this.error = error;
      this.changed();
    }
  }

  /** @param {string} key */
  go(key) {
    const { record } = this;
    if (!record || key !== this.key) return;
    const begun_ms = performance.now();
    do this.done = record.advance(SLICE_WORK);
    while (!this.done && performance.now() - begun_ms < SLICE_MS);
    this.changed();
    if (!this.done) setTimeout(() => this.go(key), 0);
  }

  /** Forgets the run, and gives back its memory. */
  drop() {
    this.record?.free();
    this.record = null;
    this.key = "";
    this.done = false;
    this.error = null;
  }
}
