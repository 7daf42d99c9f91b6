// @ts-check
/** Who hears whom as a table of buttons: the same clicks without a picture. */
import { html, set, setText } from "../draw/dom.js";
import { isSevered, withImpairments } from "../draw/faults.js";
import { join } from "../draw/join.js";
import { say, tell } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").View} View */

export class MatrixView {
  /**
   * @param {HTMLElement} host
   * @param {Pick<import("./acting.js").Commands, "toggleFlow">} commands
   */
  constructor(host, { toggleFlow }) {
    this.host = host;
    this.toggle = (/** @type {number} */ index, /** @type {boolean} */ both) =>
      this.shown && void toggleFlow(this.shown, index, both);
    this.head = html("tr");
    this.body = html("tbody");
    host.replaceChildren(
      html(
        "table",
        {},
        html("caption", {}, say("matrix.caption")),
        html("thead", {}, this.head),
        this.body,
      ),
    );
  }

  /** @param {import("../run/panels.js").Frame} frame */
  update(frame) {
    const { plan, view } = frame;
    if (!view) return;
    this.shown = frame;
    const names = plan.replicas.map(({ name }) => name);
    join(
      this.head,
      [say("matrix.hears"), ...names],
      (name) => name,
      () => html("th", { scope: "col" }),
      (cell, name) => setText(cell, name),
    );
    join(
      this.body,
      names,
      (name) => name,
      (name) => html("tr", {}, html("th", { scope: "row" }, name)),
      (row, _, to) => {
        // The join owns all of a parent's children, so the cells have a parent of their own.
        const cells = names.map((_, from) => from);
        this.drawCells(row, plan, cells, to, view);
      },
    );
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {import("../pkg/facts.js").Plan} plan
   * @param {number[]} cells
   * @param {number} to
   * @param {View} view
   */
  drawCells(row, plan, cells, to, view) {
    const names = plan.replicas.map(({ name }) => name);
    while (row.cells.length <= cells.length) {
      const from = row.cells.length - 1;
      const cell = row.insertCell();
      if (from === to) continue;
      const button = html("button", { type: "button" });
      const flow = from * (names.length - 1) + to - (to > from ? 1 : 0);
      button.addEventListener("click", (event) => this.toggle(flow, event.shiftKey));
      cell.append(button);
    }
    for (const flow of view.flows) {
      if (flow.to !== to) continue;
      const button = row.cells[flow.from + 1]?.firstElementChild;
      if (!button) continue;
      const cut = isSevered(flow.state, view.faults, names[flow.from], names[to]);
      set(button, "aria-pressed", cut ? "true" : "false");
      set(button, "data-state", flow.state);
      const plain = flow.why ? tell("cause", flow.why, plan) : say(`flow.${flow.state}`);
      const says = withImpairments(plain, flow.impaired);
      set(
        button,
        "aria-label",
        say("link.label", { from: names[flow.from], to: names[to], state: says }),
      );
      setText(button, say(flow.state === "up" ? "matrix.yes" : `flow.${flow.state}`));
    }
  }
}

/**
 * @param {HTMLElement} host
 * @param {ConstructorParameters<typeof MatrixView>[1]} commands
 */
export const open = (host, commands) => new MatrixView(host, commands);
