// @ts-check
/**
 * A frame and its host: commands come and events go as messages, `{ halflink: 1, do: "seek", at: 15 }`
 * and `{ halflink: 1, event: "step", detail }`. Who speaks is known by the window that the message
 * comes from, for a sandboxed frame's host may have any origin, and the frame has none. It is loaded
 * when a host speaks for the first time.
 */
import { COMMANDS, Remote } from "./remote.js";

/**
 * @typedef {{postMessage: (message: unknown, target: string) => void}} Host
 * @typedef {() => import("./player.js").Player|undefined} Found
 */

/** So often it is looked whether the run has begun. */
const BEGUN_MS = 40;
/** So many commands wait for it; what a host sends besides is not done. */
const WAITING_MAX = 100;

/** @type {Promise<Remote|undefined>|undefined} */
let remote;
let waiting = 0;

/** Something is said in place of the run. */
const isNone = () => document.body.dataset.state === "says";

/**
 * @param {Found} player
 * @param {Host} host
 * @returns {Promise<Remote|undefined>} nothing where no run comes
 */
async function begun(player, host) {
  let there = player();
  while (!there?.view) {
    if (isNone()) return undefined;
    await new Promise((go) => setTimeout(go, BEGUN_MS));
    there = player();
  }
  return new Remote(there, (event, detail) =>
    host.postMessage({ halflink: 1, event, detail }, "*"),
  );
}

/**
 * What a message asks for, if it is one of ours.
 *
 * @param {unknown} data
 */
export function commandOf(data) {
  if (typeof data !== "object" || data === null) return null;
  const { halflink, do: command, at, statement } = /** @type {Record<string, unknown>} */ (data);
  if (halflink !== 1) return null;
  const known = /** @type {readonly unknown[]} */ (["listen", ...COMMANDS]);
  if (!known.includes(command)) return null;
  return { command, argument: command === "apply" ? statement : at };
}

/**
 * Hears what its host says. Whatever that is, the host hears of the run from then on.
 *
 * @param {{source: unknown, data: unknown}} said
 * @param {Host} host
 * @param {Found} player
 */
export async function hear(
  { source, data },
  host = parent,
  player = () => window.halflink?.player,
) {
  // A page may post to any frame of another's.
  const asked = source === host ? commandOf(data) : null;
  if (!asked) return;
  const { command, argument } = asked;
  let done = false;
  if (waiting < WAITING_MAX) {
    waiting += 1;
    remote ??= begun(player, host);
    const coming = remote;
    const there = await coming;
    waiting -= 1;
    // Another address may be asked for, and then there may be one.
    if (!there && remote === coming) remote = undefined;
    done = command !== "listen" && !isNone() && there?.do(command, argument) === true;
  }
  if (command === "listen") return;
  host.postMessage({ halflink: 1, event: "done", detail: { do: command, done } }, "*");
}
