// @ts-check
/** Words, colours, statements, time: what needs no document. */
import assert from "node:assert/strict";
import test from "node:test";
import { REPLICA_COLOURS, contrast, inkOn } from "../../www/draw/colours.js";
import { beliefWords, phaseWords } from "../../www/draw/belief.js";
import { say, tell } from "../../www/draw/words.js";
import { classNote, commonName } from "../../www/panels/class-note.js";
import {
  choicesFor,
  choicesForDead,
  choicesForReplica,
  grayStatement,
} from "../../www/panels/choices.js";
import { culpritWords, momentsOf, truthWords } from "../../www/panels/evidence.js";
import { isSevered, shortReason, toggleLink, withImpairments } from "../../www/draw/faults.js";
import {
  formatAgo,
  formatSpan,
  formatSpeed,
  formatTick,
  formatTime,
  splitCaption,
  stateInWords,
} from "../../www/draw/format.js";
import { nearestTowards } from "../../www/panels/keyboard.js";
import { PACKETS_MAX, drawnPackets, windowFor } from "../../www/draw/packets.js";
import { Playback } from "../../www/run/playback.js";
import { changeOf } from "../../www/panels/rounds.js";
import { traitorStatement } from "../../www/panels/traitor-form.js";
import { linkAddress } from "../../www/run/address.js";
import { lengthWords } from "../../www/panels/share.js";
import {
  embedSnippet,
  fileName,
  markdownSnippet,
  pictureSnippet,
} from "../../www/panels/snippet.js";
import { stretchOf } from "../../www/panels/text-pane.js";
import { fakeCause, fakeFault, fakePlan } from "./fake-plan.js";
import { Run } from "./fake-run.js";

/**
 * @template Input
 * @param {string} name
 * @param {(input: Input) => unknown} call
 * @param {[Input, unknown][]} rows
 */
function table(name, call, rows) {
  for (const [input, expected] of rows) {
    test(`${name} ${JSON.stringify(input)}`, () => assert.deepEqual(call(input), expected));
  }
}

table("formatTime", formatTime, [
  [0, "0:00.0"],
  [14_200_000, "0:14.2"],
  [400e6, "6:40.0"],
  [3_599_950_000, "59:59.9"],
  [5_000e6, "1:23:20.0"],
]);
table("formatSpan", formatSpan, [
  [200, "200 µs"],
  [40_000, "40 ms"],
  [2_100_000, "2.1 s"],
  [999_700, "1 s"],
  [180e6, "3 min"],
  [7_169e6, "119 min"],
  [23_700e6, "6.6 h"],
]);
table("formatSpeed", formatSpeed, [
  [1, "1×"],
  [0.1, "1/10×"],
  [0.01, "1/100×"],
  [100, "100×"],
  [4, "4×"],
  [2.5, "2.5×"],
]);
table("splitCaption", splitCaption, [
  ["Server 1 stops hearing. Server 2 hears.", ["Server 1 stops hearing", "Server 2 hears."]],
  ["Nobody lied.", ["Nobody lied", ""]],
  ["n1 收不到 n3 的訊息了。n2 都收得到。", ["n1 收不到 n3 的訊息了", "n2 都收得到。"]],
  ["沒有誰說謊。", ["沒有誰說謊", ""]],
  ["版本 3.5 也一樣，沒有誰說謊。", ["版本 3.5 也一樣，沒有誰說謊", ""]],
  [`${"一二三四五六七八九十".repeat(5)}。`, ["", `${"一二三四五六七八九十".repeat(5)}。`]],
]);

test("formatAgo is calm while the clock runs and exact while it does not", () => {
  assert.equal(formatAgo(140_000, true), "just now");
  assert.equal(formatAgo(440_000, true), "0.4 s ago");
  assert.equal(formatAgo(44_000), "40 ms ago");
});

