// @ts-check
/**
 * Several groups on one plant: the menu that shows one of them, or all beside each other on one
 * clock. What breaks in one that is not shown is said all the same.
 */
import { called, calling } from "../draw/called.js";
import { html, set, setText } from "../draw/dom.js";
import { formatTime } from "../draw/format.js";
import { join } from "../draw/join.js";
import { say, tell } from "../draw/late-words.js";
import { StripView, believersInWords } from "../draw/strip-view.js";
import { captionAt, captionWords } from "./caption.js";
import { CompareRow } from "./compare-row.js";
import { measured } from "./measure.js";
import { Menu, fillMenu } from "./menus.js";

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../run/engine.js").Run} Run */
/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").Strip} Strip */

/**
 * @typedef {ConstructorParameters<typeof CompareRow>[1] & Pick<import("./acting.js").Commands,
 *   "seek"|"listFaults"|"showGroup"|"announce">} Commands
 */

/** In the menu, in place of a group's number. */
const ALL = "all";

/**
 * What a group that is not shown looks like. The one that is shown stays so.
 *
 * @template Told
 * @param {Frame} frame
 * @param {number} group
 * @param {(run: Run) => Told} look
 */
function glance({ run, plan }, group, look) {
  const there = /** @type {Run} */ (run);
  there.peek_group(group);
  try {
    return look(there);
  } finally {
    there.peek_group(plan.shown);
  }
}

/** One group of several: a small picture, its belief strip, its outcome. */
class GroupRow extends CompareRow {
  /** Shows it alone. */
  alone = () => {};

  /**
   * @param {string} name
   * @param {Commands} commands
   * @param {() => void} alone shows it alone
   */
  constructor(name, commands, alone) {
    super(name, commands, alone);
    setText(this.remove, "⤢");
    const words = say("groups.alone", { name });
    for (const attribute of ["aria-label", "title"]) set(this.remove, attribute, words);
  }

  /**
   * @param {Plan} plan
   * @override
   */
  setPlan(plan) {
    calling(plan.names, () => super.setPlan(plan));
    setText(this.family, plan.protocol);
  }

  /**
   * @param {Strip} strip
   * @override
   */
  drawStrip(strip) {
    calling(this.plan?.names ?? [], () => super.drawStrip(strip));
  }

  /**
   * @param {Frame} frame
   * @param {import("../pkg/facts.js").View} shown
   * @override
   */
  draw(frame, shown) {
    calling(this.plan?.names ?? [], () => super.draw(frame, shown));
  }
}

/** All groups beside each other. */
class AllGroups {
  /** @param {Commands} commands */
  constructor(commands) {
    this.commands = commands;
    /** @type {Map<string, GroupRow>} */
    this.rows = new Map();
    this.caption = html("p", { class: "compare-caption" });
    this.list = html("div", { class: "compare-rows", role: "list" });
    const axis = html("div", { class: "compare-strip strip" });
    this.host = html(
      "section",
      { id: "all-groups", class: "compare", "aria-label": say("groups.all"), hidden: true },
      this.caption,
      this.list,
      html(
        "div",
        { class: "compare-axis" },
        html("span", { class: "compare-axis-hint" }, say("groups.hint")),
        axis,
        html("span"),
      ),
    );
    document.querySelector(".foot")?.before(this.host);
    const list = (
      /** @type {import("../pkg/facts.js").FaultSpan[]} */ faults,
      /** @type {Element} */ anchor,
    ) => void commands.listFaults(faults, anchor);
    this.axis = new StripView(axis, { seek: commands.seek, list }, "axis");
    this.axis.measure = measured;
  }

  /**
   * @param {Frame} frame
   * @param {readonly Strip[]} strips by group
   */
  update(frame, strips) {
    const { changed, all, plan, strip, view } = frame;
    if (this.host.hidden === all) {
      this.host.hidden = !all;
      document.body.toggleAttribute("data-comparing", all || frame.compared !== null);
      document.body.toggleAttribute("data-all", all);
    }
    if (!all) return;
    if (changed !== "moment") this.follow(frame, strips);
    if (!view) return;
    const rows = plan.groups.map(({ name }) => this.rows.get(name));
    for (const row of rows) row?.draw(frame, view);
    this.axis.setTime(view.time_us, frame.words ? this.inWords() : (this.axis.words ?? ""));
    const { now } = captionAt(strip, view.time_us);
    if (!frame.words) return;
    setText(this.caption, `${formatTime(view.time_us)} · ${captionWords(plan, now)}`);
  }

  /**
   * @param {Frame} frame whose plan or strip has changed
   * @param {readonly Strip[]} strips
   */
  follow(frame, strips) {
    const { plan, strip } = frame;
    join(
      this.list,
      plan.groups.map(({ name }, number) => ({ name, number })),
      ({ name }) => name,
      ({ name }) => this.createRow(name).element,
    );
    set(this.list, "data-count", plan.groups.length);
    plan.groups.forEach(({ name }, number) => {
      const row = /** @type {GroupRow} */ (this.rows.get(name));
      row.alone = () => this.commands.showGroup(number);
      row.stripView.thin = plan.groups.length > 3;
      const own = number === plan.shown;
      row.run = glanceRun(frame, number);
      row.setPlan(own ? plan : glance(frame, number, (run) => run.plan()));
      row.drawStrip(strips[number]);
    });
    this.axis.update(plan, { ...strip, faults: faultsOf(plan, strips) });
  }

  /** @param {string} name */
  createRow(name) {
    const row = new GroupRow(name, this.commands, () => row.alone());
    this.rows.set(name, row);
    return row;
  }

