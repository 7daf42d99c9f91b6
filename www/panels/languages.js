// @ts-check
/** Links to this run in the other languages that there are. */

/** @param {Element} host the links, as the page has them from its first bytes on */
export function offerLanguages(host) {
  for (const link of host.querySelectorAll("a")) {
    link.hidden = link.hreflang === document.documentElement.lang;
    // The run that is seen then, and no other.
    link.addEventListener("click", () => {
      link.href = `?lang=${link.hreflang}${location.hash}`;
    });
  }
}