test("formatTick counts minutes in long runs", () => {
  assert.equal(formatTick(20e6, 60e6), "20 s");
  assert.equal(formatTick(400e6, 400e6), "6:40");
});

test("a part's state and what is wrong with it", () => {
  /** @type {import("../../pkg/facts.js").Trouble} */
  const trouble = {
    kind: "gray",
    supplies: [],
    drops: [
      { flows: "n1 <-> n3", percent: 100 },
      { flows: "all", percent: 50 },
    ],
    rebuild: null,
  };
  assert.equal(
    stateInWords({ state: "gray", why: trouble }, fakePlan()),
    "gray: drops n1 ⇄ n3 and 50% of all",
  );
  /** @type {import("../../pkg/facts.js").Trouble} */
  const dark = { kind: "unpowered", supplies: [2, 3], drops: [], rebuild: null };
  assert.equal(
    stateInWords({ state: "unpowered", why: dark }, fakePlan()),
    "no power from r1.pdu-a and r1.pdu-b",
  );
  assert.equal(stateInWords({ state: "up", why: null }, fakePlan()), "up");
  const times = { done: "0:04", length: "0:10", until: "0:13", percent: 40 };
  const rebuild = { kind: "going", disk: 2, source: 3, ...times };
  /** @type {import("../../pkg/facts.js").Trouble} */
  const copied = { kind: "rebuilding", supplies: [], drops: [], rebuild };
  assert.equal(
    stateInWords({ state: "rebuilding", why: copied }, fakePlan()),
    "being rebuilt from r1.pdu-b: 0:04 of 0:10, until 0:13",
  );
});

test("colours: each stands out from both papers, and a name can be read on it", () => {
  assert.deepEqual(REPLICA_COLOURS.slice(0, 3), ["#306cc0", "#9e9621", "#00906c"]);
  for (const colour of REPLICA_COLOURS) {
    assert.ok(contrast(colour, "#191f27") >= 3, `${colour} on dark`);
    assert.ok(contrast(colour, "#ffffff") >= 2.8, `${colour} on white`);
    assert.ok(contrast(colour, inkOn(colour)) >= 3, `a name on ${colour}`);
  }
  assert.equal(new Set(REPLICA_COLOURS).size, 15);
});

test("a click cuts one direction, and heals what its own fault severed", () => {
  const both = [fakeFault(fakePlan(), "cut n1 <-> n3")];
  assert.equal(toggleLink(false, "n3", "n1"), "cut n3 -> n1");
  assert.equal(toggleLink(true, "n3", "n1", true), "heal n3 <-> n1");
  assert.ok(isSevered("down", both, "n3", "n1"));
  assert.ok(!isSevered("up", both, "n3", "n1"), "healed in this direction alone");
  assert.ok(!isSevered("dead", [fakeFault(fakePlan(), "fail feed-a")], "n3", "n1"));
});

test("a part offers what can be done to it in its state", () => {
  const plan = fakePlan();
  const part = (/** @type {string} */ name) =>
    /** @type {import("../../pkg/facts.js").PlanPart} */ (
      plan.parts.find((one) => one.name === name)
    );
  const statements = (/** @type {string} */ name, /** @type {string[]} */ ...faults) =>
    choicesFor(
      part(name),
      faults.map((text) => fakeFault(plan, text)),
    ).map(({ statement }) => statement);
  assert.deepEqual(statements("r1.s1"), [
    "fail r1.s1",
    "crash r1.s1",
    "pause r1.s1",
    "stall r1.s1.disk",
  ]);
  assert.deepEqual(statements("r1.s1", "crash r1.s1"), [
    "fail r1.s1",
    "restart r1.s1",
    "pause r1.s1",
    "stall r1.s1.disk",
  ]);
  assert.deepEqual(statements("r1.tor-a", "gray r1.tor-a drops all"), [
    "heal r1.tor-a",
    "fail r1.tor-a",
  ]);
  assert.deepEqual(statements("feed-a", "fail feed-a"), ["restore feed-a"]);
  const [healed] = choicesFor(
    part("r1.tor-a"),
    [fakeFault(plan, "gray r1.tor-a drops control")],
    "control-dead",
  );
  const [forwards, answers] = ["gray", "control-dead"].map((state) =>
    say("hint.heal", { name: "none", state }),
  );
  assert.deepEqual([healed.statement, healed.hint], ["heal r1.tor-a", answers]);
  assert.notEqual(answers, forwards);
});

