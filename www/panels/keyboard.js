// @ts-check
/** Moving through a picture by arrow keys, and the keys of the page. */

/**
 * The candidate that lies best in a direction: near, and not far off to the side.
 *
 * @param {{x: number, y: number}} from
 * @param {readonly {x: number, y: number}[]} candidates
 * @param {{x: number, y: number}} towards a unit vector
 * @returns {number} its place, or -1
 */
export function nearestTowards(from, candidates, towards) {
  let [best, bestCost] = [-1, Infinity];
  candidates.forEach(({ x, y }, index) => {
    const [dx, dy] = [x - from.x, y - from.y];
    const ahead = dx * towards.x + dy * towards.y;
    const aside = Math.abs(dx * towards.y - dy * towards.x);
    if (ahead < 1) return;
    const cost = ahead + aside * 2.2;
    if (cost < bestCost) [best, bestCost] = [index, cost];
  });
  return best;
}

/** @type {Record<string, {x: number, y: number}>} */
const ARROWS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/**
 * One tab stop for a picture; arrow keys move between the things in it, Page Up and Page Down go
 * through all of them in order.
 *
 * @param {SVGSVGElement} picture
 * @param {string} selector
 * @param {(element: Element, key: "toggle"|"both"|"heal"|"more") => void} act more: all that can be
 *   done to it, by M, by a right click, or by a press that lasts, where that is one
 */
export function roam(picture, selector, act) {
  const all = () => /** @type {SVGElement[]} */ ([...picture.querySelectorAll(selector)]);
  const enter = (/** @type {SVGElement|undefined} */ element) => {
    if (!element) return;
    for (const other of picture.querySelectorAll('[tabindex="0"]')) {
      other.setAttribute("tabindex", "-1");
    }
    element.setAttribute("tabindex", "0");
  };
  picture.addEventListener("focusin", (event) => {
    enter(/** @type {SVGElement} */ (event.target).closest(selector) ?? undefined);
  });
  picture.addEventListener("keydown", (event) => {
    const current = /** @type {SVGElement|null} */ (
      /** @type {Element} */ (event.target).closest(selector)
    );
    if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = move(current, all(), event.key);
    if (goal) {
      enter(goal);
      goal.focus();
    } else if (event.key === "Enter") act(current, event.shiftKey ? "both" : "toggle");
    else if (event.key === "Delete" || event.key === "Backspace") act(current, "heal");
    else if (event.key.toLowerCase() === "m") act(current, "more");
    else return;
    event.preventDefault();
  });
  let lifted = Promise.resolve();
  picture.addEventListener("pointerdown", () => {
    lifted = new Promise((resolve) => {
      const done = new AbortController();
      const lift = () => {
        done.abort();
        resolve();
      };
      for (const sign of ["pointerup", "pointercancel"]) {
        document.addEventListener(sign, lift, { capture: true, signal: done.signal });
      }
    });
  });
  picture.addEventListener("contextmenu", (event) => {
    const current = /** @type {Element} */ (event.target).closest(selector);
    if (!current || document.body.hasAttribute("data-fixed")) return;
    event.preventDefault();
    // What opens while the pointer is down is hidden by the platform when it is lifted.
    void lifted.then(() => setTimeout(() => act(current, "more")));
  });
  return { reset: () => enter(all()[0]) };
}

/**
 * @param {SVGElement} current
 * @param {SVGElement[]} elements
 * @param {string} key
 */
function move(current, elements, key) {
  if (key === "PageDown" || key === "PageUp") {
    const step = key === "PageDown" ? 1 : -1;
    const at = elements.indexOf(current) + step;
    return elements[(at + elements.length) % elements.length];
  }
  const towards = ARROWS[key];
  if (!towards) return undefined;
  const centre = (/** @type {SVGElement} */ element) => {
    const target = element.querySelector(".hit, .body, .disc") ?? element;
    const { left, top, width, height } = target.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  return elements[nearestTowards(centre(current), elements.map(centre), towards)];
}

/**
 * The keys that work wherever nothing else wants them.
 *
 * @param {{toggle: () => void, step: (by: number) => void, undo: () => void,
 *   redo: () => void}} actions
 */
export function pageKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("input:not([type=range]), textarea, select, dialog")) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "z") {
      if (event.shiftKey) actions.redo();
      else actions.undo();
    } else if (command && event.key.toLowerCase() === "y") actions.redo();
    else if (command || event.altKey) return;
    else if (event.key === " " && !target.closest("button, a, [role=menu]")) actions.toggle();
    else if (event.key === ".") actions.step(1);
    else if (event.key === ",") actions.step(-1);
    else return;
    event.preventDefault();
  });
}
