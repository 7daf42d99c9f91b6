// @ts-check
/**
 * What all `<half-link>` of a page share: the engine, compiled once, and how a run is begun in one of
 * them. It comes with the engine, when the first of them is seen.
 */
import { engineOf } from "./run/compiled.js";
import { pastedText } from "./run/pasted-text.js";
import { roomOf } from "./run/room.js";

/**
 * @typedef {import("./run/compiled.js").Part} Part
 * @typedef {import("./run/remote.js").Remote} Remote
 * @typedef {{element: HTMLElement, shadow: ShadowRoot, whole: HTMLElement, site: string, part: Part,
 *   tell: (name: string, detail: Record<string, unknown>) => void, anew: () => void}} Host
 *   whole: what stands in the shadow root
 */

/** Of what an author may set, what a run that goes on can follow. */
const LOOKS = ["theme", "view", "fixed"];
/** And what it cannot: it is opened anew. An address says both. */
const BEGINNINGS = ["t", "play", "speed", "loop", "group", "groups", "compare", "in", "lang"];
/** Letters of a text that the engine is given; of fewer it says that they are too many. */
const TEXT_MAX = 10_000_000;
/** An author who types is not followed letter by letter. */
const STILL_MS = 300;
/** So often it is looked whether a run that was begun is there. */
const LOOK_MS = 16;

/**
 * What an address says after the link, of what an author has set on an element.
 *
 * @param {Element} element
 * @param {readonly string[]} names
 */
