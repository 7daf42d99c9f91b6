import type { Run } from "./index.js";

/** What to draw of a run. */
export interface PictureOptions {
  /** The whole run (the rule), who hears whom at a moment, or the racks at a moment. */
  what?: "strip" | "logic" | "plant";
  /**
   * The moment, in microseconds. `null` is a strip without a playhead; for the others it is a moment
   * after the first fault.
   */
  time_us?: number | null;
  /** Its colours: "auto" (the rule) follows the reader's. */
  theme?: "light" | "dark" | "auto";
  /** Of the strip, in pixels: 320 and more; 860 is the rule. */
  width?: number;
}

/**
 * A run as a still figure: one SVG that needs nothing else, the same as the page saves, byte for
 * byte. A text is run by an engine that is started for it; a run is simulated to its end.
 *
 * It is rejected with a `Refusal` of `halflink` where a text is wrong.
 *
 * @example
 * import { picture } from "halflink/picture";
 * document.body.innerHTML = await picture(text, { what: "plant", theme: "light" });
 */
export declare function picture(scenario: string | Run, options?: PictureOptions): Promise<string>;
