// @ts-check
/** What the page makes of its address, and the addresses it makes. */

/**
 * What comes after the `#`: the engine's part, and options of the page's own.
 *
 * @param {string} hash
 * @returns {{link: string, time_us: number|null}}
 */
export function parseHash(hash) {
  const [link, ...options] = hash.split("&");
  const time = options.map((option) => /^t=(\d{1,5}(?:\.\d{1,6})?)$/.exec(option)?.[1])
    .find((value) => value !== undefined);
  return { link, time_us: time === undefined ? null : Math.round(Number(time) * 1e6) };
}

/**
 * @param {string} address of the page
 * @param {string} link "#1.…"
 * @param {number|null} time_us to start at
 */
export function linkAddress(address, link, time_us) {
  const at = time_us === null ? "" : `&t=${Math.round(time_us / 1000) / 1000}`;
  return `${address.split("#")[0]}${link}${at}`;
}
