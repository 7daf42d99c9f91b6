// @ts-check
/**
 * Where the belief strip draws a whole run. Coordinates only: spans, marks and ticks become path
 * data, one path a colour, so that a run of thousands of terms is a dozen elements.
 */
import { withArrows } from "./format.js";
import { round } from "./geometry.js";
import { ROW_PITCH, layoutFaults } from "./layout-faults.js";
import { guess } from "./measure.js";
import { isSaid, say, tell } from "./words.js";

/** @typedef {import("../pkg/facts.js").Strip} Strip */

/**
 * @typedef {{kind: string, leader: number|null, value: string|null, line: string}} StripPath
 *   value: of a general, the order it means to carry out
 * @typedef {{x: number, y: number, text: string}} StripLabel
 * @typedef {{y: number, height: number, paths: StripPath[], labels: StripLabel[]}} StripLane
 * @typedef {{generals?: boolean, part?: "all"|"lanes"|"axis", thin?: boolean, rows?: number,
 *   extra?: number, measure?: import("./measure.js").Measure}} StripOptions
 *   part: all of it; or, where several strips share one axis, what is one's own and what is common
 *   to all; thin: true where there is little room; rows: for faults; extra: height for the lanes
 * @typedef {{left: number, right: number, width: number, height: number, top: number,
 *   bottom: number, lanes: StripLane[],
 *   faults: import("./layout-faults.js").StripFault[],
 *   more: import("./layout-faults.js").MoreFaults[], faultsY: number,
 *   writesY: number, committed: string, late: string, lost: string, leaderless: string, leaderlessY: number,
 *   violations: {x: number, text: string}[], ticks: {x: number, time_us: number}[],
 *   frontier: number}} StripLayout
 */

/** Rows for faults that overlap in time. */
export const FAULT_ROWS = 3;
const WRITE_COLUMN = 3;

/**
 * The horizontal scale of the strip.
 *
 * @param {number} width of the drawing
 * @param {number} until_us
 * @param {number} left where time 0 stands
 */
export function stripScale(width, until_us, left) {
  const right = width - 16;
  return {
    left,
    right,
    /** @param {number} time_us */
    x: (time_us) => left + (time_us / until_us) * (right - left),
    /** @param {number} x */
    time: (x) => Math.min(until_us, Math.max(0, ((x - left) / (right - left)) * until_us)),
  };
}

/**
 * @param {Strip} strip
 * @param {number} width
 * @param {number} left
 * @param {StripOptions} [options]
 * @returns {StripLayout}
 */
export function layoutStrip(strip, width, left, options = {}) {
  const { generals = false, part = "all", thin = false, rows = FAULT_ROWS, extra = 0 } = options;
  const { measure = guess } = options;
  const scale = stripScale(width, strip.until_us, left);
  const count = part === "axis" ? 0 : strip.lanes.length;
  const small = part === "lanes";
  const full = count <= 3 ? 22 : count <= 5 ? 15 : Math.max(6, Math.floor(84 / count));
  const height = (thin ? Math.round(full * 0.75) : full) + Math.floor(extra / Math.max(1, count));
  const pitch = height + (count <= 5 && !thin ? 7 : 3);
  // The playhead's grip stands above whatever has a label.
  const top = small ? 6 : 14;
  const lanes = strip.lanes.slice(0, count).map((spans, index) => {
    const y = top + index * pitch;
    return {
      y,
      height,
      paths: beliefPaths(spans, index, y, height, scale.x, generals),
      labels: valueLabels(spans, y + height / 2 + 4, scale.x, height, measure),
    };
  });
  const leaderlessY = top + count * pitch + (count > 5 ? 6 : small ? 4 : 0);
  const faultsY = leaderlessY + (part === "axis" ? 0 : 13);
  const stacked = small
    ? { rows: 0, faults: [], more: [] }
    : layoutFaults(strip.faults, scale.x, {
        right: scale.right,
        y: faultsY,
        rows,
        words: withArrows,
        measure,
      });
  const writesY = faultsY + (small ? -3 : Math.max(1, stacked.rows) * ROW_PITCH + 4);
  const bottom = writesY + (part === "axis" ? 0 : 14);
  return {
    left,
    right: scale.right,
    width,
    top,
    lanes,
    leaderlessY,
    faultsY,
    writesY,
    bottom,
    height: bottom + (small ? 4 : 20),
    leaderless:
      part === "axis" || generals
        ? ""
        : strip.leaderless
            .map(([from, to]) => bar(scale.x(from), leaderlessY, scale.x(to), 5))
            .join(""),
    faults: stacked.faults,
    more: stacked.more,
    ...writeBars(part === "axis" ? [] : strip.writes, strip.frontier_us, scale, writesY),
    violations:
      part === "axis"
        ? []
        : strip.violations.map((violation) => ({
            x: scale.x(violation.at_us),
            // In an embed what was seen comes late; the evidence below tells it.
            text: isSaid("strip.broken")
              ? say("strip.broken", violation)
              : tell("property", violation.property),
          })),
    ticks: ticks(strip.until_us, scale.right - left).map((time_us) => ({
      x: scale.x(time_us),
      time_us,
    })),
    frontier: scale.x(strip.frontier_us),
  };
}

