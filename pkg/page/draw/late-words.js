// @ts-check
/** Sentences that no first view needs: whoever tells one imports this. */
import en from "../../words/en.late.json" with { type: "json" };
import { say, tell } from "./page-words.js";
import { learn } from "./words.js";

learn(en);

export { say, tell };

/** @param {readonly string[]} told clauses of one sentence, one after the other */
export function clauses(told) {
  const first = told.slice(0, -1).join(say("list.clause"));
  const [last = ""] = told.slice(-1);
  return first ? say("list.clauses", { first, last }) : last;
}
