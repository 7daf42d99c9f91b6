// @ts-check
/** What is played apart from the page, in a worker: begun, told of, and ended when nobody wants it. */

/**
 * @typedef {object} SetsTask every set of faults, one after the other
 * @property {"sets"} kind
 * @property {string} text
 * @property {string} faults "cuts", "parts" or "lies"
 * @property {number} size at most so many at once
 * @property {string} goal as the outcomes are called
 * @property {number} at_us when they begin
 *
 * @typedef {object} ShrinkTask what of a text its outcome needs
 * @property {"shrink"} kind
 * @property {string} text
 * @property {string} title what it is called, with a `PLACE` for how its groups come out
 * @property {Record<string, string>} words how each outcome is said
 *
 * @typedef {object} AheadTask how likely an outage is, from each of many moments
 * @property {"ahead"} kind
 * @property {string} text
 *
 * @typedef {object} TakeTask what other tools read of it
 * @property {"take"} kind
 * @property {string} text
 * @property {string} form as the command line calls it
 * @property {number} from_us
 * @property {number|null} to_us null for as much as fits
 * @property {number} until_us the end of the run
 * @property {number|null} group its number; null for all
 * @property {Record<string, string>} words the page's sentences, by key
 *
 * @typedef {SetsTask | ShrinkTask | AheadTask | TakeTask} Task
 */

/** In a title, where the outcomes go. */
export const PLACE = "*";

export class Trials {
  /** @param {(message: any) => void} told what the worker tells; see `trials.js` */
  constructor(told) {
    this.told = told;
    /** @type {Worker|null} */
    this.worker = null;
  }

  get isRunning() {
    return this.worker !== null;
  }

  /** @param {Task} task */
  begin(task) {
    this.end();
    // Beside the page, wherever this module is put.
    const worker = new Worker(new URL("trials.js", document.baseURI), { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }) => {
      if (worker !== this.worker) return;
      if (data.kind === "done" || data.kind === "failed") this.end();
      this.told(data);
    };
    worker.onerror = (event) => {
      if (worker !== this.worker) return;
      this.end();
      this.told({ kind: "failed", why: null, error: event.message ?? "" });
    };
    worker.postMessage(task);
  }

  /** Whatever it has not told is gone. */
  end() {
    this.worker?.terminate();
    this.worker = null;
  }
}
