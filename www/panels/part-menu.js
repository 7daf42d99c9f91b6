// @ts-check
/** The small menu of a part: what is wrong with it, and what can be done to it, as sentences. */
import { calling } from "../draw/called.js";
import { html } from "../draw/dom.js";
import {
  choicesFor,
  choicesForDead,
  choicesForLink,
  choicesForReplica,
  controlChoice,
  grayStatement,
} from "./choices.js";
import { describePart, faultText, formatTime, stateInWords, withArrows } from "../draw/format.js";
import { bothWays, describeLink, impairmentRows, linksOf } from "./link-menu.js";
import { returnFocus } from "./menus.js";
import { kept, sentencesOf } from "./radius-words.js";
import { traitorForm } from "./traitor-form.js";
import { say, tell } from "../draw/late-words.js";
import { sentences } from "../draw/words.js";

/** What an Ethernet frame carries at most, unless it is a jumbo frame. */
const ETHERNET_BYTES = 1500;

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */

/** What stands beside the name of a disk, a card or a supply. @type {Record<string, string>} */
const MARKS = { failed: " ✕", rebuilding: " ◔", sole: " !" };

export class PartMenu {
  /**
   * @param {(statement: string, group: number) => void} act group: whose replicas it names
   * @param {Pick<import("../run/panels.js").Panels, "rows"|"get">} panels beside the picture
   */
  constructor(act, panels) {
    this.act = act;
    this.panels = panels;
    /** The group whose replicas are named. */
    this.group = 0;
    this.panel = html("div", { class: "popover", role: "dialog", popover: "auto", tabindex: -1 });
    document.body.append(this.panel);
    /** @type {Element|null} */
    this.anchor = null;
    returnFocus(this.panel, () => /** @type {SVGElement|null} */ (this.anchor));
    this.panel.addEventListener("keydown", (event) => this.key(event));
    // What is unfolded in it must stay on the screen. (Toggling does not bubble.)
    this.panel.addEventListener("toggle", () => this.anchor && this.place(this.anchor), true);
  }

  /**
   * @param {Plan} plan
   * @param {View} view
   * @param {number} index the part's number
   * @param {Element} anchor what it belongs to in the picture
   * @param {import("../run/engine.js").Run|null} [run] that can be asked what would fall with it
   */
  open(plan, view, index, anchor, run) {
    this.group = plan.shown;
    // Of several groups beside each other, each has its own names.
    calling(plan.names, () => this.openOn(plan, view, index, anchor, run));
  }

  /**
   * @param {Plan} plan
   * @param {View} view
   * @param {number} index
   * @param {Element} anchor
   * @param {import("../run/engine.js").Run|null} [run]
   */
  openOn(plan, view, index, anchor, run) {
    const part = plan.parts[index];
    const state = view.parts[index];
    /** @type {HTMLElement[]} */
    const content = [
      heading(
        `${describePart(part)}`,
        state.state === "up" ? say("menu.works") : stateInWords(state, plan),
      ),
    ];
    const carried = view.carried.find((one) => one.part === index);
    if (carried) content.push(html("p", { class: "popover-note" }, tell("carried", carried.said)));
    const choices = [
      ...choicesFor(part, view.faults, state.state),
      ...choicesForReplica(plan, view, part),
    ];
    content.push(...choices.map((choice) => this.choice(choice)));
    if (part.kind === "server") {
      content.push(...this.insideChoices(plan, view, part, ["disk"], say("disk.row")));
      content.push(...this.insideChoices(plan, view, part, ["nic", "psu"], say("port.row")));
    }
    if (part.replica !== null && plan.behaviours.length) {
      content.push(traitorForm(plan, part.replica, (statement) => this.commit(statement)));
    }
    if (part.kind === "tor" || part.kind === "spine") content.push(this.grayForm(plan, part.name));
    if (part.kind === "tor" && state.state !== "control-dead") {
      content.push(this.choice(controlChoice(part.name)));
    }
    content.push(...this.linkButton(plan, view, index, anchor));
    if (run) content.push(...this.radiusOf(run, plan, index));
    this.show(content, anchor, describePart(part));
  }

  /**
   * What would fall with a part, and the choice to ask it of several at once.
   *
   * @param {import("../run/engine.js").Run} run
   * @param {Plan} plan
   * @param {number} index
   */
  radiusOf(run, plan, index) {
    const [first, ...rest] = sentencesOf(run, plan, [index]);
    /** @type {HTMLElement[]} */
    const content = [
      html(
        "p",
        { class: "popover-radius" },
        html("b", {}, first),
        say("list.gap"),
        sentences(rest),
      ),
    ];
    if (this.panels.rows.some(({ id }) => id === "radius")) {
      const button = kept.has(index)
        ? choiceButton(say("blast.forget"), say("blast.forget-hint"))
        : choiceButton(say("blast.ask"), say("blast.ask-hint"));
      button.addEventListener("click", () => {
        this.panel.hidePopover();
        if (!kept.delete(index)) kept.add(index);
        this.panels.get("radius")?.draw();
      });
      content.push(button);
    }
    return content;
  }

