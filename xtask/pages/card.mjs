// The card that chats and feeds show of a link: title, who hears whom when the first fault has begun
// to show, and the belief strip. What makes a PNG of it knows less of styles than a browser, so the
// looks are said on the elements themselves.
import { svg } from "../../www/draw/dom.js";
import { tell } from "../../www/draw/late-words.js";
import { letters } from "../../www/draw/measure.js";
import { drawLogic, drawStrip, prune, written } from "../../www/draw/picture.js";
import { met, rulesFor } from "../../www/draw/picture-style.js";

/** As `xtask/src/card.rs` has it: what og:image asks for. */
const [WIDTH, HEIGHT] = [1_200, 630];
const MARGIN = 56;
/** The strip at the foot: how large it may be drawn, and how tall it may become. */
const [STRIP_SCALE, STRIP_TALL, STRIP_ROWS] = [1.5, 262, 1];
/** Who hears whom, at the right. */
const LOGIC = { width: 500, height: 290, scale: 1.15 };
/** Sizes of the title: the first that has room is taken. */
const TITLES = [60, 54, 48, 42, 36, 30];
/** Where it begins; from line to line, and the line under it. */
const [TOP, PITCH, UNDER] = [112, 1.14, 34];
/** Of its size, what a letter of Inter's bold takes. */
const LETTER = 0.52;
const GAP = 24;
/** Inter has no two arrows above each other. */
const INSTEAD = "↔";

/** As theme.css has them, in the light. */
const OWN = `
.card-ground{fill:var(--paper)}
.card-sheet{fill:var(--panel);stroke:var(--line);stroke-width:1}
.card-name{font-size:27px;font-weight:700;letter-spacing:-.5px;fill:var(--ink)}
.card-title{font-weight:700;letter-spacing:-1px;fill:var(--ink)}
.card-run{font-size:23px;font-weight:400;fill:var(--soft)}
.card-word{font-size:23px;font-weight:600;fill:var(--ink)}
.card-word[data-word="stable"]{fill:var(--kept)}
.card-word[data-word="unsafe"],.card-word[data-word="stalled"],.card-word[data-word="flapping"]{fill:var(--dead)}
.card-live{fill:none;stroke:var(--ink);stroke-width:2.4}
.card-dead{fill:none;stroke:var(--dead);stroke-width:2.4;stroke-dasharray:3 3}`;

/**
 * A title in as few lines as there is room for, none much longer than another.
 *
 * @param {string} title
 * @param {number} room letters
 */
function lines(title, room) {
  const fewest = broken(title, room);
  let even = fewest;
  for (let less = room - 1; less > 0; less -= 1) {
    const next = broken(title, less);
    if (next.length > fewest.length) break;
    even = next;
  }
  return even;
}

/**
 * @param {string} title
 * @param {number} room letters
 */
function broken(title, room) {
  /** @type {string[]} */
  const made = [""];
  for (const word of title.split(" ")) {
    const longer = `${made[made.length - 1]} ${word}`.trim();
    if (letters(longer) <= room) made[made.length - 1] = longer;
    else made.push(word);
  }
  return made.filter(Boolean);
}

/**
 * The largest title that has room.
 *
 * @param {string} title
 * @param {number} width
 * @param {number} height with the line under it
 */
function fitted(title, width, height) {
  const tries = TITLES.map((size) => {
    const shown = lines(title, Math.floor(width / (size * LETTER)));
    return { size, shown, height: shown.length * size * PITCH + UNDER };
  });
  return tries.find((one) => one.height <= height) ?? tries[tries.length - 1];
}

/**
 * Says how each element looks on the element itself.
 *
 * @param {Element} root
 * @param {string} css
 */
function dress(root, css) {
  /** @type {Map<Element, Map<string, string>>} */
  const looks = new Map();
  for (const { selector, declarations } of met(root, rulesFor(root, css + OWN, "light"))) {
    for (const element of [root, ...root.querySelectorAll(selector)]) {
      if (!element.matches(selector)) continue;
      const own = looks.get(element) ?? new Map();
      for (const [name, value] of declarations) own.set(name, value);
      looks.set(element, own);
    }
  }
  for (const [element, own] of looks) {
    const said = [...own].map(([name, value]) => `${name}:${value}`).join(";");
    const inline = element.getAttribute("style");
    element.setAttribute("style", inline ? `${said};${inline}` : said);
  }
}

/**
 * The strip as large as there is room for.
 *
 * @param {import("../../pkg/facts.js").Plan} plan
 * @param {import("../../pkg/facts.js").Strip} strip
 */
function foot(plan, strip) {
  const room = WIDTH - 2 * MARGIN;
  let scale = STRIP_SCALE;
  let drawing = drawStrip(plan, strip, null, room / scale, STRIP_ROWS);
  if (drawing.height * scale > STRIP_TALL) {
    scale = STRIP_TALL / drawing.height;
    drawing = drawStrip(plan, strip, null, room / scale, STRIP_ROWS);
  }
  return { element: drawing.element, scale, height: drawing.height * scale };
}

/**
 * The card of a run at a moment, as SVG of which nothing is styled by rules.
 *
 * @param {import("../../pkg/facts.js").Plan} plan
 * @param {import("../../pkg/facts.js").Strip} strip
 * @param {import("../../pkg/facts.js").View} view
 * @param {string} css the text of `picture.css`
 */
export function card(plan, strip, view, css) {
  const logic = drawLogic(plan, view);
  const { width, height, scale } = LOGIC;
  const drawn = Math.min(scale, width / logic.width, height / logic.height);
  const beliefs = foot(plan, strip);
  const below = HEIGHT - MARGIN + 18 - beliefs.height;
  const right = WIDTH - MARGIN - (width + logic.width * drawn) / 2;
  const room = WIDTH - 2 * MARGIN - width - GAP;
  const { size, shown, height: tall } = fitted(plan.title, room, below - GAP - TOP);
  const title = shown.map((line, number) =>
    svg(
      "text",
      {
        class: "card-title",
        "font-size": size,
        x: MARGIN,
        y: TOP + size * (0.75 + number * PITCH),
      },
      line,
    ),
  );
  const under = TOP + tall - 4;
  const { outcome } = strip;
  const word = outcome ? tell("word", outcome.name) : "";
  const at = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ by) => ({
    transform: `translate(${x} ${y}) scale(${by})`,
  });
  const root = svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "picture",
      width: WIDTH,
      height: HEIGHT,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    },
    svg("rect", { class: "card-ground", width: WIDTH, height: HEIGHT }),
    svg(
      "g",
      at(MARGIN - 5, 50, 1.6),
      svg("path", { class: "card-live", d: "M11 4H7a5 5 0 0 0 0 10h4" }),
      svg("path", { class: "card-dead", d: "M15 14h4a5 5 0 0 0 0-10h-4" }),
    ),
    svg("text", { class: "card-name", x: MARGIN + 44, y: 74 }, "Halflink"),
    ...title,
    svg(
      "text",
      { class: "card-word", x: MARGIN, y: under, "data-word": outcome?.name ?? "" },
      word,
    ),
    svg(
      "text",
      { class: "card-run", x: MARGIN + (word ? letters(word) * 13 + 20 : 0), y: under },
      plan.protocol,
    ),
    svg("g", at(right, 44 + (height - logic.height * drawn) / 2, drawn), logic.element),
    svg("g", at(MARGIN, below, beliefs.scale), beliefs.element),
  );
  prune(root);
  dress(root, css);
  return written(root).replaceAll("⇄", INSTEAD);
}
