// @ts-check
/** The buttons and the slider that move time, undo and redo. */
import { html, set, setText, svg } from "../draw/dom.js";
import {
  capital,
  formatSpan,
  formatSpeed,
  formatTime,
  ofGroup,
  withArrows,
} from "../draw/format.js";
import { say, tell } from "../draw/words.js";

const ICONS = {
  play: "M6 4L16 10L6 16Z",
  pause: "M5.5 4H8.5V16H5.5ZM11.5 4H14.5V16H11.5Z",
  again: "M10 3.5A6.5 6.5 0 1 0 16.5 10H14.6A4.6 4.6 0 1 1 10 5.4V8.5L15 4.5L10 .5Z",
  back: "M14.5 4.5L7.5 10L14.5 15.5ZM4.5 4.5H6.5V15.5H4.5Z",
  forward: "M5.5 4.5L12.5 10L5.5 15.5ZM13.5 4.5H15.5V15.5H13.5Z",
  undo: "M8 3L3 7.5L8 12V9C12 9 14.5 10.5 16 14C16 9.5 13 6.2 8 6Z",
  redo: "M12 3L17 7.5L12 12V9C8 9 5.5 10.5 4 14C4 9.5 7 6.2 12 6Z",
};

/**
 * @param {keyof typeof ICONS} icon
 * @param {string} label
 * @param {() => void} act
 */
