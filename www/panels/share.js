// @ts-check
/** Links out: the same run for somebody else, in a message, in a post, as a file. */
import { linkAddress } from "../run/address.js";
import { breathe, html, set, setText } from "../draw/dom.js";
import { snippetHeight } from "./embed-height.js";
import { formatTime } from "../draw/format.js";
import { say } from "../draw/late-words.js";
import { saveFile } from "../draw/save.js";
import { isInside, listed } from "../draw/words.js";
import { late } from "../run/late.js";
import { language } from "../run/library.js";
import { layoutPlant } from "../draw/layout-plant.js";
import {
  elementSnippet,
  embedAddress,
  embedSnippet,
  fileName,
  markdownSnippet,
  pictureSnippet,
} from "./snippet.js";

/**
 * What is shared. known: true if the link can tell whether it replays as it ran here;
 * words: what the whole run and its moment show.
 *
 * @typedef {{run: import("../run/engine.js").Run, link: string, known: boolean, title: string,
 *   module: string, plan: import("../pkg/facts.js").Plan,
 *   strip: import("../pkg/facts.js").Strip, text: string, time_us: number,
 *   compared: readonly string[]|null, group: string,
 *   words: {whole: string, moment: string}}} Described
 * @typedef {HTMLInputElement|HTMLTextAreaElement} Field
 */

/** Two protocols side by side, in a column of a post; the others are scrolled to. */
const COMPARED_HEIGHT = 720;

const loadPageFile = late(() => import("./page-file.js"));
const loadPicture = late(() => import("../draw/picture.js"));
const loadPoster = late(() => import("../draw/poster.js"));
const loadTakeAway = late(() => import("./takeaway.js"));

export const CHAT_LENGTH_MAX = 1_900;
const LINK_LENGTH_MAX = 8_000;
/** How long a task may be at the snippet. */
const SNIPPET_MS = 12;

/**
 * What to say about a link's length.
 *
 * @param {number} length
 */
export function lengthWords(length) {
  const kind = length <= CHAT_LENGTH_MAX ? "fits" : length <= LINK_LENGTH_MAX ? "long" : "too-long";
  return say(`share.${kind}`, { length });
}

/**
 * Copies, or failing that selects, so that the user can.
 *
 * @param {Field} field
 * @param {boolean} quiet true if the user is at something else
 * @returns {Promise<boolean>} true if copied
 */
async function copy(field, quiet = false) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    if (quiet) return false;
    field.focus();
    field.select();
    return false;
  }
}

/**
 * A menu of the browser's own, under its name.
 *
 * @param {string} name
 * @param {readonly (readonly [string, string])[]} entries value and words
 */
function menu(name, entries) {
  const select = /** @type {HTMLSelectElement} */ (
    html("select", {}, ...entries.map(([value, words]) => html("option", { value }, words)))
  );
  return { select, label: html("label", {}, html("span", {}, name), select) };
}

/** @param {string} text beside the box */
function tick(text = "") {
  const box = /** @type {HTMLInputElement} */ (html("input", { type: "checkbox" }));
  const words = html("span", {}, text);
  return { box, words, label: html("label", { class: "share-tick" }, box, words) };
}

/** The options that an author sets on a frame. */
class FrameOptions {
  constructor() {
    this.menus = {
      play: menu(say("share.plays"), [
        ["", say("share.unless")],
        ["visible", say("share.visible")],
        ["off", say("share.pressed")],
        ["now", say("share.now")],
      ]),
      speed: menu(say("share.speed"), [
        ["", "1×"],
        ["1/10", "1/10×"],
        ["1/2", "1/2×"],
        ["2", "2×"],
        ["4", "4×"],
        ["10", "10×"],
      ]),
      view: menu(say("share.shows"), [
        ["", say("share.logic")],
        ["plant", say("share.plant")],
        ["both", say("share.both")],
      ]),
      theme: menu(say("share.colours"), [
        ["", say("share.auto")],
        ["light", say("share.light")],
        ["dark", say("share.dark")],
      ]),
    };
    this.ticks = { loop: tick(say("share.loop")), fixed: tick(say("share.fixed")) };
    const all = [...Object.values(this.menus), ...Object.values(this.ticks)];
    this.element = html("div", { class: "share-options" }, ...all.map(({ label }) => label));
  }

  /** @returns {import("./snippet.js").AuthorOptions} */
  get values() {
    const chosen = Object.entries(this.menus).map(([name, { select }]) => [
      name,
      select.value || null,
    ]);
    const ticked = Object.entries(this.ticks).map(([name, { box }]) => [
      name,
      box.checked ? "" : null,
    ]);
    // Who writes in another language shows it in that, too.
    const spoken = isInside() ? null : language();
    return { lang: spoken, ...Object.fromEntries([...chosen, ...ticked]) };
  }
}

