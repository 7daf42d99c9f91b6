// @ts-check
/** Elements, made and changed. Text goes in as text: nothing here parses markup. */

import { called } from "./called.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Record<string, string|number|boolean|null|undefined>} Attributes
 */

/** @param {Element|string} child */
const drawn = (child) => (typeof child === "string" ? called(child) : child);

/** Attributes that are read out, or shown. */
const WORDS = ["aria-label", "title"];

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {(Element|string)[]} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) set(element, key, attributes[key]);
  element.append(...children.map(drawn));
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes]
 * @param {(Element|string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const key of Object.keys(attributes)) set(element, key, attributes[key]);
  element.append(...children.map(drawn));
  return element;
}

/** @type {WeakMap<Element, Record<string, unknown>>} */
const written = new WeakMap();

/** @param {Element} element */
function knownOf(element) {
  const known = written.get(element) ?? {};
  written.set(element, known);
  return known;
}

/**
 * Sets an attribute if it is not already so; `null`, `undefined` and `false` remove it.
 * It remembers what it wrote: reading the document back each frame would cost more.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value
 */
export function set(element, name, value) {
  const known = knownOf(element);
  if (typeof value === "string" && WORDS.includes(name)) value = called(value);
  if (known[name] === value) return;
  known[name] = value;
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Sets an element's text if it is not already so.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const known = knownOf(element);
  const words = called(text);
  if (known["#text"] === words) return;
  known["#text"] = words;
  element.textContent = words;
}

/**
 * Adds or removes a class if it is not already so.
 *
 * @param {Element} element
 * @param {string} name
 * @param {boolean} on
 */
export function setClass(element, name, on) {
  const known = knownOf(element);
  if (known[`.${name}`] === on) return;
  known[`.${name}`] = on;
  element.classList.toggle(name, on);
}

/**
 * The element of that id, which the page's own markup is known to have.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * Lets the browser draw, and answer to whoever waits: what follows is a task of its own. A timer
 * would do, but a browser makes those that follow each other wait for four milliseconds.
 *
 * @returns {Promise<void>}
 */
export const breathe = () =>
  new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      go();
    };
    port2.postMessage(0);
  });
