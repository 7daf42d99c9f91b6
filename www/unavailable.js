// @ts-check
/** What the page says where its engine does not start. */
import { html } from "./draw/dom.js";

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
      html("h1", {}, "Halflink could not start"),
      html(
        "p",
        {},
        "Its engine is WebAssembly, and this browser or the page's security policy " +
          `did not load it (${String(error)}).`,
      ),
      html(
        "p",
        {},
        "This is what it shows: one switch half fails, n1 stops hearing its leader, n2 " +
          "does not, and the cluster keeps electing n3 for as long as the fault lasts.",
      ),
      html("img", {
        src: "still.svg",
        alt: "Belief strip: n1 follows nobody; n2 and n3 keep " + "electing n3.",
        width: 640,
      }),
      html("p", {}, html("a", { href: page, target: "_blank", rel: "noopener" }, page)),
    ),
  );
  console.error(error);
  return null;
}