const KINDS = /** @type {const} */ (["frame", "element", "html", "markdown"]);
/** What says of each what it is. */
const ABOUT = {
  frame: "share.about-frame",
  element: "share.about-element",
  html: "share.about-picture",
  markdown: "share.about-picture",
};

/** What goes into a post: a live frame, or a picture that leads to the run. */
class PostPart {
  /**
   * @param {{changed: () => void, save: () => void}} events
   */
  constructor({ changed, save }) {
    this.kinds = KINDS.map((value) => {
      const radio = /** @type {HTMLInputElement} */ (
        html("input", { type: "radio", name: "share-kind", value })
      );
      return { radio, label: html("label", {}, radio, say(`share.${value}`)) };
    });
    this.kinds[0].radio.checked = true;
    this.frame = new FrameOptions();
    this.what = menu(say("share.shows"), [
      ["strip", say("share.strip")],
      ["logic", say("share.logic")],
      ["plant", say("share.plant")],
    ]);
    this.colours = menu(say("share.colours"), [
      ["auto", say("share.auto")],
      ["light", say("share.light")],
      ["dark", say("share.dark")],
    ]);
    this.save = html("button", { type: "button", class: "pill" }, say("share.save"));
    this.save.addEventListener("click", save);
    this.picture = html(
      "div",
      { class: "share-options" },
      this.what.label,
      this.colours.label,
      this.save,
    );
    this.words = html("p");
    this.element = html(
      "div",
      { class: "share-post" },
      html(
        "div",
        { class: "share-kinds", role: "radiogroup", "aria-label": say("share.what") },
        ...this.kinds.map(({ label }) => label),
      ),
      this.words,
      this.frame.element,
      this.picture,
    );
    this.element.addEventListener("change", changed);
    this.show();
  }

  /** @returns {typeof KINDS[number]} */
  get kind() {
    const at = this.kinds.findIndex(({ radio }) => radio.checked);
    return KINDS[at];
  }

  show() {
    const isLive = this.kind === "frame" || this.kind === "element";
    this.frame.element.hidden = !isLive;
    this.picture.hidden = isLive;
    setText(this.words, say(ABOUT[this.kind]));
  }

  /**
   * What the picture is called, and what it shows, for those who cannot see it.
   *
   * @param {Described} run
   */
  file({ title, time_us, words }) {
    const what = this.what.select.value;
    const at = what === "strip" ? "" : `-${Math.round(time_us / 1e5) / 10}s`;
    return {
      file: `${fileName(title)}-${what}${at}.svg`,
      words: what === "strip" ? words.whole : words.moment,
    };
  }
}

export class ShareDialog {
  /** @param {() => Described|null} describe null if nothing runs */
  constructor(describe) {
    this.describe = describe;
    /** What is shown. @type {Described|undefined} */
    this.described = undefined;
    /** What was copied last, and out of which field. @type {{field: Field, value: string}|undefined} */
    this.copied = undefined;
    /** The snippet that is made, and when it is. @type {Generator<void, string>|undefined} */
    this.making = undefined;
    this.filled = Promise.resolve();
    /** What stands below, once it was asked for. @type {import("./takeaway.js").TakeAway|undefined} */
    this.takeaway = undefined;
    this.link = /** @type {HTMLInputElement} */ (
      html("input", { readonly: true, class: "share-link", "aria-label": say("share.link") })
    );
    this.length = html("p", { class: "share-length", role: "status" });
    this.proof = html(
      "p",
      { class: "share-proof soft", role: "status", hidden: true },
      say("share.proof"),
    );
    this.along = html("p");
    this.snippet = /** @type {HTMLTextAreaElement} */ (
      html("textarea", {
        readonly: true,
        rows: 5,
        "aria-label": say("share.snippet"),
        spellcheck: "false",
      })
    );
    this.told = html("p", { class: "share-length", role: "status" });
    this.when = tick();
    this.post = new PostPart({ changed: () => this.fill(), save: () => void this.savePicture() });
    this.dialog = html(
      "dialog",
      { class: "share", "aria-label": say("share.title") },
      html(
        "form",
        { method: "dialog", class: "pane-head" },
        html("h2", {}, say("share.title")),
        html("button", { class: "icon", "aria-label": say("share.close") }, "✕"),
      ),
      this.along,
      html(
        "div",
        { class: "share-row" },
        this.link,
        this.copyButton(say("share.copy-link"), this.link),
      ),
      this.length,
      this.proof,
      this.when.label,
      html("h3", {}, say("share.post")),
      this.post.element,
      html(
        "div",
        { class: "share-row" },
        this.snippet,
        this.copyButton(say("share.copy-snippet"), this.snippet),
      ),
      this.told,
      html(
        "p",
        { class: "share-file" },
        this.saveTextButton(),
        this.savePageButton(),
        this.moreButton(),
      ),
    );
    document.body.append(this.dialog);
    this.dialog.addEventListener("close", () => this.takeaway?.cancel());
    this.when.box.addEventListener("change", () => this.fill());
  }