  /** Who follows whom in each, for those who cannot see it. */
  inWords() {
    return [...this.rows.values()]
      .flatMap(({ plan, view }) =>
        plan && view ? [calling(plan.names, () => called(believersInWords(plan, view)))] : [],
      )
      .join(say("list.stop"));
  }
}

/**
 * As much of a run as a row looks at, of one group.
 *
 * @param {Frame} frame
 * @param {number} group
 */
function glanceRun(frame, group) {
  const run = /** @type {Run} */ (frame.run);
  return /** @type {Run} */ (
    /** @type {unknown} */ ({
      frontier: () => run.frontier(),
      approach: (/** @type {[number, number, number]} */ ...asked) => run.approach(...asked),
      view: (/** @type {number} */ time_us, /** @type {number} */ window_us) =>
        glance(frame, group, () => run.view(time_us, window_us)),
    })
  );
}

/**
 * The faults of all groups: what is not done to all says to whom it is done.
 *
 * @param {Plan} plan
 * @param {readonly Strip[]} strips
 */
function faultsOf(plan, strips) {
  const key = (/** @type {import("../pkg/facts.js").FaultSpan} */ fault) =>
    `${fault.from_us} ${fault.to_us} ${fault.text}`;
  const known = strips.map(({ faults }) => new Set(faults.map(key)));
  const faults = strips.flatMap((strip, number) =>
    strip.faults.flatMap((fault) => {
      if (known.every((keys) => keys.has(key(fault)))) return number ? [] : [fault];
      const { name: group, names } = plan.groups[number];
      return [
        { ...fault, text: say("group.of", { group }) + calling(names, () => called(fault.text)) },
      ];
    }),
  );
  return faults.sort((one, other) => one.from_us - other.from_us);
}

class Groups {
  /**
   * @param {HTMLElement} host
   * @param {Commands} commands
   */
  constructor(host, commands) {
    this.host = host;
    this.commands = commands;
    /** @type {Frame|undefined} */
    this.frame = undefined;
    /** By group. @type {Strip[]} */
    this.strips = [];
    /** What was last said to be broken. */
    this.said = "";
    const title = say("groups.menu");
    this.menu = new Menu(host, title, (value) => this.choose(value), {
      prefix: title,
      fill: (list) => this.fill(list),
    });
    this.news = html("span", { class: "group-news" });
    host.append(this.news);
    this.all = new AllGroups({ ...commands, showGroup: (number) => this.goTo(number) });
  }

  /**
   * Shows a group, or all, by a button that goes away with it: the keys find the chooser.
   *
   * @param {number|null} number
   */
  goTo(number) {
    this.commands.showGroup(number);
    this.menu.button.focus({ preventScroll: true });
  }

  /** @param {string} value */
  choose(value) {
    this.commands.showGroup(value === ALL ? null : Number(value));
  }

  /** @param {HTMLElement} list */
  fill(list) {
    const { plan, all } = /** @type {Frame} */ (this.frame);
    const entries = plan.groups.map(({ name, protocol }, number) => {
      const outcome = this.strips[number]?.outcome;
      const hint = outcome ? `${protocol} · ${tell("word", outcome.name)}` : protocol;
      return { value: String(number), label: name, hint };
    });
    const every = { value: ALL, label: say("groups.all"), hint: say("groups.all-hint") };
    fillMenu(list, [...entries, every], all ? ALL : String(plan.shown));
  }

  /** @param {Frame} frame */
  update(frame) {
    const { changed, plan, all } = frame;
    this.frame = frame;
    if (changed === "plan" || changed === "compared") {
      set(this.host, "hidden", plan.groups.length < 2);
      this.menu.setLabel(all ? say("groups.all") : `${plan.cluster} · ${plan.protocol}`);
      this.menu.refill();
    }
    if (changed === "plan" || changed === "strip") {
      const { run, strip } = frame;
      this.strips = plan.groups.map((_, number) =>
        !run || number === plan.shown ? strip : glance(frame, number, () => run.strip()),
      );
      this.tellNews(plan);
    }
    if (["plan", "strip", "compared", "moment"].includes(changed)) {
      this.all.update(frame, this.strips);
    }
  }

  /**
   * What is broken in groups that are not shown.
   *
   * @param {Plan} plan
   */
  tellNews(plan) {
    const broken = this.strips.flatMap(({ violations: [violation] }, number) =>
      violation && number !== plan.shown ? [{ number, violation }] : [],
    );
    join(
      this.news,
      broken,
      ({ number, violation }) => `${plan.groups[number].name} ${violation.at_us}`,
      ({ number, violation }) => {
        const button = html("button", { type: "button", class: "pill" });
        button.addEventListener("click", () => {
          this.goTo(number);
          this.commands.seek(violation.at_us);
        });
        return button;
      },
      (button, { number, violation }) => setText(button, newsWords(plan, number, violation)),
    );
    const words = broken
      .map(({ number, violation }) => newsWords(plan, number, violation))
      .join(say("list.stop"));
    if (words && words !== this.said) this.commands.announce(words);
    this.said = words;
  }
}

/**
 * @param {Plan} plan
 * @param {number} number
 * @param {import("../pkg/facts.js").ViolationView} violation
 */
function newsWords(plan, number, { property, at_us }) {
  return say("groups.broken", { group: plan.groups[number].name, property, at: formatTime(at_us) });
}

/**
 * @param {HTMLElement} host
 * @param {Commands} commands
 */
export const open = (host, commands) => new Groups(host, commands);
