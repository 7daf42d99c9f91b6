// @ts-check
/** The page: wires the player to the plant, the menus, the text and the share dialog. */
import { CardsView } from "./panels/cards.js";
import { Comparison } from "./panels/comparison.js";
import { byId, html, set, setText, svg } from "./draw/dom.js";
import { loadEngine } from "./run/engine.js";
import { evidence } from "./panels/evidence-late.js";
import { Follow } from "./run/follow.js";
import { formatTime } from "./draw/format.js";
import { pageKeys } from "./panels/keyboard.js";
import { late, preload } from "./run/late.js";
import { Menu, fillMenu } from "./panels/menus.js";
import { createPlant } from "./panels/plant-panel.js";
import { Player } from "./panels/player.js";
import { believersInWords } from "./draw/strip-view.js";
import { tell } from "./draw/words.js";
import { LateText } from "./panels/text-late.js";

const loadRounds = late(() => import("./panels/rounds.js"));
const loadProtocols = late(() => import("./panels/protocol-list.js"));
const loadFiles = late(() => import("./panels/open-file.js"));
const loadShare = late(() => import("./panels/share.js"));
const loadTable = late(() => import("./panels/matrix.js"));

/**
 * @param {import("./run/engine.js").Engine} engine
 */
function start(engine) {
  const player = new Player(engine, {
    compact: false,
    plan: () => showPlan(),
    strip: () => {
      comparison.stripChanged();
      refreshShare();
      text.judge();
    },
    advance: () => comparison.view?.advance() ?? false,
    failed: () => comparison.on && void comparison.set(false),
    draw: (view, packets, still, words) => {
      follow.soon();
      if (comparison.on) {
        comparison.view?.draw(view, still, words);
        return;
      }
      plant.update(view, packets, still);
      if (!words) return;
      cards.update(player.session.plan, view, player.coarse);
      void drawEvidence();
      table?.update(player.session.plan, view);
    },
    pointAtFlow: (flow) => {
      const shape = flow === null ? undefined : player.logic.layout?.flows[flow];
      plant.light(
        player.view?.flows.find(({ from, to }) => from === shape?.from && to === shape?.to)
          ?.lanes ?? [],
      );
    },
  });
  const { session, playback } = player;
  const drawEvidence = evidence(player);
  const offerRounds = rounds(player);
  const { plant, roving } = createPlant(byId("plant"), player);
  const cards = new CardsView(byId("cards"), byId("class-note"));
  /** @type {import("./panels/matrix.js").MatrixView|undefined} */
  let table;
  const textButton = /** @type {HTMLButtonElement} */ (byId("text-button"));
  const text = new LateText(
    byId("text-pane"),
    textButton,
    {
      check: (words) => session.engine.check(words),
      edit: (words) =>
        session.run
          ? session.attempt((run) => run.edit(words))
          : session.openText(words).catch((error) => session.refuse(error)),
      begin: () => void replace(() => player.openText(session.engine.smallest())),
      open: () => void openFile(),
    },
    session,
  );
  const comparison = new Comparison(player, byId("compare-button"));
  const follow = new Follow(player, comparison);
  /** Another run, chosen on the page, takes the place of this one. */
  const replace = (/** @type {() => Promise<void>} */ open) =>
    keepDraft(player, text, () => follow.leave(open));
  const openFile = files(player, (words) => replace(() => player.openText(words)));
  const menus = createMenus(player, replace);
  const showPlan = () => {
    follow.planChanged();
    player.build(() => plant.setPlan(session.plan) && roving.reset());
    menus.update();
    comparison.planChanged();
    void offerRounds();
    text.update();
    document.title = `${session.plan.title} · Halflink`;
  };
  const openAddress = () =>
    follow.arrive(async () => {
      const running = session.run !== null;
      const opened = await player.openAddress();
      if (opened || !running) await comparison.readAddress();
      return opened;
    });
  const refreshShare = wireShare(player, comparison);
  disclose(
    "table-button",
    "matrix",
    () => player.refresh(),
    async () => {
      const { MatrixView } = await loadTable();
      table ??= new MatrixView(byId("matrix"), {
        toggleFlow: (flow, both) => void player.toggleFlow(flow, both),
      });
    },
  );
  disclose(
    "text-button",
    "text-pane",
    () => player.refresh(),
    () =>
      text.open().catch((error) => {
        player.notice(`The text could not be loaded: ${String(error)}`);
        return false;
      }),
  );
  byId("text-pane").addEventListener("close", () => byId("text-button").click());
  pageKeys({
    toggle: () => playback.toggle(),
    step: (by) => player.step(by),
    undo: () => player.undo(),
    redo: () => player.redo(),
  });
  follow.listen(() => void keepDraft(player, text, openAddress));
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
      plant,
      follow,
    },
  });
}

