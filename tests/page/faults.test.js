// @ts-check
/** The strip hides no fault, and no words lie on others. */
import assert from "node:assert/strict";
import test from "node:test";
import { labelWidth } from "../../www/draw/layout-faults.js";
import { layoutStrip } from "../../www/draw/layout-strip.js";
import { generator } from "../support/random.js";

/** @typedef {import("../../pkg/facts.js").FaultSpan} FaultSpan */

const WIDTHS = [280, 360, 640, 768, 1120, 1440];
const ROUNDS = process.env.HALFLINK_LARGE ? 4_000 : 300;
const UNTIL_US = 30e6;
const HEIGHT = 12;

/**
 * @param {FaultSpan[]} faults
 * @returns {import("../../pkg/facts.js").Strip}
 */
function stripOf(faults) {
  return {
    frontier_us: UNTIL_US,
    until_us: UNTIL_US,
    lanes: [[], [], []],
    faults,
    elections: [],
    writes: [],
    requests: null,
    databases: [],
    leaderless: [],
    violations: [],
    captions: [],
    outcome: null,
    exhausted: null,
  };
}

/**
 * @param {FaultSpan[]} faults
 * @param {number} width
 * @param {number} [rows]
 */
function check(faults, width, rows) {
  const layout = layoutStrip(stripOf(faults), width, 74, { rows });
  const shown = new Set(layout.more.flatMap((one) => one.faults));
  assert.equal(layout.faults.length + shown.size, faults.length, "shown or counted, and not both");
  for (const { label, faults: counted } of layout.more)
    assert.equal(label, `+${counted.length} more`);
  for (const { faults: counted, x, width: wide } of layout.more) {
    for (const index of counted) {
      const at = layout.left + (faults[index].from_us / UNTIL_US) * (layout.right - layout.left);
      assert.ok(x <= at + 0.01 && at <= x + wide + 0.01, "a count stands where its faults do");
    }
  }
  const labels = [
    ...layout.faults
      .filter(({ label }) => label)
      .map(({ x, y, label, before }) => ({
        x: before ? x - labelWidth(label) : x,
        y,
        width: labelWidth(label),
        label,
      })),
    ...layout.more,
  ];
  const bars = [...layout.faults, ...layout.more];
  labels.forEach((one, index) => {
    assert.ok(
      one.x >= layout.left - 60 && one.x + one.width <= layout.right + 0.01,
      `${one.label} leaves the picture`,
    );
    for (const other of labels.slice(index + 1)) assert.ok(!overlap(one, other), "labels overlap");
    for (const bar of bars) {
      const own = bar.x === one.x && bar.y === one.y;
      assert.ok(own || !overlap(one, bar), `${one.label} lies on another's bar`);
    }
  });
  const lowest = Math.max(0, ...bars.map(({ y }) => y + HEIGHT));
  assert.ok(lowest <= layout.writesY, "faults lie on the writes");
  return layout;
}

/**
 * True if they share more than the least width of a bar.
 *
 * @param {{x: number, y: number, width: number}} one
 * @param {{x: number, y: number, width: number}} other
 */
function overlap(one, other) {
  return (
    Math.abs(one.y - other.y) < HEIGHT &&
    one.x < other.x + other.width - 0.81 &&
    other.x < one.x + one.width - 0.81
  );
}

const TEXTS = [
  "cut n1 -> n3",
  "fail feed-a",
  "crash r1.s1",
  "lose 40% of n1 <-> n15",
  "gray r1.tor-a drops n1 <-> n3 n2 -> n4",
  "equivocate n3 to n1 n2",
];

