// @ts-check
/**
 * What became of database clusters: for each a row under the belief strip, a bar for each stretch of
 * time, reads served below and failed ones on top of them by cause; who is the primary; promotions.
 */
import { standingAt } from "../draw/database-mark.js";
import { html, set, setText, svg } from "../draw/dom.js";
import { formatSpan, formatTime } from "../draw/format.js";
import { clauses, say, tell } from "../draw/late-words.js";
import { barsOf, HEIGHT, scaleOf, swatchOf } from "./bars.js";

/** @typedef {import("../pkg/facts.js").DatabaseView} DatabaseView */

/**
 * How a cluster stands at a moment, in words; nothing where that is not told.
 *
 * @param {DatabaseView} database
 * @param {number} time_us
 */
export function standingInWords(database, time_us) {
  const { servers } = database;
  const one = standingAt(database, time_us);
  if (!one) return "";
  const { primary, serving, rebuilding, fenced, down } = one;
  const parts = [
    primary === null
      ? say("databases.no-primary")
      : say("databases.primary", { primary: servers[primary] }),
    say("databases.serving", { serving, all: servers.length }),
  ];
  if (fenced) parts.push(say("databases.promoting"));
  if (rebuilding) parts.push(say("databases.rebuilding", { count: rebuilding }));
  if (down) parts.push(say("databases.down", { count: down }));
  return clauses(parts);
}

/** @param {DatabaseView} database */
export function promotionsInWords({ servers, promotions, more }) {
  if (!promotions.length) return [say("databases.not-promoted", { primary: servers[0] })];
  const told = promotions.map(({ at_us, from, to }) =>
    say("databases.promoted", { at: formatTime(at_us), from: servers[from], to: servers[to] }),
  );
  return more ? [...told, say("databases.more", { count: more })] : told;
}

/**
 * The reads of the whole run, by what became of them.
 *
 * @param {DatabaseView} database
 */
export function readsInWords({ whole, causes }) {
  if (!whole.asked) return [];
  const { asked, answered, failed, short_us } = whole;
  const served = say("databases.reads", { asked, answered });
  const short = say("databases.short", { span: formatSpan(short_us) });
  return [
    { kind: "answered", words: short_us ? clauses([served, short]) : served },
    ...causes.flatMap((kind, number) =>
      failed[number] ? [{ kind, words: tell("shortfall", { kind, count: failed[number] }) }] : [],
    ),
  ];
}

/** @param {HTMLElement} host */
export function open(host) {
  /** @type {ReturnType<typeof row>[]} */
  let rows = [];
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ changed, plan, strip, time_us }) {
      const { databases } = strip;
      set(host, "hidden", !databases.length);
      if (String(databases.map(({ name }) => name)) !== String(rows.map(({ name }) => name))) {
        rows = databases.map(({ name }) => row(name));
        host.replaceChildren(...rows.map(({ whole }) => whole));
      }
      databases.forEach((database, number) => {
        const { drawing, now, moment } = rows[number];
        const scale = scaleOf(drawing.clientWidth, plan.until_us);
        if (changed !== "moment") draw(rows[number], database, scale);
        set(now, "d", `M${scale(Math.floor(time_us)).toFixed(1)} 0V${HEIGHT}`);
        setText(moment, standingInWords(database, time_us));
      });
    },
  };
}

/** @param {string} name */
function row(name) {
  const drawing = svg("svg", { class: "requests-picture", height: HEIGHT, role: "img" });
  const now = svg("path", { class: "requests-now" });
  const moment = html("p", { class: "requests-moment" });
  const list = html("ul", { class: "requests-whole" });
  const whole = html(
    "section",
    { class: "requests", "aria-label": say("databases.cluster", { name }) },
    html("span", { class: "requests-name", title: name }, name),
    drawing,
    moment,
    list,
  );
  return { name, whole, drawing, now, moment, list, shown: "" };
}

/**
 * @param {ReturnType<typeof row>} view
 * @param {DatabaseView} database
 * @param {(time_us: number) => number} scale
 */
function draw(view, database, scale) {
  const kinds = ["answered", ...database.causes];
  const paths = barsOf(database, scale).map((d, kind) =>
    svg("path", { class: `request ${kinds[kind]}`, d }),
  );
  const marks = database.promotions.map(({ at_us }) =>
    svg("path", { class: "promotion", d: `M${scale(at_us).toFixed(1)} 0V${HEIGHT}` }),
  );
  view.drawing.replaceChildren(...paths, ...marks, view.now);
  const reads = readsInWords(database);
  const promotions = promotionsInWords(database);
  const words = JSON.stringify([reads, promotions]);
  if (words === view.shown) return;
  view.shown = words;
  set(view.drawing, "aria-label", clauses([...promotions, ...reads.map(({ words }) => words)]));
  view.list.replaceChildren(
    ...promotions.map((words) => html("li", {}, words)),
    ...reads.map(({ kind, words }) => html("li", {}, swatchOf(kind), words)),
  );
}