function iconButton(icon, label, act) {
  const path = svg("path", { d: ICONS[icon] });
  const button = html(
    "button",
    { type: "button", class: "icon", "aria-label": label, title: label },
    svg("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, path),
  );
  button.addEventListener("click", act);
  return { button, path };
}

export class Transport {
  /**
   * @param {Element} host
   * @param {Pick<import("./acting.js").Commands, "playback"|"step"|"stop"|"undo"|"redo"|"reset">} actions
   * @param {boolean} compact an embed has no room for more than the needful
   */
  constructor(host, actions, compact = false) {
    const { playback } = actions;
    this.playback = playback;
    this.play = iconButton("play", say("transport.play"), () => playback.toggle());
    this.play.button.classList.add("play");
    this.slider = html("input", {
      type: "range",
      min: -2,
      max: 2,
      step: 0.05,
      value: 0,
      class: "speed",
      "aria-label": say("transport.speed"),
    });
    this.slider.addEventListener("input", () => {
      const exponent = Number(this.slider.value);
      // Whole powers are easy to hit: the slider is drawn to them.
      const whole = Math.round(exponent);
      playback.setSpeedExponent(Math.abs(exponent - whole) < 0.08 ? whole : exponent);
    });
    this.speed = html("output", { class: "speed-text" });
    this.outcome = html("span", { class: "outcome" });
    const children = [
      this.play.button,
      iconButton("back", say("transport.back"), () => actions.step(-1)).button,
      iconButton("forward", say("transport.forward"), () => actions.step(1)).button,
      html("label", { class: "speed-label" }, this.slider, this.speed),
    ];
    this.undo = iconButton("undo", say("transport.undo"), actions.undo).button;
    this.redo = iconButton("redo", say("transport.redo"), actions.redo).button;
    children.push(this.undo, this.redo);
    if (compact) {
      this.reset = html(
        "button",
        { type: "button", class: "reset", title: say("transport.reset-hint") },
        say("transport.reset"),
      );
      this.reset.addEventListener("click", actions.reset);
      children.push(this.reset);
    }
    this.waitingText = html("span", { role: "status" });
    const stop = html(
      "button",
      { type: "button", class: "pill", title: say("transport.stop-hint") },
      say("transport.stop"),
    );
    stop.addEventListener("click", actions.stop);
    this.waiting = html("span", { class: "waiting", hidden: true }, this.waitingText, stop);
    host.replaceChildren(...children, this.waiting, this.outcome);
  }

  /** @param {import("../run/panels.js").Frame} frame */
  update({ changed, run, plan, strip, waiting }) {
    if (changed === "plan") this.setHistory(run?.can_undo() ?? false, run?.can_redo() ?? false);
    else if (changed === "strip") this.setOutcome(plan, strip);
    else if (changed === "wait") this.setWaiting(waiting);
    else this.drawTime();
  }

  drawTime() {
    const { playing, speed, time_us, until_us } = this.playback;
    const icon = playing ? "pause" : time_us >= until_us ? "again" : "play";
    const label = say(`transport.${icon}`);
    set(this.play.path, "d", ICONS[icon]);
    set(this.play.button, "aria-label", label);
    set(this.play.button, "title", say("transport.space", { label }));
    setText(this.speed, formatSpeed(speed));
    set(this.slider, "aria-valuetext", formatSpeed(speed));
    if (document.activeElement !== this.slider) this.slider.value = String(Math.log10(speed));
  }

  /**
   * @param {boolean} undo
   * @param {boolean} redo
   */
  setHistory(undo, redo) {
    set(this.undo, "disabled", !undo);
    set(this.redo, "disabled", !redo);
    if (!this.reset) return;
    set(this.reset, "disabled", !undo);
    // Where nobody has acted they would be in the way.
    for (const button of [this.undo, this.redo, this.reset]) set(button, "hidden", !undo && !redo);
  }

  /**
   * Says that the playhead waits for its moment to be simulated, and how much of the way is done.
   *
   * @param {{time_us: number, share: number}|null} waiting
   */
  setWaiting(waiting) {
    set(this.waiting, "hidden", !waiting);
    if (waiting) {
      setText(
        this.waitingText,
        say("transport.waiting", {
          at: formatTime(waiting.time_us),
          share: Math.floor(waiting.share * 100),
        }),
      );
    }
  }

  /**
   * A run that takes too much work ends before its text says so.
   *
   * @param {import("../pkg/facts.js").Strip} strip
   */
  sayEnd({ exhausted }) {
    if (exhausted)
      this.outcome.prepend(
        html("span", { class: "exhausted" }, `${capital(tell("exhausted", exhausted.said))} · `),
      );
  }

  /**
   * @param {import("../pkg/facts.js").Plan} plan
   * @param {import("../pkg/facts.js").Strip} strip
   */
  setOutcome(plan, strip) {
    const outcome = strip.outcome;
    set(this.outcome, "data-outcome", outcome?.name);
    if (!outcome) {
      const share = Math.floor((strip.frontier_us / Math.max(1, strip.until_us)) * 100);
      setText(this.outcome, say("transport.ahead", { share }));
      return;
    }
    const share = servedShare(outcome);
    this.outcome.replaceChildren(
      ofGroup(plan),
      html("span", { class: "sentence" }, withArrows(tell("outcome", outcome.felt))),
      " ",
      html("b", {}, tell("word", outcome.name)),
      share && !("share" in outcome.felt)
        ? html("span", { class: "writes-share" }, ` · ${share}`)
        : "",
      outcome.reads ? ` · ${tell("counted", outcome.reads)}` : "",
      share && html("span", { class: "stall" }, ` · ${longestWait(outcome)}`),
    );
    this.outcome.title = episodesInWords(outcome);
    this.sayEnd(strip);
  }
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof Transport>[1]} commands
 */
export const openTransport = (host, commands) =>
  new Transport(host, commands, document.body.classList.contains("embed"));

/**
 * "57 % of writes served"; all of them is 100, and nothing less is.
 *
 * @param {import("../pkg/facts.js").OutcomeView} outcome
 */
export function servedShare({ writes_tried: tried, writes_served: served }) {
  return tried ? say("transport.share", { share: Math.floor((served / tried) * 100) }) : "";
}

/** @param {import("../pkg/facts.js").OutcomeView} outcome */
export const longestWait = ({ longest_stall_us }) =>
  say("transport.wait", { span: formatSpan(longest_stall_us) });

/** So many lines stand in a tip; a run may have thousands. */
const LINES_MAX = 30;

/**
 * The incidents of the run, a line each.
 *
 * @param {import("../pkg/facts.js").OutcomeView} outcome
 */
function episodesInWords({ felt: worst, episodes }) {
  const lines = episodes
    .slice(0, LINES_MAX)
    .map(({ from_us, to_us, outcome, felt }) =>
      say("transport.episode", { from: formatTime(from_us), to: formatTime(to_us), outcome, felt }),
    );
  const count = episodes.length - LINES_MAX;
  if (count > 0) lines.push(say("transport.more", { count }));
  return lines.length > 1 ? lines.join("\n") : tell("outcome", worst);
}
