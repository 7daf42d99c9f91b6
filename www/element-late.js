// @ts-check
/** What an element loads when it is needed: what a frame does. */
export * from "./embed-late.js";
export { lateFrom } from "./run/late.js";
