/**
 * Half-failed links in a data centre, simulated. Start the module once, with the default export;
 * then everything else may be called. The module is inside, in a script that comes when it is
 * started; `initSync`, or the default export with an address or bytes, take it from elsewhere
 * (`halflink/halflink_bg.wasm`).
 *
 * @example
 * import init, { Run, story } from "halflink";
 * await init();
 * const run = new Run(story());
 */
export { default } from "./lib/engine.js";
export * from "./lib/engine.js";
export type * from "./facts.js";
