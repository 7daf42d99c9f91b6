// @ts-check
/**
 * What a host may do to a run, and what it hears of it: the same for an element and for a frame.
 * docs/EMBED.md says what each command takes and what each event tells.
 */
import { readTime } from "./address.js";

/**
 * @typedef {"ready"|"step"|"beliefs-parted"|"outcome"} Happening
 * @typedef {"play"|"pause"|"seek"|"apply"|"undo"|"redo"} Command
 * @typedef {(happening: Happening, detail: Record<string, unknown>) => void} Tell
 */

/** @type {readonly Command[]} */
export const COMMANDS = ["play", "pause", "seek", "apply", "undo", "redo"];
/** Of a statement; the language has none that is longer. */
const STATEMENT_MAX = 1_000;
/** While it plays a host is told of the moment so often, and whenever beliefs change. */
const STEP_MS = 120;

/**
 * Who believes what at a moment.
 *
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {import("../pkg/facts.js").View} view
 */
const beliefsOf = ({ replicas }, view) =>
  view.replicas.map(({ up, paused, role, epoch, leader }, index) => ({
    replica: replicas[index].name,
    up,
    paused,
    role,
    epoch,
    leader: leader === null ? null : replicas[leader].name,
  }));

export class Remote {
  /**
   * @param {import("./player.js").Player} player
   * @param {Tell} tell
   */
  constructor(player, tell) {
    this.player = player;
    this.tell = tell;
    /** The text that was said to be ready; of which run the outcome was told. */
    this.ready = "";
    this.judged = "";
    this.parted = false;
    this.stepped = { at_ms: -Infinity, time_us: -1, beliefs: "", playing: false };
    const { hooks } = player;
    const { drawn, strip } = hooks;
    hooks.drawn = () => {
      drawn?.();
      this.drawn();
    };
    hooks.strip = () => {
      strip?.();
      this.judge();
    };
    // What a host has missed it is told now.
    this.drawn();
  }

  drawn() {
    const { player, stepped } = this;
    const { view, beginning, playback } = player;
    const { plan, text } = player.session;
    if (!view || !beginning) return;
    if (this.ready !== beginning && text === beginning) {
      this.ready = beginning;
      this.parted = false;
      const { title, protocol, seed, until_us } = plan;
      const replicas = plan.replicas.map(({ name }) => name);
      const { time_us, playing } = playback;
      this.tell("ready", { title, protocol, seed, until_us, replicas, text, time_us, playing });
      this.judge();
    }
    const { time_us, parted } = view;
    const beliefs = beliefsOf(plan, view);
    const { playing } = playback;
    const now = { at_ms: performance.now(), time_us, beliefs: JSON.stringify(beliefs), playing };
    const soon = playing && now.at_ms - stepped.at_ms < STEP_MS;
    const same = now.beliefs === stepped.beliefs && playing === stepped.playing;
    if (same && (soon || time_us === stepped.time_us)) return;
    this.stepped = now;
    this.tell("step", { time_us, playing, parted, beliefs });
    if (parted && !this.parted) this.tell("beliefs-parted", { time_us, beliefs });
    this.parted = parted;
  }

  /** Its host has lost sight of it, and is told as of another one. */
  again() {
    this.ready = "";
    this.judged = "";
    this.stepped.time_us = -1;
    this.drawn();
  }

  judge() {
    const { strip, text, done } = this.player.session;
    const outcome = done && strip?.outcome;
    if (!outcome || !this.ready || this.judged === text) return;
    this.judged = text;
    const { name, felt, trace_hash } = outcome;
    const violations = strip.violations.length;
    this.tell("outcome", { outcome: name, felt, violations, trace_hash });
  }

  /**
   * Does what a host asks for; false where it cannot be done.
   *
   * @param {unknown} command
   * @param {unknown} [argument]
   */
  do(command, argument) {
    const { player } = this;
    const { session, playback } = player;
    if (!session.run) return false;
    const before = session.text;
    switch (command) {
      case "play":
        playback.play();
        return true;
      case "pause":
        playback.pause();
        return true;
      case "seek": {
        const words = typeof argument === "string" ? readTime(argument.slice(0, 20)) : null;
        const time_us = typeof argument === "number" ? argument * 1e6 : words;
        if (time_us === null || !Number.isFinite(time_us)) return false;
        player.seek(time_us);
        return true;
      }
      case "apply":
        if (typeof argument !== "string" || argument.length > STATEMENT_MAX) return false;
        this.act(argument);
        return session.text !== before;
      case "undo":
        player.undo();
        return session.text !== before;
      case "redo":
        player.redo();
        return session.text !== before;
      default:
        return false;
    }
  }

  /**
   * That readers look and do not act is the author's wish, and who speaks here is the author.
   *
   * @param {string} statement
   */
  act(statement) {
    const { player } = this;
    const { fixed } = player;
    player.fixed = false;
    try {
      player.act(statement);
    } finally {
      player.fixed = fixed;
    }
  }
}
