// @ts-check
/** What one sees, each sign as it is drawn in the run, and which keys there are. */
import { html, svg } from "../draw/dom.js";
import { createGlyph, updateGlyph } from "../draw/glyph.js";
import { say } from "../draw/late-words.js";

/** @typedef {import("../run/panels.js").Frame} Frame */
/** @typedef {import("../pkg/facts.js").ReplicaView} ReplicaView */

/** Keys, with a plus between them, and what each does, by its word. */
const KEYS = /** @type {const} */ ([
  ["Space", "play"],
  [",+.", "step"],
  ["Ctrl+Z", "undo"],
  ["Ctrl+Shift+Z", "redo"],
  ["Tab", "enter"],
  ["←+↑+↓+→", "move"],
  ["PgUp+PgDn", "turn"],
  ["Enter", "act"],
  ["Shift+Enter", "both"],
  ["Delete", "heal"],
  ["M", "more"],
  ["?", "help"],
]);

/** What an arrow may look like. */
const LANES = ["up", "cut", "lossy", "impaired"];

/** @type {HTMLDialogElement|undefined} */
let dialog;

/** @param {Frame} frame the run that is explained */
export function showHelp(frame) {
  dialog?.remove();
  dialog = /** @type {HTMLDialogElement} */ (
    html(
      "dialog",
      { class: "share help", "aria-label": say("help.title") },
      html(
        "form",
        { method: "dialog", class: "pane-head" },
        html("h2", {}, say("help.title")),
        html("button", { class: "icon", "aria-label": say("share.close") }, "✕"),
      ),
      html("h3", {}, say("help.signs")),
      html("dl", { class: "help-signs" }, ...signs(frame).flatMap(row)),
      html("h3", {}, say("help.keys")),
      html("dl", { class: "help-keys" }, ...KEYS.flatMap(keyRow)),
    )
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {[Element, string]} sign */
const row = ([picture, words]) => [html("dt", {}, picture), html("dd", {}, words)];

/** @param {readonly [string, string]} key */
function keyRow([keys, what]) {
  const name = (/** @type {string} */ key) => (key === "Space" ? say("help.space") : key);
  const caps = keys.split("+").map((one) => html("kbd", {}, name(one)));
  return [html("dt", {}, ...caps), html("dd", {}, say(`help-key.${what}`))];
}

/**
 * @param {Frame} frame
 * @returns {[Element, string][]}
 */
function signs({ plan, view }) {
  const [first] = view?.replicas ?? [];
  // A general follows nobody.
  const leader = plan.generals ? null : plan.replicas.length - 1;
  /** @type {[string, Partial<ReplicaView>][]} */
  const replicas = plan.generals
    ? []
    : [
        ["leads", { leader: 0 }],
        ["follows", { timeout_at_us: 2, timeout_us: 3 }],
        ["nobody", { leader: null }],
      ];
  replicas.push(["down", { up: false }], ["paused", { paused: true }]);
  replicas.push(["liar", { lies: [{ text: "", toward: [] }] }]);
  const rest = { up: true, paused: false, leader, lies: [], timeout_at_us: null };
  return [
    ...replicas.map(
      ([word, change]) =>
        /** @type {[Element, string]} */ ([
          replica(plan, /** @type {ReplicaView} */ ({ ...first, ...rest, ...change })),
          say(`help-sign.${word}`),
        ]),
    ),
    ...LANES.map(
      (state) => /** @type {[Element, string]} */ ([lane(state), say(`help-sign.${state}`)]),
    ),
    [band("band"), say("help-sign.band")],
    [band("gap"), say("help-sign.gap")],
    [band("served"), say("help-sign.served")],
    [band("late"), say("help-sign.late")],
    [band("unserved"), say("help-sign.unserved")],
  ];
}

/**
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {ReplicaView} view of the first replica
 */
function replica(plan, view) {
  const glyph = createGlyph(plan.replicas[0]?.name ?? "", 14);
  updateGlyph(glyph, plan, 0, view, 0);
  return svg("svg", { viewBox: "-30 -30 60 52", "aria-hidden": "true" }, glyph.element);
}

/** @param {string} state of what one replica sends to another */
function lane(state) {
  return svg(
    "svg",
    { viewBox: "-30 -14 60 28", "aria-hidden": "true" },
    svg(
      "g",
      { class: "lane flow", "data-state": state },
      svg("path", { class: "line", d: "M-27 0H20" }),
      svg("path", { class: "head", d: "M27 0L17-6V6Z" }),
      svg("path", { class: "cross", d: "M-9-6L3 6M3-6L-9 6" }),
    ),
  );
}

/** @param {string} kind of a row of the strip */
const band = (kind) => html("span", { class: `help-band ${kind}`, "aria-hidden": "true" });