  /**
   * For a link that is dead through no cut of its own: why, and what would lift it.
   *
   * @param {Plan} plan
   * @param {View["faults"]} faults in force
   * @param {import("../pkg/facts.js").Cause} why
   * @param {Element} anchor
   */
  explain(plan, faults, why, anchor) {
    this.group = plan.shown;
    const title = say("menu.dead", why, plan);
    const choices = choicesForDead(plan, faults, why);
    calling(plan.names, () =>
      this.show(
        [heading(title, tell("cause", why, plan)), ...choices.map((choice) => this.choice(choice))],
        anchor,
        title,
      ),
    );
  }

  /**
   * What one direction of a link does to packets, and what it can be made to do.
   *
   * @param {Plan} plan
   * @param {View} view
   * @param {import("./link-menu.js").Link} link
   * @param {Element} anchor
   * @param {boolean} [both] true to do it to both directions
   */
  openLink(plan, view, link, anchor, both = false) {
    this.group = plan.shown;
    calling(plan.names, () => {
      const { from, to, state, says } = describeLink(plan, view, link);
      const way = both ? "<->" : "->";
      const commit = (/** @type {string} */ statement) => this.commit(statement);
      const title = `${from} → ${to}`;
      const toggle = bothWays(both, (chosen) => {
        this.openLink(plan, view, link, anchor, chosen);
        this.panel.querySelector("input")?.focus({ preventScroll: true });
      });
      const choices = choicesForLink({ from, to }, way, state, view.faults);
      const content = [
        heading(title, says),
        ...choices.map((choice) => this.choice(choice)),
        ...impairmentRows({ from, to }, way, view.faults, commit),
        toggle,
      ];
      this.show(content, anchor, title);
    });
  }

  /**
   * Leads to the links of a part.
   *
   * @param {Plan} plan
   * @param {View} view
   * @param {number} index
   * @param {Element} anchor
   */
  linkButton(plan, view, index, anchor) {
    const links = linksOf(plan, view, index);
    if (links.length === 0) return [];
    const button = choiceButton(say("link.of"), say("link.of-hint"));
    button.addEventListener("click", () =>
      calling(plan.names, () => this.listLinks(plan, view, index, anchor, links)),
    );
    return [button];
  }

  /**
   * @param {Plan} plan
   * @param {View} view
   * @param {number} index
   * @param {Element} anchor
   * @param {import("./link-menu.js").Link[]} links
   */
  listLinks(plan, view, index, anchor, links) {
    const rows = links.map((link) => {
      const { from, to, says } = describeLink(plan, view, link);
      const button = choiceButton(`${from} → ${to}`, withArrows(says));
      button.addEventListener("click", () => this.openLink(plan, view, link, anchor));
      return button;
    });
    const title = say("link.all", { part: describePart(plan.parts[index]) });
    this.show([heading(title, say("link.choose")), ...rows], anchor, title);
  }

  /**
   * Faults in full, each with its time; one that is chosen takes the reader there.
   *
   * @param {import("../pkg/facts.js").FaultSpan[]} faults
   * @param {Element} anchor
   * @param {(time_us: number) => void} seek
   */
  list(faults, anchor, seek) {
    const rows = faults.map((fault) => {
      const { from_us, to_us } = fault;
      const button = html(
        "button",
        { type: "button", class: "choice" },
        html("b", {}, withArrows(faultText(fault))),
        html("span", {}, say("menu.span", { from: formatTime(from_us), to: formatTime(to_us) })),
      );
      button.addEventListener("click", () => {
        this.panel.hidePopover();
        seek(from_us);
      });
      return button;
    });
    const title = say("menu.faults", { count: faults.length });
    this.show([heading(title, say("menu.go-to-one")), ...rows], anchor, title);
  }

  /**
   * @param {HTMLElement[]} content
   * @param {Element} anchor
   * @param {string} label
   */
  show(content, anchor, label) {
    this.anchor = anchor;
    this.panel.replaceChildren(...content);
    this.panel.setAttribute("aria-label", label);
    this.panel.showPopover();
    this.place(anchor);
    (this.panel.querySelector("button") ?? this.panel).focus({ preventScroll: true });
  }

  /**
   * Puts the panel beside its anchor, all of it on the screen.
   *
   * @param {Element} anchor
   */
  place(anchor) {
    const [box, own] = [anchor.getBoundingClientRect(), this.panel.getBoundingClientRect()];
    const room = { x: document.documentElement.clientWidth, y: window.innerHeight };
    const below = box.bottom + 8 + own.height <= room.y;
    const top = below ? box.bottom + 8 : Math.max(8, box.top - own.height - 8);
    const left = Math.min(
      room.x - own.width - 8,
      Math.max(8, box.left + box.width / 2 - own.width / 2),
    );
    this.panel.style.setProperty("left", `${left}px`);
    this.panel.style.setProperty("top", `${Math.min(top, Math.max(8, room.y - own.height - 8))}px`);
  }

