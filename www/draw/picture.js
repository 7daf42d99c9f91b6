// @ts-check
/**
 * A still figure: the strip, the logical view or the plant of a moment as one SVG that needs
 * nothing else. The page's own views draw it, so that it cannot drift from the page; a document is
 * all that they ask for, the browser's or, under Node, any small one.
 */
import { callBy } from "./called.js";
import { html, set, svg } from "./dom.js";
import { faultText, formatTime, withArrows } from "./format.js";
import { LogicView } from "./logic-view.js";
import { letters, shortened } from "./measure.js";
import { drawnPackets, windowFor } from "./packets.js";
import { rulesFor } from "./picture-style.js";
import { PlantView } from "./plant-view.js";
import { StripView, believersInWords } from "./strip-view.js";
import { say, tell } from "./late-words.js";
import { sentences } from "./words.js";

/** @typedef {import("../pkg/halflink.js").Run} Run */
/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */
/** @typedef {import("../pkg/facts.js").View} View */

/**
 * What to draw: the strip of the whole run, who hears whom, or the racks. width: of the drawing,
 * for the strip only, the others have a size of their own. theme: "auto" follows the reader's.
 * time_us: `null` for a strip without a playhead, and for the others a moment after the first fault.
 *
 * least: room for words on each side of the logical view, so that one moment is as wide as another.
 *
 * @typedef {{what: "strip"|"logic"|"plant", time_us: number|null, theme?: "light"|"dark"|"auto",
 *   width?: number, least?: number}} PictureOptions
 * @typedef {{element: SVGElement, width: number, height: number, words: string}} Drawing
 */

export const PICTURE_WIDTH = 860;
const MARGIN = 14;
/** The line of words above the drawing. */
const HEAD = 44;
const SLICE_WORK = 4_000;
const SLICE_MS = 20;
/** Nobody can open a still figure's "+3 more", so it has room for more faults. */
const FAULT_ROWS = 10;

/**
 * Draws a run at a moment, simulated to its end first.
 *
 * @param {Run} run
 * @param {PictureOptions} options
 * @param {string} [css] the text of `picture.css`, as {@link sheetOf} puts it together; the
 *   site's own if it is left out
 * @returns {Promise<string>}
 */
export async function picture(run, options, css) {
  return (await pictures(run, css))(options);
}

/**
 * The same for many moments of a run, which is simulated once.
 *
 * @param {Run} run
 * @param {string} [css]
 * @returns {Promise<(options: PictureOptions) => Promise<string>>}
 */
export async function pictures(run, css) {
  const style = css ?? (await sheetOf(async (name) => (await fetch(name)).text()));
  await worked(() => run.advance(SLICE_WORK));
  const strip = run.strip();
  const plan = run.plan();
  callBy(plan.names);
  return async (options) => {
    const wanted_us = options.time_us ?? tellingMoment(plan, strip);
    const time_us = Math.min(strip.frontier_us, Math.max(0, Math.floor(wanted_us)));
    const window_us = windowFor(1);
    await worked(() => run.approach(time_us, window_us, SLICE_WORK));
    return compose(plan, strip, run.view(time_us, window_us), options, style);
  };
}

/**
 * When the first fault has had the time to show.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 */
export function tellingMoment(plan, strip) {
  return (strip.faults[0]?.from_us ?? 0) + plan.election_max_us;
}

/**
 * The text of `picture.css` with what it imports in its place; a site that is put together has it so
 * already.
 *
 * @param {(name: string) => string|Promise<string>} read
 */
export async function sheetOf(read) {
  const text = await read("picture.css");
  const imported = [...text.matchAll(/@import "([^"]+)";/g)].map(([, name]) => read(name));
  return imported.length ? (await Promise.all(imported)).join("\n") : text;
}

/**
 * Asks for work until all is done, and lets others have their turn in between.
 *
 * @param {() => boolean} work true when all is done
 */
