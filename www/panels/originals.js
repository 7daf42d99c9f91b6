// @ts-check
/** Which text was opened, of the one that is there now: also after what was opened is undone. */

/** So many are known; undo itself is bounded. */
const KNOWN_MAX = 200;

export class Originals {
  constructor() {
    /** The text as it was opened. */
    this.text = "";
    /** What was opened, and what was left for it: by text, the one that it was opened as. */
    this.known = /** @type {Map<string, string>} */ (new Map());
  }

  /**
   * @param {string} before what was there
   * @param {string} text what is there now, in its place
   */
  open(before, text) {
    this.known.set(before, this.text);
    this.known.set(text, text);
    for (const old of this.known.keys()) {
      if (this.known.size <= KNOWN_MAX) break;
      this.known.delete(old);
    }
    this.text = text;
  }

  /**
   * @param {string} text what is there, by whatever came of it
   * @returns {boolean} true if that was opened as another one
   */
  seen(text) {
    const before = this.text;
    this.text = this.known.get(text) ?? this.text;
    return this.text !== before;
  }
}