test("a dead flow offers to lift what killed it", () => {
  const plan = fakePlan();
  const offered = (/** @type {string[]} */ texts, /** @type {any} */ why) =>
    choicesForDead(
      plan,
      texts.map((text) => fakeFault(plan, text)),
      fakeCause(why),
    ).map(({ statement }) => statement);
  const number = (/** @type {string} */ name) => plan.parts.findIndex((part) => part.name === name);
  const gray = ["fail feed-b", "gray r1.tor-a drops n1 <-> n3"];
  assert.deepEqual(offered(gray, { kind: "gray", part: number("r1.tor-a") }), [
    "heal r1.tor-a",
    "cut n3 -> n1",
  ]);
  const lane = plan.lanes.findIndex(({ name }) => name === "r1.s1 -> r1.tor-a");
  assert.deepEqual(
    offered(["cut r1.s1 <-> r1.tor-a", "cut r1.s1 -> r1.tor-b"], { kind: "lane", lane }),
    ["heal r1.s1 <-> r1.tor-a", "cut n3 -> n1"],
  );
  assert.deepEqual(
    offered(["cut r1.s1 <-> r1.tor-a", "fail r2.s1"], { kind: "no-route", part: number("r1.s1") }),
    ["heal r1.s1 <-> r1.tor-a", "cut n3 -> n1"],
  );
  assert.deepEqual(offered(["fail r2.s1", "crash r1.s1"], { kind: "receiver-down" }), [
    "restart r1.s1",
    "cut n3 -> n1",
  ]);
});

test("gray statements read as the text has them", () => {
  assert.equal(grayStatement("spine-a", "*", "*", false, 100), "gray spine-a drops all");
  assert.equal(
    grayStatement("r1.tor-a", "n1", "n3", true, 90),
    "gray r1.tor-a drops 90% of n1 <-> n3",
  );
  const large = grayStatement("spine-a", "n1", "*", false, 100, 1500);
  assert.equal(large, "gray spine-a drops n1 -> * over 1500 bytes");
});

test("reasons are short in the picture", () => {
  const plan = fakePlan();
  const part = plan.parts.findIndex(({ name }) => name === "r1.tor-a");
  const short = (/** @type {string} */ state, /** @type {any} */ changes) =>
    shortReason(state, fakeCause(changes), plan, []);
  assert.equal(short("dead", { kind: "gray", part }), "dies at r1.tor-a");
  assert.equal(
    short("dead", { kind: "lane", lane: 0 }),
    `dies at ${plan.parts[plan.lanes[0].from].name}`,
  );
  assert.equal(short("dead", { kind: "receiver-down" }), "dead");
  assert.equal(short("lossy", { percent: 40 }), "40% lost");
  assert.equal(shortReason("cut", null, fakePlan(), []), "cut");
  const impaired = [
    { kind: "delay", by: "50ms", percent: 100 },
    { kind: "duplicate", by: "", percent: 5 },
  ];
  assert.equal(shortReason("impaired", null, fakePlan(), impaired), "50ms late · 5% twice");
  assert.equal(withImpairments("up", []), "up");
  assert.equal(withImpairments("loses 40%", impaired), "loses 40%: 50ms late and 5% twice");
});

