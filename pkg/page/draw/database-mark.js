// @ts-check
/**
 * Marks on the servers of databases: who is the primary, who has what it has, who is rebuilt, who
 * is shut out, and whose server does not run. Each database of a server has a slot of its own.
 */
import { called } from "./called.js";
import { set, setText, svg } from "./dom.js";
import { shortened } from "./measure.js";
import { say } from "./page-words.js";

/** @typedef {import("../pkg/facts.js").Plan} Plan */
/** @typedef {import("../pkg/facts.js").DatabaseView} DatabaseView */
/**
 * remove: takes it away, and gives a server's name its room back.
 *
 * @typedef {{element: SVGElement, title: SVGElement, bar: SVGElement, part: number,
 *   database: number, member: number, remove: () => void}} Mark
 */

/** A cylinder, 14 wide. */
const CYLINDER = "M0 3a7 3 0 0 1 14 0v9a7 3 0 0 1-14 0zM0 3a7 3 0 0 0 14 0";
const WIDE = 14;
/** What is drawn over it: shut out, or down. */
const BARS = { "shut-out": "M-2 8H16", down: "M1 2L13 14M13 2L1 14" };
/** From the right edge of a server, and from its top: below what a replica says. */
const [RIGHT, TOP, TOP_TALL] = [12, 10, 32];
/** Where an idle server's name begins, and what is left between words and marks. */
const [LEFT, GAP] = [11, 5];
/** So much of a server's width its name may take from marks. */
const NAME_MOST = 62;
/** Fewer letters of a name say nothing. */
const LEAST = 3;

/**
 * The server of a database, by its number among the parts; -1 if it is not there.
 *
 * @param {Plan} plan
 * @param {string} server
 */
const hostOf = (plan, server) => plan.parts.findIndex(({ name }) => called(name) === server);

/**
 * The servers of databases, by number, each with those that stand on it.
 *
 * @param {Plan} plan
 * @param {readonly DatabaseView[]} databases
 */
export function hostsOf(plan, databases) {
  /** @type {Map<number, {database: number, member: number}[]>} */
  const hosts = new Map();
  databases.forEach(({ servers }, database) => {
    servers.forEach((server, member) => {
      const part = hostOf(plan, server);
      if (part >= 0) hosts.set(part, [...(hosts.get(part) ?? []), { database, member }]);
    });
  });
  return hosts;
}

/** What so many marks take of the width of a server with a replica. @param {number} count */
export const marksWidth = (count) => (count ? RIGHT + count * (WIDE + GAP) : 0);

/**
 * @param {Plan} plan
 * @param {readonly DatabaseView[]} databases
 * @param {readonly ({element: SVGElement}|null)[]} parts
 * @param {readonly import("./layout-plant.js").PartShape[]} shapes
 * @param {(words: string) => number} width of a name
 * @returns {Mark[]}
 */
export function createMarks(plan, databases, parts, shapes, width) {
  /** @type {Mark[]} */
  const marks = [];
  for (const [part, ones] of hostsOf(plan, databases)) {
    const host = parts[part];
    if (!host) continue;
    const isIdle = plan.parts[part].replica === null;
    const end = shapes[part].box.width - RIGHT;
    const name = isIdle ? host.element.querySelector(".server-name") : null;
    const whole = name?.textContent ?? "";
    if (name) name.textContent = shortened(whole, (one) => width(one) <= NAME_MOST);
    const from = LEFT + width(name?.textContent ?? "") + GAP;
    const slot = isIdle ? (end - from) / ones.length : WIDE + GAP;
    ones.forEach(({ database, member }, number) => {
      const x = end - WIDE - (ones.length - 1 - number) * slot;
      const fits = (/** @type {string} */ one) => width(one) <= slot - WIDE - 2 * GAP;
      const says = isIdle ? shortened(databases[database].name, fits, LEAST) : "";
      const title = svg("title");
      const bar = svg("path", { class: "bar" });
      const element = svg(
        "g",
        {
          class: "database-mark",
          "aria-hidden": "true",
          transform: `translate(${x.toFixed(1)} ${isIdle ? TOP : TOP_TALL})`,
        },
        title,
        svg("path", { d: CYLINDER }),
        bar,
        svg("text", { x: -GAP, y: 12 }, says),
      );
      host.element.append(element);
      const remove = () => {
        element.remove();
        if (name) name.textContent = whole;
      };
      marks.push({ element, title, bar, part, database, member, remove });
    });
  }
  return marks;
}

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
 * What a member is at a moment; a replica where that is not told.
 *
 * @param {DatabaseView} database
 * @param {number} member
 * @param {number} time_us
 */
export function roleAt(database, member, time_us) {
  const now = standingAt(database, time_us);
  const is = (/** @type {number} */ which) => (which >> member) & 1;
  if (!now) return "replica";
  if (is(now.stopped)) return "down";
  if (is(now.shut_out)) return "shut-out";
  if (is(now.copying)) return "copying";
  return now.primary === member ? "primary" : "replica";
}

/**
 * @param {readonly Mark[]} marks
 * @param {readonly DatabaseView[]} databases
 * @param {number} time_us
 */
export function updateMarks(marks, databases, time_us) {
  for (const { element, title, bar, database, member } of marks) {
    const role = roleAt(databases[database], member, time_us);
    if (element.getAttribute("data-role") === role) continue;
    set(element, "data-role", role);
    set(bar, "d", role === "down" || role === "shut-out" ? BARS[role] : null);
    setText(title, say("database.mark", { name: databases[database].name, role }));
  }
}
