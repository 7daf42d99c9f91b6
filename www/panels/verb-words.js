// @ts-check
/** What a verb does, as the page about the language says it: both are made of `verb.KEY`. */
import { html } from "../draw/dom.js";
import { say } from "../draw/late-words.js";
import { ACTIONS } from "./grammar.js";

/** A piece of the language, letter for letter. @param {string} text */
function code(text) {
  const element = html("code");
  element.textContent = text;
  return element;
}

/**
 * @param {string} name "heal", of which there are several
 * @returns {HTMLElement}
 */
export function explainVerb(name) {
  const rows = ACTIONS.filter((one) => one.name === name).map(({ takes, key }) => {
    const words = say(`verb.${key}`).split("`");
    return html(
      "p",
      {},
      code(`${name} ${takes}`),
      " ",
      ...words.map((piece, index) => (index % 2 ? code(piece) : html("span", {}, piece))),
    );
  });
  return html("div", { class: "verb-words" }, ...rows);
}
