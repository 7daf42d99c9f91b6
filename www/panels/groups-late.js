// @ts-check
/** What chooses among groups is loaded when a scenario has several: most have one. */
import { late } from "../run/late.js";

/** @type {import("../run/panels.js").Row} */
export const groups = {
  id: "groups",
  host: { tag: "div", room: ".bar", class: "menu", hidden: true },
  name: "late.groups",
  load: late(() => import("./groups.js"), "groupsModule"),
  // By the first moment all that it may stand in is there.
  needs: ({ changed, plan }, open) => open || (changed === "moment" && plan.groups.length > 1),
};
