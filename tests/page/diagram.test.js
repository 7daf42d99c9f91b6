// Where a space-time diagram stands: scales, rows, the line of a message, the axis.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrowsIn,
  distance,
  huesOf,
  isAnswer,
  lineOf,
  rowsIn,
  scaleOf,
  ticksIn,
  within,
  zoomed,
} from "../../www/draw/diagram-layout.js";
import { formatExact } from "../../www/draw/exact.js";

const arrow = (changed = {}) => ({
  number: 0,
  sent_us: 1_000,
  ends_us: 2_000,
  from: 0,
  to: 2,
  kind: 0,
  marks: 0,
  ...changed,
});

test("arrows are read out of what the engine gives", () => {
  const flat = Float64Array.from([4, 1000, 2000, 0, 2, 3, 1, 5, 1500, 2500, 2, 0, 1, 0]);
  assert.deepEqual(arrowsIn(flat), [
    arrow({ number: 4, kind: 3, marks: 1 }),
    arrow({ number: 5, sent_us: 1500, ends_us: 2500, from: 2, to: 0, kind: 1 }),
  ]);
  assert.deepEqual(arrowsIn(new Float64Array()), []);
});

test("a scale is its own way back, and the first row is the first replica's", () => {
  const scale = scaleOf({ from_us: 2e6, to_us: 8e6 }, 900);
  for (const time_us of [2e6, 3_141_592, 8e6])
    assert.ok(Math.abs(scale.time(scale.x(time_us)) - time_us) < 1e-3);
  const rows = rowsIn(5, 300);
  assert.deepEqual(
    rows,
    rows.toSorted((a, b) => a - b),
  );
  assert.ok(rows[4] < 300 && new Set(rows).size === 5);
  assert.equal(rowsIn(1, 300).length, 1);
});

test("a message that died does not reach its row; one that was withheld hardly leaves", () => {
  const rows = [40, 100, 160];
  const x = (/** @type {number} */ time_us) => time_us / 10;
  assert.deepEqual(lineOf(arrow(), x, rows), { x1: 100, y1: 40, x2: 200, y2: 160 });
  const [died, lost, withheld] = [1, 3, 19].map((marks) => lineOf(arrow({ marks }), x, rows).y2);
  assert.ok(40 < withheld && withheld < died && died < 160);
  assert.equal(lost, died, "a lie that was sent and got lost");
  assert.equal(lineOf(arrow({ marks: 2 }), x, rows).y2, 160, "a lie arrives");
  const line = lineOf(arrow(), x, rows);
  assert.ok(distance(line, 150, 100) < 1e-9 && distance(line, 100, 60) > 5);
  assert.equal(distance({ x1: 3, y1: 4, x2: 3, y2: 4 }, 0, 0), 5, "one that takes no time");
});

test("a stretch stays within the run, and a zoom leaves its middle where it is", () => {
  assert.deepEqual(within({ from_us: -5e6, to_us: 5e6 }, 60e6), { from_us: 0, to_us: 10e6 });
  assert.deepEqual(within({ from_us: 55e6, to_us: 65e6 }, 60e6), { from_us: 50e6, to_us: 60e6 });
  assert.deepEqual(within({ from_us: 0, to_us: 1e12 }, 60e6), { from_us: 0, to_us: 60e6 });
  assert.equal(within({ from_us: 10, to_us: 11 }, 60e6).to_us, 210, "not nearer than can be told");
  assert.deepEqual(within({ from_us: 0, to_us: 90 }, 50), { from_us: 0, to_us: 50 });
  assert.deepEqual(zoomed({ from_us: 0, to_us: 8e6 }, 0.5, 2e6), { from_us: 1e6, to_us: 5e6 });
});

test("the axis has round moments that are told apart, from microseconds to hours", () => {
  for (const span_us of [200, 3_000, 47_000, 1e6, 6e6, 90e6, 3600e6, 8 * 3600e6]) {
    const ticks = ticksIn({ from_us: 1_234_567, to_us: 1_234_567 + span_us }, 900);
    assert.ok(ticks.length > 1 && ticks.length < 12, `${ticks.length} in ${span_us}`);
    assert.equal(new Set(ticks.map(({ words }) => words)).size, ticks.length, `${span_us}`);
  }
  assert.equal(formatExact(20_295_165, 6), "0:20.295165");
  assert.equal(formatExact(59_999_999, 0), "0:59");
  assert.equal(formatExact(3_720_000_000, 0), "1:02:00");
});

test("signs of life are pale, and an answer has the hue of what it answers", () => {
  const kinds = [
    "heartbeat",
    "heartbeat-reply",
    "append",
    "vote-reply",
    "append-reply",
    "vote",
  ].map((shape) => ({ name: shape, shape, words: shape }));
  assert.deepEqual(huesOf(kinds), [0, 0, 1, 2, 1, 2]);
  assert.deepEqual(kinds.map(isAnswer), [false, true, false, true, true, false]);
  const many = Array.from({ length: 12 }, (_, at) => ({ name: "", shape: `k${at}`, words: "" }));
  assert.ok(huesOf(many).every((hue) => hue >= 1 && hue < 6));
});
