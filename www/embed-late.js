// @ts-check
/** What the embed loads when it is needed, as one part of its packed scripts: see packed.js. */
import * as compare from "./panels/compare.js";
import * as bug from "./draw/bug.js";
import * as diagnostics from "./draw/diagnostics.js";
import * as evidence from "./panels/evidence.js";
import * as groups from "./panels/groups.js";
import * as forgive from "./run/forgive.js";
import * as messages from "./run/messages.js";
import * as partMenu from "./panels/part-menu.js";
import * as plant from "./panels/plant.js";
import * as steps from "./panels/steps.js";
import { lateFrom, styleFrom } from "./run/late.js";
import { isPacked, packedModule } from "./run/packed.js";

// This script has modules of its own that the first one has, too, and these have to be told again.
styleFrom("pkg/halflink-embed-late.css");
if (isPacked) lateFrom(packedModule);

export const bugModule = bug;
export const compareModule = compare;
export const diagnosticsModule = diagnostics;
export const evidenceModule = evidence;
export const forgiveModule = forgive;
export const groupsModule = groups;
export const messagesModule = messages;
export const partMenuModule = partMenu;
export const plantModule = plant;
export const stepsModule = steps;
