// @ts-check
/** Links to this run in the other languages that there are. */

/** @param {Element} host the links, as the page has them from its first bytes on */
export function offerLanguages(host) {
  for (const link of host.querySelectorAll("a"))
    link.hidden = link.hreflang === document.documentElement.lang;
}

/**
 * They lead to the run that is seen.
 *
 * @param {Element} host
 * @param {() => {hash: string, drafting: boolean}} now the run and how it plays; true while a text is
 *   being written: that stays where it is, and the other language opens beside it
 */
export function aimLanguages(host, now) {
  for (const link of host.querySelectorAll("a")) {
    link.addEventListener("click", () => {
      const { hash, drafting } = now();
      link.href = `?lang=${link.hreflang}${hash}`;
      link.target = drafting ? "_blank" : "";
    });
  }
}
