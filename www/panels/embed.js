// @ts-check
/**
 * A run inside somebody else's page: logical view, strip, caption; in a frame (`embed.js`) or in an
 * element (`element-run.js`). It keeps nothing, asks for nothing, and leaves the page around it alone.
 */
import { byId, html } from "../draw/dom.js";
import { isSaid, say, tell } from "../draw/words.js";
import { commandsOf } from "./acting.js";
import { OUTSIDE, openCaption } from "./caption.js";
import { comparison } from "./comparison.js";
import {
  EVIDENCE,
  captionHeight,
  columns,
  hasEvidence,
  heights,
  pictureHeights,
  tellingViews,
} from "./embed-height.js";
import { evidence } from "./evidence-late.js";
import { groups } from "./groups-late.js";
import { pageKeys } from "./keyboard.js";
import { openLogic } from "./logic.js";
import { openStrip } from "./strip.js";
import { openTransport } from "./transport.js";
import { groupOption, linkAddress, readAddress } from "../run/address.js";
import { diagnosticsOf, loadEngine } from "../run/engine.js";
import { speak } from "../run/language.js";
import { late } from "../run/late.js";
import { hasSteps, on, onPlant, onTime, onWords, place } from "../run/panels.js";
import { Player } from "../run/player.js";

/** So long a host waits to be told a height. */
const PATIENCE_MS = 3_000;
/** So often it is asked whether late words have come. */
const LEARN_MS = 50;
/** By so much the strip may be higher than it need be. */
const EXTRA_MOST = 120;
/** Evidence that was not there when its author chose a height has at least this. */
const EVIDENCE_LEAST = 110;
/** Points of a room that nothing bounds. */
const UNBOUNDED = 9_999;
/** After this long, a tab that was asked for and has not come was not allowed. */
const TAB_MS = 600;

const loadPlant = late(() => import("./plant.js"), "plantModule");

/**
 * @param {Player} player
 * @returns {import("../run/panels.js").Row[]}
 */
const panels = (player) => [
  {
    id: "logic",
    host: { tag: "div", room: "#pictures" },
    first: true,
    load: () => ({ open: openLogic }),
    needs: on("plan", "moment"),
  },
  {
    id: "caption",
    host: { room: ".embed-main", class: "caption", label: "page.caption" },
    load: () => ({
      open: (host, commands) => {
        const panel = openCaption(host, commands);
        panel.caption.bar.append(...openLink(player));
        return panel;
      },
    }),
    needs: onWords,
  },
  {
    id: "transport",
    host: { tag: "div", room: ".foot", class: "transport" },
    load: () => ({ open: openTransport }),
    needs: onTime,
  },
  {
    id: "strip",
    host: { tag: "div", room: ".foot", class: "strip" },
    load: () => ({ open: openStrip }),
    needs: on("room", "strip", "moment", "wait"),
  },
  {
    id: "plant",
    host: { tag: "div", before: "#logic", class: "plant", hidden: true },
    name: "embed.racks",
    first: true,
    load: loadPlant,
    needs: (frame) =>
      document.body.dataset.view !== "logic" && (frame.changed === "strip" || onPlant(frame)),
    failed: ({ refresh }) => {
      document.body.dataset.view = "logic";
      refresh();
    },
  },
  {
    id: "steps",
    host: { tag: "div", room: ".embed-main", class: "steps", hidden: true },
    load: late(() => import("./steps.js"), "stepsModule"),
    needs: hasSteps,
  },
  { ...groups, host: { ...groups.host, room: ".step" } },
  { ...evidence, host: { ...evidence.host, before: "#live" } },
  {
    ...comparison,
    failed: ({ compare }) => {
      document.body.toggleAttribute("data-comparing", false);
      compare(null);
    },
  },
];

