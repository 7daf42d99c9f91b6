// The figures of the library's pages, and what is said of each scenario there, in one language: one
// process for all, because the engine takes longer to start than most runs take. `xtask/src/pages.rs`
// starts it with tests/support/register.js and document.js, tells it what to draw as JSON, and reads
// as JSON what it has drawn.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { card } from "./card.mjs";
import { callBy } from "../../www/draw/called.js";
import { svg } from "../../www/draw/dom.js";
import { formatTime } from "../../www/draw/format.js";
import { say, tell } from "../../www/draw/late-words.js";
import { letters } from "../../www/draw/measure.js";
import { windowFor } from "../../www/draw/packets.js";
import {
  drawLogic,
  drawStrip,
  finished,
  sheetOf,
  tellingMoment,
  worked,
} from "../../www/draw/picture.js";
import { speakBy } from "../../www/draw/words.js";
import { columns, heights } from "../../www/panels/embed-height.js";

/** @typedef {import("../../pkg/facts.js").Plan} Plan */
/** @typedef {import("../../pkg/facts.js").Strip} Strip */
/** @typedef {import("../../www/draw/picture.js").Drawing} Drawing */

/** The strip where it has a page's width, and where it has a card's or a telephone's. */
const [WIDE, NARROW] = [820, 380];
const MARGIN = 10;
/** Of a frame that somebody else's page shows. */
const FRAME = 640;
/** Of the words above a picture in it: letter, line, and all that is beside the words themselves. */
const [LETTER, LINE, BESIDE] = [7.2, 21, 76];
const SLICE_WORK = 40_000;

const pkg = new URL("../../pkg/", import.meta.url);
const www = new URL("../../www/", import.meta.url);

/** The module that has the code of every protocol. */
async function started() {
  const engine = await import(new URL("halflink-production.js", pkg).href);
  const module = await readFile(new URL("halflink-production_bg.wasm", pkg));
  engine.initSync({ module });
  return engine;
}

/**
 * A drawing as a file of its own.
 *
 * @param {Drawing} drawing
 * @param {Plan} plan
 * @param {string} css
 */
function alone({ element, width, height, words }, plan, css) {
  const [wide, tall] = [width, height].map((size) => Math.ceil(size) + 2 * MARGIN);
  element.setAttribute("transform", `translate(${MARGIN} ${MARGIN})`);
  const frame = {
    xmlns: "http://www.w3.org/2000/svg",
    class: "picture",
    role: "img",
    width: wide,
    height: tall,
    viewBox: `0 0 ${wide} ${tall}`,
  };
  const ground = svg("rect", { class: "picture-ground", width: wide, height: tall, rx: 8 });
  const root = svg("svg", frame, ground, element);
  return { text: finished(root, plan, words, css, "auto"), width: wide, height: tall, words };
}

/**
 * What the author says, in order: what is bound to no time comes where it came in this run.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 */
function story({ notes }, { captions }) {
  const timed = notes.map(({ at_us, text }, number) => {
    const came = captions.find(({ note }) => note === number)?.at_us;
    return { at_us: at_us ?? came, text };
  });
  return timed
    .flatMap(({ at_us, text }) => (at_us === undefined ? [] : [{ at_us, text }]))
    .sort((one, other) => one.at_us - other.at_us);
}

/**
 * What a scenario is about, in the words of its author: what is said of its first fault.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 */
function lead(plan, strip) {
  const first_us = Math.min(...strip.faults.map(({ from_us }) => from_us));
  const asked = plan.notes.filter(({ answers }) => answers.length).map(({ text }) => text);
  const said = story(plan, strip).filter(({ text }) => !asked.includes(text));
  return (said.find(({ at_us }) => at_us >= first_us) ?? said[0])?.text ?? "";
}

/**
 * How tall a frame is in which the run has its picture whole. What its words take is guessed, to the
 * safe side: the frame gives what is left over to the picture.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 */
function frameHeight(plan, strip) {
  const longest = Math.max(0, ...plan.notes.map(({ text }) => letters(text)));
  const lines = Math.ceil((longest * LETTER) / columns(FRAME).caption);
  return heights(plan, strip, "logic", FRAME, BESIDE + lines * LINE, null).enough;
}

/**
 * @param {any} engine
 * @param {{text: string, folder: string, card: boolean}} scenario folder: where its figures go
 * @param {string} css
 */
async function drawn(engine, { text, folder, card: wanted }, css) {
  const run = new engine.Run(text);
  await worked(() => run.advance(SLICE_WORK));
  const [plan, strip] = [run.plan(), run.strip()];
  callBy(plan.names);
  const window_us = windowFor(1);
  const at_us = Math.min(strip.frontier_us, tellingMoment(plan, strip));
  await worked(() => run.approach(at_us, window_us, SLICE_WORK));
  const view = run.view(at_us, window_us);
  run.free();
  const figures = {
    strip: alone(drawStrip(plan, strip, null, WIDE), plan, css),
    small: alone(drawStrip(plan, strip, null, NARROW, 3), plan, css),
    logic: alone(drawLogic(plan, view), plan, css),
  };
  await mkdir(folder, { recursive: true });
  const named = Object.entries(figures);
  await Promise.all(named.map(([name, { text }]) => writeFile(`${folder}/${name}.svg`, text)));
  return {
    ...Object.fromEntries(
      named.map(([name, { width, height, words }]) => [name, { width, height, words }]),
    ),
    title: plan.title,
    source: plan.source,
    protocol: plan.protocol,
    at: formatTime(at_us),
    lead: lead(plan, strip),
    outcome: strip.outcome && {
      name: strip.outcome.name,
      word: tell("word", strip.outcome.name),
      felt: tell("outcome", strip.outcome.felt),
    },
    story: story(plan, strip).map(({ at_us, text }) => ({ at: formatTime(at_us), text })),
    frame: {
      width: FRAME,
      height: frameHeight(plan, strip),
      title: say("snippet.title", { title: plan.title }),
    },
    card: wanted ? card(plan, strip, view, css) : null,
  };
}

const { words, scenarios } = JSON.parse(await text(process.stdin));
speakBy(words);
const engine = await started();
const css = await sheetOf((name) => readFile(new URL(name, www), "utf8"));
const found = [];
for (const scenario of scenarios) found.push(await drawn(engine, scenario, css));
process.stdout.write(JSON.stringify(found));
