// @ts-check
/** Database clusters in words. */
import assert from "node:assert/strict";
import test from "node:test";
import { promotionsInWords, readsInWords, standingInWords } from "../../www/panels/databases.js";

/** @type {import("../../pkg/facts.js").DatabaseReads} */
const NOTHING = { from_us: 0, asked: 0, answered: 0, failed: [0, 0, 0, 0], short_us: 0 };
/** @type {import("../../pkg/facts.js").DatabaseView} */
const AUTH = {
  name: "auth",
  servers: ["r1.s3", "r2.s3", "r3.s3"],
  causes: ["load", "rebuild", "promotion", "server"],
  promotions: [{ lapsed_us: 60_000_000, at_us: 62_000_000, from: 0, to: 1 }],
  more: 0,
  standings: [
    {
      from_us: 0,
      primary: 0,
      serving: 3,
      rebuilding: 0,
      copying: 0,
      fenced: 0,
      shut_out: 0,
      down: 0,
      stopped: 0,
    },
    {
      from_us: 60_000_000,
      primary: null,
      serving: 2,
      rebuilding: 0,
      copying: 0,
      fenced: 1,
      shut_out: 1,
      down: 0,
      stopped: 0,
    },
    {
      from_us: 62_000_000,
      primary: 1,
      serving: 1,
      rebuilding: 1,
      copying: 1,
      fenced: 0,
      shut_out: 0,
      down: 1,
      stopped: 4,
    },
  ],
  known_us: 90_000_000,
  whole: {
    ...NOTHING,
    asked: 9_000,
    answered: 6_000,
    failed: [0, 2_990, 0, 10],
    short_us: 28_000_000,
  },
  stretch_us: 1_000_000,
  stretches: [],
};

test("a moment is told by how the cluster stands then, and not beyond what is known", () => {
  const at = (/** @type {number} */ seconds) => standingInWords(AUTH, seconds * 1_000_000);
  assert.equal(at(0), "primary r1.s3 and 3 of 3 serve reads");
  assert.equal(at(61.5), "no primary, 2 of 3 serve reads and a promotion is under way");
  assert.equal(
    at(90),
    "primary r2.s3, 1 of 3 serve reads, 1 is being rebuilt and the server of 1 does not run",
  );
  assert.equal(at(90.1), "");
});

test("promotions are told in order, or that there was none", () => {
  assert.deepEqual(promotionsInWords(AUTH), [
    "1:02.0: r2.s3 becomes the primary in place of r1.s3",
  ]);
  assert.equal(promotionsInWords({ ...AUTH, more: 2 }).at(-1), "2 more promotions");
  assert.deepEqual(promotionsInWords({ ...AUTH, promotions: [] }), [
    "r1.s3 is the primary all along",
  ]);
});

test("reads are told by cause, and not where nobody reads", () => {
  assert.deepEqual(readsInWords(AUTH), [
    { kind: "answered", words: "6,000 of 9,000 reads served and too few of them for 28 s" },
    { kind: "rebuild", words: "2,990 while members were rebuilt" },
    { kind: "server", words: "10 while a server did not run" },
  ]);
  assert.deepEqual(readsInWords({ ...AUTH, whole: NOTHING }), []);
});