  saveTextButton() {
    const save = html("button", { type: "button", class: "pill" }, say("share.save-text"));
    save.addEventListener("click", () => {
      const { title, text } = /** @type {Described} */ (this.described);
      saveFile(`${fileName(title)}.halflink`, text, "text/plain;charset=utf-8");
    });
    return save;
  }

  savePageButton() {
    const save = html("button", { type: "button", class: "pill" }, say("share.save-page"));
    save.addEventListener("click", async () => {
      const run = /** @type {Described} */ (this.described);
      const { values } = this.post.frame;
      const at_us = this.when.box.checked ? run.time_us : null;
      setText(this.told, say("share.gathering"));
      set(save, "disabled", true);
      try {
        const { pageFile } = await loadPageFile();
        const options = { ...values, view: values.view ?? "both" };
        const address = embedAddress(location.href, run.link, run, at_us, options);
        const page = await pageFile({ ...run, address, language: language() });
        const file = `${fileName(run.title)}.html`;
        saveFile(file, page, "text/html;charset=utf-8");
        setText(this.told, say("share.saved", { file }));
      } catch (error) {
        setText(this.told, say("share.scattered", { error: String(error) }));
      }
      set(save, "disabled", false);
    });
    return save;
  }

  moreButton() {
    const closed = { type: "button", class: "pill", "aria-expanded": "false" };
    const more = html("button", closed, say("share.take"));
    more.addEventListener("click", async () => {
      try {
        const { TakeAway } = await loadTakeAway();
        this.takeaway ??= new TakeAway(
          () => this.described,
          () => this.link.value,
        );
        this.dialog.append(this.takeaway.element);
      } catch (error) {
        setText(this.told, say("late.dialog", { error: String(error) }));
        return;
      }
      const { element } = this.takeaway;
      const isOpen = more.getAttribute("aria-expanded") === "true";
      set(more, "aria-expanded", String(!isOpen));
      set(element, "hidden", isOpen);
      if (isOpen) this.takeaway.cancel();
      else element.scrollIntoView({ block: "nearest" });
    });
    return more;
  }

  /**
   * @param {string} label
   * @param {Field} field
   */
  copyButton(label, field) {
    const button = html("button", { type: "button", class: "pill go" }, label);
    button.addEventListener("click", async () => {
      if (field === this.snippet) await this.filled;
      const copied = await copy(field);
      if (copied) this.remember(field);
      button.textContent = say(copied ? "share.copied" : "share.selected");
      window.setTimeout(() => (button.textContent = label), 2_000);
    });
    return button;
  }

  /** @param {Field} field that was copied */
  remember(field) {
    this.copied = { field, value: field.value };
  }

  /** Shows the dialog, the link already copied where the browser lets us. */
  async open() {
    this.described = this.describe() ?? undefined;
    if (!this.described) return;
    this.copied = undefined;
    this.when.box.checked = false;
    this.sayWhen();
    // The snippet is another run's until it is made.
    set(this.snippet, "aria-busy", "true");
    if (!this.dialog.open) {
      // What is typed from now on is for the dialog, also before the link is in it.
      this.link.value = "";
      this.dialog.showModal();
      this.link.focus();
    }
    this.takeaway?.refresh();
    // The link of a long text takes a task of its own.
    await breathe();
    if (!this.dialog.open) return;
    this.fill();
    // Whoever typed on meanwhile is elsewhere, and selecting would fetch them back.
    if (document.activeElement === this.link) this.link.select();
    if (!(await copy(this.link, true))) return;
    this.remember(this.link);
    setText(this.length, say("share.copied-all", { words: lengthWords(this.link.value.length) }));
  }

