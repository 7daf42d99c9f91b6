// @ts-check
/** The form that makes a replica a traitor: how it lies, and who hears the other story. */
import { html, setText } from "../draw/dom.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */

/** @type {Record<string, string>} */
const BEHAVIOURS = {
  equivocate: "One story to some, another to the rest.",
  "double-vote": "Votes yes where it has voted for somebody else already.",
  "claim-leadership": "Says that it leads.",
  "deny-leader": "Says that the leader is gone, though it hears it.",
  "lie-about-log": "Says that it holds what it does not hold, or the reverse.",
  "silent-to": "Says nothing, though it could.",
  replay: "Says again what it said long ago.",
  delay: "Says everything late.",
};

/**
 * The statement, as short as it can be: every second receiver need not be named.
 *
 * @param {Plan} plan
 * @param {number} liar
 * @param {string} behaviour
 * @param {readonly string[]} receivers
 * @param {number} late_ms
 */
export function traitorStatement(plan, liar, behaviour, receivers, late_ms) {
  const words = [`traitor ${plan.replicas[liar].name} ${behaviour}`];
  if (behaviour === "delay") words.push(`${late_ms}ms`);
  const usual = plan.replicas[liar].toward.map((index) => plan.replicas[index].name);
  if (behaviour === "silent-to") words.push(...receivers);
  else if (usual.join() !== receivers.join()) words.push("to", ...receivers);
  return words.join(" ");
}

/**
 * @param {Plan} plan
 * @param {number} liar
 * @param {(statement: string) => void} commit
 */
export function traitorForm(plan, liar, commit) {
  const { name } = plan.replicas[liar];
  const select = html("select", { "aria-label": "How it lies" });
  for (const behaviour of plan.behaviours) {
    select.append(html("option", { value: behaviour }, behaviour));
  }
  const says = html("p", { class: "traitor-says" });
  const late = html("input", {
    type: "number",
    min: 1,
    max: 60_000,
    step: 1,
    value: 200,
    "aria-label": "Milliseconds late",
  });
  const lateLabel = html("label", {}, "by ", late, " ms");
  const receivers = plan.replicas.flatMap((replica, index) => {
    if (index === liar) return [];
    const box = html("input", {
      type: "checkbox",
      value: replica.name,
      checked: plan.replicas[liar].toward.includes(index),
    });
    return [{ box, label: html("label", { class: "pill" }, box, replica.name) }];
  });
  const legend = html("legend", {}, "Who hears the other story");
  const button = html("button", { type: "submit", class: "pill go" }, `Make ${name} a traitor`);
  const chosen = () => receivers.filter(({ box }) => box.checked).map(({ box }) => box.value);
  const update = () => {
    setText(says, BEHAVIOURS[select.value] ?? "");
    lateLabel.hidden = select.value !== "delay";
    setText(
      legend,
      select.value === "silent-to"
        ? "Who hears nothing"
        : select.value === "delay"
          ? "Who hears it late"
          : "Who hears the other story",
    );
    button.disabled = chosen().length === 0 || !late.validity.valid;
  };
  const form = html(
    "form",
    { class: "gray-form", "aria-label": `Make ${name} a traitor` },
    html("div", {}, select, " ", lateLabel),
    says,
    html("fieldset", {}, legend, ...receivers.map(({ label }) => label)),
    button,
  );
  form.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commit(traitorStatement(plan, liar, select.value, chosen(), Number(late.value)));
  });
  update();
  return html(
    "details",
    { class: "traitor-form" },
    html(
      "summary",
      {},
      html("b", {}, "Make it a traitor"),
      html("span", {}, "Inside it stays honest. What it says does not."),
    ),
    form,
  );
}