test("random faults: each is shown or counted, and no two labels intersect", () => {
  const next = generator(7);
  for (let round = 0; round < ROUNDS; round += 1) {
    const count = next(next(4) ? 12 : 120);
    // Many at one moment, at a few moments, or anywhere; short, long or to the end.
    const moments = [1, 4, 3_000][next(3)];
    const faults = Array.from({ length: count }, () => {
      const from_us = next(moments) * Math.floor(UNTIL_US / moments);
      const to_us = [UNTIL_US, from_us, from_us + next(400_000), from_us + next(9_000_000)][
        next(4)
      ];
      return {
        from_us,
        to_us: Math.min(UNTIL_US, to_us),
        text: TEXTS[next(TEXTS.length)],
        class: /** @type {const} */ ("omission"),
        tripped: false,
        line: null,
      };
    }).sort((one, other) => one.from_us - other.from_us);
    for (const width of WIDTHS) check(faults, width, [undefined, 0, 1, 10][next(4)]);
  }
});

test("six cuts at once: three are told and three are counted", () => {
  const six = ["n1 <-> n3", "n1 <-> n4", "n1 <-> n5", "n2 <-> n3", "n2 <-> n4", "n2 <-> n5"].map(
    (link) => ({
      from_us: 5e6,
      to_us: UNTIL_US,
      text: `cut ${link}`,
      class: /** @type {const} */ ("omission"),
      tripped: false,
      line: null,
    }),
  );
  const layout = check(six, 1200);
  assert.deepEqual(
    layout.faults.map(({ label }) => label),
    ["cut n1 ⇄ n3", "cut n1 ⇄ n4", "cut n1 ⇄ n5"],
  );
  assert.deepEqual(
    layout.more.map(({ label }) => label),
    ["+3 more"],
  );
  const four = check(six.slice(2), 1200);
  assert.equal(four.faults.length, 4, "the row that would count one shows it instead");
  assert.equal(check(six, 1200, 10).more.length, 0);
});

test("a fault too short for its name has it beside it, as far as there is room", () => {
  const blink = (/** @type {number} */ at) => ({
    from_us: at * 1e6,
    to_us: at * 1e6 + 1e5,
    text: "cut n1 -> n3",
    class: /** @type {const} */ ("omission"),
    tripped: false,
    line: null,
  });
  const told = check([blink(5), blink(6), blink(7), blink(27)], 640).faults;
  const name = "cut n1 → n3";
  assert.deepEqual(
    told.map(({ label }) => label),
    [name, "", name, name],
  );
  assert.deepEqual(
    told.map(({ before }) => before),
    [true, false, false, true],
    "or before it",
  );
  const atTheEnd = {
    from_us: UNTIL_US - 1,
    to_us: UNTIL_US,
    text: "fail r3.s1",
    class: /** @type {const} */ ("crash"),
    tripped: false,
    line: null,
  };
  const [end] = check([atTheEnd], 640).faults;
  assert.ok(end.before && end.label === "fail r3.s1", "what begins at the end has its name, too");
});

test("what a line repeats has one track, and nothing else stands in it", () => {
  const fault = (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {string} */ text,
    /** @type {number|null} */ line = null,
  ) => ({
    from_us: from * 1e6,
    to_us: to * 1e6,
    text,
    class: /** @type {const} */ ("omission"),
    tripped: false,
    line,
  });
  const flaps = [4, 10, 16].map((at) => fault(at, at + 2, "cut n1 <-> n2", 0));
  const faults = [flaps[0], fault(5, 7, "crash r1.s1"), fault(7, 11, "crash r2.s1"), flaps[1]];
  const told = check([...faults, flaps[2]], 1200, 3).faults;
  const rows = (/** @type {string} */ text) =>
    new Set(told.filter((one) => one.text === text).map(({ y }) => y));
  assert.equal(rows("cut n1 <-> n2").size, 1);
  assert.deepEqual([...rows("crash r1.s1")], [...rows("crash r2.s1")], "the other row is free");
  // Without a row it is counted, each time.
  const hidden = layoutStrip(stripOf([...faults, flaps[2]]), 1200, 74, { rows: 0 });
  assert.equal(hidden.more.flatMap((one) => one.faults).length, 5);
});
