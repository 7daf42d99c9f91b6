// @ts-check
/** What the page makes of its address, and the addresses it makes. */

/**
 * What comes after the `#`: the engine's part, and options of the page's own.
 *
 * @param {string} hash
 * @returns {{link: string, time_us: number|null, compared: string[]|null}} compared: protocols
 *   to set beside the scenario's own
 */
export function parseHash(hash) {
  const [link, ...options] = hash.split("&");
  const time = options.map((option) => /^t=(\d{1,5}(?:\.\d{1,6})?)$/.exec(option)?.[1])
    .find((value) => value !== undefined);
  const compared = options.map((option) => /^compare=([a-z+,-]{0,200})$/.exec(option)?.[1])
    .find((value) => value !== undefined);
  return {
    link,
    time_us: time === undefined ? null : Math.round(Number(time) * 1e6),
    compared: compared === undefined ? null : compared.split(",").filter(Boolean),
  };
}

/**
 * @param {string} address of the page
 * @param {string} link "#1.…"
 * @param {number|null} time_us to start at
 * @param {readonly string[]|null} [compared] protocols to set beside the scenario's own
 */
export function linkAddress(address, link, time_us, compared = null) {
  const at = time_us === null ? "" : `&t=${Math.round(time_us / 1000) / 1000}`;
  const beside = compared === null ? "" : `&compare=${compared.join(",")}`;
  return `${address.split("#")[0]}${link}${at}${beside}`;
}