  /** @param {import("./choices.js").Choice} choice */
  choice({ label, hint, statement }) {
    const button = choiceButton(withArrows(label), withArrows(hint), statement);
    button.addEventListener("click", () => this.commit(statement));
    return button;
  }

  /** @param {string} statement */
  commit(statement) {
    this.panel.hidePopover();
    this.act(statement, this.group);
  }

  /**
   * What is in a server, a button each: its disks, or its cards and supplies.
   *
   * @param {Plan} plan
   * @param {View} view
   * @param {import("../pkg/facts.js").PlanPart} server
   * @param {readonly string[]} kinds
   * @param {string} title
   */
  insideChoices(plan, view, server, kinds, title) {
    const row = html("div", { class: "disk-row" }, html("span", {}, title));
    plan.parts.forEach((part, index) => {
      if (!kinds.includes(part.kind)) return;
      if (part.rack !== server.rack || part.slot !== server.slot) return;
      const { state } = view.parts[index];
      const failed = state === "failed";
      const verb = failed ? "restore" : "fail";
      const label =
        part.kind === "disk"
          ? say(`disk.${verb}`, { disk: (part.disk ?? 0) + 1 })
          : say(`port.${verb}`, { port: describePart(part) });
      const name = part.name.slice(part.name.lastIndexOf(".") + 1);
      const button = html(
        "button",
        {
          type: "button",
          class: "pill",
          "aria-pressed": String(failed),
          "aria-label": label,
          title: state === "up" ? null : stateInWords(view.parts[index], plan),
        },
        html("span", { class: "short-name" }, name),
        MARKS[state] ?? "",
      );
      button.addEventListener("click", () => this.commit(`${verb} ${part.name}`));
      row.append(button);
    });
    return row.children.length > 1 ? [row] : [];
  }

  /**
   * @param {Plan} plan
   * @param {string} name the switch's
   */
  grayForm(plan, name) {
    const names = plan.replicas.map((replica) => replica.name);
    const select = (
      /** @type {string} */ label,
      /** @type {[string, string][]} */ options,
      /** @type {string} */ chosen,
    ) => {
      const element = html("select", { "aria-label": label });
      for (const [value, text] of options) {
        element.append(html("option", { value, selected: value === chosen }, text));
      }
      return element;
    };
    /** @type {[string, string][]} */
    const ends = [
      ["*", say("gray.anyone")],
      ...names.map((one) => /** @type {[string, string]} */ ([one, one])),
    ];
    const share = select(
      say("gray.share"),
      [
        ["100", say("gray.all")],
        ...["90", "50", "10"].map(
          (percent) =>
            /** @type {[string, string]} */ ([percent, say("gray.percent", { percent })]),
        ),
        ["over", say("gray.over", { bytes: ETHERNET_BYTES })],
      ],
      "100",
    );
    const from = select(say("gray.from"), ends, names[names.length - 1]);
    const way = select(
      say("gray.direction"),
      [
        ["->", say("gray.one-way")],
        ["<->", say("gray.both")],
      ],
      "->",
    );
    const to = select(say("gray.to"), ends, names[0]);
    const button = html("button", { type: "submit", class: "pill go" }, say("gray.go"));
    const form = html(
      "form",
      { class: "gray-form" },
      html("p", {}, html("b", {}, say("gray.title")), html("span", {}, say("gray.hint"))),
      html("div", {}, share, say("gray.packets-from"), from, " ", way, " ", to),
      button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (from.value === to.value && from.value !== "*") return;
      const [percent, bytes] = share.value === "over" ? [100, ETHERNET_BYTES] : [+share.value];
      this.commit(grayStatement(name, from.value, to.value, way.value === "<->", percent, bytes));
    });
    return form;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const { target } = event;
    // Arrow keys are theirs.
    if (target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLInputElement && target.type === "number") return;
    const items = /** @type {HTMLElement[]} */ (
      [...this.panel.querySelectorAll("button, summary, select, input")].filter((item) =>
        item.checkVisibility(),
      )
    );
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[(at + step + items.length) % items.length]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * @param {string} label
 * @param {string} hint
 * @param {string|null} statement that it adds to the text
 */
function choiceButton(label, hint, statement = null) {
  return html(
    "button",
    { type: "button", class: "choice", "data-statement": statement },
    html("b", {}, label),
    html("span", {}, hint),
  );
}

/**
 * @param {string} title
 * @param {string} state
 */
function heading(title, state) {
  return html(
    "p",
    { class: "popover-heading" },
    html("b", {}, title),
    html("span", {}, withArrows(state)),
  );
}