test("a traitor's statement names receivers only where they are not the usual ones", () => {
  const plan = fakePlan(3, 3, 4, 5);
  assert.equal(traitorStatement(plan, 2, "equivocate", ["n2", "n5"], 0), "traitor n3 equivocate");
  assert.equal(traitorStatement(plan, 2, "equivocate", ["n1"], 0), "traitor n3 equivocate to n1");
  assert.equal(
    traitorStatement(plan, 0, "silent-to", ["n3", "n5"], 0),
    "traitor n1 silent-to n3 n5",
  );
  assert.equal(traitorStatement(plan, 0, "delay", ["n3"], 250), "traitor n1 delay 250ms to n3");
});

test("rounds: the next change to the microsecond, and the one before", () => {
  const rounds = [0, 1_000_003, 2_500_000];
  const signatureAt = (/** @type {number} */ at) =>
    String(rounds.filter((from) => from <= at).length);
  const step = (/** @type {number} */ from, /** @type {number} */ by) =>
    changeOf(signatureAt, from, { until_us: 4_000_000, step_us: 300_000, by });
  assert.equal(step(0, 1), 1_000_003);
  assert.equal(step(1_000_003, 1), 2_500_000);
  assert.equal(step(2_500_000, 1), null);
  assert.equal(step(3_000_000, -1), 2_500_000);
  assert.equal(step(2_500_000, -1), 1_000_003);
  assert.equal(step(900_000, -1), 0);
});

test("a replica offers what its protocol and its state allow", () => {
  const plan = fakePlan();
  const view = new Run().view(0, 0);
  const server = plan.parts[plan.replicas[0].part];
  const offered = (/** @type {any} */ changes, /** @type {any} */ lies = []) =>
    choicesForReplica(
      { ...plan, ...changes },
      { ...view, replicas: view.replicas.map((one) => ({ ...one, lies })) },
      server,
    ).map(({ statement }) => statement);
  assert.deepEqual(offered({}), ["isolate n1", "transfer n1", "wipe r1.s1"]);
  assert.deepEqual(offered({ hands_over: false }, [{ text: "delay 1s", toward: [1] }]), [
    "isolate n1",
    "loyal n1",
    "wipe r1.s1",
  ]);
  assert.deepEqual(offered({ hands_over: false, generals: true }), [
    "isolate n1",
    "order attack",
    "order retreat",
    "order hold",
    "wipe r1.s1",
  ]);
});

test("what was said at once stands side by side, the latest lie first", () => {
  const told = (
    /** @type {number} */ at_us,
    /** @type {number} */ to,
    /** @type {number} */ view,
    /** @type {number|"nothing"|null} */ truth = null,
  ) => {
    const says = (/** @type {number} */ of) => ({ kind: "vr-start-view-change", view: of });
    const truly = truth === null ? null : truth === "nothing" ? { kind: truth } : says(truth);
    return { at_us, from: 2, to, words: says(view), truth: truly, died: null, unheard: null };
  };
  const moments = momentsOf([
    told(1, 0, 1, 2),
    told(1, 1, 2),
    told(2, 0, 3),
    told(3, 0, 4),
    told(3, 0, 5, 4),
    told(3, 1, 4),
  ]);
  assert.deepEqual(
    moments.map(({ at_us, told: words }) => [at_us, [...words.keys()]]),
    [
      [3, [0, 1]],
      [1, [0, 1]],
    ],
  );
  assert.equal(truthWords(told(1, 0, 1, 2)), "in truth: StartViewChange to view 2");
  assert.equal(truthWords(told(1, 0, 1, "nothing")), "in truth it would say nothing");
  assert.equal(
    truthWords({ ...told(1, 0, 1, 1), died: fakeCause({ kind: "withheld" }) }),
    "never sent",
  );
});

