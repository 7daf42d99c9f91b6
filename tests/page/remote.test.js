// @ts-check
/** What a host asks of a frame by messages, and is answered: each command once, whatever it holds. */
import "../support/document.js";
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Remote } from "../../www/run/remote.js";

const BEGINNING = "halflink 1\n";

/** A player with one run, as much of it as a host meets. */
function playerOf() {
  const playback = {
    playing: false,
    time_us: 0,
    play: () => (playback.playing = true),
    pause: () => (playback.playing = false),
  };
  const player = {
    beginning: BEGINNING,
    view: { time_us: 0, parted: false, replicas: [] },
    playback,
    hooks: { drawn: () => {}, strip: () => {} },
    session: {
      run: {},
      text: BEGINNING,
      done: true,
      plan: { title: "A run", protocol: "raft", seed: 1, until_us: 9e6, replicas: [] },
      strip: { outcome: { name: "stable", felt: null, trace_hash: "0" }, violations: [] },
    },
    seek: (/** @type {number} */ time_us) => {
      playback.time_us = time_us;
      player.view = { ...player.view, time_us };
      player.hooks.drawn();
    },
    undo: () => {},
    redo: () => {},
  };
  return player;
}

/** @param {ReturnType<typeof playerOf>} player */
const asPlayer = (player) =>
  /** @type {import("../../www/run/player.js").Player} */ (/** @type {unknown} */ (player));

let count = 0;
/**
 * The frame's side, new: it remembers its run.
 *
 * @returns {Promise<typeof import("../../www/run/messages.js")>}
 */
function messages() {
  count += 1;
  return import(`${new URL("../../www/run/messages.js", import.meta.url).href}?${count}`);
}

/** A host that keeps what it is told. */
function hostOf() {
  /** @type {any[]} */
  const told = [];
  const host = { postMessage: (/** @type {unknown} */ message) => void told.push(message) };
  const done = () => told.filter(({ event }) => event === "done").map(({ detail }) => detail.done);
  return { told, host, done };
}

test("a moment that is no moment is refused, and nothing is thrown", async () => {
  const { hear } = await messages();
  const player = playerOf();
  const { host, done } = hostOf();
  const odd = [{ toString: 1 }, { toString: () => "1" }, [15], 20n, true, null, undefined, "soon"];
  for (const at of odd)
    await hear({ source: host, data: { halflink: 1, do: "seek", at } }, host, () =>
      asPlayer(player),
    );
  assert.deepEqual(done(), Array(odd.length).fill(false));
  assert.equal(player.playback.time_us, 0);
  const data = { halflink: 1, do: "seek", at: "0:07" };
  await hear({ source: host, data }, host, () => asPlayer(player));
  assert.equal(player.playback.time_us, 7e6);
});

test("of what comes before there is a run a hundred are done, and each is answered", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { hear } = await messages();
    const { host, done } = hostOf();
    /** @type {import("../../www/run/player.js").Player|undefined} */
    let there;
    const heard = Array.from({ length: 150 }, (_, at) =>
      hear({ source: host, data: { halflink: 1, do: "seek", at } }, host, () => there),
    );
    assert.deepEqual(done(), Array(50).fill(false));
    there = asPlayer(playerOf());
    mock.timers.tick(1_000);
    await Promise.all(heard);
    assert.equal(done().length, 150);
    assert.equal(done().filter(Boolean).length, 100);
  } finally {
    mock.timers.reset();
  }
});

test("where no run comes nothing waits for one, until another address has one", async () => {
  const { hear } = await messages();
  const { told, host, done } = hostOf();
  /** @type {import("../../www/run/player.js").Player|undefined} */
  let there;
  const say = (/** @type {string} */ command) =>
    hear({ source: host, data: { halflink: 1, do: command } }, host, () => there);
  document.body.dataset.state = "says";
  try {
    await say("listen");
    await say("play");
    assert.deepEqual(done(), [false]);
    document.body.dataset.state = "runs";
    there = asPlayer(playerOf());
    await say("play");
    assert.deepEqual(done(), [false, true]);
    assert.equal(told.filter(({ event }) => event === "ready").length, 1);
    // And where words have taken its place it stands still.
    document.body.dataset.state = "says";
    await say("play");
    assert.deepEqual(done(), [false, true, false]);
  } finally {
    delete document.body.dataset.state;
  }
});

test("that it plays no more is told, and that it is there again before what came of it", () => {
  const player = playerOf();
  /** @type {[string, Record<string, unknown>][]} */
  const told = [];
  const remote = new Remote(asPlayer(player), (name, detail) => void told.push([name, detail]));
  assert.deepEqual(
    told.map(([name]) => name),
    ["ready", "outcome", "step"],
  );
  remote.do("play");
  player.seek(9e6);
  assert.equal(told.at(-1)?.[1].playing, true);
  // It ends between two frames.
  player.playback.playing = false;
  player.hooks.drawn();
  assert.deepEqual([told.at(-1)?.[0], told.at(-1)?.[1].playing], ["step", false]);
  told.length = 0;
  remote.again();
  player.hooks.strip();
  assert.deepEqual(
    told.map(([name]) => name),
    ["ready", "outcome", "step"],
  );
});
