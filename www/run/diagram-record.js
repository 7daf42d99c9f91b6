// @ts-check
/**
 * Every message of a run, as the engine's second module keeps them. The run is played once more, a
 * slice at a time.
 */
import { say } from "../draw/late-words.js";
import { loadEngine } from "./engine.js";
import { SLICE_WORK } from "./session.js";

/** @typedef {InstanceType<typeof import("../pkg/halflink-production.js").Diagram>} Diagram */

/** How long slices of work may take before others have their turn. */
const SLICE_MS = 8;

export class Messages {
  /** @param {() => void} changed there is more of it, or all */
  constructor(changed) {
    this.changed = changed;
    /** @type {Diagram|null} */
    this.diagram = null;
    /** Of which run. */
    this.key = "";
    /** True when all is there, or as much as is kept. */
    this.done = false;
    /** Why there are none. @type {unknown} */
    this.error = null;
  }

  /**
   * Those of another run; of the same one it keeps what it has.
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
      const { Diagram } = /** @type {typeof import("../pkg/halflink-production.js")} */ (
        /** @type {unknown} */ (engine)
      );
      this.diagram = new Diagram(text, group, until_us);
      this.go(key);
    } catch (error) {
      if (key !== this.key) return;
      this.error = error;
      this.changed();
    }
  }

  /** @param {string} key */
  go(key) {
    const { diagram } = this;
    if (!diagram || key !== this.key) return;
    const begun_ms = performance.now();
    do this.done = diagram.advance(SLICE_WORK);
    while (!this.done && performance.now() - begun_ms < SLICE_MS);
    this.changed();
    if (!this.done) setTimeout(() => this.go(key), 0);
  }

  /** What kinds of message there are, by number. */
  kinds() {
    const { diagram } = this;
    if (!diagram) return [];
    const shapes = diagram.shapes();
    return diagram
      .kinds()
      .map((name, place) => ({ name, shape: shapes[place], words: say(`kind.${name}`) }));
  }

  /** Forgets the run, and gives back its memory. */
  drop() {
    this.diagram?.free();
    this.diagram = null;
    this.key = "";
    this.done = false;
    this.error = null;
  }
}
