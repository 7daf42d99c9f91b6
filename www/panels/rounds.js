// @ts-check
/** Steps from round to round, for generals: a round is where the commander's phase changes. */
import { html, set } from "../draw/dom.js";
import { say } from "../draw/late-words.js";

/**
 * The first moment after `time_us` (or the last one up to it, going back) at which the signature
 * is another than just before; `null` if there is none. A signature that comes and goes within a
 * step is missed.
 *
 * @param {(time_us: number) => string} signatureAt
 * @param {number} time_us
 * @param {{until_us: number, step_us: number, by: number}} how by: 1 forwards, -1 back
 * @returns {number|null}
 */
export function changeOf(signatureAt, time_us, { until_us, step_us, by }) {
  const end_us = by > 0 ? until_us : 0;
  let near_us = by > 0 ? time_us : Math.max(0, time_us - 1);
  const here = signatureAt(near_us);
  while (near_us !== end_us) {
    const far_us = by > 0 ? Math.min(end_us, near_us + step_us) : Math.max(0, near_us - step_us);
    if (signatureAt(far_us) !== here) return boundary(signatureAt, here, near_us, far_us);
    near_us = far_us;
  }
  return by > 0 ? null : 0;
}

/**
 * Between a moment that has the signature and one that has not: the later one's first microsecond.
 *
 * @param {(time_us: number) => string} signatureAt
 * @param {string} here
 * @param {number} same_us
 * @param {number} other_us
 */
function boundary(signatureAt, here, same_us, other_us) {
  while (Math.abs(other_us - same_us) > 1) {
    const middle_us = Math.floor((same_us + other_us) / 2);
    if (signatureAt(middle_us) === here) same_us = middle_us;
    else other_us = middle_us;
  }
  return Math.max(same_us, other_us);
}

/**
 * @param {HTMLElement} host
 * @param {Pick<import("./acting.js").Commands, "told"|"playback">} commands
 */
export function open(host, { told, playback }) {
  const button = (/** @type {"back"|"forward"} */ way, /** @type {number} */ by) => {
    const attributes = { type: "button", class: "pill", "aria-label": say(`round-label.${way}`) };
    const element = html("button", attributes, say(`round.${way}`));
    element.addEventListener("click", () => step(by));
    return element;
  };
  /** @param {number} by */
  const step = (by) => {
    const { run, plan } = told();
    if (!run) return;
    playback.pause();
    // The commander's rounds begin when rounds do; others follow as messages arrive.
    const signatureAt = (/** @type {number} */ time_us) => {
      const [{ epoch, phase }] = run.view(time_us, 0).replicas;
      return `${epoch} ${JSON.stringify(phase)}`;
    };
    const next_us = changeOf(signatureAt, Math.floor(playback.time_us), {
      until_us: plan.until_us,
      step_us: Math.max(1_000, Math.round(plan.election_max_us / 20)),
      by,
    });
    playback.seek(next_us ?? plan.until_us);
  };
  host.replaceChildren(button("back", -1), button("forward", 1));
  return {
    /** @param {import("../run/panels.js").Frame} frame */
    update({ plan }) {
      set(host, "hidden", !plan.generals);
    },
  };
}