/**
 * Another text takes the place of the one in the pane. What was typed and has errors was never the
 * run, so undo could not bring it back: it is kept.
 *
 * @param {Player} player
 * @param {LateText} text
 * @param {() => Promise<unknown>} open
 */
async function keepDraft(player, text, open) {
  const draft = text.leave();
  await open();
  if (!draft) return;
  if (text.pane?.area.value === draft) {
    // Nothing else was opened.
    text.pane.typed();
    return;
  }
  const back = html("button", { type: "button", class: "pill" }, "Bring it back");
  back.addEventListener("click", () => {
    player.notice("");
    if (byId("text-pane").hidden) byId("text-button").click();
    void text.put(draft);
  });
  player.notice("The text that you were writing has errors, and was put aside.", [back]);
}

/**
 * @param {Player} player
 * @param {Comparison} comparison
 * @returns {() => void} to be called when more is simulated
 */
function wireShare(player, comparison) {
  const { session, playback } = player;
  /** @type {import("./panels/share.js").ShareDialog|undefined} */
  let share;
  const describe = () => {
    playback.pause();
    const { run, plan, strip, text, done: known } = session;
    if (!run) return null;
    const { title, module } = plan;
    const { time_us } = playback;
    const moment = player.view ? believersInWords(plan, player.view) : "";
    const words = {
      whole: `${title}. ${strip.outcome ? tell("outcome", strip.outcome.felt) : ""}`,
      moment: `${title}, at ${formatTime(time_us)}: ${moment}`,
    };
    return {
      run,
      link: run.link(),
      known,
      title,
      module,
      plan,
      strip,
      text,
      time_us,
      compared: comparison.names,
      words,
    };
  };
  const button = byId("share-button");
  preload(button, loadShare);
  button.addEventListener("click", async () => {
    try {
      const { ShareDialog } = await loadShare();
      share ??= new ShareDialog(describe);
    } catch (error) {
      player.notice(`The dialog could not be loaded: ${String(error)}`);
      return;
    }
    await share.open();
  });
  return () => share?.refresh();
}

/**
 * Opens what is dropped on the page.
 *
 * @param {Player} player
 * @param {(text: string) => Promise<unknown>} open
 * @returns {() => Promise<void>} lets the reader choose a file
 */
