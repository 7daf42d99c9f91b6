// @ts-check
/** The belief strip of the run, and the playhead in it. */
import { StripView, believersInWords } from "../draw/strip-view.js";
import { measured } from "./measure.js";

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "seek"|"listFaults">} commands
 */
export function openStrip(host, { seek, listFaults }) {
  const strip = new StripView(host, {
    seek,
    list: (faults, anchor) => void listFaults(faults, anchor),
  });
  strip.measure = measured;
  return {
    strip,
    /** @param {import("../run/panels.js").Frame} frame */
    update({ changed, plan, strip: told, view, words, time_us }) {
      if (changed === "room") return strip.reserve(told);
      if (changed === "strip") {
        strip.update(plan, told);
        document.body.style.setProperty("--strip-left", `${strip.left}px`);
        return;
      }
      const fresh = changed === "moment" && words && view;
      strip.setTime(
        Math.floor(time_us),
        fresh ? believersInWords(plan, view) : (strip.words ?? ""),
      );
    },
  };
}
