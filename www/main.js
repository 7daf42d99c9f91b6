// @ts-check
/** The page: a player, and the list of its panels. */
import { byId, html, set } from "./draw/dom.js";
import { say } from "./draw/page-words.js";
import { isSaid } from "./draw/words.js";
import { commandsOf } from "./panels/acting.js";
import { openCaption } from "./panels/caption.js";
import { openCards } from "./panels/cards.js";
import { comparison, openCompareButton } from "./panels/comparison.js";
import { disclose } from "./panels/disclose.js";
import { evidence } from "./panels/evidence-late.js";
import { files } from "./panels/files.js";
import { groups } from "./panels/groups-late.js";
import { openHelp } from "./panels/help-late.js";
import { pageKeys } from "./panels/keyboard.js";
import { aimLanguages, offerLanguages } from "./panels/languages.js";
import { openLogic } from "./panels/logic.js";
import { Originals } from "./panels/originals.js";
import { open as openPlant } from "./panels/plant.js";
import { openProtocols } from "./panels/protocol-menu.js";
import { openScenarios } from "./panels/scenario-menu.js";
import { openSeed } from "./panels/seed.js";
import { openShare } from "./panels/share-late.js";
import { shows } from "./panels/show-button.js";
import { openStrip } from "./panels/strip.js";
import { openText } from "./panels/text-late.js";
import { openTransport } from "./panels/transport.js";
import { loadEngine } from "./run/engine.js";
import { Follow } from "./run/follow.js";
import { speak } from "./run/language.js";
import { late } from "./run/late.js";
import { nameOf } from "./run/library.js";
import { hasSteps, inWords, on, onPlant, onTime, onWords, place } from "./run/panels.js";
import { Player } from "./run/player.js";
import { STORY } from "./run/session.js";

/** What stands beside the plant stands above it there, and would push it down. */
const isNarrow = matchMedia("(max-width: 1023px)").matches;

/**
 * The panels of the page, in the order of their elements; a new one is a file and a row.
 *
 * @type {import("./run/panels.js").Row[]}
 */