export async function worked(work) {
  let since_ms = performance.now();
  while (!work()) {
    if (performance.now() - since_ms < SLICE_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since_ms = performance.now();
  }
}

/**
 * The same of what a run has to say, without the run.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {View} view
 * @param {PictureOptions} options
 * @param {string} css
 * @returns {string}
 */
export function compose(plan, strip, view, options, css) {
  const { what, theme = "auto", width = PICTURE_WIDTH } = options;
  const room = Math.max(320, width) - 2 * MARGIN;
  const inner =
    what === "strip"
      ? drawStrip(plan, strip, options.time_us === null ? null : view, room)
      : what === "logic"
        ? drawLogic(plan, view, options.least)
        : drawPlant(plan, view);
  const [wide, tall] = [inner.width + 2 * MARGIN, inner.height + HEAD + MARGIN];
  set(inner.element, "transform", `translate(${MARGIN} ${HEAD})`);
  const root = svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "picture",
      role: "img",
      width: wide,
      height: tall,
      viewBox: `0 0 ${wide} ${tall}`,
    },
    svg("rect", { class: "picture-ground", width: wide, height: tall }),
    ...heading(plan, strip, view, what, inner.width),
    inner.element,
  );
  return finished(root, plan, inner.words, css, theme);
}

/**
 * A drawing as a file: without what only a live page needs, with its looks and with words for who
 * does not see it.
 *
 * @param {SVGElement} root
 * @param {Plan} plan
 * @param {string} words
 * @param {string} css
 * @param {"light"|"dark"|"auto"} theme
 */
export function finished(root, plan, words, css, theme) {
  prune(root);
  const style = rulesFor(root, css, theme);
  unmark(root, style);
  root.prepend(
    svg("title", {}, plan.title || "Halflink"),
    svg("desc", {}, words),
    svg("style", {}, style),
  );
  return `${written(root)}\n`;
}

/**
 * The title, and under it which run this is.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {View} view
 * @param {PictureOptions["what"]} what
 * @param {number} width
 */
function heading(plan, strip, view, what, width) {
  const outcome = strip.outcome ? ` · ${tell("word", strip.outcome.name)}` : "";
  const which = what === "strip" ? outcome : ` · ${formatTime(view.time_us)}`;
  const line = (
    /** @type {string} */ name,
    /** @type {number} */ y,
    /** @type {number} */ letter,
    /** @type {string} */ text,
  ) =>
    svg(
      "text",
      { class: name, x: MARGIN, y },
      shortened(text, (one) => letters(one) * letter <= width),
    );
  return [
    line("picture-title", 20, 8.6, plan.title || "Halflink"),
    line("picture-run", 36, 6.8, `${plan.protocol}${which}`),
  ];
}

/**
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {View|null} view of the moment that is marked, if one is
 * @param {number} width
 * @param {number} [rows] for faults
 * @returns {Drawing}
 */
export function drawStrip(plan, strip, view, width, rows = FAULT_ROWS) {
  const drawn = new StripView(html("div"), null);
  drawn.width = width;
  drawn.rows = rows;
  drawn.update(plan, strip);
  if (view) drawn.setTime(view.time_us, "");
  else drawn.playhead.remove();
  const { height } = /** @type {import("./layout-strip.js").StripLayout} */ (drawn.layout);
  const faults = strip.faults.map((fault) =>
    say("picture.fault", {
      from: formatTime(fault.from_us),
      to: formatTime(fault.to_us),
      text: withArrows(faultText(fault)),
    }),
  );
  const words = [
    strip.outcome ? tell("outcome", strip.outcome.felt) : "",
    faults.length ? say("picture.faults", { faults: faults.join(say("list.semicolon")) }) : "",
    view ? momentWords(plan, view) : "",
  ];
  return {
    element: regrouped(drawn.root, [drawn.root]),
    width,
    height,
    words: sentences(words.filter(Boolean)),
  };
}

/**
 * @param {Plan} plan
 * @param {View} view
 * @param {number} [least] room for words on each side
 * @returns {Drawing}
 */
export function drawLogic(plan, view, least = 0) {
  const drawn = new LogicView(html("div"), { toggleFlow() {}, openReplica() {} }, true);
  drawn.setPlan(plan);
  drawn.update(view, drawnPackets(view.packets, view.time_us, 1, true), true, false);
  const layout = /** @type {import("./layout-logic.js").LogicLayout} */ (drawn.layout);
  // Beside the outer ones words may be longer than the page leaves room for.
  const ends = layout.nodes.flatMap(({ label, anchor }, index) =>
    (drawn.nodes?.[index].labels ?? []).map(({ textContent }) => {
      const long = letters(textContent ?? "") * 7.4;
      const left = label.x - ({ start: 0, middle: long / 2, end: long }[anchor] ?? 0);
      return [left, left + long];
    }),
  );
  const left = Math.min(-least, ...ends.map(([start]) => Math.floor(start)));
  const right = Math.max(layout.width + least, ...ends.map(([, end]) => Math.ceil(end)));
  const group = regrouped(drawn.root, [drawn.root, drawn.sheet]);
  set(group, "transform", `translate(${-left} 0)`);
  return {
    element: svg("g", {}, group),
    width: right - left,
    height: layout.height,
    words: momentWords(plan, view),
  };
}

