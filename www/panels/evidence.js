// @ts-check
/** What was broken, and what liars told: the words to each, side by side, with the truth. */
import { html, set, setText } from "../draw/dom.js";
import { formatExact } from "../draw/exact.js";
import { capital, formatTime } from "../draw/format.js";
import { join } from "../draw/join.js";
import { SLICE_WORK } from "../run/session.js";
import { say, tell } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").ToldView} ToldView */
/** @typedef {import("../pkg/facts.js").ViolationView} ViolationView */

const ROWS_MAX = 5;
const HEARD_EVERY_MS = 400;
/** How long the search for lies may hold a frame up, and how long it rests while things move. */
const SEARCH_MS = 12;
const SEARCH_REST_MS = 300;

/**
 * What was said at one moment, by receiver.
 *
 * @typedef {{at_us: number, told: Map<number, ToldView>}} Moment
 */

/**
 * Moments at which a lie was told, the latest first. What was said to several at once stands in
 * one row, so that two stories about one thing are beside each other.
 *
 * @param {readonly ToldView[]} told the latest last
 * @param {number} [most]
 * @returns {Moment[]}
 */
export function momentsOf(told, most = ROWS_MAX) {
  /** @type {Moment[]} */
  const moments = [];
  for (const one of told) {
    const last = moments[moments.length - 1];
    if (last && last.at_us === one.at_us && !last.told.has(one.to)) last.told.set(one.to, one);
    else moments.push({ at_us: one.at_us, told: new Map([[one.to, one]]) });
  }
  const lied = moments.filter(({ told: words }) => [...words.values()].some(isLie));
  return lied.slice(-most).reverse();
}

/** A moment to the millisecond: "1:05.012". @param {number} time_us */
const formatMoment = (time_us) => formatExact(time_us, 3);

/** @param {ToldView} told */
function isLie({ truth }) {
  return truth !== null;
}

/**
 * A lie in words.
 *
 * @param {Pick<ToldView, "truth"|"words"|"died">} told
 */
export function truthWords(told) {
  const kind = kindOfLie(told);
  return kind && say(`truth.${kind}`, told);
}

/** @param {Pick<ToldView, "truth"|"words"|"died">} told */
function kindOfLie({ truth, words, died }) {
  if (truth === null) return "";
  // What is a lie and reads like the truth is said too late: a test has it that all others differ.
  if (tell("message", truth) === tell("message", words)) return died ? "never-sent" : "held-back";
  return truth.kind === "nothing" ? "nothing" : "other";
}

/**
 * How many lies it takes, and no more than is known of that.
 *
 * @param {import("../pkg/facts.js").CulpritsView} culprits
 */
export function culpritWords({ claim, count }) {
  return say(`culprits.${claim}`, { count });
}

export class EvidenceView {
  /**
   * @param {HTMLElement} host
   * @param {Pick<import("./acting.js").Commands, "refresh"|"seek"|"isBusy">} commands
   */
  constructor(host, commands) {
    this.host = host;
    this.commands = commands;
    /** @type {import("../run/panels.js").Frame|undefined} */
    this.shown = undefined;
    this.broken = html("ul", { class: "broken", "aria-label": say("evidence.list") });
    this.searching = html("p", { class: "soft searching", role: "status", hidden: true });
    this.heading = html("h2", { class: "small-heading" });
    this.who = html("select", { "aria-label": say("evidence.whose") });
    this.who.addEventListener("change", commands.refresh);
    this.head = html("tr");
    this.body = html("tbody");
    this.none = html("p", { class: "soft" }, say("evidence.no-lie"));
    this.heard = html(
      "div",
      { class: "heard" },
      html("div", { class: "heard-head" }, this.heading, this.who),
      this.none,
      html(
        "div",
        { class: "heard-scroll", tabindex: 0, role: "region", "aria-label": say("evidence.heard") },
        html("table", {}, html("thead", {}, this.head), this.body),
      ),
    );
    host.replaceChildren(this.broken, this.searching, this.heard);
    /** What is shown, and since when. */
    this.key = "";
    this.heard_ms = 0;
    /** The run whose violations are explained. @type {import("../run/engine.js").Run|null} */
    this.blameRun = null;
    this.blameHash = "";
    /** @type {ViolationView[]|null} */
    this.blame = null;
    this.blamed_ms = 0;
  }

