// @ts-check
/**
 * What became of the requests of clients who come at a rate: a row under the belief strip, a bar for
 * each stretch of time, answered ones below and failed ones on top of them by cause; and in words.
 */
import { html, set, setText, svg } from "../draw/dom.js";
import { formatSpan, formatTime } from "../draw/format.js";
import { clauses, say, tell } from "../draw/late-words.js";
import { inRow } from "../draw/words.js";
import { barsOf, HEIGHT, scaleOf, swatchOf } from "./bars.js";

/** @typedef {import("../pkg/facts.js").Requests} Requests */
/** @typedef {import("../pkg/facts.js").RequestsView} RequestsView */

/**
 * @param {Requests} requests
 * @param {readonly string[]} causes
 */
export function failuresInWords({ failed }, causes) {
  return failed.flatMap((count, kind) =>
    count ? [tell("failure", { kind: causes[kind], count })] : [],
  );
}

/**
 * The stretch in which a moment falls, in words; nothing if nobody came in it.
 *
 * @param {RequestsView} requests
 * @param {number} time_us
 */
export function momentInWords({ stretches, stretch_us, causes }, time_us) {
  const one = stretches[Math.floor(time_us / stretch_us)];
  if (!one?.asked) return "";
  const span = { from: formatTime(one.from_us), to: formatTime(one.from_us + stretch_us) };
  const counts = say("requests.moment", { ...span, asked: one.asked, answered: one.answered });
  const more = failuresInWords(one, causes);
  if (one.p50_us !== null) more.unshift(tookInWords(one));
  return more.length ? say("requests.and", { counts, more: clauses(more) }) : counts;
}

/** @param {Requests} requests */
function tookInWords({ p50_us, p99_us }) {
  const [half, most] = [p50_us ?? 0, p99_us ?? 0].map(formatSpan);
  return say("requests.took", { half, most });
}

/** @param {HTMLElement} host */
export function open(host) {
  const drawing = svg("svg", { class: "requests-picture", height: HEIGHT, role: "img" });
  const now = svg("path", { class: "requests-now" });
  const moment = html("p", { class: "requests-moment" });
  const whole = html("ul", { class: "requests-whole", "aria-label": say("requests.whole") });
  host.replaceChildren(
    html("span", { class: "requests-name" }, say("requests.name")),
    drawing,
    moment,
    whole,
  );
  const view = { drawing, now, moment, whole, shown: "" };
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ changed, plan, strip, time_us }) {
      set(host, "hidden", !strip.requests);
      if (!strip.requests) return;
      const scale = scaleOf(drawing.clientWidth, plan.until_us);
      if (changed !== "moment") draw(view, strip.requests, scale);
      set(now, "d", `M${scale(Math.floor(time_us)).toFixed(1)} 0V${HEIGHT}`);
      setText(moment, momentInWords(strip.requests, time_us));
    },
  };
}

/**
 * @param {{drawing: SVGElement, now: SVGElement, whole: HTMLElement, shown: string}} view
 * @param {RequestsView} requests
 * @param {(time_us: number) => number} scale
 */
function draw(view, requests, scale) {
  const { causes, whole } = requests;
  const kinds = ["answered", ...causes];
  const paths = barsOf(requests, scale).map((d, kind) =>
    svg("path", { class: `request ${kinds[kind]}`, d }),
  );
  view.drawing.replaceChildren(...paths, view.now);
  const counts = say("requests.answered", { asked: whole.asked, answered: whole.answered });
  const answered = whole.p50_us === null ? counts : inRow([counts, tookInWords(whole)]);
  const entries = [
    { kind: "answered", words: answered },
    ...causes.flatMap((cause, kind) => {
      const count = whole.failed[kind];
      return count ? [{ kind: cause, words: tell("failure", { kind: cause, count }) }] : [];
    }),
  ];
  const words = JSON.stringify(entries);
  if (words === view.shown) return;
  view.shown = words;
  set(view.drawing, "aria-label", clauses(entries.map(({ words }) => words)));
  view.whole.replaceChildren(
    ...entries.map(({ kind, words }) => html("li", {}, swatchOf(kind), words)),
  );
}