/** @param {import("../run/engine.js").Engine} engine */
function start(engine) {
  const player = new Player(engine, {
    plan: () => {
      document.title = player.session.plan.title;
      document.body.dataset.state = "runs";
      height.update();
    },
    strip: () => height.update(),
    asked: ({ theme, view, fixed, compared }) => {
      document.body.toggleAttribute("data-comparing", compared !== null);
      player.fixed = fixed;
      document.documentElement.dataset.theme = theme;
      document.body.dataset.view = view;
      document.body.toggleAttribute("data-fixed", fixed);
      showPlant();
    },
    unopened: (words) => {
      player.notice("");
      player.playback.pause();
      sayUnopened(words);
    },
  });
  const commands = commandsOf(player);
  const height = new Height(player, commands.learn);
  const rows = panels(player);
  place(rows);
  const showPlant = () => {
    byId("plant").hidden = document.body.dataset.view === "logic" || !player.panels.get("plant");
  };
  player.wire(rows, commands, () => {
    showPlant();
    height.update();
  });
  const openAddress = () => void player.openAddress();
  pageKeys({
    toggle: () => player.playback.toggle(),
    step: (by) => player.step(by),
    undo: () => player.undo(),
    redo: () => player.redo(),
  });
  new IntersectionObserver(([entry]) =>
    player.setHidden(!entry.isIntersecting || document.hidden),
  ).observe(document.body);
  window.addEventListener("hashchange", openAddress);
  openAddress();
  const sizes = new ResizeObserver(() => height.update());
  for (const changing of [document.body, byId("caption")]) sizes.observe(changing);
  Object.assign(window, {
    halflink: {
      get run() {
        return player.session.run;
      },
      playback: player.playback,
      player,
    },
  });
}

/**
 * The way to the whole page with this very run, as it is now. A sandbox may keep the tab from
 * opening, so the address is then shown to copy.
 *
 * @param {Player} player
 */
function openLink(player) {
  const link = html(
    "a",
    { target: "_blank", rel: "noopener", class: "open", href: "./" },
    say("embed.open"),
  );
  const field = html("input", {
    readonly: true,
    class: "share-link",
    hidden: true,
    "aria-label": say("embed.address"),
  });
  const aim = () => {
    const run = player.session.run?.link() ?? location.hash;
    link.href = linkAddress(
      new URL("./", location.href).href,
      run,
      player.playback.time_us,
      player.compared,
      groupOption(player.session.plan, player.all),
    );
  };
  for (const event of ["pointerdown", "focus", "pointerenter"]) link.addEventListener(event, aim);
  link.addEventListener("click", () => {
    aim();
    if (self.origin !== "null") return;
    window.setTimeout(() => {
      if (document.hidden) return;
      field.value = link.href;
      field.hidden = false;
      field.select();
    }, TAB_MS);
  });
  return [link, field];
}

/**
 * One line in place of a run, and a way to Halflink.
 *
 * @param {string} words
 * @param {string} offer of the link
 * @param {string} hash that the link leads to
 */
function replaceRun(words, offer, hash) {
  document.body.dataset.state = "says";
  const link = html("a", { target: "_blank", rel: "noopener", href: `./${hash}` }, offer);
  byId("unstarted").replaceChildren(`${words} `, link);
}

/** @param {string} words */
export function sayUnopened(words) {
  replaceRun(say("embed.nothing", { why: words }), say("embed.halflink"), "");
}

/** @param {unknown} error */
export function sayUnavailable(error) {
  const errors = diagnosticsOf(error);
  const why = errors ? tell("diagnostic", errors[0].fact) : String(error);
  replaceRun(say("embed.unavailable", { why }), say("embed.open-it"), location.hash);
  console.error(error);
}

/**
 * Keeps room for the tallest caption, and tells the host how tall it would be: as it is, if that is
 * enough and not too much. What the host makes of it is its own affair. It is told once it is known;
 * of a run that takes long, as far as it is known.
 */
class Height {
  /**
   * @param {Player} player
   * @param {() => void} learn loads the words that come late
   */
  constructor(player, learn) {
    this.player = player;
    this.learn = learn;
    /** @type {import("../pkg/facts.js").View[]} */
    this.views = [];
    /** The run of which the views are. */
    this.seen = "";
    this.patient = true;
    this.told = 0;
    /** The tallest caption that is foreseen, and of what; and the tallest that there was. */
    this.measured = { key: "", foreseen: 0, said: 0 };
    /** The tallest that its author could foresee. */
    this.authored = 0;
    window.setTimeout(() => {
      this.patient = false;
      this.update();
    }, PATIENCE_MS);
  }

