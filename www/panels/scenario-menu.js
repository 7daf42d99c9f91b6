// @ts-check
/** The shipped scenarios. */
import { say } from "../draw/page-words.js";
import { Menu, fillMenu } from "./menus.js";

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "told"> & {openShipped: (name: string) => void}} commands
 */
export function openScenarios(host, { told, openShipped }) {
  const menu = new Menu(host, say("menu.scenario"), openShipped, {
    fill: (list) => {
      const { engine, plan } = told();
      const shipped = engine.library();
      const scenarios = shipped.map(({ name, title, source }) => ({
        value: name,
        label: title,
        hint: source ?? undefined,
      }));
      const current = shipped.find(({ title }) => title === plan.title);
      fillMenu(list, scenarios, current?.name ?? "");
    },
  });
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan }) {
      menu.setLabel(plan.title);
      void menu.refill();
    },
  };
}
