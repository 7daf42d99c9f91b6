// @ts-check
/** The run's protocol, and those that could run it. */
import { say } from "../draw/page-words.js";
import { late, preload } from "../run/late.js";
import { Menu } from "./menus.js";

const loadProtocols = late(() => import("./protocol-list.js"));

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "told"|"attempt"|"notice">} commands
 */
export function openProtocols(host, { told, attempt, notice }) {
  const title = say("menu.protocol");
  const menu = new Menu(host, title, (name) => void attempt((run) => run.set_protocol(name)), {
    prefix: title,
    failed: (error) => notice(say("late.list", { error: String(error) })),
    load: loadProtocols,
    fill: (list, { fillProtocols }) => {
      const { engine, text, plan } = told();
      fillProtocols(list, { engine, text, plan, role: "menuitemradio", checked: [plan.protocol] });
    },
  });
  preload(menu.button, loadProtocols);
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan }) {
      menu.setLabel(plan.protocol);
      menu.refill();
    },
  };
}
