// @ts-check
/** The shipped scenarios. */
import { say, tell } from "../draw/page-words.js";
import { loadList } from "../run/library.js";
import { fillGroups, Menu } from "./menus.js";

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "told"|"notice"> & {openShipped: (name: string) => void}} commands
 */
export function openScenarios(host, { told, openShipped, notice }) {
  const menu = new Menu(host, say("menu.scenario"), openShipped, {
    load: loadList,
    fill: (list, shipped) => {
      const { plan } = told();
      const scenarios = shipped.map(({ name, title, source, family }) => ({
        value: name,
        label: title,
        hint: source ?? undefined,
        group: tell("family-of", family),
      }));
      const current = shipped.find(({ title }) => title === plan.title);
      fillGroups(list, scenarios, current?.name ?? "");
    },
    failed: (error) => notice(say("late.list", { error: String(error) })),
  });
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan }) {
      menu.setLabel(plan.title);
      menu.refill();
    },
  };
}
