// @ts-check
/**
 * The address follows what is on the screen: the run as it was made, the moment, who is compared.
 * So a reload, Back and a copied address give it again. Another run gets an entry of its own in the
 * browser's history; what is done to one run does not.
 */
import { groupOption, linkAddress } from "./address.js";

/** What is done is written at once; after that no sooner than this. Browsers bear a hundred changes in
 * half a minute. */
const STILL_MS = 400;
const PLAYING_MS = 1_000;
const TENTH_US = 100_000;

export class Follow {
  /**
   * @param {import("./player.js").Player} player
   */
  constructor(player) {
    this.player = player;
    this.timer = 0;
    this.written_ms = -Infinity;
    /** True if the timer is set to the pace of a run that plays. */
    this.slow = false;
    /** How many runs are being opened: what the address asks for is not on the screen yet. */
    this.opening = 0;
    /** True while the address asks for what could not be opened, so that it can be mended. */
    this.held = false;
    /** The address as this page left it. If it is another, the reader has gone on. */
    this.left = location.href;
    /** The link last made, and of what. */
    this.made = { text: "", known: false, link: "" };
  }

  /**
   * Back and Forward are heard even where two entries have one address, and what was typed into the
   * address wherever a browser tells of it in its own way.
   *
   * @param {() => void} gone the reader is somewhere else
   */
  listen(gone) {
    window.addEventListener("popstate", gone);
    window.addEventListener("hashchange", () => void (location.href !== this.left && gone()));
  }

  /** Something may have changed: the address follows soon. */
  soon() {
    if (this.opening || this.held) return;
    const { playing } = this.player.playback;
    if (this.timer && (playing || !this.slow)) return;
    window.clearTimeout(this.timer);
    this.slow = playing;
    const due_ms = this.written_ms + (playing ? PLAYING_MS : STILL_MS);
    this.timer = window.setTimeout(() => this.write(), Math.max(0, due_ms - performance.now()));
  }

  /** The run was changed: what could not be opened is given up. */
  planChanged() {
    if (!this.opening) this.held = false;
  }

  /**
   * @param {"replaceState"|"pushState"} [how]
   */
  write(how = "replaceState") {
    window.clearTimeout(this.timer);
    this.timer = 0;
    const { session, playback } = this.player;
    if (!session.run || location.href !== this.left) return;
    const { time_us } = playback;
    // While it plays, no digit is worth its length.
    const at_us = playback.playing ? Math.floor(time_us / TENTH_US) * TENTH_US : time_us;
    const { compared, all } = this.player;
    const group = groupOption(session.plan, all);
    const address = linkAddress(location.href, this.link(), at_us, compared, group);
    if (address === location.href) return;
    this.written_ms = performance.now();
    try {
      history[how](null, "", address);
    } catch {
      // A browser may refuse one that is too long, or too many: the run is not the worse for it.
    }
    this.left = location.href;
  }

  /**
   * Of a shipped scenario its name, of any other run all of it. A link that says what its run came
   * to is kept as it was: made anew, it could no longer tell that it replays differently.
   */
  link() {
    const { run, text, done: known, name, asked } = this.player.session;
    if (!run) return "";
    if (asked.text === text) return asked.link;
    if (this.made.text !== text || this.made.known !== known) {
      this.made = { text, known, link: name ? `#${name}` : run.link() };
    }
    return this.made.link;
  }

  /**
   * Opens another run, which the reader chose on the page: Back leads to this one, as it is now.
   *
   * @param {() => Promise<unknown>} open
   */
  async leave(open) {
    const before = this.player.session.text;
    if (!this.held) this.write();
    await this.open(open);
    this.held = false;
    this.write(this.player.session.text === before ? "replaceState" : "pushState");
  }

  /**
   * Opens what the address asks for.
   *
   * @param {() => Promise<boolean>} open true if it was opened
   */
  async arrive(open) {
    const running = this.player.session.run !== null;
    this.left = location.href;
    const opened = await this.open(open);
    if (this.opening) return;
    // A run that stays on the screen takes its address back.
    this.held = !opened && !running;
    this.soon();
  }

  /**
   * @template Result
   * @param {() => Promise<Result>} open
   */
  async open(open) {
    this.opening += 1;
    window.clearTimeout(this.timer);
    this.timer = 0;
    try {
      return await open();
    } finally {
      this.opening -= 1;
    }
  }
}