test("the class note names the gravest class, and the others", () => {
  const plan = fakePlan();
  const [heading, text] = classNote(plan, [{ class: "crash" }, { class: "omission" }]);
  assert.match(heading, /Omission, not a lie/);
  assert.match(text, /Raft keeps its data safe.*Also in force: crash/);
  assert.match(classNote(plan, [])[0], /No fault/);
  const link = { from: "n1", to: "n2", both: false };
  const late = [{ class: "timing", target: { link } }];
  assert.match(classNote(plan, late)[1], /reckon with messages that come late, twice/);
  assert.doesNotMatch(classNote(plan, [{ class: "timing" }])[1], /reckon with/);
  const zab = { ...plan, protocol: "zab", links: /** @type {const} */ ("ordered") };
  assert.match(classNote(zab, late)[1], /Its authors assume links that keep order/);
  const [twice, why] = classNote(zab, [{ class: "duplication" }]);
  assert.match(`${twice} ${why}`, /said once, heard twice. Its authors assume links that keep/);
  assert.match(classNote(plan, [], [{ forgot: true }])[0], /Amnesia/);
});

test("the class note promises no more than the protocol does", () => {
  const plan = fakePlan();
  const progress = tell("progress", plan.needs);
  assert.match(progress, /It serves while a majority/);
  for (const kind of ["crash", "omission", "timing"]) {
    assert.ok(classNote(plan, [{ class: kind }])[1].includes(progress), kind);
  }
  assert.ok(classNote(plan, [])[1].endsWith(progress));
  const pbft = { ...fakePlan(3, 3, 4, 4), protocol: "pbft", tolerated: 1 };
  assert.match(classNote(pbft, [{ class: "amnesia" }])[1], /counts as one that lies.*for 1/);
});

test("the class note says what the protocol of the plan promises", () => {
  const plan = { ...fakePlan(3, 3, 4, 4), protocol: "pbft", tolerated: 1 };
  assert.match(classNote(plan, [{ class: "byzantine" }])[1], /PBFT.*stands 1 liar among 4/);
  const vr = { ...fakePlan(), protocol: "vr" };
  assert.match(
    classNote(vr, [{ class: "byzantine" }, { class: "crash" }])[1],
    /Viewstamped Replication assumes that nobody does.*crash/,
  );
  const generals = { ...fakePlan(), protocol: "generals-om", generals: true, tolerated: 1 };
  assert.match(classNote(generals, [])[1], /OM\(m\) promises that loyal lieutenants/);
  assert.match(
    classNote(generals, [{ class: "omission" }])[1],
    /a failed line as one at either end/,
  );
  const three = { ...generals, tolerated: 0 };
  assert.match(classNote(three, [{ class: "byzantine" }])[1], /stands no liar among \d/);
  assert.equal(commonName("etcd-raft+prevote+checkquorum"), "Raft");
  assert.equal(commonName("a-new-one"), "a-new-one");
});

test("a belief is a leader, or of a general an order", () => {
  const plan = fakePlan();
  const replica = { ...new Run().view(0, 0).replicas[0] };
  assert.equal(beliefWords(plan, replica, 0), "follows n3");
  assert.equal(beliefWords(plan, { ...replica, leader: 0 }, 0), "believes in itself");
  assert.equal(beliefWords(plan, { ...replica, leader: null }, 0), "follows nobody");
  assert.equal(
    phaseWords(plan, {
      ...replica,
      value: { kind: "write", number: 3 },
      phase: { kind: "sequence", sequence: 7 },
    }),
    " · write 3 · sequence 7",
  );
  const generals = { ...plan, generals: true };
  assert.equal(beliefWords(generals, { ...replica, value: { kind: "attack" } }, 0), "will attack");
  assert.equal(beliefWords(generals, { ...replica, value: { kind: "nothing" } }, 0), "undecided");
  assert.equal(
    phaseWords(generals, {
      ...replica,
      value: { kind: "attack" },
      phase: { kind: "round", round: 2, rounds: 3 },
    }),
    " · round 2 of 3",
  );
});

/**
 * @param {number} id
 * @param {number} sent_us
 * @param {import("../../pkg/facts.js").Cause|null} died
 * @returns {import("../../pkg/facts.js").PacketView}
 */
