// @ts-check
/** One protocol of a comparison: a small picture, its belief strip, its outcome. */
import { html, set, setText } from "../draw/dom.js";
import { diagnosticsInWords } from "../draw/diagnostics.js";
import { diagnosticsOf } from "../run/engine.js";
import { formatSpan } from "../draw/format.js";
import { roam } from "./keyboard.js";
import { LogicView } from "../draw/logic-view.js";
import { drawnPackets, windowFor } from "../draw/packets.js";
import { SLICE_WORK } from "../run/session.js";
import { StripView, believersInWords } from "../draw/strip-view.js";
import { tell } from "../draw/words.js";
import { servedShare } from "./transport.js";

/** @typedef {import("../run/engine.js").Run} Run */
/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */
/** @typedef {import("../pkg/facts.js").View} View */

const STRIP_EVERY_MS = 250;

export class CompareRow {
  /**
   * @param {string} name the protocol's
   * @param {import("./player.js").Player} player
   * @param {() => void} remove
   */
  constructor(name, player, remove) {
    this.name = name;
    this.player = player;
    /** The page's own session, if this is its protocol. */
    this.own = /** @type {import("../run/session.js").Session|null} */ (null);
    /** @type {Run|null} */
    this.run = null;
    this.plan = /** @type {Plan|null} */ (null);
    this.strip = /** @type {Strip|null} */ (null);
    this.view = /** @type {View|null} */ (null);
    this.text = "";
    /** Its run is simulated. */
    this.over = true;
    /** It is, and its strip tells all of it. */
    this.done = true;
    this.stripped_ms = 0;
    this.remove = html(
      "button",
      {
        type: "button",
        class: "icon",
        "aria-label": `Compare without ${this.name}`,
        title: "Take it out",
      },
      "✕",
    );
    this.remove.addEventListener("click", remove);
    this.family = html("span", { class: "soft" });
    const picture = html("div", { class: "compare-picture" });
    const strip = html("div", { class: "compare-strip" });
    this.refusal = html("p", { class: "compare-refusal", hidden: true });
    this.outcome = html("b");
    this.figures = html("ul");
    this.outside = html("p", { class: "compare-outside", hidden: true });
    this.element = html(
      "div",
      { class: "compare-row", role: "listitem", "data-protocol": this.name },
      html(
        "div",
        { class: "compare-name" },
        html("h3", {}, this.name.replaceAll("+", "\u200b+")),
        this.family,
        this.remove,
      ),
      picture,
      strip,
      this.refusal,
      html("div", { class: "compare-outcome" }, this.outcome, this.figures, this.outside),
    );
    this.logic = new LogicView(
      picture,
      {
        toggleFlow: (flow, both) => this.player.toggleFlow(flow, both, this.picture()),
        openReplica: (replica, anchor) => this.openReplica(replica, anchor),
      },
      false,
    );
    this.roving = roam(this.logic.root, "[data-flow], [data-replica]", (element, key) => {
      const index = Number(element.getAttribute("data-index"));
      if (element.hasAttribute("data-flow")) this.player.keyOnFlow(index, key, this.picture());
      else if (key !== "heal") this.openReplica(index, element);
    });
    this.stripView = new StripView(
      strip,
      { seek: (time_us) => this.player.seek(time_us) },
      "lanes",
    );
  }

  /** What the player needs to act on this picture in place of its own. */
  picture() {
    const { logic, view, plan } = this;
    return { logic, view: view ?? undefined, plan: /** @type {Plan} */ (plan) };
  }

  /**
   * @param {number} replica
   * @param {Element} anchor
   */
  openReplica(replica, anchor) {
    if (this.plan) this.player.openPart(this.plan.replicas[replica].part, anchor, this.picture());
  }

  /** @param {import("../run/session.js").Session|null} session */
  setOwn(session) {
    set(this.remove, "hidden", session !== null);
    if (session && !this.own) this.free();
    // What it ran was the page's: it needs one of its own.
    if (!session && this.own) [this.run, this.text] = [null, ""];
    this.own = session;
    set(this.element, "data-own", session !== null);
    if (!session) return;
    this.over = true;
    this.done = true;
    this.run = session.run;
    this.setPlan(session.plan);
    this.stripChanged();
  }

  /**
   * Runs a text in place of the one before; what is common to both is not simulated again.
   *
   * @param {import("../run/engine.js").Engine} engine
   * @param {string} text
   */
  follow(engine, text) {
    if (text === this.text && this.run) return;
    this.text = text;
    try {
      if (this.run && !this.own) this.run.edit(text);
      else this.run = new engine.Run(text);
    } catch (error) {
      const errors = diagnosticsOf(error);
      if (!errors) throw error;
      this.refuse(diagnosticsInWords(errors));
      return;
    }
    this.over = this.run.advance(1);
    this.done = this.over;
    this.setPlan(this.run.plan());
    this.readStrip();
  }

