// @ts-check
/** Evidence is loaded when there is some: most runs have no liar and break nothing. */
import { late } from "../run/late.js";
import { inWords } from "../run/panels.js";

/** @type {import("../run/panels.js").Row} */
export const evidence = {
  id: "evidence",
  host: { class: "evidence", label: "page.evidence", hidden: true },
  name: "late.evidence",
  load: late(() => import("./evidence.js"), "evidenceModule"),
  needs: (frame, open) => {
    const { changed, view, strip } = frame;
    if (changed !== "moment") return open && changed !== "start";
    const is_some = strip.violations.length || view?.replicas.some(({ lies }) => lies.length);
    return inWords(frame) && (open || Boolean(is_some));
  },
};
