// @ts-check
/**
 * One scenario on several protocols, side by side on one clock. The page's own run is the first of
 * them; the others follow its text, whatever is done to it, so a cut made in one picture is a cut
 * in all, and so is its undoing.
 */
import { captionAt, captionWords } from "./caption.js";
import { CompareRow } from "./compare-row.js";
import { breathe, html, set, setText } from "../draw/dom.js";
import { diagnosticsInWords } from "../draw/diagnostics.js";
import { diagnosticsOf } from "../run/engine.js";
import { formatTime } from "../draw/format.js";
import { join } from "../draw/join.js";
import { measured } from "./measure.js";
import { Menu } from "./menus.js";
import { fillProtocols } from "./protocol-list.js";
import { StripView } from "../draw/strip-view.js";
import { say } from "../draw/late-words.js";
import { listed } from "../draw/words.js";

/** @typedef {import("../run/panels.js").Frame} Frame */

export const COMPARED_MAX = 6;
/** How long a frame may be at the pictures; those that are left come in the next. */
const DRAW_MS = 30;

/**
 * What to compare with at first: what differs most of what can run the same.
 *
 * @param {string} protocol the scenario's own
 * @param {string} family
 */
export function defaultCompany(protocol, family) {
  const company = protocol.startsWith("generals")
    ? ["generals-om", "generals-sm"]
    : family === "byzantine-fault"
      ? ["pbft", "tendermint", "hotstuff"]
      : ["raft", "raft+prevote+checkquorum", "omnipaxos", "vr"];
  return company.filter((name) => name !== protocol).slice(0, 3);
}

export class CompareView {
  /**
   * @param {HTMLElement} host
   * @param {ConstructorParameters<typeof CompareRow>[1] & Pick<import("./acting.js").Commands,
   *   "notice"|"compare"|"listFaults"|"beside"|"told"|"engineFor">} commands
   */
  constructor(host, commands) {
    this.host = host;
    this.commands = commands;
    /** How it stands with the page's own run. @type {Frame} */
    this.frame = commands.told();
    commands.beside(() => this.advance());
    /** Those beside the page's own, in order. @type {string[]} */
    this.company = [];
    /** Those that are shown beside it. @type {readonly string[]} */
    this.others = [];
    /** @type {Map<string, CompareRow>} */
    this.rows = new Map();
    this.heading = html("h2");
    this.caption = html("p", { class: "compare-caption" });
    const adder = html("div", { class: "menu" });
    const close = html(
      "button",
      { type: "button", class: "icon", "aria-label": say("compare.stop") },
      "✕",
    );
    close.addEventListener("click", () => commands.compare(null));
    this.list = html("div", { class: "compare-rows", role: "list" });
    const axis = html("div", { class: "compare-strip strip" });
    host.replaceChildren(
      html("div", { class: "compare-head" }, this.heading, adder, close),
      this.caption,
      this.list,
      html(
        "div",
        { class: "compare-axis" },
        html("span", { class: "compare-axis-hint" }, say("compare.hint")),
        axis,
        html("span"),
      ),
    );
    this.menu = new Menu(adder, say("compare.menu"), (name) => this.toggle(name), {
      fill: (list) =>
        fillProtocols(list, {
          ...this.frame,
          role: "menuitemcheckbox",
          checked: this.names,
          full: this.names.length >= COMPARED_MAX,
          fixed: this.frame.plan.protocol,
        }),
      stays: true,
    });
    this.menu.text.textContent = say("compare.protocols");
    this.axis = new StripView(
      axis,
      { seek: commands.seek, list: (faults, anchor) => void commands.listFaults(faults, anchor) },
      "axis",
    );
    this.axis.measure = measured;
    this.shown = false;
    /** One run is opened a task: each lets the browser answer before the next. */
    this.turn = Promise.resolve();
    /** The number of the row that is drawn next. */
    this.next = 0;
  }

  /** All that are compared, the page's own first. */
  get names() {
    const own = this.frame.plan.protocol;
    return [own, ...this.company.filter((name) => name !== own)].slice(0, COMPARED_MAX);
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    const { changed, compared, view, plan, strip } = frame;
    if (changed === "compared") {
      if (compared === null) this.close();
      else if (!this.shown || compared !== this.others) this.open(compared);
      return;
    }
    if (!this.shown) return;
    if (changed === "plan") this.follow();
    else if (changed === "moment" && view) this.draw(frame, view);
    else if (changed === "strip") {
      this.axis.update(plan, strip);
      this.rows.get(plan.protocol)?.setOwn(frame);
    }
  }