  /** @param {string} words why it cannot run this scenario */
  refuse(words) {
    this.free();
    set(this.element, "data-refused", true);
    set(this.refusal, "hidden", false);
    setText(this.refusal, `This protocol cannot run it: ${words}`);
    setText(this.outcome, "cannot run");
    this.figures.replaceChildren();
  }

  /** @param {Plan} plan */
  setPlan(plan) {
    this.plan = plan;
    set(this.element, "data-refused", false);
    set(this.refusal, "hidden", true);
    setText(this.family, this.own ? `${plan.family}, the scenario's own` : plan.family);
    if (this.logic.setPlan(plan)) this.roving.reset();
    set(this.logic.root, "aria-label", `Who hears whom in ${this.name}`);
  }

  /** @param {number} for_ms */
  advance(for_ms) {
    if (!this.run) return;
    const until_ms = performance.now() + for_ms;
    while (!this.over && performance.now() < until_ms) this.over = this.run.advance(SLICE_WORK);
  }

  /** Since when its strip is to be read anew; later than now if it is not yet. */
  get stripDue_ms() {
    return this.over ? this.stripped_ms : this.stripped_ms + STRIP_EVERY_MS;
  }

  readStrip() {
    if (!this.run) return;
    this.done = this.over;
    this.strip = this.run.strip();
    this.stripped_ms = performance.now();
    this.drawStrip();
  }

  /** The page's own run got further. */
  stripChanged() {
    if (!this.own) return;
    this.run = this.own.run;
    this.strip = this.own.strip;
    this.drawStrip();
  }

  drawStrip() {
    const { plan, strip } = this;
    if (!plan || !strip) return;
    this.stripView.update(plan, strip);
    const { outcome } = strip;
    set(this.element, "data-outcome", outcome?.name);
    if (!outcome) {
      const share = Math.floor((strip.frontier_us / Math.max(1, strip.until_us)) * 100);
      setText(this.outcome, `simulating: ${share} %`);
      this.figures.replaceChildren();
      return;
    }
    setText(this.outcome, outcome.name);
    const felt = tell("outcome", outcome.felt);
    set(this.outcome, "title", felt);
    this.figures.replaceChildren(
      ...figuresOf(plan, strip, outcome).map((words) => html("li", {}, words)),
    );
    set(this.stripView.root, "aria-label", `Belief strip of ${this.name}: ${felt}`);
  }

  /**
   * @param {number} time_us
   * @param {boolean} still
   * @param {boolean} words
   */
  draw(time_us, still, words) {
    const { plan, player } = this;
    if (!this.run || !plan) return;
    const { speed, playing } = player.playback;
    const view = this.own && player.view ? player.view : this.viewOf(time_us, speed);
    if (!view) return;
    this.view = view;
    const packets =
      still && playing ? [] : drawnPackets(view.packets, player.playback.time_us, speed, still);
    this.logic.update(view, packets, still, player.coarse);
    this.stripView.setTime(time_us, words ? believersInWords(plan, view) : "");
    if (!words) return;
    set(this.outside, "hidden", !view.outside);
    setText(
      this.outside,
      view.outside ? `Outside its fault model. ${tell("outside", view.outside)}` : "",
    );
  }

  /**
   * What is to be drawn of that time; what it last was while it is not simulated so far, or not
   * approached: then the next frame gets nearer.
   *
   * @param {number} time_us
   * @param {number} speed
   */
  viewOf(time_us, speed) {
    const { run, player } = this;
    if (!run) return null;
    const window_us = windowFor(speed);
    if (time_us <= run.frontier() && run.approach(time_us, window_us, SLICE_WORK)) {
      return run.view(time_us, window_us);
    }
    player.refresh();
    return this.view;
  }

  /** Lets go of the run, unless it is the page's. */
  free() {
    try {
      if (this.run && !this.own) this.run.free();
    } catch {
      // An engine that broke frees nothing any more.
    }
    this.run = null;
    this.text = "";
    this.over = true;
    this.done = true;
  }
}

/**
 * The figures that tell protocols apart.
 *
 * @param {Plan} plan
 * @param {Strip} strip
 * @param {import("../pkg/facts.js").OutcomeView} outcome
 */
function figuresOf(plan, strip, outcome) {
  const broken = [...new Set(strip.violations.map(({ property }) => property))];
  const lines = broken.map((property) => `breaks ${property}`);
  if (strip.exhausted) lines.unshift(strip.exhausted.text);
  if (plan.generals) return [...lines, tell("outcome", outcome.felt)];
  const { leader_changes: changes } = outcome;
  const share = servedShare(outcome);
  if (share) lines.push(share);
  if (outcome.reads) lines.push(outcome.reads);
  if (share) lines.push(`longest wait ${formatSpan(outcome.longest_stall_us)}`);
  lines.push(`${changes} leader ${changes === 1 ? "change" : "changes"}`);
  return lines;
}