function optionsOf(element, names) {
  const said = names
    .filter((name) => element.hasAttribute(name))
    .map((name) => {
      const value = element.getAttribute(name)?.trim();
      return value ? `&${name}=${value}` : `&${name}`;
    });
  return said.join("");
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {Element[]} inside
 */
function made(tag, attributes, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

/** What the page of a frame has, in the same order. */
const furniture = () =>
  made(
    "div",
    { class: "embed", role: "group", lang: "en", dir: "ltr", "data-state": "waits" },
    made("p", { id: "unstarted", class: "unstarted" }),
    made("div", { id: "banner", class: "banner", role: "alert", hidden: "" }),
    made("div", { class: "embed-main" }, made("div", { id: "pictures" })),
    made("div", { class: "foot" }),
    made("div", { id: "live", class: "visually-hidden", role: "status", "aria-live": "polite" }),
  );

/** Looks that all share, by the name of their part. @type {Map<string, Promise<CSSStyleSheet>>} */
const sheets = new Map();

/** @param {Part} part @param {string} name */
function sheetOf(part, name) {
  const known = sheets.get(name);
  if (known) return known;
  const coming = part(name).then((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return sheet;
  });
  sheets.set(name, coming);
  coming.catch(() => sheets.delete(name));
  return coming;
}

/**
 * Begins a run in an element, and keeps to what its author sets.
 *
 * @param {Host} host
 */
export async function open(host) {
  const { part } = host;
  const [facts, scripts] = await Promise.all([
    part("element-site"),
    part("element-run"),
    sheetOf(part, "element-style"),
  ]);
  return new Opened(host, facts, scripts);
}

/** The run of one element. */
class Opened {
  ending = new AbortController();
  /** The run, once it is drawn; and whoever waits for it. @type {Remote|undefined} */
  remote;
  /** @type {(() => void)[]} */
  waiting = [];
  begun = false;
  /** What was opened, and how it begins; null before, and where it did not come. */
  opened = /** @type {string|null} */ (null);
  /** Options that its link says itself. @type {readonly string[]} */
  own = [];
  /** How it looks, of what its author has set. */
  looks = "";
  /** How often it was read what there is to open. */
  read = 0;
  /** What is wrong with the text that was read last. @type {readonly Record<string, unknown>[]} */
  errors = [];
  timer = 0;
  /** What comes late, when it has come. @type {Record<string, any>|undefined} */
  late;

  /**
   * @param {Host} host
   * @param {{languages: string, library: string}} facts
   * @param {(...room: unknown[]) => typeof import("./element-run.js")} scripts
   */
  constructor(host, facts, scripts) {
    this.host = host;
    const { element, shadow, whole, site, anew, part } = host;
    this.stage = furniture();
    this.box = made("div", { class: "room" }, this.stage);
    whole.append(this.box);
    void this.wear("element-style");
    this.room = roomOf({
      stage: this.stage,
      shadow,
      site,
      facts,
      height: Number(element.getAttribute("height")) || 0,
      signal: this.ending.signal,
      style: async () => {
        await part("element-late");
        await this.wear("element-late-style");
      },
      anew,
    });
    const { document: seen, window: view, shared, location } = this.room;
    this.scripts = scripts(seen, view, shared, shared, location);
    this.scripts.supply({
      engine: (name) =>
        this.untilClosed(engineOf(part, name, (error) => void this.player?.fail(error))),
      part: (name) => this.untilClosed(this.part(name)),
    });
    this.states = new MutationObserver(() => this.turned());
    this.states.observe(this.stage, { attributes: true, attributeFilter: ["data-state"] });
    this.inside = new MutationObserver(() => {
      if (!element.hasAttribute("link") && !element.hasAttribute("src")) this.soon();
    });
    this.inside.observe(element, { childList: true, characterData: true, subtree: true });
    void this.follow();
  }

  get player() {
    return this.room.window.halflink?.player;
  }

  /**
   * What comes when all is let go of comes to nobody, and nobody is told of what does not come.
   *
   * @template Thing
   * @param {Promise<Thing>} coming
   * @returns {Promise<Thing>}
   */
  untilClosed(coming) {
    return new Promise((come, fail) => {
      const { signal } = this.ending;
      coming.then(
        (thing) => signal.aborted || come(thing),
        (error) => signal.aborted || fail(error),
      );
    });
  }

  /** Something is said in place of the run. */
  get says() {
    return this.stage.dataset.state === "says";
  }

  /** @param {string} name of a part with a sheet in it */
  async wear(name) {
    const { shadow, part } = this.host;
    const sheet = await sheetOf(part, name);
    if (shadow.adoptedStyleSheets.includes(sheet)) return;
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  }

  /** What comes late, by its name; files are the same for all. @param {string} name */
  async part(name) {
    const { part } = this.host;
    if (name.includes("/")) return part(name);
    const { document: seen, shared, location } = this.room;
    const scripts = await part("element-late");
    // What stands over a page is placed by the window's height, and not by the element's.
    const late = this.late ?? scripts(seen, self, shared, shared, location);
    if (!this.late) late.lateFrom((/** @type {string} */ one) => this.part(one));
    this.late = late;
    return late[name];
  }

  /** What its author has put there: a link, a file, or the text between the tags. */
  async asked() {
    const { element } = this.host;
    const link = element.getAttribute("link")?.trim();
    if (link) return { link: link.includes("#") ? link.slice(link.indexOf("#")) : `#${link}` };
    const file = element.getAttribute("src")?.trim();
    if (!file) return { text: pastedText(element) };
    try {
      const answer = await fetch(file);
      return answer.ok ? { text: await answer.text() } : { file, missing: answer.status };
    } catch (error) {
      return { file, missing: error };
    }
  }

  /** Something else may be asked for. */
  soon() {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.follow(), STILL_MS);
  }

  /** Opens what is there now. */
  async follow() {
    try {
      await this.openAsked();
    } catch (error) {
      if (this.ending.signal.aborted) return;
      this.opened = null;
      this.errors = [];
      this.scripts.sayUnavailable(error);
    }
  }

  /** What an address says: what its author has set, and then what the link says itself. */
  options() {
    const { element } = this.host;
    this.looks = optionsOf(element, LOOKS);
    return [optionsOf(element, BEGINNINGS) + this.looks, ...this.own].join("&");
  }

  async openAsked() {
    const { room, scripts, stage, ending } = this;
    this.read += 1;
    const ticket = this.read;
    const isOver = () => ending.signal.aborted || ticket !== this.read;
    const { link, text = "", file = "", missing } = await this.asked();
    if (isOver()) return;
    if (missing) {
      this.opened = null;
      this.errors = [];
      scripts.sayMissing(file, missing);
      return;
    }
    const all = (link ?? text) + optionsOf(this.host.element, BEGINNINGS);
    if (all === this.opened) return;
    this.opened = all;
    const [bare, ...own] = (link ?? "").split("&");
    this.own = own;
    const options = this.options();
    // In which language what is wrong is said is an option, too.
    room.location.hash = options;
    await scripts.speak();
    const found = bare || (await scripts.linkOf(text.slice(0, TEXT_MAX)));
    if (isOver()) return;
    this.errors = typeof found === "string" ? [] : found.errors.map((error) => ({ ...error }));
    if (typeof found !== "string") {
      // What is said already may be said in other words.
      stage.dataset.state = "waits";
      scripts.sayUnopened(found.words);
    } else if (this.begun) room.go(`${found}${options}`);
    else {
      this.begun = true;
      room.location.hash = `${found}${options}`;
      scripts.begin();
      this.look();
    }
  }

  /** Something is said in place of the run, or it runs. */
  turned() {
    const { host, stage } = this;
    if (stage.dataset.state === "runs") {
      // After words in its place it is news, be it the very same.
      if (host.whole.dataset.shows === "words") this.remote?.again();
      this.look();
    }
    if (!this.says) return;
    host.whole.dataset.shows = "words";
    this.player?.playback.pause();
    // What comes after the words is a way to Halflink.
    const words = stage.querySelector("#unstarted")?.firstChild?.textContent?.trim() ?? "";
    host.tell("failed", { words, errors: this.errors });
    this.settle();
  }

  /** Waits for the picture of what was begun. */
  look() {
    const { player, host } = this;
    if (this.ending.signal.aborted || this.says) return this.settle();
    if (!player?.view || !player.beginning) return void setTimeout(() => this.look(), LOOK_MS);
    // A run that is hidden by words is drawn for nobody.
    this.remote ??= this.scripts.remoteOf((name, detail) => this.says || host.tell(name, detail));
    host.whole.dataset.shows = "run";
    this.relook();
    this.settle();
  }

  /** The run is there, or it is known that it does not come. */
  settle() {
    for (const go of this.waiting.splice(0)) go();
  }

  /**
   * Does something to the run, as soon as there is one.
   *
   * @param {string} command
   * @param {unknown} argument
   * @returns {Promise<boolean>} false where it cannot be done
   */
  async do(command, argument) {
    const { signal } = this.ending;
    if (!this.remote && !this.says && !signal.aborted)
      await new Promise((go) => this.waiting.push(() => go(undefined)));
    return !this.says && !signal.aborted && (this.remote?.do(command, argument) ?? false);
  }

  /** What is there now. */
  get now() {
    const { player } = this;
    if (!player?.view || !player.beginning || this.says) return null;
    const { playback, session } = player;
    return { time: playback.time_us / 1e6, playing: playback.playing, text: session.text };
  }

  /** An attribute is another one. @param {string} name */
  changed(name) {
    if (!LOOKS.includes(name)) return this.soon();
    // Of a run that begins it is looked when it is there.
    if (this.remote) this.relook();
  }

  /** Looks as its author has set it. */
  relook() {
    if (this.looks === optionsOf(this.host.element, LOOKS)) return;
    this.scripts.look(this.room.location.hash.split("&")[0] + this.options());
  }

  /** It stands elsewhere on the page. */
  moved() {
    this.room.moved();
  }

  /** Lets go of everything. */
  close() {
    const { player } = this;
    this.ending.abort();
    this.states.disconnect();
    this.inside.disconnect();
    clearTimeout(this.timer);
    this.settle();
    if (player) {
      player.failed = true;
      player.playback.pause();
      player.session.close();
    }
    this.box.remove();
  }
}
