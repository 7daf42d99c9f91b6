// @ts-check
/** Every message of a run. */
import { say } from "../draw/late-words.js";
import { Played } from "./played.js";

/** @typedef {InstanceType<import("./played.js").Engine["Diagram"]>} Diagram */

/** @extends {Played<Diagram>} */
export class Messages extends Played {
  /** @param {() => void} changed there is more of it, or all */
  constructor(changed) {
    super(({ Diagram }, ...run) => new Diagram(...run), changed);
  }

  get diagram() {
    return this.record;
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
}
