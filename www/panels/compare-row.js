// @ts-check
/** One protocol of a comparison: a small picture, its belief strip, its outcome. */
import { html, set, setText } from "../draw/dom.js";
import { drawnPackets, windowFor } from "../draw/packets.js";
import { StripView, believersInWords } from "../draw/strip-view.js";
import { say, tell } from "../draw/late-words.js";
import { SLICE_WORK, Session } from "../run/session.js";
import { actingLogic } from "./logic.js";
import { measured } from "./measure.js";
import { longestWait, servedShare } from "./transport.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */
/** @typedef {import("../pkg/facts.js").View} View */

export class CompareRow {
  /**
   * @param {string} name the protocol's
   * @param {import("./logic.js").Acts & Pick<import("./acting.js").Commands, "seek"|"refresh">} commands
   * @param {() => void} remove
   */
  constructor(name, commands, remove) {
    this.name = name;
    this.commands = commands;
    /** Its own run; null while it shows the page's. @type {Session|null} */
    this.session = null;
    /** True if this is the page's protocol. */
    this.own = false;
    /** @type {import("../run/engine.js").Run|null} */
    this.run = null;
    this.plan = /** @type {Plan|null} */ (null);
    this.strip = /** @type {Strip|null} */ (null);
    this.view = /** @type {View|null} */ (null);
    this.remove = html(
      "button",
      {
        type: "button",
        class: "icon",
        "aria-label": say("compare.without", { name: this.name }),
        title: say("compare.take-out"),
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
    const { logic, roving } = actingLogic(picture, () => this.picture(), commands);
    this.logic = logic;
    this.roving = roving;
    this.stripView = new StripView(strip, { seek: commands.seek }, "lanes");
    // As the axis does: by another measure its time would begin elsewhere.
    this.stripView.measure = measured;
  }

  /** What a reader acts on. */
  picture() {
    const { plan, view } = this;
    return plan && { plan, view: view ?? undefined };
  }

  /**
   * Shows the page's own run, or one of its own.
   *
   * @param {import("../run/panels.js").Frame|null} frame of the page's own run
   */
  setOwn(frame) {
    const own = frame !== null;
    set(this.remove, "hidden", own);
    set(this.element, "data-own", own);
    if (own) this.free();
    // What it ran was the page's.
    else if (this.own) this.run = null;
    this.own = own;
    if (!frame) return;
    this.run = frame.run;
    this.setPlan(frame.plan);
    this.drawStrip(frame.strip);
  }

  /**
   * Runs a text in place of the one before; what is common to both is not simulated again.
   *
   * @param {import("../run/engine.js").Engine} engine
   * @param {string} text
   * @param {number} group to show
   */
  async follow(engine, text, group) {
    const session = this.session ?? this.begin(engine);
    if (text !== session.text || !session.run) await session.openText(text);
    if (session.plan.shown !== group) session.show(group);
  }

  /** @param {import("../run/engine.js").Engine} engine */
  begin(engine) {
    const session = new Session(engine, {
      plan: () => this.setPlan(session.plan),
      strip: () => {
        this.run = session.run;
        this.plan = session.plan;
        this.drawStrip(session.strip);
      },
      notice: () => {},
    });
    this.session = session;
    return session;
  }

  /** @param {string} words why it cannot run this scenario */
  refuse(words) {
    this.free();
    set(this.element, "data-refused", true);
    set(this.refusal, "hidden", false);
    setText(this.refusal, say("compare.refused", { why: words }));
    setText(this.outcome, say("compare.cannot"));
    this.figures.replaceChildren();
  }

  /** @param {Plan} plan */
  setPlan(plan) {
    this.plan = plan;
    set(this.element, "data-refused", false);
    set(this.refusal, "hidden", true);
    const family = say(`family-word.${plan.family}`);
    setText(this.family, this.own ? say("compare.own", { family }) : family);
    if (this.logic.setPlan(plan)) this.roving.reset();
    set(this.logic.root, "aria-label", say("compare.logic", { name: this.name }));
  }

  /** @param {Strip} strip */
  drawStrip(strip) {
    this.strip = strip;
    const { plan } = this;
    if (!plan) return;
    this.stripView.update(plan, strip);
    const { outcome } = strip;
    set(this.element, "data-outcome", outcome?.name);
    if (!outcome) {
      const share = Math.floor((strip.frontier_us / Math.max(1, strip.until_us)) * 100);
      setText(this.outcome, say("compare.simulating", { share }));
      this.figures.replaceChildren();
      return;
    }
    setText(this.outcome, tell("word", outcome.name));
    const felt = tell("outcome", outcome.felt);
    set(this.outcome, "title", felt);
    this.figures.replaceChildren(
      ...figuresOf(plan, strip, outcome).map((words) => html("li", {}, words)),
    );
    set(this.stripView.root, "aria-label", say("compare.strip", { name: this.name, felt }));
  }

  /**
   * @param {import("../run/panels.js").Frame} frame of the page's own run
   * @param {View} shown in it
   */
  draw({ speed, playing, still, coarse, words, time_us: playhead_us }, shown) {
    const { plan } = this;
    if (!this.run || !plan) return;
    const { time_us } = shown;
    const view = this.own ? shown : this.viewOf(time_us, speed);
    if (!view) return;
    this.view = view;
    const packets = still && playing ? [] : drawnPackets(view.packets, playhead_us, speed, still);
    this.logic.update(view, packets, still, coarse);
    this.stripView.setTime(time_us, words ? believersInWords(plan, view) : "");
    if (!words) return;
    set(this.outside, "hidden", !view.outside);
    setText(this.outside, view.outside ? say("compare.outside", { why: view.outside }) : "");
  }

  /**
   * What is to be drawn of that time; what it last was while it is not simulated so far, or not
   * approached: then the next frame gets nearer.
   *
   * @param {number} time_us
   * @param {number} speed
   */
  viewOf(time_us, speed) {
    const { run } = this;
    if (!run) return null;
    const window_us = windowFor(speed);
    if (time_us <= run.frontier() && run.approach(time_us, window_us, SLICE_WORK)) {
      return run.view(time_us, window_us);
    }
    this.commands.refresh();
    return this.view;
  }

  /** Lets go of its own run. */
  free() {
    this.session?.close();
    this.session = null;
    this.run = null;
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
  const lines = broken.map((property) => say("compare.breaks", { property }));
  if (strip.exhausted) lines.unshift(tell("exhausted", strip.exhausted.said));
  if (plan.generals) return [...lines, tell("outcome", outcome.felt)];
  const { leader_changes: changes } = outcome;
  const share = servedShare(outcome);
  if (share) lines.push(share);
  if (outcome.reads) lines.push(tell("counted", outcome.reads));
  if (share) lines.push(longestWait(outcome));
  lines.push(say("compare.changes", { count: changes }));
  return lines;
}