  /** @param {import("../run/panels.js").Frame} frame */
  update(frame) {
    this.shown = frame;
    const { changed, plan, view, strip } = frame;
    if (changed !== "moment" || !view) return;
    const liars = view.replicas.flatMap(({ lies }, index) => (lies.length ? [index] : []));
    const { violations } = strip;
    set(this.host, "hidden", !liars.length && !violations.length);
    this.drawBroken(plan, violations, view.time_us);
    set(this.heard, "hidden", !liars.length);
    if (liars.length) this.drawHeard(plan, view, liars);
  }

  /**
   * @param {Plan} plan
   * @param {readonly ViolationView[]} violations
   * @param {number} time_us
   */
  drawBroken(plan, violations, time_us) {
    set(this.broken, "hidden", !violations.length);
    const first =
      this.blamed(violations) ??
      violations.filter(
        ({ property }, index) =>
          violations.findIndex((other) => other.property === property) === index,
      );
    join(
      this.broken,
      first,
      ({ property, at_us, detail, culprits }) =>
        `${property} ${at_us} ${tell("violation", detail)} ${culprits?.claim}`,
      (violation) => this.createViolation(plan, violation),
      (item, { property, at_us }) => {
        const more = violations.filter((other) => other.property === property).length - 1;
        set(item, "data-ahead", at_us > time_us);
        setText(item.children[2], more ? say("evidence.more", { count: more }) : "");
      },
    );
  }

  /**
   * The first violation of each property with the lies behind it, as far as they are found. The
   * search takes a moment of every frame, and none while a reader watches things move.
   *
   * @param {readonly ViolationView[]} violations
   */
  blamed(violations) {
    const { run, hash } = this.now();
    if (!run || !hash || !violations.length) {
      set(this.searching, "hidden", true);
      return null;
    }
    if (this.blameRun !== run || this.blameHash !== hash) {
      [this.blameRun, this.blameHash, this.blame] = [run, hash, null];
      this.search();
    }
    return this.blame;
  }

  /** The run, and what it came to if it is at its end. */
  now() {
    return { run: this.shown?.run ?? null, hash: this.shown?.strip.outcome?.trace_hash };
  }

  /** Goes on with the search for a few milliseconds at a time, until it is over. */
  search() {
    const [run, hash] = [this.blameRun, this.blameHash];
    const goOn = () => {
      const now = this.now();
      if (run !== now.run || hash !== now.hash || !run) return;
      if (this.commands.isBusy()) {
        setTimeout(goOn, SEARCH_REST_MS);
        return;
      }
      const until_ms = performance.now() + SEARCH_MS;
      let done = false;
      while (!done && performance.now() < until_ms) done = run.seek_blame(SLICE_WORK);
      const now_ms = performance.now();
      if (done || now_ms - this.blamed_ms > HEARD_EVERY_MS) {
        this.blamed_ms = now_ms;
        this.blame = run.blame();
        set(this.searching, "hidden", done);
        setText(this.searching, say("evidence.searching", { percent: run.blame_percent() }));
        this.commands.refresh();
      }
      if (!done) setTimeout(goOn);
    };
    setTimeout(goOn);
  }

