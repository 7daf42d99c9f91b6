// @ts-check
/**
 * `<half-link>`: a run in a page, between tags. This is all that a page loads until the first of them
 * is seen: what it shows by then is what its author has put between the tags.
 */

const NAME = "half-link";
/** In place of a site that is not known: an address that is nobody's. */
const NOWHERE = "https://halflink.invalid/";
/** Pixels that it would have where its width goes by its content. */
const WIDTH = 640;
/** How far from the window an element may be to be begun. */
const NEAR = "200px";

/** @typedef {typeof import("./element-host.js")} HostModule */

/**
 * @typedef {object} Source where an element comes from
 * @property {(file: string) => Promise<unknown>} load runs a script of the package, which leaves what
 *   it brings on the page; it may be asked for one that did not come again
 * @property {string} site the address of Halflink; "" if it is not known
 */

/** What scripts have brought, by name. @type {Map<string, unknown>} */
const parts = new Map();
/** Scripts that have come, or come. @type {Map<string, Promise<void>>} */
const scripts = new Map();

/** In which script a part comes, if not in one of its own name. @type {Record<string, string>} */
const FILES = {
  "element-late": "halflink-element-late",
  "element-late-style": "halflink-element-late",
  production: "halflink-embed-production",
};

/** @type {Source} */
let source;

/**
 * A part, by its name.
 *
 * @param {string} name "engine", "library/en/raid-10"
 */
async function part(name) {
  const file = name.includes("/") ? name : (FILES[name] ?? "halflink-element-run");
  if (!parts.has(name)) await load(file);
  if (!parts.has(name)) throw new Error(`${file}.js has no ${name}`);
  return parts.get(name);
}

/**
 * Loads a script once, and takes what it has brought off the page.
 *
 * @param {string} file
 */
function load(file) {
  const known = scripts.get(file);
  if (known) return known;
  const loading = source.load(file).then(
    () => {
      const page = /** @type {{halflinkParts?: Record<string, unknown>}} */ (
        /** @type {unknown} */ (self)
      );
      for (const [name, value] of Object.entries(page.halflinkParts ?? {})) parts.set(name, value);
      delete page.halflinkParts;
    },
    (error) => {
      scripts.delete(file);
      throw error;
    },
  );
  scripts.set(file, loading);
  return loading;
}

/** Until the text between the tags has come. */
const read = () =>
  document.readyState === "loading"
    ? new Promise((go) => document.addEventListener("DOMContentLoaded", go, { once: true }))
    : Promise.resolve();

/** Whatever a host makes of all elements, what stands in this one is whole. */
const LOOKS = `:host{display:flex;flex-direction:column;position:relative;min-width:0}
:host([hidden]){display:none}
.whole{flex:1 0 auto;display:flex;flex-direction:column;position:relative}
slot{display:block}
.whole[data-plain] slot{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:plaintext}
.wide{height:0;max-width:100%}
.start{all:initial;position:absolute;inset:0;cursor:pointer;display:grid;place-items:center}
.start:focus-visible{outline:3px solid Highlight;outline-offset:2px}
.start span{font:24px/56px system-ui,sans-serif;width:56px;padding-left:4px;box-sizing:border-box;
text-align:center;border-radius:50%;background:#0b62d6;color:#fff}
.room{all:initial;display:flex;flex:1 0 auto;flex-direction:column;container-type:inline-size}
.whole:not([data-shows]) .room{position:absolute;inset:0 0 auto;visibility:hidden;overflow:hidden}
.whole[data-shows=run] slot{display:none}
.whole[data-nowhere] :is(.open,.unstarted a){display:none}
.missing{font:13px/1.45 system-ui,sans-serif;margin:8px 0 0}`;
/** @type {CSSStyleSheet|undefined} */
let sheet;

/** @type {IntersectionObserver|undefined} */
let eye;
const seen = () =>
  (eye ??= new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) void (/** @type {HalfLink} */ (target).start().catch(() => {}));
    },
    { rootMargin: NEAR },
  ));

/** Where a page is made on a server there are no elements, and none is defined. */
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? Object);

class HalfLink extends Base {
  static observedAttributes = [
    "link",
    "src",
    "load",
    "height",
    "lang",
    "t",
    "play",
    "speed",
    "loop",
    "theme",
    "view",
    "fixed",
    "group",
    "groups",
    "compare",
    "in",
    "site",
  ];

  #shadow = this.attachShadow({ mode: "open" });
  #whole = document.createElement("div");
  /** @type {Promise<Awaited<ReturnType<HostModule["open"]>>>|undefined} */
  #begun;
  /** @type {Awaited<ReturnType<HostModule["open"]>>|undefined} */
  #run;
  /** How often it was taken out: what was begun before is not its own any more. */
  #turn = 0;