/**
 * @param {number} from
 * @param {number} y
 * @param {number} to
 * @param {number} height
 */
function bar(from, y, to, height) {
  return (
    `M${round(from)} ${round(y)}H${round(Math.max(to, from + 0.6))}v${round(height)}` +
    `H${round(from)}Z`
  );
}

/**
 * @param {import("../pkg/facts.js").BeliefSpan[]} spans
 * @param {number} replica
 * @param {number} y
 * @param {number} height
 * @param {(time_us: number) => number} x
 * @param {boolean} generals
 * @returns {StripPath[]}
 */
function beliefPaths(spans, replica, y, height, x, generals) {
  /** @type {Map<string, StripPath>} */
  const paths = new Map();
  const add = (
    /** @type {string} */ kind,
    /** @type {number|null} */ leader,
    /** @type {string} */
    line,
    /** @type {string|null} */ value = null,
  ) => {
    const key = `${kind} ${leader} ${value}`;
    const path = paths.get(key) ?? { kind, leader, value, line: "" };
    path.line += line;
    paths.set(key, path);
  };
  for (const span of spans) {
    const [from, to] = [x(span.from_us), x(span.to_us)];
    const gap = to - from > 3 ? 0.7 : 0;
    if (span.role === "down") {
      add("down", null, bar(from, y + height / 2 - 1.5, to, 3));
    } else if (generals && span.value !== null) {
      add("follows", null, bar(from, y, to - gap, height), span.value.kind);
    } else if (span.leader === null || generals) {
      if (to - from >= 7) add("nobody", null, bar(from + 1, y + 0.8, to - gap - 1, height - 1.6));
      else add("nobody-thin", null, bar(from, y + height / 2 - 0.7, to, 1.4));
    } else {
      add("follows", span.leader, bar(from, y, to - gap, height));
      if (span.role === "leader" && span.leader === replica) {
        add("leads", span.leader, bar(from, y, to - gap, 3.5));
      }
    }
  }
  return [...paths.values()];
}

/**
 * The values that replicas believe in, where there is room to write them.
 *
 * @param {import("../pkg/facts.js").BeliefSpan[]} spans
 * @param {number} y
 * @param {(time_us: number) => number} x
 * @param {number} height
 * @param {import("./measure.js").Measure} measure
 * @returns {StripLabel[]}
 */
function valueLabels(spans, y, x, height, measure) {
  if (height < 11) return [];
  return spans.flatMap(({ from_us, to_us, value }) => {
    const room = x(to_us) - x(from_us);
    const text = value ? tell("value", value) : "";
    return text && room > measure(text, 11) + 10 ? [{ x: x(from_us) + 6, y, text }] : [];
  });
}

/**
 * A column every three pixels: as much of it is lost, or late, as of the writes tried in its time.
 *
 * @param {import("../pkg/facts.js").WriteMark[]} writes
 * @param {number} frontier_us
 * @param {{x: (time_us: number) => number}} scale
 * @param {number} y
 */
function writeBars(writes, frontier_us, scale, y) {
  /** In time, late, lost. @type {Map<number, [number, number, number]>} */
  const columns = new Map();
  const took_us = writes
    .flatMap(({ at_us, committed_us }) => (committed_us === null ? [] : [committed_us - at_us]))
    .reduce((least, took) => Math.min(least || took, took), 0);
  for (const write of writes) {
    // Not lost: even the fastest took longer than this one had.
    if (write.committed_us === null && frontier_us - write.at_us < took_us) continue;
    const column = Math.floor(scale.x(write.at_us) / WRITE_COLUMN);
    const counts = columns.get(column) ?? [0, 0, 0];
    counts[write.committed_us === null ? 2 : write.late ? 1 : 0] += write.count;
    columns.set(column, counts);
  }
  const paths = ["", "", ""];
  for (const [column, counts] of columns) {
    const x = column * WRITE_COLUMN;
    const all = counts[0] + counts[1] + counts[2];
    let bottom = y + 12;
    counts.forEach((count, fate) => {
      const height = 12 * (count / all);
      if (count) paths[fate] += bar(x, bottom - height, x + WRITE_COLUMN - 0.8, height);
      bottom -= height;
    });
  }
  const [committed, late, lost] = paths;
  return { committed, late, lost };
}

/**
 * Round moments, some eighty pixels apart.
 *
 * @param {number} until_us
 * @param {number} width
 */
export function ticks(until_us, width) {
  const steps = [
    0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400,
  ];
  const wanted = (until_us / 1e6) * (80 / Math.max(width, 100));
  const step_us = (steps.find((step) => step >= wanted) ?? 14400) * 1e6;
  const times = [];
  for (let time_us = 0; time_us <= until_us; time_us += step_us) times.push(time_us);
  return times;
}
