// @ts-check
/** The form that makes a replica a traitor: how it lies, and who hears the other story. */
import { html, setText } from "../draw/dom.js";
import { say } from "../draw/late-words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */

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
  const select = html("select", { "aria-label": say("traitor.how") });
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
    "aria-label": say("traitor.late"),
  });
  const lateLabel = html("label", {}, say("traitor.by"), late, " ms");
  const receivers = plan.replicas.flatMap((replica, index) => {
    if (index === liar) return [];
    const box = html("input", {
      type: "checkbox",
      value: replica.name,
      checked: plan.replicas[liar].toward.includes(index),
    });
    return [{ box, label: html("label", { class: "pill" }, box, replica.name) }];
  });
  const legend = html("legend", {}, say("traitor.story"));
  const button = html(
    "button",
    { type: "submit", class: "pill go" },
    say("traitor.make", { name }),
  );
  const chosen = () => receivers.filter(({ box }) => box.checked).map(({ box }) => box.value);
  const update = () => {
    setText(says, say(`behaviour.${select.value}`));
    lateLabel.hidden = select.value !== "delay";
    setText(
      legend,
      select.value === "silent-to"
        ? say("traitor.nothing")
        : select.value === "delay"
          ? say("traitor.hears-late")
          : say("traitor.story"),
    );
    button.disabled = chosen().length === 0 || !late.validity.valid;
  };
  const form = html(
    "form",
    { class: "gray-form", "aria-label": say("traitor.make", { name }) },
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
    html("summary", {}, html("b", {}, say("traitor.title")), html("span", {}, say("traitor.hint"))),
    form,
  );
}