function packet(id, sent_us, died = null) {
  return {
    id,
    from: 0,
    to: 1,
    kind: "heartbeat",
    words: { kind: "heartbeat", term: 1 },
    order: null,
    sent_us,
    ends_us: sent_us + 900,
    lanes: [],
    truth: null,
    died,
    died_on: died ? "lane" : null,
    again: 0,
    unheard: null,
  };
}

test("packets: a millisecond is drawn for a third of a second, and the dead lie a while", () => {
  const [flying] = drawnPackets([packet(1, 0)], 190_000, 1);
  assert.ok(flying.share > 0.4 && flying.share < 0.6);
  assert.equal(drawnPackets([packet(1, 0)], 400_000, 1).length, 0);
  const [dead] = drawnPackets([packet(1, 0, fakeCause())], 700_000, 1);
  assert.ok(dead.dead && dead.share === 1);
  assert.equal(drawnPackets([packet(1, 0, fakeCause())], 1_200_000, 1).length, 0);
});

test("packets: at high speed a sample, the same from frame to frame", () => {
  const many = Array.from({ length: 2_000 }, (_, index) => packet(index, index * 10_000));
  const drawn = drawnPackets(many, 20e6, 100);
  assert.ok(drawn.length > 5 && drawn.length <= PACKETS_MAX);
  const later = new Set(drawnPackets(many, 20_100_000, 100).map(({ packet: { id } }) => id));
  assert.ok(drawn.filter(({ packet: { id } }) => later.has(id)).length >= drawn.length * 0.7);
  assert.ok(windowFor(100) <= 20_000_000 && windowFor(0.01) >= 2_000);
});

test("playback: it begins again where its author says, and keeps pace out of sight", () => {
  const playback = new Playback(() => {});
  playback.setUntil(10e6);
  playback.frontier_us = 10e6;
  playback.loop_us = 4e6;
  playback.seek(9.99e6);
  playback.play();
  playback.tick(0);
  playback.tick(50);
  assert.equal(playback.time_us, 4e6);
  assert.equal(playback.playing, true);
  playback.tick(5_000);
  assert.equal(playback.time_us, 4.1e6, "a gap between frames is not the run's");
  playback.unseen = true;
  playback.tick(7_000);
  assert.equal(playback.time_us, 6.1e6, "unless it is to play unseen");
  playback.setSpeed(0.1);
  assert.ok(Math.abs(playback.speed - 0.1) < 1e-9);
});

test("playback: waits at the frontier, stops at the end, starts over", () => {
  const playback = new Playback(() => {});
  playback.setUntil(1_000_000);
  playback.frontier_us = 20_000;
  playback.play();
  playback.tick(0);
  playback.tick(50);
  assert.deepEqual([playback.time_us, playback.playing], [20_000, true]);
  playback.frontier_us = 1_000_000;
  playback.setSpeedExponent(2);
  playback.tick(100);
  assert.deepEqual([playback.time_us, playback.playing], [1_000_000, false]);
  playback.play();
  assert.equal(playback.time_us, 0);
});

test("playback: a hidden tab's long frame is no leap", () => {
  const playback = new Playback(() => {});
  playback.setUntil(60e6);
  playback.frontier_us = 60e6;
  playback.play();
  playback.tick(0);
  playback.tick(5_000);
  assert.equal(playback.time_us, 100_000);
});

test("share: a picture leads to the run, in HTML and in Markdown", () => {
  const picture = {
    file: "a-b.svg",
    words: 'n1 [follows] "nobody"\n<b>',
    title: "A & B",
    address: "https://x.org/#1.ab&t=4",
  };
  assert.equal(
    pictureSnippet(picture),
    '<figure>\n<a href="https://x.org/#1.ab&amp;t=4"><img ' +
      'src="a-b.svg" alt="n1 [follows] &quot;nobody&quot;\n&lt;b>"></a>\n<figcaption>' +
      '<a href="https://x.org/#1.ab&amp;t=4">A &amp; B</a>, as a run in Halflink</figcaption>\n</figure>',
  );
  assert.equal(
    markdownSnippet(picture),
    '[![n1 \\[follows\\] "nobody" \\<b\\>](a-b.svg)]' + "(https://x.org/#1.ab&t=4)",
  );
  assert.equal(fileName("Two disks, that do: né!"), "two-disks-that-do-ne");
  assert.equal(fileName("分散，系統"), "分散-系統");
  assert.equal(fileName("…"), "halflink");
});

