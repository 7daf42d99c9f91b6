// @ts-check
/** The plant on a page: its lanes are cut by a click or a key, its parts open their menus. */
import { isSevered, toggleLink } from "../draw/faults.js";
import { roam } from "./keyboard.js";
import { PlantView } from "../draw/plant-view.js";

/**
 * @param {Element} host
 * @param {import("./player.js").Player} player
 */
export function createPlant(host, player) {
  const { session } = player;
  const severed = (/** @type {number} */ lane) => {
    const { view } = player;
    return (
      view !== undefined &&
      isSevered(view.lanes[lane].state, view.faults, ...laneEnds(session.plan, lane))
    );
  };
  const toggleLane = (/** @type {number} */ lane, /** @type {boolean} */ both) =>
    player.act(toggleLink(severed(lane), ...laneEnds(session.plan, lane), both));
  const plant = new PlantView(host, {
    toggleLane,
    openPart: (part, anchor) => void player.openPart(part, anchor),
  });
  new ResizeObserver(([{ contentRect }]) => plant.sizeWords(contentRect)).observe(plant.root);
  const roving = roam(plant.root, "[data-lane], [data-part]", (element, key) => {
    const index = Number(element.getAttribute("data-index"));
    if (element.hasAttribute("data-part")) {
      if (key !== "heal") void player.openPart(index, element);
    } else if (key !== "heal") toggleLane(index, key === "both");
    else if (severed(index)) toggleLane(index, false);
  });
  return { plant, roving };
}

/**
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {number} lane
 * @returns {[string, string]}
 */
function laneEnds(plan, lane) {
  const { from, to } = plan.lanes[lane];
  return [plan.parts[from].name, plan.parts[to].name];
}