  constructor() {
    super();
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(LOOKS);
    }
    this.#shadow.adoptedStyleSheets = [sheet];
    this.#whole.className = "whole";
    // A room takes its width from what it stands in; what goes by its content has this to go by.
    const wide = document.createElement("canvas");
    wide.className = "wide";
    wide.width = WIDTH;
    wide.height = 0;
    this.#whole.append(wide, document.createElement("slot"));
    this.#shadow.append(this.#whole);
  }

  connectedCallback() {
    // Whoever gave it no poster sees the lines of the text until it runs, or if it does not.
    void read().then(() => {
      this.#whole.toggleAttribute("data-plain", !this.querySelector("pre, p, svg, img"));
    });
    this.#run?.moved();
    this.#wait();
  }

  disconnectedCallback() {
    // Whoever moves it puts it in again at once.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (name === "height") this.#reserve();
    else if (name === "load" && this.isConnected) this.#wait();
    else if (name === "site" && this.#run) this.#anew();
    else this.#run?.changed(name);
  }

  /** So much room it is to have, before and after. */
  #reserve() {
    const height = Number(this.getAttribute("height")) || 0;
    this.#whole.style.minHeight = height ? `${height}px` : "";
  }

  /** Until it is seen, or pressed. */
  #wait() {
    if (this.#begun) return;
    this.#reserve();
    seen().unobserve(this);
    this.#whole.querySelector(".start")?.remove();
    if (this.getAttribute("load") !== "click") return seen().observe(this);
    const button = document.createElement("button");
    button.className = "start";
    button.ariaLabel = "{{element.start}}";
    const mark = document.createElement("span");
    mark.textContent = "▶";
    button.append(mark);
    button.addEventListener("click", async () => {
      const focused = this.#shadow.activeElement === button;
      await this.play();
      // Who pressed it by a key goes on from what stands in its place.
      const next = /** @type {HTMLElement|null} */ (this.#shadow.querySelector("button.play"));
      if (focused && document.activeElement === document.body) next?.focus({ preventScroll: true });
    });
    this.#whole.append(button);
  }

  /** Loads the engine if no other has, and begins. */
  start() {
    seen().unobserve(this);
    this.#whole.querySelector(".start")?.remove();
    if (this.#begun) return this.#begun;
    const turn = this.#turn;
    this.#begun = this.#open().catch((error) => {
      if (turn === this.#turn) {
        this.#begun = undefined;
        this.#missing(error);
      }
      throw error;
    });
    return this.#begun;
  }

  /** Where ways to Halflink lead; those to nowhere are not shown. */
  #site() {
    const site = this.getAttribute("site")?.trim() || source.site;
    this.#whole.toggleAttribute("data-nowhere", !site);
    return new URL("./", site ? new URL(site, document.baseURI) : NOWHERE).href;
  }

  #anew() {
    this.#end();
    void this.start().catch(() => {});
  }

  async #open() {
    const turn = this.#turn;
    const [module] = await Promise.all([part("element-host"), read()]);
    if (turn !== this.#turn) throw new DOMException("", "AbortError");
    const run = await /** @type {HostModule} */ (module).open({
      element: this,
      shadow: this.#shadow,
      whole: this.#whole,
      site: this.#site(),
      part,
      tell: (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail })),
      anew: () => this.#anew(),
    });
    if (turn === this.#turn) this.#run = run;
    else run.close();
    return run;
  }

  /** What could not be loaded is said under what its author has put there. @param {unknown} error */
  #missing(error) {
    if (!this.isConnected) return;
    this.#whole.querySelector(".missing")?.remove();
    const line = document.createElement("p");
    line.className = "missing";
    line.lang = "en";
    line.dir = "ltr";
    line.textContent = "{{embed.not-started}}";
    this.#whole.append(line);
    console.error(error);
    this.dispatchEvent(
      new CustomEvent("failed", { detail: { words: line.textContent, errors: [] } }),
    );
  }

  #end() {
    this.#turn += 1;
    seen().unobserve(this);
    this.#run?.close();
    this.#run = undefined;
    this.#begun = undefined;
    delete this.#whole.dataset.shows;
    this.#whole.querySelector(".missing")?.remove();
  }

  /**
   * @param {string} command
   * @param {unknown} [argument]
   * @returns {Promise<boolean>} false where it cannot be done, whyever
   */
  async #do(command, argument) {
    if (!this.isConnected) return false;
    try {
      return await (await this.start()).do(command, argument);
    } catch {
      return false;
    }
  }

  play() {
    return this.#do("play");
  }

  pause() {
    return this.#do("pause");
  }

  /** @param {number|string} at seconds, or what a clock shows */
  seek(at) {
    return this.#do("seek", at);
  }

  /** @param {string} statement of the language, done at the moment that is shown */
  apply(statement) {
    return this.#do("apply", statement);
  }

  undo() {
    return this.#do("undo");
  }

  redo() {
    return this.#do("redo");
  }

  /** Seconds of the run. */
  get time() {
    return this.#run?.now?.time ?? 0;
  }

  get playing() {
    return this.#run?.now?.playing ?? false;
  }

  /** The scenario as it is now, with what was done to it; "" before it runs. */
  get text() {
    return this.#run?.now?.text ?? "";
  }
}

/**
 * Defines the element, if it is not defined yet.
 *
 * @param {Source} from
 */
export function define(from) {
  source ??= from;
  if (!globalThis.customElements || customElements.get(NAME)) return;
  customElements.define(NAME, HalfLink);
}
