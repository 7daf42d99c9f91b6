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
  const keys = items.map(key);
  const wanted = new Set(keys);
  // What left goes first: were it still in place, all that follow it would have to move.
  before?.forEach((element, id) => {
    if (!wanted.has(id)) element.remove();
  });
  /** @type {Map<string|number, Element>} */
  const after = new Map();
  /** @type {Child[]} */
  const elements = [];
  let place = parent.firstChild;
  items.forEach((item, index) => {
    const element =
      /** @type {Child|undefined} */ (before?.get(keys[index])) ?? create(item, index);
    after.set(keys[index], element);
    elements.push(element);
    update?.(element, item, index);
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  });
  kept.set(parent, after);
  return elements;
}
