/**
 * The same with the crates that others run in production, and with what a page asks of a run besides:
 * its messages one by one, and what happened. It holds all that `halflink` holds.
 */
export { default } from "./lib/production.js";
export * from "./lib/production.js";
export type * from "./facts.js";