  /**
   * More of the run is simulated: once it is all, the link says what it came to. Or another run is
   * there, by the way back or since a module came for it: what was described is gone, and the new one
   * is described when it is drawn.
   *
   * @param {import("../run/panels.js").Frame} frame
   */
  refresh({ changed, plan, done }) {
    const before = this.described;
    if (!this.dialog.open || !before) return;
    if (before.plan === plan) {
      if (changed === "moment" || before.known || !done) return;
      this.described = { .../** @type {Described} */ (this.describe()), time_us: before.time_us };
      this.fill();
      return;
    }
    this.making = undefined;
    set(this.snippet, "aria-busy", "true");
    if (changed !== "moment") return;
    this.described = this.describe() ?? undefined;
    this.takeaway?.refresh();
    this.fill();
  }

  fill() {
    if (!this.described) return;
    const { link, known, time_us, compared, group } = this.described;
    set(this.proof, "hidden", known);
    setText(
      this.along,
      compared?.length ? say("share.along-with", { names: listed(compared) }) : say("share.along"),
    );
    const at_us = this.when.box.checked ? time_us : null;
    this.link.value = linkAddress(location.href, link, at_us, compared, group);
    this.post.show();
    setText(this.length, lengthWords(this.link.value.length));
    setText(this.told, "");
    this.sayWhen();
    void this.copyAgain();
    void this.takeaway?.show();
    this.filled = this.fillSnippet(at_us);
  }

  sayWhen() {
    const { time_us } = /** @type {Described} */ (this.described);
    setText(this.when.words, say("share.start", { at: formatTime(time_us) }));
  }

  /**
   * The snippet takes longer than the dialog may wait for: what its frame shows has to be measured.
   *
   * @param {number|null} at_us
   */
  async fillSnippet(at_us) {
    const making = this.snippetFor(at_us, () => poster);
    this.making = making;
    set(this.snippet, "aria-busy", "true");
    let poster = "";
    if (this.post.kind === "element") {
      try {
        const { poster: draw } = await loadPoster();
        if (this.making !== making) return;
        const { run, time_us } = /** @type {Described} */ (this.described);
        poster = await draw(run, time_us);
      } catch (error) {
        if (this.making !== making) return;
        setText(this.told, say("share.undrawn", { error: String(error) }));
      }
    }
    for (let until_ms = 0; ; ) {
      if (performance.now() > until_ms) {
        await breathe();
        if (this.making !== making || !this.dialog.open) return;
        until_ms = performance.now() + SNIPPET_MS;
      }
      const { value, done } = making.next();
      if (!done) continue;
      this.snippet.value = value;
      set(this.snippet, "aria-busy", null);
      await this.copyAgain();
      return;
    }
  }

  /**
   * @param {number|null} at_us
   * @param {() => string} poster
   * @returns {Generator<void, string>}
   */
  *snippetFor(at_us, poster) {
    const run = /** @type {Described} */ (this.described);
    const { kind, frame } = this.post;
    if (kind === "frame" || kind === "element") {
      const least = run.compared || run.group === "&groups" ? COMPARED_HEIGHT : 0;
      const height = Math.max(
        least,
        yield* snippetHeight(
          run.run,
          run.plan,
          run.strip,
          frame.values.view ?? "logic",
          layoutPlant(run.plan),
        ),
      );
      const pasted = { ...run, height };
      return kind === "frame"
        ? embedSnippet(location.href, run.link, pasted, at_us, frame.values)
        : elementSnippet(location.href, run.link, pasted, at_us, frame.values, poster());
    }
    const picture = { ...this.post.file(run), title: run.title, address: this.link.value };
    return kind === "html" ? pictureSnippet(picture) : markdownSnippet(picture);
  }

  /** Whatever was copied has changed: what is pasted should be what is seen. */
  async copyAgain() {
    const { copied } = this;
    if (!copied || copied.value === copied.field.value) return;
    const [line, more] =
      copied.field === this.link
        ? [this.length, lengthWords(this.link.value.length)]
        : [this.told, ""];
    const again = await copy(copied.field, true);
    if (again) this.remember(copied.field);
    setText(line, `${say(again ? "share.again" : "share.changed")} ${more}`.trim());
  }

  async savePicture() {
    const { what, colours } = this.post;
    setText(this.told, say("share.drawing"));
    try {
      const { picture } = await loadPicture();
      // Whatever ran when the button was pressed may be gone.
      const run = /** @type {Described} */ (this.described);
      const drawing = await picture(run.run, {
        what: /** @type {"strip"|"logic"|"plant"} */ (what.select.value),
        time_us: run.time_us,
        theme: /** @type {"auto"|"light"|"dark"} */ (colours.select.value),
      });
      const { file } = this.post.file(run);
      saveFile(file, drawing, "image/svg+xml");
      setText(this.told, say("share.saved", { file }));
    } catch (error) {
      setText(this.told, say("share.undrawn", { error: String(error) }));
    }
  }
}
