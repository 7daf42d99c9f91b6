// @ts-check
/** The run's seed, and a fresh one at a press. */
import { html, set, setText, svg } from "../draw/dom.js";
import { say } from "../draw/page-words.js";

/**
 * @param {HTMLElement} button
 * @param {Pick<import("./acting.js").Commands, "told"|"attempt">} commands
 */
export function openSeed(button, { told, attempt }) {
  const value = html("b");
  button.replaceChildren(html("span", { class: "soft" }, say("seed.word")), value, die());
  button.addEventListener(
    "click",
    () => void attempt((run) => run.set_seed(told().engine.fresh_seed())),
  );
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan: { seed } }) {
      setText(value, String(seed));
      set(button, "aria-label", say("seed.label", { seed }));
      set(button, "title", say("seed.title"));
    },
  };
}

/** A die, for chance. */
function die() {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 15, height: 15, class: "die", "aria-hidden": "true" },
    svg("rect", { x: 1.5, y: 1.5, width: 13, height: 13, rx: 3 }),
    ...[
      [5, 5],
      [11, 5],
      [8, 8],
      [5, 11],
      [11, 11],
    ].map(([cx, cy]) => svg("circle", { cx, cy, r: 1.3 })),
  );
}
