// @ts-check
/**
 * Marks on the servers of databases: who is the primary, who has what it has, and who is rebuilt.
 */
import { called } from "./called.js";
import { set, svg } from "./dom.js";

/** @typedef {import("../pkg/facts.js").DatabaseView} DatabaseView */

/** A cylinder, 14 wide. */
const CYLINDER = "M0 3a7 3 0 0 1 14 0v9a7 3 0 0 1-14 0zM0 3a7 3 0 0 0 14 0";
/** From the right edge of a server, and from its top: below what a replica says. */
const [RIGHT, TOP, TOP_TALL] = [26, 10, 32];

/**
 * @param {import("../pkg/facts.js").Plan} plan
 * @param {readonly DatabaseView[]} databases
 * @param {readonly ({element: SVGElement}|null)[]} parts
 * @param {readonly import("./layout-plant.js").PartShape[]} shapes
 */
export const createMarks = (plan, databases, parts, shapes) =>
  databases.flatMap(({ name, servers }, database) =>
    servers.flatMap((server, member) => {
      const part = plan.parts.findIndex((one) => called(one.name) === server);
      const host = parts[part];
      if (!host) return [];
      const { replica } = plan.parts[part];
      const x = shapes[part].box.width - RIGHT;
      const element = svg(
        "g",
        {
          class: "database-mark",
          "aria-hidden": "true",
          transform: `translate(${x} ${replica === null ? TOP : TOP_TALL})`,
        },
        svg("path", { d: CYLINDER }),
        svg("text", { x: -5, y: 12 }, replica === null ? name : ""),
      );
      host.element.append(element);
      return [{ element, database, member }];
    }),
  );

/**
 * How a cluster stands at a moment; nothing where that is not told.
 *
 * @param {DatabaseView} database
 * @param {number} time_us
 */
export function standingAt({ standings, known_us }, time_us) {
  const now = Math.floor(time_us);
  return now > known_us ? undefined : standings.findLast(({ from_us }) => from_us <= now);
}

/**
 * @param {ReturnType<typeof createMarks>} marks
 * @param {readonly DatabaseView[]} databases
 * @param {number} time_us
 */
export function updateMarks(marks, databases, time_us) {
  for (const { element, database, member } of marks) {
    const now = standingAt(databases[database], time_us);
    const isCopying = now && (now.copying >> member) & 1;
    const role = now?.primary === member ? "primary" : isCopying ? "copying" : "replica";
    set(element, "data-role", role);
  }
}
