// @ts-check
/** Requests of clients who come at a rate: bars and words. */
import assert from "node:assert/strict";
import test from "node:test";
import { barsOf } from "../../www/panels/bars.js";
import { failuresInWords, momentInWords } from "../../www/panels/requests.js";

/** @type {import("../../pkg/facts.js").Requests} */
const NOTHING = {
  from_us: 0,
  asked: 0,
  answered: 0,
  failed: [0, 0, 0, 0, 0],
  waiting: 0,
  p50_us: null,
  p99_us: null,
};
/** @type {import("../../pkg/facts.js").RequestsView} */
const REQUESTS = {
  causes: ["queue-full", "queue", "retry-storm", "no-leader", "not-committed"],
  whole: NOTHING,
  stretch_us: 1_000_000,
  stretches: [
    { ...NOTHING, asked: 40, answered: 40, p50_us: 2_000, p99_us: 40_000 },
    { ...NOTHING, from_us: 1_000_000 },
    { ...NOTHING, from_us: 2_000_000, asked: 20, failed: [0, 0, 15, 0, 5] },
  ],
};

test("a bar is as high as what came, failed on top of answered", () => {
  const paths = barsOf(REQUESTS, (time_us) => time_us / 100_000);
  assert.equal(paths.length, 6);
  assert.deepEqual(paths, [
    "M0.0 28.0V0.0H10.0V28.0Z",
    "",
    "",
    "M20.0 28.0V17.5H30.0V28.0Z",
    "",
    "M20.0 17.5V14.0H30.0V17.5Z",
  ]);
});

test("a moment is told by its second, and nobody's by nothing", () => {
  assert.equal(
    momentInWords(REQUESTS, 999_999),
    "0:00.0 to 0:01.0: 40 came, 40 answered in time; half within 2 ms, 99 of 100 within 40 ms",
  );
  assert.equal(momentInWords(REQUESTS, 1_500_000), "");
  assert.equal(momentInWords(REQUESTS, 9_000_000), "");
  assert.equal(
    momentInWords(REQUESTS, 2_000_000),
    "0:02.0 to 0:03.0: 20 came, 0 answered in time; 15 too long behind retries and 5 not committed in time",
  );
});

test("only the causes that are there are told", () => {
  assert.deepEqual(failuresInWords(REQUESTS.stretches[2], REQUESTS.causes), [
    "15 too long behind retries",
    "5 not committed in time",
  ]);
  assert.deepEqual(failuresInWords(NOTHING, REQUESTS.causes), []);
});