const PANELS = [
  {
    id: "scenario-menu",
    host: { tag: "div", room: ".bar", class: "menu" },
    first: true,
    load: () => ({ open: openScenarios }),
    needs: on("plan"),
  },
  groups,
  {
    id: "protocol-menu",
    host: { tag: "div", room: ".bar", class: "menu" },
    first: true,
    load: () => ({ open: openProtocols }),
    needs: on("plan"),
  },
  {
    id: "seed",
    host: barButton("", { label: "bar.seed" }),
    first: true,
    load: () => ({ open: openSeed }),
    needs: on("plan"),
  },
  {
    id: "compare-button",
    host: barButton("bar.compare", { "aria-pressed": "false", "aria-controls": "compare" }),
    load: () => ({ open: openCompareButton }),
    needs: on("plan", "compared"),
  },
  {
    id: "text-button",
    host: barButton("bar.text", { "aria-expanded": "false", "aria-controls": "text-pane" }),
    load: () => ({ open: openText }),
    needs: on("plan", "strip"),
  },
  {
    id: "diagram-button",
    host: barButton("bar.diagram", { "aria-expanded": "false", "aria-controls": "diagram" }),
    load: () => ({ open: shows("diagram") }),
    needs: on("plan"),
  },
  {
    id: "share-button",
    host: barButton("bar.share", { class: "pill go" }),
    load: () => ({ open: openShare }),
    needs: on("plan", "strip", "moment"),
  },
  {
    id: "help-button",
    host: barButton("bar.help", { label: "bar.help-name" }),
    load: () => ({ open: openHelp }),
    needs: on("plan"),
  },
  {
    id: "table-button",
    host: {
      ...barButton("bar.table", { "aria-expanded": "false", "aria-controls": "matrix" }),
      room: ".logic-section",
    },
    load: () => ({ open: shows("matrix") }),
    needs: on("plan"),
  },
  {
    id: "logic",
    host: { tag: "div", room: ".logic-section" },
    first: true,
    load: () => ({ open: openLogic }),
    needs: on("plan", "moment"),
  },
  {
    id: "plant",
    host: { before: ".side", class: "plant", label: "page.plant" },
    first: true,
    load: () => ({ open: openPlant }),
    needs: (frame) => frame.changed === "strip" || onPlant(frame),
  },
  {
    id: "diagram",
    host: { before: ".side", class: "diagram", label: "bar.diagram", hidden: true },
    load: late(() => import("./panels/diagram.js")),
    name: "late.diagram",
    failed: () => byId("diagram-button").click(),
    // Once it is there it is also told that it is closed.
    needs: (_, open) => open || !byId("diagram").hidden,
  },
  {
    id: "radius",
    host: { tag: "div", room: "main", class: "radius", role: "tooltip", hidden: true },
    load: late(() => import("./panels/radius.js")),
    // Whoever comes to the plant may ask, or has opened a menu there already.
    needs: (frame, open) =>
      onPlant(frame) &&
      (open ||
        document.querySelector("#plant:is(:hover, :focus-within), .popover:popover-open") !== null),
  },
  {
    id: "caption",
    host: { class: "caption", label: "page.caption" },
    first: isNarrow,
    load: () => ({ open: openStory }),
    needs: onWords,
  },
  {
    id: "steps",
    host: { tag: "div", class: "steps", hidden: true },
    load: late(() => import("./panels/steps.js")),
    needs: hasSteps,
  },
  evidence,
  behind("events", () => import("./panels/ledger.js")),
  behind("explore", () => import("./panels/explore.js")),
  behind("logs", () => import("./panels/logs.js")),
  {
    id: "cards",
    host: { class: "cards", label: "page.cards" },
    first: isNarrow,
    load: () => ({ open: openCards }),
    needs: inWords,
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
    id: "requests",
    host: { tag: "div", room: ".served", class: "requests", hidden: true },
    load: late(() => import("./panels/requests.js")),
    needs: (frame, open) =>
      (open && frame.changed === "plan") ||
      ((frame.changed === "strip" || onWords(frame)) && (open || frame.strip.requests !== null)),
  },
  {
    id: "databases",
    host: { tag: "div", room: ".served", class: "databases", hidden: true },
    load: late(() => import("./panels/databases.js")),
    needs: (frame, open) =>
      (open && frame.changed === "plan") ||
      ((frame.changed === "strip" || onWords(frame)) && (open || frame.strip.databases.length > 0)),
  },
  { ...comparison, host: { ...comparison.host, role: "main" } },
  {
    id: "matrix",
    host: { tag: "div", room: ".logic-section", class: "matrix", hidden: true },
    load: late(() => import("./panels/matrix.js")),
    needs: (frame) => inWords(frame) && !byId("matrix").hidden,
  },
  {
    id: "rounds",
    host: { tag: "span", before: ".transport .outcome", class: "rounds" },
    load: late(() => import("./panels/rounds.js")),
    needs: ({ changed, plan }, open) => changed === "plan" && (open || plan.generals),
  },
];

/**
 * What a door of the caption opens and closes.
 *
 * @param {string} id
 * @param {() => Promise<import("./run/panels.js").Opener>} load
 * @returns {import("./run/panels.js").Row}
 */
function behind(id, load) {
  return {
    id,
    host: { class: `${id} opened`, label: `bar.${id}`, hidden: true },
    load: late(load),
    name: `late.${id}`,
    failed: () => byId(`${id}-button`).click(),
    needs: (_, open) => open || !byId(id).hidden,
  };
}

/**
 * @param {string} text its key
 * @param {import("./draw/dom.js").Attributes} attributes
 * @returns {import("./run/panels.js").Host}
 */
function barButton(text, attributes) {
  return { tag: "button", room: ".bar", type: "button", class: "pill", text, ...attributes };
}

/**
 * The caption, which leads to all that happened, and of the story to the tour of it.
 *
 * @param {HTMLElement} host
 * @param {import("./panels/acting.js").Commands} commands
 */
