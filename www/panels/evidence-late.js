// @ts-check
/** Loads the panel of evidence when there is some: most runs have no liar and break nothing. */
import { byId } from "../draw/dom.js";
import { late } from "../run/late.js";

const load = late(() => import("./evidence.js"), "evidenceModule");

/**
 * Draws what broke and what liars said, once there is a liar or something broken.
 *
 * @param {import("./player.js").Player} player
 */
export function evidence(player) {
  /** @type {import("./evidence.js").EvidenceView|undefined} */
  let shown;
  let missing = false;
  return async () => {
    const { session, view } = player;
    if (!view) return;
    const liars = view.replicas.some(({ lies }) => lies.length);
    if (!shown && !liars && !session.strip.violations.length) return;
    if (missing) return;
    if (!shown) {
      try {
        const { EvidenceView } = await load();
        shown ??= new EvidenceView(byId("evidence"), player);
      } catch (error) {
        // The run goes on without it.
        missing = true;
        player.notice(`What broke, and what liars said, could not be loaded: ${String(error)}`);
        return;
      }
    }
    shown.update(session.plan, player.view ?? view);
  };
}
