// @ts-check
/** What the package has for Node: `halflink/picture` there, and what the command line is made of. */
export { picture } from "./picture.js";
export { page } from "./page.js";
export { diagnosticsInWords } from "../../www/draw/diagnostics.js";
export { parseHash, readTime } from "../../www/run/address.js";
export { diagnosticsOf, moduleWanted } from "../../www/run/engine.js";
export { hashAmong, tidy } from "../../www/run/forgive.js";
