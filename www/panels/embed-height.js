// @ts-check
/**
 * How tall an embed is. The height of a frame is fixed by whoever pastes it, and the words in it
 * come and go: so room is kept for the longest of them, and the picture takes what is left over.
 * The page reckons with the same numbers for the snippet that it gives.
 */
import { CaptionView, captionAt } from "./caption.js";
import { html } from "../draw/dom.js";
import { layoutLogic } from "../draw/layout-logic.js";
import { layoutStrip } from "../draw/layout-strip.js";
import { say } from "../draw/words.js";
import { SLICE_WORK } from "../run/session.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */
/** @typedef {import("../pkg/facts.js").View} View */
/** @typedef {{width: number, height: number}} Size */

/** From here on the caption stands beside the picture, and the transport is one row; as in css/embed.css. */
const WIDE = 1_000;
const [ROW_HEIGHT, ROWS_HEIGHT] = [40, 60];
const PADDING = 16;
const GAP = 8;
/** The picture is no smaller than this if its width allows it: labels of 12 are then 11 and more. */
const LEAST_SCALE = 0.925;
/** Nor is it asked to be larger. */
const MOST_SCALE = 1.6;
/** The line over and the spaces around what moves time. */
const FOOT = 13;
/** What liars told and what broke scrolls in a room of its own, line included; as in css/embed.css. */
export const EVIDENCE = 190;
/** The plant is as wide as its room, if it need not be smaller than this for it. */
const PLANT_FIT = 0.55;
/** Else it scrolls in a room of its own, between these; so it does if nothing else can use the height. */
const [PLANT_LEAST, PLANT_MOST] = [0.6, 0.75];
/** The least label of a replica in a narrow frame, in pixels of the screen; and how large it is drawn. */
const [LABEL_LEAST, LABEL] = [9.2, 12];
/** Words that come later: of an offer to compare, without the protocol, and of the way on. */
const [OFFER, ON] = ["000 00 00000 ", "0000"];
/** Captions are measured one by one, and there may be thousands. */
const MOMENTS_MAX = 64;
/** Slices of work for one of them. */
const TRIES_MAX = 20;
/** What is said of a fault changes as its consequences come. */
const AFTER_US = [1, 100_000, 300_000, 1_000_000, 2_000_000, 5_000_000];
/** Widths of the columns of posts. */
const WIDTHS = [320, 480, 640, 800, 1_120];

/**
 * The rooms of an embed of some width.
 *
 * @param {number} width
 */
export function columns(width) {
  const inner = width - 2 * PADDING;
  const beside = width >= WIDE;
  const picture = beside ? Math.round((inner - GAP) * 0.6) : inner;
  return { beside, inner, picture, caption: beside ? inner - GAP - picture : inner };
}

/**
 * The height of the pictures: the least, what they are to have, and the most that they can use.
 *
 * @param {Plan} plan
 * @param {string} view
 * @param {number} room their width
 * @param {Size|null} size of the plant as `layout-plant.js` draws it; null if it is not there
 */
export function pictureHeights(plan, view, room, size) {
  const { width, height } = layoutLogic(plan.replicas.length, true, plan.generals);
  const scaled = (/** @type {number} */ scale) => Math.ceil(height * Math.min(room / width, scale));
  const most = scaled(MOST_SCALE);
  const logic = {
    least: scaled(LEAST_SCALE),
    fit: most,
    most,
    label: Math.max(LABEL, LABEL_LEAST / Math.min(room / width, 1)),
  };
  const plant = { least: 0, fit: 0, most: 0 };
  if (size && view !== "logic") {
    const fit = Math.min(1, room / size.width);
    plant.most = Math.ceil(size.height * Math.max(PLANT_MOST, fit));
    // As wide as the room, and not a point wider.
    plant.fit = fit < PLANT_FIT ? plant.most : Math.floor(size.height * fit);
    plant.least = Math.min(plant.fit, Math.ceil(size.height * PLANT_LEAST));
  }
  const sum = (/** @type {"least"|"fit"|"most"} */ bound) =>
    view === "logic"
      ? logic[bound]
      : view === "plant"
        ? plant[bound]
        : logic[bound] + GAP + plant[bound];
  return { least: sum("least"), fit: sum("fit"), most: sum("most"), logic, plant };
}

/**
 * True if there are liars in a run, or something breaks.
 *
 * @param {Strip} strip
 */
export function hasEvidence(strip) {
  return strip.violations.length > 0 || strip.faults.some((fault) => fault.class === "byzantine");
}

/**
 * Views of a run at moments at which there is most to say: when a note, a fault or its end has just
 * come, and a little later. Gives `null` while one is looked for, so that nobody need wait for it.
 *
 * @param {import("../run/engine.js").Run} run simulated to its end
 * @param {Strip} strip
 * @returns {Generator<View|null, void>}
 */