  /**
   * @param {Plan} plan
   * @param {ViolationView} violation
   */
  createViolation(plan, { property, at_us, detail, culprits }) {
    const button = html(
      "button",
      { type: "button", title: say("evidence.go") },
      html("b", {}, say("evidence.broken", { property })),
      html("span", {}, formatTime(at_us)),
    );
    button.addEventListener("click", () => this.commands.seek(at_us));
    const item = html(
      "li",
      {},
      button,
      html("p", {}, tell("violation", detail)),
      html("p", { class: "soft" }),
    );
    if (!culprits) return item;
    const name = (/** @type {number} */ replica) => plan.replicas[replica].name;
    if (!culprits.count) item.append(html("p", {}, culpritWords(culprits)));
    else {
      const more = culprits.count - culprits.told.length;
      item.append(
        html(
          "details",
          {},
          html("summary", {}, culpritWords(culprits)),
          html(
            "ol",
            {},
            ...culprits.told.map((told) =>
              html(
                "li",
                {},
                say("evidence.line", {
                  ...{ at: formatMoment(told.at_us), words: told.words },
                  ...{ from: name(told.from), to: name(told.to) },
                }),
                html("span", { class: "truth" }, truthWords(told)),
              ),
            ),
          ),
          ...(more ? [html("p", { class: "soft" }, say("evidence.more", { count: more }))] : []),
        ),
      );
    }
    return item;
  }

  /**
   * @param {Plan} plan
   * @param {import("../pkg/facts.js").View} view
   * @param {number[]} liars
   */
  drawHeard(plan, view, liars) {
    const names = plan.replicas.map(({ name }) => name);
    join(
      this.who,
      liars,
      (liar) => liar,
      (liar) => html("option", { value: liar }, names[liar]),
    );
    set(this.who, "hidden", liars.length < 2);
    const liar = liars.includes(Number(this.who.value)) ? Number(this.who.value) : liars[0];
    setText(this.heading, say("evidence.told", { name: names[liar] }));
    // While time runs nobody reads faster than this, and looking back costs more than drawing.
    const key = `${liar} ${view.time_us} ${view.trace_hash}`;
    const now_ms = performance.now();
    const tooSoon = this.shown?.playing && now_ms - this.heard_ms < HEARD_EVERY_MS;
    if (key === this.key || tooSoon) return;
    const { run } = this.now();
    const told = run?.heard(view.time_us, liar, SLICE_WORK);
    if (!told) {
      // It takes longer than a moment: the next frame goes on with it.
      this.commands.refresh();
      return;
    }
    [this.key, this.heard_ms] = [key, now_ms];
    const moments = momentsOf(told);
    set(this.none, "hidden", moments.length > 0);
    const receivers = names.map((_, index) => index).filter((index) => index !== liar);
    join(
      this.head,
      [say("evidence.at"), ...receivers.map((to) => say("evidence.hears", { name: names[to] }))],
      (words) => words,
      () => html("th", { scope: "col" }),
      setText,
    );
    join(
      this.body,
      moments,
      ({ at_us, told: words }) => `${liar} ${at_us} ${[...words.keys()]}`,
      (moment) => createMoment(plan, moment, receivers),
    );
  }
}

/**
 * @param {Plan} plan
 * @param {Moment} moment
 * @param {readonly number[]} receivers
 */
function createMoment(plan, { at_us, told }, receivers) {
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, formatMoment(at_us)),
    ...receivers.map((to) => createCell(plan, told.get(to))),
  );
}

/**
 * @param {Plan} plan
 * @param {ToldView|undefined} told
 */
function createCell(plan, told) {
  if (!told) return html("td", { class: "unsaid" }, "·");
  const cell = html("td", { "data-lie": isLie(told) }, capital(tell("message", told.words)));
  if (isLie(told)) cell.append(html("span", { class: "truth" }, truthWords(told)));
  if (told.died !== null && kindOfLie(told) !== "never-sent") {
    cell.append(html("span", { class: "truth" }, say("told.lost", { died: told.died }, plan)));
  }
  const { unheard } = told;
  if (unheard)
    cell.append(html("span", { class: "truth" }, say("told.unheard", { unheard }, plan)));
  return cell;
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof EvidenceView>[1]} commands
 */
export const open = (host, commands) => new EvidenceView(host, commands);
