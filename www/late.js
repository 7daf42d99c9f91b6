// @ts-check
/** What the first view does not need is loaded when somebody asks for it. */

/** @type {Promise<void>|undefined} */
let style;

/** The one style sheet of all that comes late. */
function loadStyle() {
  return (style ??= new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = "late.css";
    // Without its looks it still works.
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  }));
}

/**
 * A loader of a module and of the style that goes with it, once. One that failed may be tried
 * again.
 *
 * @template Module
 * @param {() => Promise<Module>} load
 * @returns {() => Promise<Module>}
 */
export function late(load) {
  /** @type {Promise<Module>|undefined} */
  let loading;
  return () => (loading ??= Promise.all([load(), loadStyle()]).then(([module]) => module)
    .catch((error) => {
      loading = undefined;
      throw error;
    }));
}

/**
 * Loads by the time the button is pressed.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<unknown>} load
 */
export function preload(button, load) {
  for (const sign of ["pointerenter", "focus"]) {
    // If it does not come, whoever presses is told.
    button.addEventListener(sign, () => void load().catch(() => {}));
  }
}