  /** The run is simulated to its end: what there is to say in it is looked for, between frames. */
  look() {
    const { run, strip, text, done } = this.player.session;
    if (!run || !done || this.seen === text) return;
    this.seen = text;
    this.views = [];
    const telling = tellingViews(run, strip);
    const goOn = () => {
      if (this.player.session.text !== text || this.player.session.run !== run) return;
      const { value, done: over } = telling.next();
      if (value) this.views.push(value);
      // What is outside a model is said by words that come late, and takes more room than "…".
      if (over && this.patient && !isSaid(OUTSIDE) && this.views.some((one) => one.outside)) {
        this.learn();
        window.setTimeout(goOn, LEARN_MS);
        return;
      }
      if (over) this.patient = false;
      if (over) this.update();
      else window.setTimeout(goOn);
    };
    goOn();
  }

  update() {
    const { plan, strip } = this.player.session;
    if (!plan || !strip) return;
    this.look();
    const { body } = document;
    const { view = "logic" } = body.dataset;
    const { panels } = this.player;
    const size = panels.get("plant")?.plant.layout ?? null;
    const width = body.clientWidth;
    // In a closed <details> there is nothing to measure yet.
    if (!width) return;
    const { caption, picture } = columns(width);
    const { foreseen, said } = this.wordsIn(caption);
    const words = Math.max(foreseen, said);
    const { need, enough, most } = heights(plan, strip, view, width, words, size);
    body.toggleAttribute("data-evidence", hasEvidence(strip));
    byId("evidence").dataset.none = say("embed.no-lies");
    const room = window.innerHeight;
    // What comes of a reader's actions gets room as far as the frame has it, and scrolls in that.
    const lacks = Math.max(0, need - room);
    const evidence = hasEvidence(strip) ? Math.max(EVIDENCE_LEAST, EVIDENCE - lacks) : EVIDENCE;
    const kept = Math.max(this.authored, words - Math.max(0, lacks - (EVIDENCE - evidence)));
    const pictures = pictureHeights(plan, view, picture, size);
    for (const [name, pixels] of Object.entries({
      "caption-least": kept,
      "caption-most": kept < words ? kept : UNBOUNDED,
      evidence,
      picture: pictures.least,
      logic: pictures.logic.least,
      "logic-most": pictures.logic.most,
      plant: pictures.plant.least,
      "plant-most": pictures.plant.fit + Math.max(0, room - enough - EXTRA_MOST),
      label: pictures.logic.label,
    })) {
      body.style.setProperty(`--${name}`, `${pixels}px`);
    }
    panels.get("logic")?.logic.sizeWords(pictures.logic.label);
    // What no picture can use makes the strip easier to touch.
    panels.get("strip")?.strip.setExtra(Math.min(EXTRA_MOST, Math.max(0, room - enough)));
    const height = Math.max(need, Math.min(most + EXTRA_MOST, room));
    // A comparison scrolls, however high it is.
    const isSaid = height === this.told || body.hasAttribute("data-comparing");
    const isThere = view === "logic" || size !== null;
    if (this.patient || !isThere || isSaid || window.parent === window) return;
    this.told = height;
    window.parent.postMessage({ src: location.href, context: "iframe.resize", height }, "*");
  }

  /** @param {number} column */
  wordsIn(column) {
    const { plan, strip, text } = this.player.session;
    const told = strip.captions.length;
    const key = `${column} ${this.views.length} ${told} ${isSaid(OUTSIDE)} ${text}`;
    if (this.measured.key !== key) {
      this.measured = { key, foreseen: captionHeight(plan, strip, this.views, column), said: 0 };
    }
    if (text === this.player.beginning) this.authored = this.measured.foreseen;
    // What nobody foresaw gets its room when it comes, once.
    const host = byId("caption");
    const { top } = host.getBoundingClientRect();
    const ends = [...host.children].map((part) => {
      // What is hidden is nowhere, however far the page is scrolled.
      const { bottom, height } = part.getBoundingClientRect();
      return height && bottom - top;
    });
    const now = Math.ceil(Math.max(...ends) + host.scrollTop);
    this.measured.said = Math.max(this.measured.said, now);
    return this.measured;
  }
}

/** Begins with what the address asks for. */
export function begin() {
  // The snippet names the module that its run needs: so the first one is not started for nothing.
  Promise.all([readAddress().then(({ module }) => loadEngine(module)), speak()])
    .then(([engine]) => start(engine))
    .catch(sayUnavailable);
}
