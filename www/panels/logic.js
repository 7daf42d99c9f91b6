// @ts-check
/** Who hears whom, as a picture: arrowheads are cut, replicas open their menus. */
import { LogicView } from "../draw/logic-view.js";
import { roam } from "./keyboard.js";
import { measured } from "./measure.js";
import { flowAt } from "./acting.js";

/** @typedef {import("./acting.js").Picture} Picture */
/** @typedef {Pick<import("./acting.js").Commands, "toggleFlow"|"healFlow"|"openPart"|"openLink">} Acts */

/**
 * A logical view that a reader can act on, by mouse and by keyboard.
 *
 * @param {HTMLElement} host
 * @param {() => Picture|null} picture
 * @param {Acts} commands
 * @param {{compact?: boolean, pointAtFlow?: (flow: number|null) => void}} [options]
 */
export function actingLogic(host, picture, commands, { compact = false, pointAtFlow } = {}) {
  const toggle = (/** @type {number} */ index, /** @type {boolean} */ both) => {
    const shown = picture();
    if (shown) void commands.toggleFlow(shown, index, both, logic.flows?.[index]);
  };
  const open = (/** @type {number} */ replica, /** @type {Element} */ anchor) => {
    const shown = picture();
    if (shown) void commands.openPart(shown, shown.plan.replicas[replica].part, anchor);
  };
  const logic = new LogicView(
    host,
    { toggleFlow: toggle, openReplica: open, pointAtFlow },
    compact,
  );
  logic.measure = measured;
  const roving = roam(logic.root, "[data-flow], [data-replica]", (element, key) => {
    const index = Number(element.getAttribute("data-index"));
    const shown = picture();
    if (!element.hasAttribute("data-flow")) {
      if (key !== "heal") open(index, element);
    } else if (key === "more") {
      if (shown) void commands.openLink(shown, "flows", index, element);
    } else if (key !== "heal") toggle(index, key === "both");
    else if (shown) commands.healFlow(shown, index);
  });
  return { logic, roving };
}

/**
 * @param {HTMLElement} host
 * @param {Acts & Pick<import("./acting.js").Commands, "pointAt"|"foresee">} commands
 */
export function openLogic(host, commands) {
  /** @type {import("../run/panels.js").Frame|undefined} */
  let shown;
  commands.foresee(host);
  const { logic, roving } = actingLogic(host, () => shown ?? null, commands, {
    compact: document.body.classList.contains("embed"),
    pointAtFlow: (index) => {
      const flow = index === null || !shown ? undefined : flowAt(shown, index).flow;
      commands.pointAt(flow?.lanes ?? []);
    },
  });
  return {
    logic,
    /** @param {import("../run/panels.js").Frame} frame */
    update(frame) {
      shown = frame;
      const { changed, plan, view, packets, still, coarse } = frame;
      if (changed === "plan" && logic.setPlan(plan)) roving.reset();
      if (changed === "moment" && view) logic.update(view, packets, still, coarse);
    },
  };
}
