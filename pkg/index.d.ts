/**
 * Half-failed links in a data centre, simulated. Start the module once, with the default export (it
 * fetches `halflink_bg.wasm` from beside itself) or with `initSync` and the module's bytes; then
 * everything else may be called.
 *
 * @example
 * import init from 'halflink';
 * await init();
 */
export { default, initSync } from "./halflink.js";
export * from "./halflink.js";
export type * from "./facts.js";
