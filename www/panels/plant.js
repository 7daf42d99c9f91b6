// @ts-check
/** The plant on a page: its lanes are cut by a click or a key, its parts open their menus. */
import { isSevered, toggleLink } from "../draw/faults.js";
import { PlantView } from "../draw/plant-view.js";
import { roam } from "./keyboard.js";
import { measured } from "./measure.js";

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "act"|"openPart"|"openLink"|"foresee">} commands
 */
export function open(host, { act, openPart, openLink, foresee }) {
  foresee(host);
  /** @type {import("../run/panels.js").Frame|undefined} */
  let shown;
  const ends = (/** @type {number} */ lane) => {
    const { plan } = /** @type {import("../run/panels.js").Frame} */ (shown);
    const { from, to } = plan.lanes[lane];
    return /** @type {const} */ ([plan.parts[from].name, plan.parts[to].name]);
  };
  const severed = (/** @type {number} */ lane) => {
    const view = shown?.view;
    return view !== undefined && isSevered(view.lanes[lane].state, view.faults, ...ends(lane));
  };
  const toggleLane = (/** @type {number} */ lane, /** @type {boolean} */ both) =>
    act(toggleLink(severed(lane), ...ends(lane), both));
  const openOne = (/** @type {number} */ part, /** @type {Element} */ anchor) => {
    if (shown) void openPart(shown, part, anchor);
  };
  const rebuilt = () => roving.reset();
  const plant = new PlantView(host, { toggleLane, openPart: openOne, rebuilt });
  plant.measure = measured;
  plant.look = () => {
    const room = plant.root.getBoundingClientRect();
    // What words are written in is asked now, too, while there are none that would be styled for it.
    measured("", 11);
    return room.width ? room : undefined;
  };
  // A page on a phone scrolls down, not sideways; the height of a frame is its author's.
  const narrow = matchMedia("(max-width: 680px)");
  const fit = () => plant.stackSites(narrow.matches && !document.body.classList.contains("embed"));
  narrow.addEventListener("change", fit);
  new ResizeObserver(([{ contentRect }]) => plant.sizeWords(contentRect)).observe(plant.root);
  const roving = roam(plant.root, "[data-lane], [data-part], [data-fold]", (element, key) => {
    const fold = element.getAttribute("data-fold");
    if (fold !== null) return plant.toggleFold(Number(fold));
    const index = Number(element.getAttribute("data-index"));
    if (element.hasAttribute("data-part")) {
      if (key !== "heal") openOne(index, element);
    } else if (key === "more") {
      if (shown) void openLink(shown, "lanes", index, element);
    } else if (key !== "heal") toggleLane(index, key === "both");
    else if (severed(index)) toggleLane(index, false);
  });
  fit();
  return {
    plant,
    /** @param {import("../run/panels.js").Frame} frame */
    update(frame) {
      shown = frame;
      const { changed, plan, strip, view, packets, still, pointed, time_us } = frame;
      if (changed === "plan" && plant.setPlan(plan)) roving.reset();
      if (changed === "moment" && view) plant.update(view, packets, still);
      if (changed === "moment" || changed === "strip")
        plant.markDatabases(strip.databases, time_us);
      if (changed === "pointed") plant.light([...pointed]);
    },
  };
}
