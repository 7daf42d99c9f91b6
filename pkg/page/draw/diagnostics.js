// @ts-check
/** What the engine finds wrong with a text or a link, in words. */
import { say, tell } from "./late-words.js";

/**
 * @param {readonly import("../pkg/facts.js").Diagnostic[]} errors
 */
export function diagnosticsInWords(errors) {
  const words = errors
    .slice(0, 3)
    .map(({ line, column, fact }) => (line ? `${line}:${column} ` : "") + tell("diagnostic", fact));
  const more = errors.length > 3 ? say("diagnostic.more", { count: errors.length - 3 }) : "";
  return words.join(" · ") + more;
}

export { say };
