// @ts-check
/** One polite live region: the latest word only, and not more often than a reader can follow. */

const PAUSE_MS = 2_000;

/**
 * @param {Element} region
 * @returns {(words: string) => void}
 */
export function announcer(region) {
  let waiting = "";
  let timer = 0;
  const flush = () => {
    timer = 0;
    if (!waiting) return;
    region.textContent = waiting;
    waiting = "";
    timer = window.setTimeout(flush, PAUSE_MS);
  };
  return (words) => {
    waiting = words;
    if (!timer) flush();
  };
}
