// @ts-check
/** The keyed join: makes an element's children agree with a list, touching only what differs. */

/** @type {WeakMap<Element, Map<string|number, Element>>} */
const kept = new WeakMap();

/**
 * Creates what is new, updates all, removes what left, and puts them in the order of the items.
 *
 * @template Item
 * @template {Element} Child
 * @param {Element} parent whose children belong to this join alone
 * @param {readonly Item[]} items
 * @param {(item: Item, index: number) => string|number} key
 * @param {(item: Item, index: number) => Child} create
 * @param {(element: Child, item: Item, index: number) => void} [update]
 * @returns {Child[]} one element an item
 */
export function join(parent, items, key, create, update) {
  const before = kept.get(parent);
  /** @type {Map<string|number, Element>} */
  const after = new Map();
  /** @type {Child[]} */
  const elements = [];
  let place = parent.firstChild;
  items.forEach((item, index) => {
    const id = key(item, index);
    let element = /** @type {Child|undefined} */ (before?.get(id));
    before?.delete(id);
    element ??= create(item, index);
    after.set(id, element);
    elements.push(element);
    update?.(element, item, index);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  });
  before?.forEach((element) => element.remove());
  kept.set(parent, after);
  return elements;
}