function openStory(host, commands) {
  const panel = openCaption(host, commands);
  const tour = html("a", { href: "#tour-outage", class: "tour" }, say("page.tour"));
  const door = (/** @type {string} */ panel) => {
    const options = { type: "button", id: `${panel}-button`, class: "pill door" };
    const button = html("button", { ...options, "aria-expanded": "false" }, say(`bar.${panel}`));
    set(button, "aria-controls", panel);
    disclose(button, byId(panel), commands.refresh);
    return button;
  };
  panel.caption.bar.append(...["events", "logs", "explore"].map(door), tour);
  /** @type {string|undefined} */
  let story;
  return {
    ...panel,
    /** @param {import("./run/panels.js").Frame} frame */
    update(frame) {
      story ??= frame.engine.story();
      set(tour, "hidden", frame.text !== story && nameOf(frame.text) !== STORY);
      panel.update(frame);
    },
  };
}

/** @param {import("./run/engine.js").Engine} engine */
function start(engine) {
  const player = new Player(engine, {
    plan: () => {
      follow.planChanged();
      if (originals.seen(session.text)) player.panels.get("text-button")?.reopened();
      document.title = `${player.session.plan.title} · Halflink`;
    },
    drawn: () => follow.soon(),
  });
  const { session, playback } = player;
  const follow = new Follow(player);
  const originals = new Originals();
  /** Whatever is opened is what changes are compared with from then on. */
  const opening = async (/** @type {() => Promise<unknown>} */ open) => {
    const before = session.text;
    await open();
    if (session.text === before) return;
    originals.open(before, session.text);
    player.panels.get("text-button")?.reopened();
  };
  /** What is being written is kept while something else is opened. */
  const keepDraft = (/** @type {() => Promise<unknown>} */ open) =>
    player.panels.get("text-button")?.keepDraft(open) ?? open();
  /** Another run, chosen on the page, takes the place of this one. */
  const replace = (/** @type {() => Promise<unknown>} */ open) =>
    keepDraft(() => opening(() => follow.leave(open)));
  const acts = commandsOf(player);
  const openFile = files(acts, (words) => replace(() => player.openText(words)));
  player.wire(PANELS, {
    ...acts,
    openShipped: (/** @type {string} */ name) =>
      void replace(async () => {
        player.notice("");
        await player.openLibrary(name);
        if (!player.reduced.matches) playback.play();
      }),
    check: (/** @type {string} */ words) => session.engine.check(words),
    edit: (/** @type {string} */ words) =>
      session.run
        ? session.attempt((run) => run.edit(words))
        : session.openText(words).catch((error) => session.refuse(error)),
    format: async (/** @type {string} */ words) => {
      const engine = await loadEngine("production");
      return /** @type {typeof import("./pkg/halflink-production.js")} */ (
        /** @type {unknown} */ (engine)
      ).formatted(words);
    },
    original: () => originals.text,
    begin: () => void replace(() => player.openText(session.engine.smallest())),
    open: () => void openFile(),
  });
  const openAddress = () => opening(() => follow.arrive(() => player.openAddress()));
  pageKeys({
    toggle: () => playback.toggle(),
    step: (by) => player.step(by),
    undo: () => player.undo(),
    redo: () => player.redo(),
  });
  for (const links of document.querySelectorAll(".languages"))
    aimLanguages(links, () => ({
      hash: location.hash + (playback.speed === 1 ? "" : `&speed=${playback.speed}`),
      drafting: player.panels.get("text-button")?.isDrafting() ?? false,
    }));
  follow.listen(() => void keepDraft(openAddress));
  void openAddress();
  // For tests and for the curious: the run is the engine's own object.
  Object.assign(window, {
    halflink: {
      get run() {
        return session.run;
      },
      playback,
      session,
      player,
      follow,
    },
  });
}

const [engine] = await Promise.all([
  loadEngine().catch(async (error) => (await import("./unavailable.js")).showUnavailable(error)),
  speak().then(() => {
    // The page itself is in English, and no script has those sentences.
    for (const element of document.querySelectorAll("[data-say]")) {
      const key = element.getAttribute("data-say") ?? "";
      if (isSaid(key)) element.textContent = say(key);
    }
    for (const links of document.querySelectorAll(".languages")) offerLanguages(links);
    place(PANELS);
  }),
]);
if (engine) start(engine);
