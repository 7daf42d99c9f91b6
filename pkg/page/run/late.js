// @ts-check
/** What the first view does not need is loaded when somebody asks for it. */

/** The style of all that comes late. */
let sheet = "late.css";
/** @type {Promise<void>|undefined} */
let styled;

/** @param {string} name of a file of the page's, in place of the page's own */
export function styleFrom(name) {
  sheet = name;
}

/** @returns {Promise<void>} */
function loadStyle() {
  styled ??= new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = sheet;
    link.nonce =
      /** @type {HTMLElement|null} */ (document.querySelector("link[nonce]"))?.nonce ?? "";
    // Without its looks it still works.
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
  return styled;
}

/** Where named modules come from if not from files of their own. @type {(name: string) => Promise<any>} */
let source;

/** @param {(name: string) => Promise<any>} packed */
export function lateFrom(packed) {
  source = packed;
}

/**
 * A loader of a module and of the style that goes with it, once. One that failed may be tried
 * again.
 *
 * @template Module
 * @param {() => Promise<Module>} load
 * @param {string} [name] of a module that the embed loads, too: as in embed-late.js
 * @returns {() => Promise<Module>}
 */
export function late(load, name) {
  /** @type {Promise<Module>|undefined} */
  let loading;
  return () =>
    (loading ??= Promise.all([name && source ? source(name) : load(), loadStyle()]).then(
      ([module]) => module,
      (error) => {
        loading = undefined;
        throw error;
      },
    ));
}

/**
 * What a file of pkg/ tells. It is a script of the embed's kind, which is a module as well.
 *
 * @param {string} name "library/en/raid-10"
 */
export async function part(name) {
  if (source) return source(name);
  await import(new URL(`pkg/${name}.js`, document.baseURI).href);
  return /** @type {any} */ (self).halflinkParts[name];
}

/**
 * Loads by the time the button is pressed.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<unknown>} load
 */
export function preload(button, load) {
  for (const sign of ["pointerenter", "focus"]) {
    // If it does not come, whoever presses is told.
    button.addEventListener(sign, () => void load().catch(() => {}));
  }
}
