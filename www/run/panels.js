// @ts-check
/**
 * Panels: what a reader looks at and acts on. Each is a row of one list. Its element is made as the
 * row says, and the panel when it is first needed; it is told what it asks to be told; and what it
 * does, it does by the commands that it is given.
 */
import { html } from "../draw/dom.js";
import { say } from "../draw/words.js";

/** @typedef {"start"|"room"|"plan"|"strip"|"moment"|"wait"|"compared"|"pointed"} Change */

/**
 * What a panel is told: what has changed, and how it stands with the run now.
 *
 * @typedef {object} Frame
 * @property {Change} changed "room" comes once, before the first plan: what will take room from the
 *   picture takes it
 * @property {import("./engine.js").Engine} engine
 * @property {import("./engine.js").Run|null} run
 * @property {import("../pkg/facts.js").Plan} plan
 * @property {import("../pkg/facts.js").Strip} strip
 * @property {string} text the run's
 * @property {boolean} done it is simulated to its end
 * @property {import("../pkg/facts.js").View|undefined} view the moment that is drawn, when there is one
 * @property {import("../draw/packets.js").DrawnPacket[]} packets in it
 * @property {number} time_us where the playhead stands
 * @property {number} speed
 * @property {boolean} playing
 * @property {boolean} still nothing may move unasked
 * @property {boolean} coarse milliseconds pass too fast to be read
 * @property {boolean} words they may be written: in between nobody could read them
 * @property {{time_us: number, share: number}|null} waiting how far it is, while the playhead waits
 * @property {readonly string[]|null} compared protocols beside the run's own; null if it is alone
 * @property {boolean} all groups are shown, beside each other
 * @property {readonly number[]} pointed lanes that a reader points at
 */

/** @typedef {{update: (frame: Frame) => void}} Panel */

/**
 * The element of a panel, and its place among what the page's own markup and the rows before it have:
 * in front of something, or at the end of a room. Without a word of it, it is a section at the end of
 * what stands beside the picture.
 *
 * @typedef {object} HostOptions
 * @property {"section"|"div"|"span"|"button"} [tag]
 * @property {string} [before] a selector
 * @property {string} [room] a selector
 * @property {string} [text] its key
 * @property {string} [label] the key of what it is called
 * @typedef {HostOptions & import("../draw/dom.js").Attributes} Host
 */

/**
 * @typedef {object} Row
 * @property {string} id of its element
 * @property {Host} [host]
 * @property {boolean} [first] true if it comes with the first picture: it is of it, or would move it
 * @property {() => Opener|Promise<Opener>} load what makes it, at once or late
 * @property {(frame: Frame, open: boolean) => boolean} needs true if it is to be told; then it is made
 *   if it is not open yet
 * @property {string} [name] the key of what is missing if it does not come; without one the run goes on
 * @property {(commands: any) => void} [failed] what else to do then
 */

/** @typedef {{open: (host: HTMLElement, commands: any) => Panel}} Opener */

export class Panels {
  /**
   * @param {readonly Row[]} rows
   * @param {{notice: (words: string) => void} & Record<string, unknown>} commands
   * @param {(changed: Change) => Frame} told how it stands
   * @param {() => void} [opened] a panel is there that was not
   */
  constructor(rows, commands, told, opened) {
    this.rows = rows;
    this.commands = commands;
    this.told = told;
    this.opened = opened;
    /** @type {Map<string, Panel|"comes"|"missing">} */
    this.panels = new Map();
  }

  /**
   * The panel of that element, if it is open.
   *
   * @param {string} id
   * @returns {any}
   */
  get(id) {
    const panel = this.panels.get(id);
    return typeof panel === "object" ? panel : undefined;
  }

  /** @param {Frame} frame */
  tell(frame) {
    for (const row of this.rows) this.tellOne(row, frame);
  }

  /**
   * @param {Row} row
   * @param {Frame} frame
   */
  tellOne(row, frame) {
    const known = this.panels.get(row.id);
    const panel = typeof known === "object" ? known : undefined;
    if (!row.needs(frame, panel !== undefined)) return;
    if (panel) panel.update(frame);
    else if (!known) this.load(row);
  }

  /** @param {Row} row */
  load(row) {
    const coming = row.load();
    if (!(coming instanceof Promise)) {
      this.open(row, coming);
      return;
    }
    this.panels.set(row.id, "comes");
    coming.then(
      (opener) => this.open(row, opener),
      (error) => {
        // Whoever does something about it may ask again; else it is not asked for in every frame.
        if (row.failed) this.panels.delete(row.id);
        else this.panels.set(row.id, "missing");
        const what = row.name && say(row.name);
        if (what) this.commands.notice(say("late.failed", { what, error: String(error) }));
        row.failed?.(this.commands);
      },
    );
  }

  /**
   * @param {Row} row
   * @param {Opener} opener
   */
  open(row, { open }) {
    const panel = open(hostOf(row), this.commands);
    this.panels.set(row.id, panel);
    // It is told what it has missed.
    for (const changed of /** @type {const} */ (["plan", "strip", "compared", "moment"])) {
      const frame = this.told(changed);
      const is_there = changed === "moment" ? frame.view : frame.run;
      if (is_there && row.needs(frame, true)) panel.update({ ...frame, words: true });
    }
    this.opened?.();
  }
}

/**
 * The element of a panel.
 *
 * @param {Pick<Row, "id"|"host">} row
 */
function hostOf({ id, host = {} }) {
  const known = document.getElementById(id);
  if (known) return known;
  const { tag = "section", before, room = ".side", text = "", label, ...attributes } = host;
  const label_said = label && say(label);
  const element = html(tag, { id, "aria-label": label_said, ...attributes }, say(text));
  const beside = document.querySelector(before ?? room);
  if (before) beside?.before(element);
  else beside?.append(element);
  return element;
}

/**
 * Makes the elements of panels, so that nothing moves when the panels come. One whose place is not
 * there yet is made along with its panel.
 *
 * @param {readonly Row[]} rows
 */
export const place = (rows) => rows.forEach(hostOf);

/**
 * Tells of these changes. Such a panel is there from the start.
 *
 * @param {readonly Change[]} changes
 * @returns {(frame: Frame) => boolean}
 */
export const on =
  (...changes) =>
  ({ changed }) =>
    changed === "start" || changes.includes(changed);

// What the common panels ask to be told.

/** @param {Frame} frame */
export const onWords = ({ changed, words }) => changed === "moment" && words;

/**
 * While its author has steps for its reader.
 *
 * @param {Frame} frame
 * @param {boolean} open
 */
export const hasSteps = (frame, open) =>
  onWords(frame) && (open || frame.plan.notes.some(({ waits }) => waits));

/** Not while several pictures are beside each other. @param {Frame} frame */
export const inWords = (frame) => onWords(frame) && frame.compared === null && !frame.all;

/** @param {Frame} frame */
export const onTime = (frame) => on("plan", "strip", "wait")(frame) || onWords(frame);

/** @param {Frame} frame */
export const onPlant = ({ changed, compared, all }) =>
  changed === "plan" ||
  changed === "pointed" ||
  (changed === "moment" && compared === null && !all);
