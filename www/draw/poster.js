// @ts-check
/**
 * What stands in a post before a run is loaded, and where it never is: who hears whom at a moment, and
 * the belief strip, as one drawing within the page's own text. A page's policy may forbid styles, and a
 * style would reach all of the page, so looks are attributes here; and a post may be dark or light, so
 * the ink is the post's own.
 */
import { callBy } from "./called.js";
import { set, svg } from "./dom.js";
import {
  drawLogic,
  drawStrip,
  momentWords,
  prune,
  sheetOf,
  tellingMoment,
  worked,
  written,
} from "./picture.js";
import { LOOKS, met } from "./picture-style.js";
import { windowFor } from "./packets.js";
import { say, tell } from "./late-words.js";

/** @typedef {import("./picture-style.js").Rule} Rule */

const WIDTH = 640;
const GAP = 12;
const SLICE_WORK = 4_000;

/**
 * What the page's colours are on a ground that nobody knows: the ink of the post in some strength, or
 * a colour that stands out from white and from black.
 *
 * @type {Record<string, readonly [colour: string, strength: number]>}
 */
const COLOURS = {
  ink: ["currentColor", 1],
  text: ["currentColor", 0.85],
  soft: ["currentColor", 0.75],
  line: ["currentColor", 0.2],
  track: ["currentColor", 0.12],
  steel: ["currentColor", 0.08],
  edge: ["currentColor", 0.6],
  lane: ["currentColor", 0.45],
  "lane-used": ["currentColor", 0.7],
  paper: ["none", 1],
  panel: ["none", 1],
  dead: ["#d23c46", 1],
  "dead-ink": ["currentColor", 0.9],
  "dead-soft": ["#d23c46", 0.25],
  gold: ["#b07d00", 1],
  kept: ["#2f9480", 1],
};
/** Of a style, what an attribute can say. */
const PLAIN = /^(fill|stroke|opacity|font-|text-anchor|letter-spacing|display|paint-order)/;

/**
 * Says how each element looks on the element itself.
 *
 * @param {Element} root
 * @param {string} css the text of `picture.css`
 */
function dress(root, css) {
  for (const { selector, declarations } of met(root, css)) {
    const wanted = declarations.filter(([name]) => LOOKS.test(name) && PLAIN.test(name));
    if (!wanted.length) continue;
    for (const element of root.querySelectorAll(selector)) {
      for (const [name, value] of wanted) put(element, name, value);
    }
  }
}

/** @param {Element} element @param {string} name @param {string} value of a style */
function put(element, name, value) {
  const [, colour] = /^var\(--([\w-]+)\)$/.exec(value) ?? [];
  if (colour === undefined) {
    // What would be reckoned from the page's sizes stays as it is.
    if (!value.includes("(") && value !== "inherit") element.setAttribute(name, value);
    return;
  }
  const [said, strength] = COLOURS[colour] ?? ["currentColor", 1];
  element.setAttribute(name, said);
  if (strength < 1) element.setAttribute(`${name}-opacity`, `${strength}`);
}

/** What only a page asks for. @param {Element} root */
function undress(root) {
  for (const element of root.querySelectorAll("*")) {
    for (const name of element.getAttributeNames()) {
      if (/^(class|id|role|tabindex|style|aria-.*|data-.*)$/.test(name))
        element.removeAttribute(name);
    }
  }
}

/**
 * A path on whole points, and each piece of it once: nobody sees the rest at this size. Boxes stand
 * where the last one stood and so far beside it, which packs well where there are many.
 *
 * @param {string} path
 */
function coarse(path) {
  const pieces = (path.match(/M[^M]*/g) ?? []).map((piece) =>
    piece.replace(/-?\d*\.\d+/g, (number) => `${Math.round(Number(number))}`),
  );
  /** @type {[number, number]|null} */
  let last = null;
  let made = "";
  for (const piece of new Set(pieces)) {
    const [, ...numbers] = /^M(-?\d+) (-?\d+)H(-?\d+)v(-?\d+)H\1Z$/.exec(piece) ?? [];
    if (!numbers.length) {
      made += piece;
      last = null;
      continue;
    }
    const [x, y, right, height] = numbers.map(Number);
    if (right === x || height === 0) continue;
    made += last ? `m${x - last[0]} ${y - last[1]}` : `M${x} ${y}`;
    made += `h${right - x}v${height}h${x - right}z`;
    last = [x, y];
  }
  return made;
}

/**
 * The poster of a run at a moment, simulated to its end first.
 *
 * @param {import("../pkg/halflink.js").Run} run
 * @param {number|null} time_us `null` for a moment after the first fault
 * @param {string} [css] the text of `picture.css`; the site's own if it is left out
 * @returns {Promise<string>} of one line
 */
export async function poster(run, time_us, css) {
  const style = css ?? (await sheetOf(async (name) => (await fetch(name)).text()));
  await worked(() => run.advance(SLICE_WORK));
  const [plan, strip] = [run.plan(), run.strip()];
  callBy(plan.names);
  const wanted_us = time_us ?? tellingMoment(plan, strip);
  const at_us = Math.min(strip.frontier_us, Math.max(0, Math.floor(wanted_us)));
  await worked(() => run.approach(at_us, windowFor(1), SLICE_WORK));
  const view = run.view(at_us, windowFor(1));
  const logic = drawLogic(plan, view);
  const beliefs = drawStrip(plan, strip, view, WIDTH);
  const scale = Math.min(1, WIDTH / logic.width);
  const left = Math.round((WIDTH - logic.width * scale) / 2);
  const tall = Math.ceil(logic.height * scale) + GAP + beliefs.height;
  const root = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "picture" },
    svg(
      "g",
      { transform: `translate(${left} 0)${scale < 1 ? ` scale(${scale.toFixed(2)})` : ""}` },
      logic.element,
    ),
    svg("g", { transform: `translate(0 ${tall - beliefs.height})` }, beliefs.element),
  );
  prune(root);
  dress(root, style);
  undress(root);
  for (const path of beliefs.element.querySelectorAll("path")) {
    const made = coarse(path.getAttribute("d") ?? "");
    if (made) path.setAttribute("d", made);
    else path.remove();
  }
  root.removeAttribute("class");
  const felt = strip.outcome ? tell("outcome", strip.outcome.felt) : "";
  const said = [plan.title, felt, momentWords(plan, view)].filter(Boolean).join(say("list.stop"));
  for (const [name, value] of Object.entries({
    role: "img",
    "aria-label": said.replace(/([.。])\1/g, "$1"),
    viewBox: `0 0 ${WIDTH} ${tall}`,
    width: "100%",
    fill: "currentColor",
    "font-family": "system-ui,sans-serif",
    "font-size": "12",
  }))
    set(root, name, value);
  return written(root).replace(/\s*\n\s*/g, " ");
}
