// @ts-check
/**
 * What is built for another plan: the picture before all else, and what stands beside it when that is
 * on the screen. No task builds all of it.
 */
import { breathe } from "../draw/dom.js";

/** @typedef {() => void} Step */

/** So long a task goes on. */
const STEPS_MS = 6;
/** A picture of more replicas is not built in one task, or along with other things. */
const SMALL = 5;

/**
 * What tells panels of a change, each as the run stands then.
 *
 * @param {import("./player.js").Player} player
 * @param {import("./panels.js").Change} changed
 * @param {boolean} isFirst those that come with the first picture, or the others
 * @returns {Step[]}
 */
const telling = (player, changed, isFirst) =>
  player.panels.rows
    .filter(({ first = false }) => first === isFirst)
    .map((row) => () => player.panels.tellOne(row, player.told(changed)));

export class Building {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    /** What is to be done before the next picture is drawn. @type {Step[]} */
    this.steps = [];
    /** True until something of the plan is drawn. */
    this.fresh = true;
    /** True from when the first picture is drawn until it is on the screen. */
    this.drawn = false;
    /** The plan that panels are told of. @type {import("../pkg/facts.js").Plan|undefined} */
    this.plan = undefined;
  }

  /** Before all others, or at once where that does not take long. @param {Step[]} steps */
  put(steps) {
    if (this.player.session.plan.replicas.length > SMALL) this.steps.unshift(...steps);
    else for (const step of steps) step();
  }

  /** The plan is another one. */
  begin() {
    const { player } = this;
    this.fresh = true;
    this.plan = player.session.plan;
    const picture = telling(player, "plan", true);
    const rest = telling(player, "plan", false);
    this.steps = [];
    if (player.view) this.put([...picture, ...rest]);
    else {
      picture.push(() => player.drawFirst());
      // Where the playhead stands is known when the address has been read.
      this.steps = [() => this.put(picture), ...rest];
      for (const isFirst of [true, false]) this.steps.push(...telling(player, "strip", isFirst));
    }
  }

  /**
   * Panels are told of the moment. What is drawn for the first time takes long.
   *
   * @param {boolean} isFirst true where there was no picture
   */
  tellMoment(isFirst) {
    const { player } = this;
    if (!this.fresh) return player.tell("moment");
    this.fresh = false;
    this.put([...telling(player, "moment", true), () => (this.drawn = isFirst)]);
    this.steps.push(...telling(player, "moment", false));
    this.goOn();
  }

  /**
   * Does some of what is to be done; true if there was any.
   *
   * @param {number} [begun_ms]
   */
  goOn(begun_ms = performance.now()) {
    if (!this.steps.length) return false;
    while (this.steps.length && !this.drawn && performance.now() - begun_ms < STEPS_MS) {
      this.steps.shift()?.();
    }
    this.player.wake();
    return true;
  }

  /** When it may go on: others have their turn, and the first picture is on the screen. */
  async turn() {
    if (this.drawn) await new Promise(requestAnimationFrame);
    this.drawn = false;
    await breathe();
  }
}
