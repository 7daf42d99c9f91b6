// @ts-check
/**
 * A run in an element: the embed, with an engine that it is given. The build makes a function of it,
 * of the document that it may see (`run/room.js`), and calls it once for each element.
 */
import { begin, sayUnavailable, sayUnopened } from "./panels/embed.js";
import { parseHash } from "./run/address.js";
import { diagnosticsOf, enginesFrom, loadEngine } from "./run/engine.js";
import { lateFrom } from "./run/late.js";
import { Remote } from "./run/remote.js";
import { say } from "./draw/words.js";
import { inWords } from "./run/session.js";
import { speak } from "./run/language.js";

/**
 * @typedef {{engine: (name: string) => Promise<import("./run/engine.js").Engine>,
 *   part: (name: string) => Promise<any>}} Sources
 * @typedef {{errors: import("./pkg/facts.js").Diagnostic[], words: string}} Refused
 */

/** @param {Sources} sources */
export function supply({ engine, part }) {
  enginesFrom(engine);
  lateFrom(part);
}

/**
 * The link of a text, so that a text is opened like anything else; or what is wrong with it.
 *
 * @param {string} text
 * @returns {Promise<string|Refused>}
 */
export async function linkOf(text) {
  const engine = await loadEngine();
  try {
    return engine.link_of(text);
  } catch (error) {
    const errors = diagnosticsOf(error);
    if (!errors) throw error;
    return { errors, words: await inWords(errors) };
  }
}

export { begin, sayUnavailable, sayUnopened, speak };

/**
 * A file of its author's did not come.
 *
 * @param {string} what
 * @param {unknown} error
 */
export const sayMissing = (what, error) =>
  sayUnopened(say("late.failed", { what, error: String(error) }) + say("list.stop").trim());

/**
 * What a host may do to the run, once there is one.
 *
 * @param {import("./run/remote.js").Tell} tell
 */
export const remoteOf = (tell) => new Remote(window.halflink.player, tell);

/**
 * Looks of the same run: theme, view, and whether readers may act.
 *
 * @param {string} hash
 */
export function look(hash) {
  const { player } = window.halflink;
  const compared = player.compared && [...player.compared];
  player.hooks.asked?.({ ...parseHash(hash), compared });
  player.refresh();
}
