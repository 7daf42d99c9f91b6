// @ts-check
/** What the embed loads when it is needed, as one part of its packed scripts: see packed.js. */
import * as comparison from "./panels/comparison.js";
import * as diagnostics from "./draw/diagnostics.js";
import * as evidence from "./panels/evidence.js";
import * as forgive from "./run/forgive.js";
import * as partMenu from "./panels/part-menu.js";
import * as plant from "./panels/plant-panel.js";

export const comparisonModule = comparison;
export const diagnosticsModule = diagnostics;
export const evidenceModule = evidence;
export const forgiveModule = forgive;
export const partMenuModule = partMenu;
export const plantModule = plant;
