// @ts-check
/** The button and the panel of a comparison, which is loaded when somebody compares. */
import { set } from "../draw/dom.js";
import { late, preload } from "../run/late.js";

const load = late(() => import("./compare.js"), "compareModule");

/** @type {import("../run/panels.js").Row} */
export const comparison = {
  id: "compare",
  host: { before: ".foot", class: "compare", label: "page.compare", hidden: true },
  name: "late.comparison",
  load,
  failed: ({ compare }) => compare(null),
  needs: ({ compared }, open) => open || compared !== null,
};

/**
 * @param {HTMLElement} button
 * @param {Pick<import("./acting.js").Commands, "compare">} commands
 */
export function openCompareButton(button, { compare }) {
  let pressed = false;
  button.addEventListener("click", () => compare(pressed ? null : []));
  preload(button, load);
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ compared }) {
      const was_pressed = pressed;
      pressed = compared !== null;
      set(button, "aria-pressed", String(pressed));
      if (was_pressed && !pressed) button.focus();
    },
  };
}
