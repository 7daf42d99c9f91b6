// @ts-check
/** A button that shows and hides a panel of the page. */
import { byId } from "../draw/dom.js";
import { disclose } from "./disclose.js";

/**
 * @param {string} id of the panel's element
 * @returns {import("../run/panels.js").Opener["open"]}
 */
export const shows =
  (id) =>
  (button, { refresh }) => {
    disclose(button, byId(id), refresh);
    return { update: () => {} };
  };
