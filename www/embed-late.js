// @ts-check
/** What the embed loads when it is needed, as one part of its packed scripts: see packed.js. */
import * as comparison from "./comparison.js";
import * as diagnostics from "./diagnostics.js";
import * as evidence from "./evidence.js";
import * as forgive from "./forgive.js";
import * as partMenu from "./part-menu.js";
import * as plant from "./plant-panel.js";

export const comparisonModule = comparison;
export const diagnosticsModule = diagnostics;
export const evidenceModule = evidence;
export const forgiveModule = forgive;
export const partMenuModule = partMenu;
export const plantModule = plant;
