// @ts-check
/** Sentences that no first view needs: whoever tells one imports this. */
import en from "../../words/en.late.json" with { type: "json" };
import { say, tell } from "./page-words.js";
import { learn } from "./words.js";

learn(en);

export { say, tell };