export function* tellingViews(run, strip) {
  const faults = strip.faults.flatMap(({ from_us, to_us }) => [
    ...AFTER_US.map((after_us) => from_us + after_us),
    to_us + 1,
  ]);
  const moments = new Set(
    [...strip.captions.map(({ at_us }) => at_us), ...faults].filter(
      (at_us) => at_us <= strip.frontier_us,
    ),
  );
  for (const at_us of [...moments].slice(0, MOMENTS_MAX)) {
    let there = false;
    for (let tries = 0; !there && tries < TRIES_MAX; tries += 1) {
      there = run.approach(at_us, 0, SLICE_WORK);
      if (!there) yield null;
    }
    if (there) yield run.view(at_us, 0);
  }
}

/**
 * The height of the tallest caption, as laid out.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {readonly View[]} views
 * @param {number} width of its column
 */
export function captionHeight(plan, strip, views, width) {
  const host = html("section", { class: "caption" });
  const caption = new CaptionView(host, { seek: () => {} });
  // In an embed its line has the way to the page, too, and may be two for it.
  caption.bar.append(html("a", { class: "open" }, say("embed.open")));
  const measure = html("div", { class: "embed measure", "aria-hidden": "true" }, host);
  measure.style.width = `${width}px`;
  document.body.append(measure);
  // Whether a note comes may be known only later.
  // What a step offers, as steps.js will have it there.
  const offered = html("div", { class: "steps-choices" });
  if (plan.notes.some(({ waits }) => waits)) {
    caption.forward.after(html("button", { class: "pill go next" }, ON));
    host.append(html("div", { class: "steps" }, offered));
  }
  /** @param {import("../pkg/facts.js").NoteView} note */
  const words = ({ answers, compare }) =>
    compare ? [...answers, `${OFFER}${compare}, 000`] : answers;
  const notes = plan.notes.map((_, note) => ({ at_us: 0, note, said: null }));
  const told = strip.captions.filter(({ said }) => said).map((one) => ({ ...one, at_us: 0 }));
  const bare = [...notes.slice(0, MOMENTS_MAX), ...told.slice(0, MOMENTS_MAX)];
  const first = /** @type {View} */ ({ time_us: 0, outside: null, consequence: null });
  /** @type {[Pick<Strip, "captions">, View][]} */
  const seen = [
    [{ captions: [] }, first],
    ...bare.map(
      (one) => /** @type {[Pick<Strip, "captions">, View]} */ ([{ captions: [one] }, first]),
    ),
    ...views.map((view) => /** @type {[Strip, View]} */ ([strip, view])),
  ];
  const heights = seen.map(([strip, view]) => {
    caption.update(plan, strip, view);
    const now = captionAt(strip, view.time_us).now.flatMap(
      ({ note }) => plan.notes[note ?? -1] ?? [],
    );
    const buttons = now.flatMap(words).map((one) => html("button", { class: "pill" }, one));
    offered.replaceChildren(...buttons);
    return Math.ceil(host.getBoundingClientRect().height);
  });
  measure.remove();
  return Math.max(...heights);
}

/**
 * The heights between which an embed asks for one: all it needs, all it is to have, and the most that
 * it can use.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {string} view
 * @param {number} width
 * @param {number} words the height of the tallest caption
 * @param {Size|null} size of the plant
 */
export function heights(plan, strip, view, width, words, size) {
  const { beside, inner, picture } = columns(width);
  const { least, fit, most } = pictureHeights(plan, view, picture, size);
  const left = inner < 560 ? 70 : 74;
  const below =
    layoutStrip(strip, inner, left, { generals: plan.generals }).height +
    FOOT +
    GAP * 2 +
    (width < WIDE ? ROWS_HEIGHT : ROW_HEIGHT) +
    (hasEvidence(strip) ? EVIDENCE : 0);
  const above = (/** @type {number} */ height) =>
    beside ? Math.max(height, words) : height + GAP + words;
  const [need, enough, all] = [least, fit, most].map((one) => Math.ceil(above(one) + below));
  return { need, enough, most: all };
}

/**
 * The height for a snippet: it is enough in a column of any width. Found a little at a time.
 *
 * @param {import("../run/engine.js").Run} run
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {string} view
 * @param {Size|null} size of the plant
 * @returns {Generator<void, number>}
 */
export function* snippetHeight(run, plan, strip, view, size) {
  const views = /** @type {View[]} */ ([]);
  for (const one of tellingViews(run, strip)) {
    if (one) views.push(one);
    yield;
  }
  let most = 0;
  for (const width of WIDTHS) {
    const words = captionHeight(plan, strip, views, columns(width).caption);
    most = Math.max(most, heights(plan, strip, view, width, words, size).need);
    yield;
  }
  return most;
}
