// @ts-check
/** The button that shows and hides the table of who hears whom. */
import { byId } from "../draw/dom.js";
import { disclose } from "./disclose.js";

/**
 * @param {HTMLElement} button
 * @param {Pick<import("./acting.js").Commands, "refresh">} commands
 */
export function openTableButton(button, { refresh }) {
  disclose(button, byId("matrix"), refresh);
  return { update: () => {} };
}
