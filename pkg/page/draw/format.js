// @ts-check
/** Numbers and names as a reader wants them. */
import { called } from "./called.js";
import { minutes, number, say, tell } from "./words.js";

/**
 * A moment of the run: "0:14.2", "6:40.0", "1:23:20.0".
 *
 * @param {number} time_us
 */
export function formatTime(time_us) {
  const tenths = Math.floor(time_us / 100_000 + 1e-6);
  return `${minutes(Math.floor(tenths / 600))}:${number((tenths % 600) / 10, 1, 1, 2)}`;
}

/**
 * A length of time, to two digits: "40 ms", "2.1 s", "3 min", "6.6 h".
 *
 * @param {number} span_us
 */
export function formatSpan(span_us) {
  if (span_us < 950) return inUnit("us", Math.max(0, span_us));
  if (span_us < 999_500) return inUnit("ms", span_us / 1000, span_us < 9_950 ? 1 : 0);
  if (span_us < 119.5e6) return inUnit("s", span_us / 1e6, span_us < 9_950_000 ? 1 : 0);
  if (span_us < 119.5 * 60e6) return inUnit("min", span_us / 60e6);
  return inUnit("h", span_us / 3600e6, 1);
}

/**
 * @param {string} unit
 * @param {number} count
 * @param {number} [most] digits behind the point
 */
const inUnit = (unit, count, most = 0) => say(`span.${unit}`, { n: number(count, most, 0) });

/**
 * How long ago. Coarse is steady enough to read while the clock runs.
 *
 * @param {number} span_us
 * @param {boolean} [coarse]
 * @param {boolean} [bare] true for the span alone
 */
export function formatAgo(span_us, coarse = false, bare = false) {
  if (span_us < (coarse ? 200_000 : 10_000)) return say("ago.now");
  const span =
    coarse && span_us < 1e6
      ? inUnit("s", Math.floor(span_us / 100_000) / 10, 1)
      : span_us < 1e6
        ? inUnit("ms", Math.round(span_us / 10_000) * 10)
        : formatSpan(span_us);
  return bare ? span : say("ago", { span });
}

/**
 * "4×", "1/10×".
 *
 * @param {number} speed
 */
export function formatSpeed(speed) {
  const digits = (/** @type {number} */ value) => number(value, value >= 9.95 ? 0 : 1, 0);
  return speed >= 0.995 ? `${digits(speed)}×` : `${number(1)}/${digits(1 / speed)}×`;
}

/**
 * A label for the axis: "40 s", "6:40", "1:20:00".
 *
 * @param {number} time_us
 * @param {number} until_us
 */
export function formatTick(time_us, until_us) {
  const seconds = time_us / 1e6;
  if (until_us < 2e6) return inUnit("ms", time_us / 1000);
  if (until_us <= 120e6) return inUnit("s", seconds, 1);
  return `${minutes(Math.floor(seconds / 60))}:${number(seconds % 60, 0, 0, 2)}`;
}

/**
 * Of several groups, the one that is spoken of: "etcd: ".
 *
 * @param {import("../pkg/facts.js").Plan} plan
 */
export const ofGroup = ({ groups, cluster }) =>
  groups.length > 1 ? say("group.of", { group: cluster }) : "";

/**
 * A role in the protocol's own word for it.
 *
 * @param {{role: string, up: boolean}} replica
 * @param {{role_words: import("../pkg/facts.js").RoleWords}} plan
 */
export function formatRole({ role, up }, { role_words }) {
  const own = /** @type {Record<string, string>} */ (role_words)[role] ?? role;
  return capital(say(`role.${up ? own : "down"}`));
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * A note's first sentence, to set large, and what follows it.
 *
 * @param {string} text
 * @returns {[string, string]}
 */
export function splitCaption(text) {
  const all = text.trim();
  const [, first = all, rest = ""] =
    /^(.{8,90}?[.!?](?=\s)|.{4,45}?[。！？])\s*(.+)$/s.exec(all) ?? [];
  // A letter of East Asia is two wide, and each of them three bytes.
  const wide = first.replace(/[\u2e80-\uffef]/g, "xx").length;
  return rest || wide <= 80 ? [first.replace(/[.。]$/, ""), rest] : ["", all];
}

/**
 * A part's name in words: "ToR switch a of rack 1", "server 2 of rack 1", and what the author calls
 * it.
 *
 * @param {import("../pkg/facts.js").PlanPart} part
 */
export function describePart(part) {
  const site = (part.site ?? 0) + 1;
  const what = say(`part.${part.kind}`, {
    side: part.side === null ? "" : "ab"[part.side],
    rack: (part.rack ?? 0) + 1,
    slot: (part.slot ?? 0) + 1,
    disk: (part.disk ?? 0) + 1,
    site,
    name: part.name,
    server: part.name.replace(/\.[^.]+$/, ""),
  });
  // Racks are numbered through all sites, spines and feeds in each.
  if (/^site\d+\./.test(part.name)) return say("part.of-site", { part: what, site });
  const name = called(part.name);
  return part.kind === "server" && name !== part.name ? say("part.named", { what, name }) : what;
}

/**
 * A part's state and what is wrong with it.
 *
 * @param {import("../pkg/facts.js").PartView} part
 * @param {import("./words.js").Names} plan
 */
export function stateInWords({ state, why }, plan) {
  return why ? withArrows(tell("state", why, plan)) : say(`state.${state}`);
}

/**
 * What a fault over time is called: its statement; of what tripped, that it did.
 *
 * @param {Pick<import("../pkg/facts.js").FaultSpan, "text"|"tripped">} fault
 */
export const faultText = ({ text, tripped }) =>
  tripped ? say("strip.tripped", { part: text }) : text;

/**
 * Arrows of the text as a reader knows them.
 *
 * @param {string} text
 */
export function withArrows(text) {
  return text.replaceAll("<->", "⇄").replaceAll("->", "→");
}
