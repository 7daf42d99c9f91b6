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
 * @param {string} colour "rgb(255, 255, 255)", "color(srgb 1 1 1 / 0.9)"
 */
export function brightness(colour) {
  const numbers = (colour.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const [red, green, blue, alpha = 1] = numbers;
  const most = colour.startsWith("rgb") ? 255 : 1;
  if (!/^rgb|^color\(srgb /.test(colour) || alpha < 0.5) return undefined;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / most;
}

/**
 * A colour by its red, green and blue, in whatever space it was given.
 *
 * @param {string} colour "oklch(0.2 0.02 260)"
 * @param {ShadowRoot} shadow where it is mixed with itself
 */
function inRgb(colour, shadow) {
  if (colour.startsWith("rgb")) return colour;
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `color-mix(${["in srgb", colour, colour]})`;
  shadow.append(probe);
  const mixed = getComputedStyle(probe).color;
  probe.remove();
  return mixed;
}

/** What an element stands in, be that in another element's shadow. @param {Element} element */
const around = (element) =>
  element.assignedSlot ??
  element.parentElement ??
  /** @type {Partial<ShadowRoot>|null} */ (element.parentNode)?.host ??
  null;

/** An element and all that it stands in. @param {Element} element */
function grounds(element) {
  const all = [];
  for (let one = /** @type {Element|null} */ (element); one; one = around(one)) all.push(one);
  return all;
}

/**
 * True if what an element stands on is dark. Where nobody gave it a colour the browser's own shows.
 *
 * @param {ShadowRoot} shadow of the element
 */
function isOnDark(shadow) {
  for (const one of grounds(shadow.host)) {
    const bright = brightness(inRgb(getComputedStyle(one).backgroundColor, shadow));
    if (bright !== undefined) return bright < DARK;
  }
  const scheme = getComputedStyle(shadow.host).colorScheme;
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
    const dark = theme === "auto" ? isOnDark(shadow) : theme === "dark";
    stage.style.colorScheme = dark ? "dark" : "light";
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", colour, { signal });
  // Many pages have a switch of their own, and turn it at the root, or nearer; some take their time.
  const turned = new MutationObserver(colour);
  /** @type {Element[]} */
  let stands = [];
  const moved = () => {
    turned.disconnect();
    stands = grounds(shadow.host);
    for (const one of stands) turned.observe(one, { attributes: true });
    colour();
  };
  const ended = (/** @type {Event} */ { target }) =>
    stands.includes(/** @type {Element} */ (target)) && colour();
  document.addEventListener("transitionend", ended, { signal });
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
    // What is let go of is still there for what goes on a little.
    getElementById: (/** @type {string} */ id) => stage.querySelector(`#${id}`),
    querySelector: (/** @type {string} */ selector) => stage.querySelector(selector),
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
  moved();
  return {
    document: own,
    moved,
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
