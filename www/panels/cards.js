// @ts-check
/** Beside the picture: who believes what, and what kind of wrong it is. */
import { downWords, liesInWords, orderColour, orderWords, phaseWords } from "../draw/belief.js";
import { html, set, setText, svg } from "../draw/dom.js";
import { classNote } from "./class-note.js";
import { formatAgo, formatRole } from "../draw/format.js";
import { createGlyph, updateGlyph } from "../draw/glyph.js";
import { join } from "../draw/join.js";
import { say, tell } from "../draw/page-words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").View} View */

/** A general of ten hears hundreds of reports: more than these say nothing at a glance. */
const VECTOR_MAX = 24;

export class CardsView {
  /** @param {Element} host */
  constructor(host) {
    this.host = host;
    const note = html("p", { id: "class-note", class: "class-note" });
    host.after(note);
    this.noteHeading = html("b");
    this.noteText = html("span");
    note.replaceChildren(this.noteHeading, say("list.gap"), this.noteText);
    /** @type {WeakMap<Element, ReturnType<typeof createCard>>} */
    this.cards = new WeakMap();
  }

  /** @param {import("../run/panels.js").Frame} frame */
  update({ plan, view, coarse }) {
    if (!view) return;
    set(this.host, "data-dense", view.replicas.length > 5);
    join(
      this.host,
      view.replicas,
      (_, index) => index,
      (_, index) => {
        const card = createCard(plan.replicas[index].name);
        this.cards.set(card.element, card);
        return card.element;
      },
      (element, replica, index) => {
        const card = this.cards.get(element);
        if (card) updateCard(card, plan, replica, index, view.time_us, coarse);
      },
    );
    const [heading, text] = classNote(plan, view.faults, view.replicas);
    setText(this.noteHeading, heading);
    setText(this.noteText, text);
  }
}

/** @param {string} name */
function createCard(name) {
  const glyph = createGlyph(name, 17);
  const picture = svg(
    "svg",
    { class: "card-glyph", viewBox: "-24 -32 48 56", "aria-hidden": "true" },
    glyph.element,
  );
  const heading = html("b");
  const line = html("span");
  const lies = html("em", { class: "card-lies" });
  const vector = html("ul", { class: "card-vector", "aria-label": say("card.heard", { name }) });
  const caught = html("ul", { class: "card-caught", "aria-label": say("card.whom", { name }) });
  const element = html("div", { class: "card" }, picture, heading, line, lies, vector, caught);
  return { element, glyph, heading, line, lies, vector, caught };
}

/**
 * @param {ReturnType<typeof createCard>} card
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").ReplicaView} replica
 * @param {number} index
 * @param {number} time_us
 * @param {boolean} coarse
 */
function updateCard(card, plan, replica, index, time_us, coarse) {
  updateGlyph(card.glyph, plan, index, replica, time_us);
  const { name, clock_percent: percent } = plan.replicas[index];
  const clock = percent === 100 ? "" : ` · ${say("card.clock", { percent })}`;
  const server = plan.parts[plan.replicas[index].part].name;
  const role = formatRole(replica, plan);
  setText(card.heading, say("card.heading", { name, role, place: replica.place }) + clock);
  set(card.element, "title", say("card.server", { name, server }));
  setText(card.line, cardLine(plan, replica, index, time_us, coarse));
  set(card.lies, "hidden", !replica.lies.length);
  setText(card.lies, say("card.traitor", { lies: liesInWords(replica) }));
  drawVector(card.vector, replica.vector);
  set(card.caught, "hidden", !replica.caught.length);
  join(
    card.caught,
    replica.caught,
    ({ liar }) => liar,
    () => html("li"),
    (item, caught) => setText(item, say("card.caught", caught, plan)),
  );
}

/**
 * What a general heard, and by which way: the vector over which it takes the majority.
 *
 * @param {HTMLElement} list
 * @param {readonly import("../pkg/facts.js").HeardValue[]} vector
 */
function drawVector(list, vector) {
  set(list, "hidden", !vector.length);
  const shown = vector.slice(0, VECTOR_MAX);
  const rest = vector.length - shown.length;
  const more = { path: "", value: { kind: "more", count: rest } };
  const items = rest ? [...shown, more] : shown;
  join(
    list,
    items,
    ({ path }) => path,
    () => html("li", {}, html("span"), html("b")),
    (item, { path, value }) => {
      setText(item.children[0], path);
      setText(item.children[1], tell("value", value));
      const colour = orderColour(value.kind);
      item.style.setProperty("--order", colour ?? "var(--lane)");
    },
  );
}

/**
 * @param {Plan} plan
 * @param {import("../pkg/facts.js").ReplicaView} replica
 * @param {number} index
 * @param {number} time_us
 * @param {boolean} coarse
 */
function cardLine(plan, replica, index, time_us, coarse) {
  if (!replica.up) return downWords(plan, replica);
  if (plan.generals) return `${orderWords(replica.value)}${phaseWords(plan, replica)}`;
  const phase = phaseWords(plan, replica);
  if (replica.leader === index) {
    return say("card.itself", { commit: replica.commit, log: replica.log }) + phase;
  }
  const named = (/** @type {number|null} */ one, /** @type {string} */ none) =>
    one === null ? say(none) : plan.replicas[one].name;
  const leader = named(replica.leader, "card.nobody");
  if (replica.heard_us === null) return say("card.silent", { leader }) + phase;
  const from = named(replica.heard_from, "card.a-leader");
  const ago = formatAgo(time_us - replica.heard_us, coarse);
  return say(from === leader ? "card.hears" : "card.hears-other", { leader, from, ago }) + phase;
}

/** @param {HTMLElement} host */
export const openCards = (host) => new CardsView(host);