  /** @param {readonly string[]} names of protocols; none for the usual company */
  open(names) {
    const { plan, engine } = this.frame;
    const known = engine.protocols().map(({ name }) => name);
    // Where an address was taken for a form, each `+` was a space.
    const found = names.map((name) =>
      known.find((one) => one.replaceAll("+", "") === name.replaceAll("+", "")),
    );
    const unknown = names.filter((_, index) => !found[index]);
    if (unknown.length) {
      this.commands.notice(say("compare.unknown", { names: listed(unknown) }));
    }
    const asked = found.flatMap((name) => (name && name !== plan.protocol ? [name] : []));
    if (asked.length || !this.company.length) {
      this.company = asked.length ? asked : defaultCompany(plan.protocol, plan.family);
    }
    this.shown = true;
    this.host.hidden = false;
    document.body.toggleAttribute("data-comparing", true);
    this.follow();
  }

  close() {
    this.shown = false;
    this.host.hidden = true;
    document.body.toggleAttribute("data-comparing", this.frame.all);
    for (const row of this.rows.values()) row.free();
    this.rows.clear();
    join(
      this.list,
      [],
      () => "",
      () => html("div"),
    );
  }

  /** @param {string} name */
  toggle(name) {
    if (name === this.frame.plan.protocol) return;
    const without = this.company.filter((other) => other !== name);
    if (without.length === this.company.length) {
      if (this.names.length >= COMPARED_MAX) return;
      this.company = [...this.company, name];
    } else {
      this.company = without;
    }
    this.follow();
  }

  /** The text, the plan or the choice of protocols has changed: everybody follows. */
  follow() {
    const { plan, strip } = this.frame;
    const names = this.names;
    for (const [name, row] of this.rows) {
      if (names.includes(name)) continue;
      row.free();
      this.rows.delete(name);
    }
    join(
      this.list,
      names,
      (name) => name,
      (name) => this.createRow(name).element,
    );
    set(this.list, "data-count", names.length);
    setText(this.heading, say("compare.title", { title: plan.title, count: names.length }));
    this.menu.refill();
    for (const row of this.rows.values()) {
      row.stripView.thin = names.length > 3;
      void this.followIn(row);
    }
    this.axis.update(plan, strip);
    // The address names who is compared.
    this.others = names.slice(1);
    this.commands.compare(this.others);
  }

  /** @param {string} name */
  createRow(name) {
    const row = new CompareRow(name, this.commands, () => this.toggle(name));
    this.rows.set(name, row);
    return row;
  }

  /** @param {CompareRow} row */
  async followIn(row) {
    const { plan, text } = this.frame;
    const own = row.name === plan.protocol;
    row.setOwn(own ? this.frame : null);
    if (own) return;
    try {
      const engine = await this.commands.engineFor(row.name);
      this.turn = this.turn.then(breathe);
      await this.turn;
      if (this.rows.get(row.name) !== row || row.own || this.frame.text !== text) return;
      await row.follow(engine, engine.with_protocol(text, row.name, plan.shown), plan.shown);
      this.commands.refresh();
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      row.refuse(diagnosticsInWords(errors));
    }
  }

  /**
   * Simulates the others ahead for a few milliseconds, or reads a strip of theirs; true if some are
   * not done.
   */
  advance() {
    if (!this.shown) return false;
    const sessions = [...this.rows.values()].map(({ session }) => session);
    const waiting = sessions.filter((session) => session !== null).filter(({ done }) => !done);
    const [due] = waiting.sort((one, other) => one.stripDue_ms - other.stripDue_ms);
    if (due?.stripDue_ms <= performance.now()) due.tellStrip();
    else for (const session of waiting) session.simulate(6 / waiting.length);
    return waiting.length > 0;
  }

  /**
   * @param {Frame} frame
   * @param {import("../pkg/facts.js").View} view of the page's own run
   */
  draw(frame, view) {
    const { plan, strip, words } = frame;
    const rows = [...this.rows.values()];
    const until_ms = performance.now() + DRAW_MS;
    let drawn = 0;
    for (; drawn < rows.length && (!drawn || performance.now() < until_ms); drawn += 1) {
      rows[this.next % rows.length].draw(frame, view);
      this.next = (this.next + 1) % rows.length;
    }
    if (drawn < rows.length) this.commands.refresh();
    this.axis.setTime(view.time_us, words ? this.inWords() : (this.axis.words ?? ""));
    if (!words) return;
    const { now } = captionAt(strip, view.time_us);
    setText(this.caption, `${formatTime(view.time_us)} · ${captionWords(plan, now)}`);
  }

  /** Who has a leader now, for those who cannot see it. */
  inWords() {
    const rows = [...this.rows.values()].filter((row) => row.view);
    const led = rows.filter((row) => row.view?.leader !== null).map(({ name }) => name);
    return led.length ? say("compare.led", { names: listed(led) }) : say("compare.not-led");
  }
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof CompareView>[1]} commands
 */
export const open = (host, commands) => new CompareView(host, commands);
