// @ts-check
/** Which captions are in force, and what they say. */
import assert from "node:assert/strict";
import test from "node:test";
import { captionAt, captionWords } from "../../www/panels/caption.js";
import { fakePlan } from "./fake-plan.js";

test("captions: which is in force, and which of how many", () => {
  const plan = fakePlan();
  const captions = plan.notes.map(({ at_us }, note) => ({ at_us: at_us ?? 0, note, said: null }));
  const { now, number } = captionAt({ captions }, 4e6);
  assert.deepEqual([number, captionWords(plan, now)], [2, plan.notes[1].text]);
  assert.deepEqual(captionAt({ captions: [] }, 4e6).now, []);
  assert.equal(captionWords(plan, []), plan.title);
  const said = { kind: "leads", who: "n3", at: 1_500_000 };
  assert.equal(
    captionWords(plan, [{ at_us: 0, note: null, said }]),
    "0:01.5: a majority comes to follow n3.",
  );
});

test("captions of one time stand together, and the way back leads past them", () => {
  const plan = fakePlan();
  const captions = [1e6, 2e6, 2e6, 3e6].map((at_us, note) => ({
    at_us,
    note: note % 2,
    said: null,
  }));
  const { now, number, times } = captionAt({ captions }, 2.5e6);
  assert.deepEqual([number, times], [2, [1e6, 2e6, 3e6]]);
  assert.equal(captionWords(plan, now), `${plan.notes[1].text} ${plan.notes[0].text}`);
});
