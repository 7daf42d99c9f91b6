// @ts-check
/** A button that shows and hides a panel. */

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} panel
 * @param {() => void} changed
 * @param {() => Promise<unknown>} [load] what is in it, if that comes late; false if it does not
 */
export function disclose(button, panel, changed, load) {
  button.addEventListener("click", async () => {
    if (panel.hidden && (await load?.()) === false) return;
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    changed();
    const field = /** @type {HTMLElement|null} */ (panel.querySelector("textarea, [role=textbox]"));
    if (!panel.hidden) field?.focus();
    else button.focus();
  });
}
