// @ts-check
/**
 * The room of one run in somebody else's page: what the embed's modules take for document, window and
 * location ends at a shadow root. Each element runs those modules anew over a room of its own
 * (`xtask/src/element.rs` makes a function of them), so nothing of one run is another's, and nothing
 * of any is the page's.
 */

/** Of what is heard anywhere on the page, what a run has to know. */
const OF_THE_PAGE = ["visibilitychange", "pointerup", "pointercancel"];
/** What the host's own scripts do wrong is not ours to tell. */
const NOT_OURS = ["error", "unhandledrejection", "message"];
/** Grounds that are darker than this are dark. */
const DARK = 0.35;

/**
 * @typedef {{stage: HTMLElement, shadow: ShadowRoot, site: string, height: number,
 *   signal: AbortSignal, style: () => Promise<unknown>, anew: () => void,
 *   facts: {languages: string, library: string}}} Given
 *   stage: what is the body there; site: the address of Halflink; facts: what its pages say of it;
 *   height: what the author fixed, or 0; style: loads the looks of what comes late; anew: begins
 *   it all again
 */

/**
 * How bright a colour is as a browser writes it, 0 to 1; nothing if one sees through it.
 *
 * @param {string} colour "rgb(255, 255, 255)"
 */
export function brightness(colour) {
  const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  if (!colour.startsWith("rgb") || alpha < 0.5) return undefined;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/**
 * True if what an element stands on is dark. Where nobody gave it a colour the browser's own shows.
 *
 * @param {Element} element
 */
function isOnDark(element) {
  for (let one = /** @type {Element|null} */ (element); one; one = one.parentElement) {
    const bright = brightness(getComputedStyle(one).backgroundColor);
    if (bright !== undefined) return bright < DARK;
  }
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  const likes = matchMedia("(prefers-color-scheme: dark)").matches;
  return scheme.includes("dark") && (likes || !scheme.includes("light"));
}

/** @param {Given} given */
export function roomOf({ stage, shadow, site, facts, height, signal, style, anew }) {
  const changes = new EventTarget();
  const location = {
    hash: "",
    get href() {
      return `${site}embed.html${this.hash}`;
    },
    reload: anew,
  };
  /** The height that the run last asked for, and in which width. */
  let [asked, width] = [0, 0];
  const listen =
    (/** @type {EventTarget} */ own) =>
    (
      /** @type {string} */ name,
      /** @type {EventListener} */ heard,
      /** @type {AddEventListenerOptions} */ options = {},
    ) => {
      if (NOT_OURS.includes(name)) return;
      const target = OF_THE_PAGE.includes(name) ? document : own;
      const signals = [signal, options.signal].filter((one) => one !== undefined);
      target.addEventListener(name, heard, { ...options, signal: AbortSignal.any(signals) });
    };
  const root = {
    /** "auto" is what the element stands on. */
    dataset: {
      get theme() {
        return stage.dataset.theme;
      },
      set theme(theme) {
        stage.dataset.theme = theme;
        colour();
      },
      ...facts,
    },
    get lang() {
      return stage.lang;
    },
    set lang(language) {
      stage.lang = language;
    },
    get dir() {
      return stage.dir;
    },
    set dir(direction) {
      stage.dir = direction;
    },
    get clientWidth() {
      return document.documentElement.clientWidth;
    },
    get clientHeight() {
      return document.documentElement.clientHeight;
    },
  };
  const colour = () => {
    const { theme = "auto" } = stage.dataset;
    const dark = theme === "auto" ? isOnDark(shadow.host) : theme === "dark";
    stage.style.colorScheme = dark ? "dark" : "light";
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", colour, { signal });
  // Many pages have a switch of their own, and turn it at the root.
  const turned = new MutationObserver(colour);
  for (const one of [document.documentElement, document.body])
    turned.observe(one, { attributes: true });
  signal.addEventListener("abort", () => turned.disconnect());
  const own = {
    body: stage,
    /** Nothing is loaded from beside a script: the element does that for all. */
    currentScript: null,
    documentElement: root,
    /** Only the style of what comes late is put there. */
    head: {
      append: (/** @type {HTMLLinkElement} */ link) =>
        void style().finally(() => link.onload?.(new Event("load"))),
    },
    set title(/** @type {string} */ title) {
      stage.setAttribute("aria-label", title);
    },
    get hidden() {
      return document.hidden;
    },
    get activeElement() {
      return shadow.activeElement;
    },
    createElement: (/** @type {string} */ name) => {
      const element = document.createElement(name);
      // The page has regions of its own, and may have several runs, whose parts are called alike.
      if (name === "section") element.setAttribute("role", "group");
      return element;
    },
    createElementNS: (/** @type {string} */ space, /** @type {string} */ name) =>
      document.createElementNS(space, name),
    getElementById: (/** @type {string} */ id) => shadow.getElementById(id),
    querySelector: (/** @type {string} */ selector) => shadow.querySelector(selector),
    addEventListener: listen(stage),
  };
  const view = {
    name: "",
    /** @type {{player: import("./player.js").Player}|undefined} */
    halflink: undefined,
    setTimeout: (/** @type {() => void} */ then, /** @type {number} */ after_ms) =>
      setTimeout(then, after_ms),
    clearTimeout: (/** @type {number} */ timer) => clearTimeout(timer),
    addEventListener: listen(changes),
    /** The element fits itself to what a frame would ask its host for. */
    get innerHeight() {
      if (stage.clientWidth !== width) [asked, width] = [0, stage.clientWidth];
      return Math.max(asked, height);
    },
    parent: {
      postMessage: (/** @type {{height: number}} */ said) => {
        asked = said.height;
        stage.style.minHeight = `${Math.max(asked, height)}px`;
      },
    },
  };
  // A way to Halflink is relative to the site, which is not this page.
  for (const sign of ["pointerover", "focusin", "click"]) {
    const mend = (/** @type {Event} */ event) => {
      const link = /** @type {Element} */ (event.target).closest("a");
      const way = link?.getAttribute("href") ?? "";
      if (link && way.startsWith("./")) link.href = new URL(way, site).href;
    };
    shadow.addEventListener(sign, mend, { capture: true, signal });
  }
  colour();
  return {
    document: own,
    window: view,
    location,
    /** What both scripts of a room know. */
    shared: { origin: self.origin },
    /** The address asks for something else. @param {string} next */
    go(next) {
      location.hash = next;
      changes.dispatchEvent(new Event("hashchange"));
    },
  };
}

/** @typedef {ReturnType<typeof roomOf>} Room */
