// @ts-check
/** What panels may do. Each is given all of it, and says which few it takes. */
import { isSevered, toggleLink } from "../draw/faults.js";
import { say } from "../draw/words.js";
import { engineFor } from "../run/engine.js";
import { late } from "../run/late.js";

const loadMenu = late(() => import("./part-menu.js"), "partMenuModule");

/**
 * A picture that a reader acts on: the page's own, or one of several that are compared.
 *
 * @typedef {{plan: import("../pkg/facts.js").Plan, view?: import("../pkg/facts.js").View,
 *   run?: import("../run/engine.js").Run|null}} Picture
 */

/**
 * A flow of a picture by its number: they go by sender, then by receiver.
 *
 * @param {Picture} picture
 * @param {number} index
 */
export function flowAt({ plan, view }, index) {
  const others = plan.replicas.length - 1;
  const from = Math.floor(index / others);
  const to = (index % others) + (index % others >= from ? 1 : 0);
  const flow = view?.flows.find((one) => one.from === from && one.to === to);
  return { flow, from: plan.replicas[from].name, to: plan.replicas[to].name };
}

/** @typedef {ReturnType<typeof commandsOf>} Commands */

/** @param {import("../run/player.js").Player} player */
export function commandsOf(player) {
  const { session } = player;
  /** @type {import("./part-menu.js").PartMenu|undefined} */
  let partMenu;
  let learnt = false;
  /** The menu of a part: few who look at a run ever act on it. */
  const menu = async () => {
    try {
      const { PartMenu } = await loadMenu();
      partMenu ??= new PartMenu(commands.act, player.panels);
      return partMenu;
    } catch (error) {
      player.notice(say("late.menu", { error: String(error) }));
      return null;
    }
  };
  const commands = {
    playback: player.playback,
    told: () => player.told("moment"),
    /** True while nobody looks, or what moves is not to be held up. */
    isBusy: () => player.hidden || player.playback.playing,
    refresh: () => player.refresh(),
    notice: (/** @type {string} */ words, /** @type {Element[]} */ tools = []) =>
      player.notice(words, tools),
    seek: (/** @type {number} */ time_us) => player.seek(time_us),
    step: (/** @type {number} */ by) => player.step(by),
    stop: () => player.stopWaiting(),
    undo: () => player.undo(),
    redo: () => player.redo(),
    reset: () => player.reset(),
    /** Loads the words that come late. */
    learn: () => {
      if (!learnt) loadMenu().then(commands.refresh, () => {});
      learnt = true;
    },
    /**
     * Whoever comes to a picture may ask what a message says, and act.
     *
     * @param {Element} host
     */
    foresee: (host) =>
      ["pointerenter", "focusin"].forEach((sign) => {
        host.addEventListener(sign, commands.learn, { once: true });
      }),
    pointAt: (/** @type {readonly number[]} */ lanes) => player.pointAt(lanes),
    compare: (/** @type {readonly string[]|null} */ names) => player.compare(names),
    /** @param {() => boolean} advance simulates more than the run; true if there is more to do */
    beside: (advance) => {
      player.beside = advance;
    },
    /** @param {(run: import("../run/engine.js").Run) => unknown} change */
    attempt: (change) => session.attempt(change),
    act: (/** @type {string} */ statement, /** @type {number|undefined} */ group = undefined) =>
      player.act(statement, group),
    showGroup: (/** @type {number|null} */ group) => player.showGroup(group),
    announce: player.announce,
    /** What is packed on its own knows of no engine. */
    engineFor,

    /**
     * @param {Picture} picture
     * @param {number} index of a flow in it
     * @param {boolean} both
     * @param {Element} [anchor] where to say why it is dead
     */
    toggleFlow: async (picture, index, both, anchor) => {
      const { plan, view } = picture;
      const { flow, from, to } = flowAt(picture, index);
      if (!flow || !view || player.fixed) return;
      const severed = isSevered(flow.state, view.faults, from, to);
      if (flow.state === "dead" && flow.why && !severed && anchor) {
        (await menu())?.explain(plan, view.faults, flow.why, anchor);
        return;
      }
      player.act(toggleLink(severed, from, to, both), plan.shown);
    },

    /**
     * @param {Picture} picture
     * @param {number} index of a flow that is to be healed, if it is cut
     */
    healFlow: (picture, index) => {
      const { flow, from, to } = flowAt(picture, index);
      if (!picture.view || !flow) return;
      if (!isSevered(flow.state, picture.view.faults, from, to)) return;
      player.act(`heal ${from} -> ${to}`, picture.plan.shown);
    },

    /**
     * @param {Picture} picture
     * @param {number} part
     * @param {Element} anchor
     */
    openPart: async ({ plan, view, run }, part, anchor) => {
      if (player.fixed) return;
      const opened = await menu();
      if (view) opened?.open(plan, view, part, anchor, run);
    },

    /**
     * @param {Picture} picture
     * @param {"flows"|"lanes"} kind
     * @param {number} index of a flow or a lane in it
     * @param {Element|undefined} anchor
     */
    openLink: async ({ plan, view }, kind, index, anchor) => {
      if (player.fixed || !view || !anchor) return;
      (await menu())?.openLink(plan, view, { kind, index }, anchor);
    },

    /**
     * @param {import("../pkg/facts.js").FaultSpan[]} faults
     * @param {Element} anchor
     */
    listFaults: async (faults, anchor) => {
      (await menu())?.list(faults, anchor, (time_us) => player.seek(time_us));
    },
  };
  return commands;
}
