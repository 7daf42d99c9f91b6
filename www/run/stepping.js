// @ts-check
/** Steps from one event of a run to the next, or to the one before, which takes a search. */
import { SLICE_WORK } from "./session.js";

/** How long a frame may look for an event. */
const SEARCH_MS = 12;

export class Stepping {
  /**
   * @param {import("./session.js").Session} session
   * @param {import("./playback.js").Playback} playback
   */
  constructor(session, playback) {
    this.session = session;
    this.playback = playback;
    /** A step back that is not found yet: the time that it starts from. @type {number|null} */
    this.from_us = null;
  }

  /** @param {number} by one event, forwards or back; 0 stays */
  begin(by) {
    const { run, frontier_us } = this.session;
    const time_us = Math.floor(this.playback.time_us);
    this.from_us = null;
    if (!run || by === 0 || time_us > frontier_us) return;
    if (by < 0) {
      this.from_us = time_us;
      return;
    }
    const next = run.event_after(time_us);
    if (next !== null && next !== undefined) this.playback.seek(next);
  }

  stop() {
    this.from_us = null;
  }

  /** Looks for the event before; true if it is not found yet. */
  goOn() {
    const { run } = this.session;
    if (this.from_us === null || !run) return false;
    const until_ms = performance.now() + SEARCH_MS;
    do {
      const before = run.event_before(this.from_us, SLICE_WORK);
      if (Number.isNaN(before)) continue;
      this.stop();
      if (before !== null && before !== undefined) this.playback.seek(before);
      return false;
    } while (performance.now() < until_ms);
    return true;
  }
}
