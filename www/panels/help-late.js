// @ts-check
/** The button and the key that say what one sees, and which keys there are. */
import { say } from "../draw/page-words.js";
import { late, preload } from "../run/late.js";

const loadHelp = late(() => import("./help.js"));

/**
 * @param {HTMLElement} button
 * @param {Pick<import("./acting.js").Commands, "told"|"notice">} commands
 */
export function openHelp(button, { told, notice }) {
  const show = async () => {
    try {
      (await loadHelp()).showHelp(told());
    } catch (error) {
      notice(say("late.dialog", { error: String(error) }));
    }
  };
  preload(button, loadHelp);
  button.addEventListener("click", () => void show());
  document.addEventListener("keydown", ({ key, target }) => {
    const typed = /** @type {Element} */ (target).closest("input, textarea, select, dialog");
    if (key === "?" && !typed) void show();
  });
  return { update: () => {} };
}
