// @ts-check
/** Where the playhead waits, and how what a step points at is found. */
import assert from "node:assert/strict";
import test from "node:test";
import { leadOf, selectors } from "../../www/panels/steps.js";
import { Playback } from "../../www/run/playback.js";

/** @param {readonly number[]} steps_us */
function playing(steps_us) {
  const playback = new Playback(() => {});
  playback.until_us = playback.frontier_us = 1e6;
  playback.steps_us = steps_us;
  playback.play();
  playback.tick(0);
  return playback;
}

test("the playhead waits at each step once", () => {
  const playback = playing([0, 50_000, 90_000]);
  assert.deepEqual([playback.time_us, playback.playing], [0, false], "at one at the start");
  const clock = { now_ms: 0 };
  const frame = () => {
    clock.now_ms += 30;
    playback.tick(clock.now_ms);
  };
  for (const step_us of [50_000, 90_000]) {
    playback.play();
    while (playback.playing) frame();
    assert.equal(playback.time_us, step_us);
  }
  playback.play();
  for (let count = 0; count < 60; count += 1) frame();
  assert.deepEqual([playback.time_us, playback.playing], [1e6, false]);
});

test("a run that is opened waits at a step at its start, and one that loops meets all again", () => {
  const playback = new Playback(() => {});
  playback.until_us = playback.frontier_us = 1e6;
  playback.steps_us = [0, 500_000];
  playback.loop_us = 0;
  playback.seek(0);
  playback.play();
  let now_ms = 0;
  for (const step_us of [0, 500_000, 0, 500_000]) {
    for (let count = 0; playback.playing && count < 100; count += 1) {
      now_ms += 30;
      playback.tick(now_ms);
    }
    assert.deepEqual([playback.time_us, playback.playing], [step_us, false]);
    playback.toggle();
  }
});

test("who is put at a step goes on from it, and meets an earlier one again", () => {
  const playback = playing([50_000, 90_000]);
  playback.seek(90_000);
  for (let frame = 1; frame < 5; frame += 1) playback.tick(frame * 30);
  assert.ok(playback.time_us > 90_000 && playback.playing);
  playback.seek(40_000);
  for (let frame = 5; frame < 10; frame += 1) playback.tick(frame * 30);
  assert.deepEqual([playback.time_us, playback.playing], [50_000, false]);
});

test("a frame does not pass over a step, however fast time runs", () => {
  const playback = playing([50_000]);
  playback.setSpeed(100);
  playback.tick(90);
  assert.equal(playback.time_us, 50_000);
});

test("nobody waits for hours between two steps, and what leads to one is seen", () => {
  assert.equal(leadOf(1e6, 5e6, 1), 1e6);
  assert.equal(leadOf(1e6, 23_830e6, 1), 23_827e6);
  assert.equal(leadOf(1e6, 23_830e6, 100), 23_530e6);
  assert.equal(leadOf(1e6, undefined, 1), 1e6, "it is not simulated so far");
});

test("what a step points at is found in every picture that has it", () => {
  assert.deepEqual(selectors("r1.tor-a"), ['[data-part="r1.tor-a"]', '[data-replica="r1.tor-a"]']);
  assert.deepEqual(selectors("n3 -> n1"), ['[data-lane="n3->n1"]', '[data-flow="n3->n1"]']);
  assert.equal(selectors("r1.s1 <-> r1.tor-a").length, 4);
});
