// @ts-check
/** What stands in the logs of a group where the playhead is, entry by entry, beside each other. */
import { html, set, setText } from "../draw/dom.js";
import { clauses, say, tell } from "../draw/late-words.js";
import { diagnosticsOf, loadEngine } from "../run/engine.js";
import { SLICE_WORK, inWords } from "../run/session.js";

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../pkg/facts.js").LogsView} LogsView */
/** @typedef {import("../pkg/facts.js").LogView} LogView */
/** @typedef {import("../pkg/facts.js").EntryView} EntryView */
/** @typedef {typeof import("../pkg/halflink-production.js")} Engine */

/** How long slices of work may take before others have their turn. */
const SLICE_MS = 8;
/** Of an entry and of a replica's name, in pixels. */
const ENTRY = 30;
const NAME = 96;
const FEWEST = 4;

class LogsPanel {
  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
    /** @type {Frame|null} */
    this.frame = null;
    /** @type {import("../pkg/halflink-production.js").Logs|null} */
    this.logs = null;
    /** Of which run. */
    this.key = "";
    /** How often one was opened. */
    this.opened = 0;
    this.timer = 0;
    /** The first entry that is shown; 0 for the last ones. */
    this.first = 0;
    /** What is shown. @type {LogsView|null} */
    this.view = null;
    this.about = html("p", { class: "soft" });
    this.table = html("table", { class: "logs-table" });
    this.state = html("p", { class: "diagram-counts", role: "status" });
    this.earlier = this.tool("logs.earlier", () => this.turn(-1));
    this.later = this.tool("logs.later", () => this.turn(1));
    this.parted = this.tool("logs.go-parted", () => this.look(this.view?.parted ?? 0));
    host.replaceChildren(
      html("h2", { class: "small-heading" }, say("logs.title")),
      html("div", { class: "logs-scroll", tabindex: "0" }, this.table),
      this.state,
      html("div", { class: "opened-tools" }, this.earlier, this.later, this.parted),
      this.about,
    );
  }

  /**
   * @param {string} key
   * @param {() => void} act
   */
  tool(key, act) {
    const made = html("button", { type: "button", class: "pill" }, say(key));
    made.addEventListener("click", act);
    return made;
  }

  /** @param {Frame} frame */
  update(frame) {
    this.frame = frame;
    if (this.host.hidden) {
      this.drop();
      return;
    }
    const { text, plan, words, changed } = frame;
    const key = JSON.stringify([text, plan.shown]);
    if (key !== this.key) void this.open(key, text, plan.shown);
    else if (changed === "moment" && words) this.reach(key);
  }

  /** Gives back its memory. */
  drop() {
    this.logs?.free();
    this.opened += 1;
    [this.logs, this.key, this.first, this.view] = [null, "", 0, null];
  }

  /**
   * @param {string} key
   * @param {string} text
   * @param {number} group
   */
  async open(key, text, group) {
    this.drop();
    this.key = key;
    this.opened += 1;
    const { opened } = this;
    this.table.replaceChildren();
    setText(this.state, say("diagram.coming"));
    try {
      const engine = /** @type {Engine} */ (
        /** @type {unknown} */ (await loadEngine("production"))
      );
      if (opened !== this.opened) return;
      this.logs = new engine.Logs(text, group);
      this.reach(key);
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (opened !== this.opened) return;
      setText(this.state, errors ? await inWords(errors) : String(error));
    }
  }

  /**
   * Plays to where the playhead is, a slice at a time, and shows what is there.
   *
   * @param {string} key of the run
   */
  reach(key) {
    const { logs, frame } = this;
    if (!logs || !frame || key !== this.key) return;
    const time_us = Math.floor(frame.time_us);
    const begun_ms = performance.now();
    while (!logs.approach(time_us, SLICE_WORK)) {
      if (performance.now() - begun_ms < SLICE_MS) continue;
      // One at a time: who asks again meanwhile is answered by the next.
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.reach(key), 0);
      return;
    }
    const isFirst = !this.view;
    this.view = logs.at(time_us, this.first, this.columns());
    this.draw(this.view, frame);
    // Who opens it sees it.
    if (isFirst) this.host.scrollIntoView({ block: "nearest" });
  }

  columns() {
    return Math.max(FEWEST, Math.floor((this.host.clientWidth - NAME) / ENTRY));
  }

  /** @param {number} by pages */
  turn(by) {
    const { view } = this;
    if (view) this.look(Math.max(1, view.first + by * this.columns()));
  }

  /** @param {number} first entry to show */
  look(first) {
    this.first = first;
    this.reach(this.key);
    // What is at the end goes on with it.
    if (this.view && this.view.first + this.columns() > this.view.last) this.first = 0;
  }

  /**
   * @param {LogsView} view
   * @param {Frame} frame
   */
  draw(view, { plan, view: moment }) {
    const { first, last, parted, kind, logs } = view;
    const shown = Math.min(this.columns(), last - first + 1);
    const indices = Array.from({ length: Math.max(0, shown) }, (_, place) => first + place);
    setText(this.about, say(`logs-about.${kind}`));
    const head = [html("th", { scope: "col" }, say("logs.index"))].concat(
      indices.map((index) => html("th", { scope: "col", class: "number" }, `${index}`)),
    );
    const rows = logs.map((log, replica) => {
      const isDown = moment?.replicas[replica]?.up === false;
      const { length, commit, lost, honest } = log;
      const known = isDown ? "logs.counts-down" : "logs.counts";
      const counts = lost
        ? say("logs.lost")
        : say(kind === "led" ? known : "logs.length", { length, commit });
      return html(
        "tr",
        {},
        html(
          "th",
          { scope: "row" },
          plan.replicas[replica]?.name ?? "",
          html("span", { class: "logs-counts" }, counts),
          ...(honest || plan.generals
            ? []
            : [html("span", { class: "logs-counts" }, say("logs.liar"))]),
        ),
        ...indices.map((index) => cell(log, index, first, plan, kind)),
      );
    });
    this.table.replaceChildren(
      html("thead", {}, html("tr", {}, ...head)),
      html("tbody", {}, ...rows),
    );
    const words = !last ? say("logs.empty") : parted ? say("logs.parted", { index: parted }) : "";
    setText(this.state, words || say("logs.together"));
    set(this.earlier, "disabled", first <= 1);
    set(this.later, "disabled", first + this.columns() > last);
    set(this.parted, "hidden", !parted);
  }
}

/**
 * @param {LogView} log
 * @param {number} index
 * @param {number} first
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {LogsView["kind"]} kind
 */
function cell({ entries, commit }, index, first, plan, kind) {
  const entry = entries[index - first];
  if (!entry) return html("td", { class: "missing" });
  const isCommitted = index <= commit;
  const { place, command, differs } = entry;
  const words = clauses([
    say("logs.entry", { index, command, place }, plan),
    ...(kind === "led" ? [say(isCommitted ? "logs.committed" : "logs.uncommitted")] : []),
    ...(differs ? [say("logs.differs")] : []),
  ]);
  return html(
    "td",
    {
      class: isCommitted ? "committed" : "uncommitted",
      "data-differs": differs ? "" : null,
      title: words,
      "aria-label": words,
    },
    html("b", {}, `${entry.epoch}`),
    html("span", {}, brief(command)),
  );
}

/**
 * What fits into a cell: the number of a write, a dash for what nobody asked for.
 *
 * @param {EntryView["command"]} command
 */
function brief(command) {
  if (command.kind === "write") return `${command.number}`;
  return command.kind === "no-op" ? "–" : tell("value", command);
}

/** @param {HTMLElement} host */
export const open = (host) => new LogsPanel(host);
