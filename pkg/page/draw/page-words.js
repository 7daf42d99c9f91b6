// @ts-check
/** Sentences that the page needs at once and an embed does not. */
import en from "../../words/en.page.json" with { type: "json" };
import { learn, say, tell } from "./words.js";

learn(en);

export { say, tell };