/**
 * @param {Plan} plan
 * @param {View} view
 * @returns {Drawing}
 */
function drawPlant(plan, view) {
  const drawn = new PlantView(html("div"), { toggleLane() {}, openPart() {} });
  drawn.setPlan(plan);
  drawn.update(view, drawnPackets(view.packets, view.time_us, 1, true), true);
  const { width, height } = /** @type {import("./layout-plant.js").PlantLayout} */ (drawn.layout);
  return {
    element: regrouped(drawn.root, [drawn.root, drawn.sheet]),
    width,
    height,
    words: momentWords(plan, view),
  };
}

/**
 * @param {Plan} plan
 * @param {View} view
 */
export function momentWords(plan, view) {
  const faults = view.faults.map(({ text }) => withArrows(text)).join(say("list.semicolon"));
  const [at, who] = [formatTime(view.time_us), believersInWords(plan, view)];
  return say("picture.moment", { at, who }) + (faults && say("picture.in-force", { faults }));
}

/**
 * What several pictures that lie on each other show, as one group that is styled like the first.
 *
 * @param {SVGSVGElement} like
 * @param {SVGSVGElement[]} pictures
 */
function regrouped(like, pictures) {
  const group = svg("g", { class: like.getAttribute("class") });
  for (const name of ["data-many", "data-roomy"]) {
    const value = like.getAttribute(name);
    if (value !== null) set(group, name, value);
  }
  group.append(...pictures.flatMap((one) => [...one.children]));
  return group;
}

/**
 * Takes out what only a live page needs: places to click, hints, empty words, packets that lie
 * under others.
 *
 * @param {Element} root
 */
export function prune(root) {
  for (const element of root.querySelectorAll("title, .hit, .hit-line")) element.remove();
  for (const element of root.querySelectorAll("text")) if (!element.textContent) element.remove();
  for (const element of root.querySelectorAll("path")) {
    if (!element.getAttribute("d")) element.remove();
  }
  /** @type {Map<string, Element>} */
  const uppermost = new Map();
  for (const packet of root.querySelectorAll(".packet")) {
    const place = packet.getAttribute("transform") ?? "";
    uppermost.get(place)?.remove();
    uppermost.set(place, packet);
  }
}

/**
 * Takes away what says to a live page, or to nobody, what an element is: no style asks for it.
 *
 * @param {Element} root
 * @param {string} style
 */
function unmark(root, style) {
  for (const element of root.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      const unasked = name.startsWith("data-") && !style.includes(`[${name}`);
      if (unasked || /^(role|tabindex|aria-.*)$/.test(name)) element.removeAttribute(name);
    }
  }
}

/** Longer fractions differ from one engine to the next, and nobody sees them. */
const FRACTION = /-?\d+\.\d{3,}(?:e-?\d+)?/g;

/**
 * An element as XML. Both documents, the browser's and the small one, say the same this way.
 *
 * @param {Element} element
 * @returns {string}
 */
export function written(element) {
  const name = element.localName;
  const attributes = element
    .getAttributeNames()
    .sort()
    .map((key) => {
      const value = element.getAttribute(key) ?? "";
      const exact = value.replace(FRACTION, (number) =>
        String(Math.round(Number(number) * 100) / 100),
      );
      return ` ${key}="${escaped(/^(data-|class)/.test(key) ? value : exact)}"`;
    })
    .join("");
  const inside = [...element.childNodes]
    .map((node) =>
      node.nodeType === 1
        ? written(/** @type {Element} */ (node))
        : escaped(node.textContent ?? ""),
    )
    .join("");
  return inside ? `<${name}${attributes}>${inside}</${name}>` : `<${name}${attributes}/>`;
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * Text as XML may hold it: its marks escaped, and without the characters that XML has no way to say.
 *
 * @param {string} text
 */
function escaped(text) {
  return text
    .replace(/(?![\t\n\r\u007f-\u009f])\p{Cc}|[\ufffe\uffff]/gu, "")
    .replace(/[&<>"]/g, (mark) => ENTITIES[mark]);
}
