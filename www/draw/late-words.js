// @ts-check
/** Sentences that no first view needs: whoever tells one imports this. */
import en from "../../words/en.late.json" with { type: "json" };
import { learn, say, tell } from "./words.js";

learn(en);

export { say, tell };