test("share: address, snippet and length", () => {
  assert.equal(
    linkAddress("https://x.org/h/#old", "#1.ab", 3_000_000),
    "https://x.org/h/#1.ab&t=3",
  );
  const run = { title: 'a "b" <c>', module: "", height: 607 };
  const snippet = embedSnippet("https://x.org/h/index.html?q#old", "#1.ab", run, null);
  assert.ok(snippet.includes('src="https://x.org/h/embed.html#1.ab"'));
  assert.ok(
    snippet.includes('sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"'),
  );
  assert.ok(snippet.includes("a &quot;b&quot; &lt;c>"));
  const liars = embedSnippet(
    "https://x.org/",
    "#1.ab",
    { ...run, module: "production", height: 800 },
    4e6,
  );
  assert.ok(liars.includes('src="https://x.org/embed.html#1.ab&amp;t=4&amp;in=production"'), liars);
  assert.match(liars, / width="100%" height="800" /);
  assert.ok(
    liars.includes('<a href="https://x.org/#1.ab&amp;t=4">a &quot;b&quot; &lt;c></a>'),
    liars,
  );
  const chosen = embedSnippet("https://x.org/", "#1.ab", run, null, {
    play: "off",
    loop: null,
    fixed: "",
  });
  assert.ok(chosen.includes('embed.html#1.ab&amp;play=off&amp;fixed"'), chosen);
  assert.match(lengthWords(412), /^412 characters: fits a chat message/);
  assert.match(lengthWords(1_901), /too long for some/);
  assert.match(lengthWords(9_000), /file/);
});

test("text: an error stands where its code points are, in an editor's units", () => {
  const text = "ab\n🙂🙂cd\n";
  const at = (/** @type {number} */ line, /** @type {number} */ column, length = 2) => {
    const { from, to } = stretchOf(text.split("\n"), { line, column, length });
    return text.slice(from, to);
  };
  assert.equal(at(2, 3), "cd");
  assert.equal(at(2, 2, 1), "🙂");
  assert.deepEqual(stretchOf(["ab"], { line: 1, column: 99, length: 9 }), { from: 2, to: 2 });
  assert.deepEqual(stretchOf(["ab"], { line: 9, column: 1, length: 1 }), { from: 2, to: 2 });
});

test("lies: no more is claimed of a set than is known of it", () => {
  const words = (/** @type {any} */ claim, /** @type {number} */ count) =>
    culpritWords({ claim, count, told: [] });
  assert.equal(words("none-needed", 0), "It takes no lie at all.");
  assert.equal(words("fewest", 1), "The one lie that it takes");
  assert.equal(words("fewest", 5), "The fewest lies that do it: 5");
  for (const claim of ["none-to-spare", "enough"]) {
    assert.doesNotMatch(words(claim, 15_396), /fewest|takes/);
    assert.match(words(claim, 15_396), /^15,396 lies that do it/);
  }
});

test("arrow keys go to what lies that way, not to what is merely near", () => {
  const places = [
    { x: 0, y: 0 },
    { x: 100, y: 10 },
    { x: 20, y: 90 },
  ];
  assert.equal(nearestTowards(places[0], places, { x: 1, y: 0 }), 1);
  assert.equal(nearestTowards(places[0], places, { x: 0, y: 1 }), 2);
  assert.equal(nearestTowards(places[0], places, { x: -1, y: 0 }), -1);
});
