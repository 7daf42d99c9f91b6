// @ts-check
/** Beside the picture: who believes what, and what kind of wrong it is. */
import { html, set, setText, svg } from "./dom.js";
import { classNote } from "./faults.js";
import { formatAgo, formatRole } from "./format.js";
import { createGlyph, updateGlyph } from "./glyph.js";
import { join } from "./join.js";

/** @typedef {import("./types.js").Plan} Plan */
/** @typedef {import("./types.js").View} View */

export class CardsView {
  /**
   * @param {Element} host
   * @param {Element} note
   */
  constructor(host, note) {
    this.host = host;
    this.note = note;
    this.noteHeading = html("b");
    this.noteText = html("span");
    note.replaceChildren(this.noteHeading, " ", this.noteText);
    /** @type {WeakMap<Element, ReturnType<typeof createCard>>} */
    this.cards = new WeakMap();
  }

  /**
   * @param {Plan} plan
   * @param {View} view
   * @param {boolean} coarse true while the clock runs too fast to read milliseconds
   */
  update(plan, view, coarse) {
    set(this.host, "data-dense", view.replicas.length > 5);
    join(this.host, view.replicas, (_, index) => index, (_, index) => {
      const card = createCard(plan.replicas[index].name);
      this.cards.set(card.element, card);
      return card.element;
    }, (element, replica, index) => {
      const card = this.cards.get(element);
      if (card) updateCard(card, plan, replica, index, view.time_us, coarse);
    });
    const [heading, text] = classNote(view.faults);
    setText(this.noteHeading, heading);
    setText(this.noteText, text);
  }
}

/** @param {string} name */
function createCard(name) {
  const glyph = createGlyph(name, 17);
  const picture = svg("svg", { class: "card-glyph", viewBox: "-24 -32 48 56", "aria-hidden": "true" },
    glyph.element);
  const heading = html("b");
  const line = html("span");
  const element = html("div", { class: "card" }, picture, heading, line);
  return { element, glyph, heading, line };
}

/**
 * @param {ReturnType<typeof createCard>} card
 * @param {Plan} plan
 * @param {import("./types.js").ReplicaView} replica
 * @param {number} index
 * @param {number} time_us
 * @param {boolean} coarse
 */
function updateCard(card, plan, replica, index, time_us, coarse) {
  updateGlyph(card.glyph, index, replica, time_us);
  const name = plan.replicas[index].name;
  const server = plan.parts[plan.replicas[index].part].name;
  const role = replica.up ? formatRole(replica.role) : "Down";
  setText(card.heading, `${name} · ${role}, ${plan.epoch_word} ${replica.epoch}`);
  set(card.element, "title", `${name} runs on ${server}`);
  setText(card.line, cardLine(plan, replica, index, time_us, coarse));
}

/**
 * @param {Plan} plan
 * @param {import("./types.js").ReplicaView} replica
 * @param {number} index
 * @param {number} time_us
 * @param {boolean} coarse
 */
function cardLine(plan, replica, index, time_us, coarse) {
  if (!replica.up) return replica.why_down ?? "not running";
  if (replica.leader === index) {
    return `believes in itself · ${replica.commit} of ${replica.log} entries committed`;
  }
  const leader = replica.leader === null ? "nobody" : plan.replicas[replica.leader].name;
  if (replica.heard_us === null) return `believes in ${leader} · has heard nobody yet`;
  const from = replica.heard_from === null ? "a leader" : plan.replicas[replica.heard_from].name;
  const who = from === leader ? "heard" : `heard ${from}`;
  return `believes in ${leader} · ${who} ${formatAgo(time_us - replica.heard_us, coarse)}`;
}