function files(player, open) {
  const { session } = player;
  const page = {
    open,
    check: (/** @type {string} */ text) => session.engine.check(text),
    follow: (/** @type {string} */ hash) => {
      location.hash = hash;
    },
    notice: (/** @type {string} */ words) => player.notice(words),
  };
  const failed = (/** @type {unknown} */ error) =>
    player.notice(`What opens files could not be loaded: ${String(error)}`);
  for (const sign of ["dragover", "drop"]) {
    window.addEventListener(sign, (event) => {
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      if (!dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      // Behind a dialog nobody would see what became of it.
      if (sign === "dragover" || document.querySelector("dialog[open]")) return;
      const dropped = [...dataTransfer.files];
      loadFiles()
        .then(({ openFiles }) => openFiles(dropped, page))
        .catch(failed);
    });
  }
  return () =>
    loadFiles()
      .then(async ({ chooseFile, openFiles }) => {
        const file = await chooseFile();
        if (file) await openFiles([file], page);
      })
      .catch(failed);
}

/**
 * Offers to step from round to round, once there are generals.
 *
 * @param {Player} player
 */
function rounds(player) {
  /** @type {import("./panels/rounds.js").RoundSteps|undefined} */
  let steps;
  return async () => {
    if (!steps && player.session.plan.generals) {
      // The run goes on without them.
      const { RoundSteps } = await loadRounds().catch(() => ({ RoundSteps: null }));
      if (RoundSteps) steps ??= new RoundSteps(byId("transport"), player);
    }
    steps?.update();
  };
}

/**
 * @param {Player} player
 * @param {(open: () => Promise<void>) => Promise<unknown>} leave lets another scenario take the place
 *   of this one
 */
function createMenus(player, leave) {
  const { session } = player;
  const scenario = new Menu(
    byId("scenario-menu"),
    "Scenario",
    (name) =>
      void leave(async () => {
        player.notice("");
        await player.openLibrary(name);
        if (!player.reduced.matches) player.playback.play();
      }),
    {
      fill: (list) => {
        const shipped = session.engine.library();
        const scenarios = shipped.map(({ name, title, source }) => ({
          value: name,
          label: title,
          hint: source ?? undefined,
        }));
        const current = shipped.find(({ title }) => title === session.plan.title);
        fillMenu(list, scenarios, current?.name ?? "");
      },
    },
  );
  const protocol = new Menu(
    byId("protocol-menu"),
    "Protocol",
    (name) => session.attempt((run) => run.set_protocol(name)),
    {
      prefix: "Protocol",
      failed: (error) => player.notice(`The list could not be loaded: ${String(error)}`),
      fill: async (list) => {
        const { fillProtocols } = await loadProtocols();
        fillProtocols(list, { session, role: "menuitemradio", checked: [session.plan.protocol] });
      },
    },
  );
  preload(protocol.button, loadProtocols);
  const seed = byId("seed");
  const value = html("b");
  seed.replaceChildren(html("span", { class: "soft" }, "Seed "), value, die());
  seed.addEventListener("click", () =>
    session.attempt((run) => run.set_seed(session.engine.fresh_seed())),
  );
  return {
    update() {
      scenario.setLabel(session.plan.title);
      void scenario.refill();
      protocol.setLabel(session.plan.protocol);
      void protocol.refill();
      setText(value, String(session.plan.seed));
      set(seed, "aria-label", `Seed ${session.plan.seed}. Press for a fresh one`);
      set(seed, "title", "A fresh seed");
    },
  };
}

/** A die, for chance. */
function die() {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 15, height: 15, class: "die", "aria-hidden": "true" },
    svg("rect", { x: 1.5, y: 1.5, width: 13, height: 13, rx: 3 }),
    ...[
      [5, 5],
      [11, 5],
      [8, 8],
      [5, 11],
      [11, 11],
    ].map(([cx, cy]) => svg("circle", { cx, cy, r: 1.3 })),
  );
}

/**
 * A button that shows and hides a part of the page.
 *
 * @param {string} button
 * @param {string} panel
 * @param {() => void} changed
 * @param {() => Promise<unknown>} [load] what is in it, if that comes late; false if it does not
 */
function disclose(button, panel, changed, load) {
  const [control, target] = [byId(button), byId(panel)];
  control.addEventListener("click", async () => {
    if (target.hidden && (await load?.()) === false) return;
    target.hidden = !target.hidden;
    control.setAttribute("aria-expanded", String(!target.hidden));
    changed();
    if (!target.hidden) target.querySelector("textarea")?.focus();
    else control.focus();
  });
}

const engine = await loadEngine().catch(async (error) =>
  (await import("./unavailable.js")).showUnavailable(error),
);
if (engine) start(engine);
