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

export class Building {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    /** What is to be done before the next picture is drawn. @type {Step[]} */
    this.steps = [];
    /** True until something of the plan is drawn. */
    this.fresh = true;
    /** True while there is no picture at all. */
    this.first = true;
    /** True from when the first one is drawn until it is on the screen. */
    this.drawn = false;
    /** The plan that panels are told of. @type {import("../pkg/facts.js").Plan|undefined} */
    this.plan = undefined;
  }

  /**
   * What tells panels of a change, each as the run stands then.
   *
   * @param {readonly import("./panels.js").Row[]} rows
   * @param {import("./panels.js").Change} changed
   * @returns {Step[]}
   */
  telling(rows, changed) {
    const { player } = this;
    return rows.map((row) => () => player.panels.tellOne(row, player.told(changed)));
  }

  /** Before all others, or at once where that does not take long. @param {Step[]} steps */
  put(steps) {
    if (this.player.session.plan.replicas.length > SMALL) this.steps.unshift(...steps);
    else for (const step of steps) step();
  }

  /** The plan is another one. */
  begin() {
    const { player } = this;
    const { first, others, rows } = player.panels;
    this.fresh = true;
    this.first = !player.view;
    this.plan = player.session.plan;
    const [picture, rest] = [first, others].map((some) => this.telling(some, "plan"));
    this.steps = [];
    if (!this.first) this.put([...picture, ...rest]);
    // Where the playhead stands is known when the address has been read.
    else
      this.steps = [
        () => this.put([...picture, () => player.drawFirst()]),
        ...rest,
        ...this.telling(rows, "strip"),
      ];
  }

  /** Panels are told of the moment. What is drawn for the first time takes long. */
  tellMoment() {
    const { player, fresh } = this;
    if (!fresh) return player.tell("moment");
    const { first, others } = player.panels;
    this.fresh = false;
    this.put([...this.telling(first, "moment"), () => (this.drawn = this.first)]);
    this.steps.push(...this.telling(others, "moment"));
    this.goOn(performance.now());
  }

  /**
   * Does some of what is to be done; true if there was any.
   *
   * @param {number} begun_ms
   */
  goOn(begun_ms) {
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
