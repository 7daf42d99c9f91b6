// @ts-check
/**
 * Where one run took the place of another: undo leads back over such a place, too, to the moment at
 * which the earlier run was left.
 */

/** As many as undo remembers. */
const CROSSINGS_MAX = 200;

/**
 * Somebody who is at a moment of a text.
 *
 * @typedef {{session: {text: string}, playback: {time_us: number, seek: (time_us: number) => void}}}
 *   Traveller
 */

export class Crossings {
  constructor() {
    /** @type {{from: string, to: string, from_us: number, to_us: number}[]} */
    this.all = [];
  }

  /**
   * @param {Traveller} traveller who is about to open another run
   * @returns {() => void} to be called when it is opened: it is seen from its beginning
   */
  from({ session, playback }) {
    const { text: from } = session;
    const { time_us: from_us } = playback;
    return () => {
      const { text: to } = session;
      if (from && to !== from) {
        this.all = [...this.all.slice(1 - CROSSINGS_MAX), { from, to, from_us, to_us: 0 }];
      }
      playback.seek(0);
    };
  }

  /**
   * Goes one text back or on; over a crossing, to the moment at which the other side was left.
   *
   * @param {Traveller} traveller
   * @param {() => void} step
   */
  walk({ session, playback }, step) {
    const { text } = session;
    const { time_us } = playback;
    step();
    const crossing = this.all.findLast(
      ({ from, to }) =>
        (from === session.text && to === text) || (from === text && to === session.text),
    );
    if (!crossing || session.text === text) return;
    const back = crossing.to === text;
    crossing[back ? "to_us" : "from_us"] = time_us;
    playback.seek(back ? crossing.from_us : crossing.to_us);
  }
}
