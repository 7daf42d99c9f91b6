// @ts-check
/** What the page says where its engine does not start. */
import { html } from "./draw/dom.js";
import { say } from "./draw/late-words.js";

/**
 * No engine, no playground: say so, and show what it would have been.
 *
 * @param {unknown} error
 * @returns {null}
 */
export function showUnavailable(error) {
  const page = new URL("./", location.href).href;
  document.body.replaceChildren(
    html(
      "div",
      { class: "failed" },
      html("h1", {}, say("fail.title")),
      html("p", {}, say("fail.why", { error: String(error) })),
      html("p", {}, say("fail.what")),
      html("img", { src: "still.svg", alt: say("fail.strip"), width: 640 }),
      html("p", {}, html("a", { href: page, target: "_blank", rel: "noopener" }, page)),
    ),
  );
  console.error(error);
  return null;
}
