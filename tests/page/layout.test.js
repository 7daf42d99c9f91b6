// @ts-check
/** Where things are drawn: nothing overlaps that a finger must tell apart. */
import assert from "node:assert/strict";
import test from "node:test";
import { layoutLogic } from "../../www/draw/layout-logic.js";
import { foldsOf } from "../../www/draw/folds.js";
import { labelPlace, packetWay } from "../../www/draw/layout-packets.js";
import { layoutPlant } from "../../www/draw/layout-plant.js";
import { labelIn } from "../../www/draw/glyph.js";
import { layoutStrip, stripScale, ticks } from "../../www/draw/layout-strip.js";
import { fakePlan } from "./fake-plan.js";
import { Run } from "./fake-run.js";

/** @typedef {import("../../www/draw/geometry.js").Box} Box */

/**
 * @param {Box} one
 * @param {Box} other
 */
function overlap(one, other) {
  return (
    one.x < other.x + other.width - 0.01 &&
    other.x < one.x + one.width - 0.01 &&
    one.y < other.y + other.height - 0.01 &&
    other.y < one.y + one.height - 0.01
  );
}

/**
 * @param {string} path of straight lines
 */
function pointsOf(path) {
  return [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
}

/**
 * @param {{x: number, y: number}} point
 * @param {{x: number, y: number}[]} polygon
 */
function inside({ x, y }, polygon) {
  return polygon.reduce((is, { x: ax, y: ay }, index) => {
    const { x: bx, y: by } = polygon[(index + polygon.length - 1) % polygon.length];
    const crosses = ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax;
    return crosses ? !is : is;
  }, false);
}

const PLANTS = [
  [1, 1, 2, 1],
  [3, 3, 4, 3],
  [3, 4, 4, 5],
  [5, 9, 4, 3],
  [4, 2, 2, 3, 2],
  [3, 1, 2, 3, 3],
  [6, 4, 2, 5, 3],
];

for (const [racks, servers, disks, replicas, sites = 1] of PLANTS) {
  const name = `${racks} racks of ${servers} in ${sites}`;
  const plan = fakePlan(racks, servers, disks, replicas, sites);
  const racksOpen = new Set(Array.from({ length: racks }, (_, rack) => rack));
  const layout = layoutPlant(plan, foldsOf(plan, new Set(), racksOpen));

  test(`plant of ${name}: no two lanes share a place to click`, () => {
    layout.lanes.forEach(({ hit }, index) => {
      for (const other of layout.lanes.slice(index + 1)) {
        assert.ok(!overlap(hit, other.hit), `${plan.lanes[index].name} overlaps another`);
      }
    });
  });

  test(`plant of ${name}: everything is inside the picture`, () => {
    for (const { box } of layout.parts) {
      assert.ok(box.x >= 0 && box.y >= 0);
      assert.ok(box.x + box.width <= layout.width && box.y + box.height <= layout.height);
    }
  });

  test(`plant of ${name}: a lane starts at its sender and ends at its receiver`, () => {
    plan.lanes.forEach((lane, index) => {
      const { points } = layout.lanes[index].way;
      for (const [part, point] of /** @type {const} */ ([
        [lane.from, points[0]],
        [lane.to, points[points.length - 1]],
      ])) {
        const { x, y, width, height } = layout.parts[part].box;
        assert.ok(point.x >= x - 5 && point.x <= x + width + 5, lane.name);
        assert.ok(point.y >= y - 5 && point.y <= y + height + 5, lane.name);
      }
    });
  });
}

test("a power chain is drawn apart from all else, and its lines lead to what they come from", () => {
  for (const [racks, servers] of [
    [1, 1],
    [3, 3],
    [5, 4],
  ]) {
    const plan = withChain(fakePlan(racks, servers, 4, 3));
    const layout = layoutPlant(plan);
    const kinds = new Set(["ups", "generator", "ats", "breaker", "pdu", "tor", "server", "spine"]);
    const boxes = plan.parts.flatMap(({ kind, name }, index) =>
      kinds.has(kind) && !layout.hidden[index] ? [{ name, box: layout.parts[index].box }] : [],
    );
    boxes.forEach(({ name, box }, index) => {
      assert.ok(box.x >= 0 && box.x + box.width <= layout.width, name);
      assert.ok(box.y >= 0 && box.y + box.height <= layout.height, name);
      for (const other of boxes.slice(index + 1)) {
        assert.ok(!overlap(box, other.box), `${name} overlaps ${other.name}`);
      }
    });
    // Each PDU's line ends at its transfer switch, each of a transfer switch's at a UPS's feed.
    const sources = layout.drops.map(({ source }) => plan.parts[source].name);
    for (const rack of Array.from({ length: racks }, (_, rack) => rack + 1)) {
      assert.equal(sources.filter((name) => name === `r${rack}.ats`).length, 2);
    }
    assert.equal(sources.filter((name) => name === "ups-a").length, racks);
    for (const { line, source } of layout.drops.filter(
      ({ source }) => plan.parts[source].kind === "ats",
    )) {
      const points = pointsOf(line);
      const { box } = layout.parts[source];
      const end = points[points.length - 1];
      assert.ok(end.x >= box.x - 0.01 && end.x <= box.x + box.width + 0.01);
      assert.ok(end.y >= box.y && end.y <= box.y + box.height);
    }
  }
});

/**
 * With all that may stand between feeds and supplies.
 *
 * @param {import("../../pkg/facts.js").Plan} plan
 */
function withChain(plan) {
  const none = { site: null, rack: null, side: null, slot: null, disk: null, replica: null };
  const both = /** @type {const} */ ([0, 1]);
  for (const kind of /** @type {const} */ (["generator", "ups"])) {
    for (const side of both)
      plan.parts.push({ ...none, name: `${kind}-${"ab"[side]}`, kind, side });
  }
  for (let rack = 0; rack < plan.racks; rack++) {
    plan.parts.push({ ...none, name: `r${rack + 1}.ats`, kind: "ats", rack });
    for (const side of both) {
      const name = `r${rack + 1}.breaker-${"ab"[side]}`;
      plan.parts.push({ ...none, name, kind: "breaker", rack, side });
    }
  }
  return plan;
}

test("three racks, in a site or three: every place to click is at least 24 by 24", () => {
  for (const sites of [1, 3]) {
    for (const { hit } of layoutPlant(fakePlan(3, 3, 4, 3, sites)).lanes) {
      assert.ok(hit.width >= 24 && hit.height >= 24, JSON.stringify(hit));
    }
  }
});

test("sites stand apart, each around what is in it, and WAN links between them", () => {
  for (const [sites, stacked] of /** @type {const} */ ([
    [2, false],
    [3, false],
    [2, true],
    [3, true],
  ])) {
    const plan = fakePlan(6, 2, 2, 3, sites);
    const layout = layoutPlant(plan, foldsOf(plan), stacked);
    layout.lanes.forEach(({ hit, way: { points } }, index) => {
      for (const other of layout.lanes.slice(index + 1)) assert.ok(!overlap(hit, other.hit));
      const ends = [points[0], points[points.length - 1]];
      [plan.lanes[index].from, plan.lanes[index].to].forEach((part, end) => {
        const { x, y, width, height } = layout.parts[part].box;
        assert.ok(ends[end].x >= x - 5 && ends[end].x <= x + width + 5, plan.lanes[index].name);
        assert.ok(ends[end].y >= y - 5 && ends[end].y <= y + height + 5, plan.lanes[index].name);
      });
    });
    assert.equal(layout.sites.length, sites);
    const large = plan.parts.flatMap((part, index) =>
      ["disk", "nic", "psu", "pdu"].includes(part.kind)
        ? []
        : [{ ...part, ...layout.parts[index] }],
    );
    large.forEach(({ name, kind, site, box }, index) => {
      layout.sites.forEach((ground, number) => {
        const reaches = overlap(ground, box);
        assert.equal(reaches, number === site || (kind === "wan" && reaches), `${name}, ${number}`);
        const { x, y, width, height } = ground;
        assert.ok(x >= 0 && x + width <= layout.width && y >= 0 && y + height <= layout.height);
      });
      for (const other of large.slice(index + 1)) {
        assert.ok(!overlap(box, other.box), `${name} overlaps ${other.name}`);
      }
    });
  }
});

for (const count of [2, 3, 5]) {
  test(`logical view of ${count}: the two directions of a link share no place to click`, () => {
    const layout = layoutLogic(count, true);
    for (const flow of layout.flows) {
      const back = layout.flows.find(({ from, to }) => from === flow.to && to === flow.from);
      const [here, there] = [pointsOf(flow.hit), pointsOf(back?.hit ?? "")];
      for (let x = 0; x < layout.width; x += 3) {
        for (let y = 0; y < layout.height; y += 3) {
          const both = inside({ x, y }, here) && inside({ x, y }, there);
          assert.ok(!both, `${flow.from} -> ${flow.to} and back at ${x},${y}`);
        }
      }
    }
  });

  test(`logical view of ${count}: an arrowhead is in its own lane's place to click`, () => {
    for (const { head, hit } of layoutLogic(count, false).flows) {
      const corners = pointsOf(head);
      const x = corners.reduce((sum, corner) => sum + corner.x, 0) / corners.length;
      const y = corners.reduce((sum, corner) => sum + corner.y, 0) / corners.length;
      assert.ok(inside({ x, y }, pointsOf(hit)));
    }
  });
}

for (const roomy of [false, true]) {
  test(`three replicas, ${roomy ? "" : "not "}roomy: no reason lies on another, a cross or a replica`, () => {
    const layout = layoutLogic(3, roomy);
    const width = "dies at r5.tor-b".length * 6.2;
    const reasons = layout.flows.map(({ reason: { x, y }, anchor }) => ({
      x: x - ({ start: 0, middle: width / 2, end: width }[anchor] ?? NaN),
      y: y - 10,
      width,
      height: 13,
    }));
    const crosses = layout.flows.map(({ cross }) => {
      const [, x, y] = (/^M(-?[\d.]+) (-?[\d.]+)/.exec(cross) ?? []).map(Number);
      return { x, y, width: 12, height: 12 };
    });
    const discs = layout.nodes.map(({ centre }) => ({
      x: centre.x - layout.radius,
      y: centre.y - layout.radius,
      width: 2 * layout.radius,
      height: 2 * layout.radius,
    }));
    reasons.forEach((one, index) => {
      assert.ok(one.x >= 0 && one.x + one.width <= layout.width, `${index} leaves the picture`);
      for (const other of [...reasons.slice(index + 1), ...crosses, ...discs]) {
        assert.ok(!overlap(one, other), `${index}: ${JSON.stringify([one, other])}`);
      }
    });
  });
}

test("three replicas stand as the story draws them: n1 top left, n2 top right, n3 below", () => {
  const [n1, n2, n3] = layoutLogic(3, false).nodes.map(({ centre }) => centre);
  assert.ok(n1.x < n3.x && n3.x < n2.x);
  assert.ok(n1.y === n2.y && n3.y > n1.y);
});

test("strip: a moment and its place are each other's inverse", () => {
  const scale = stripScale(1000, 60e6, 74);
  for (const time_us of [0, 1e6, 59e6, 60e6]) {
    assert.ok(Math.abs(scale.time(scale.x(time_us)) - time_us) < 1);
  }
  assert.equal(scale.time(-50), 0);
  assert.equal(scale.time(5000), 60e6);
});

test("strip: a run of many terms is a few paths", () => {
  const run = new Run();
  while (!run.advance(20_000));
  const strip = run.strip();
  const layout = layoutStrip(strip, 1200, 74);
  assert.ok(layout.lanes.every(({ paths }) => paths.length <= 5));
});

test("strip: a write that nobody had time to commit is not drawn as lost", () => {
  const run = new Run();
  while (!run.advance(20_000));
  const strip = { ...run.strip(), frontier_us: 10e6 };
  const lost = (/** @type {import("../../pkg/facts.js").WriteMark[]} */ writes) =>
    layoutStrip({ ...strip, writes }, 1200, 74).lost;
  const kept = { count: 1, at_us: 1e6, committed_us: 1.002e6, late: false };
  assert.equal(lost([kept, { count: 1, at_us: 9.999e6, committed_us: null, late: false }]), "");
  assert.notEqual(lost([kept, { count: 1, at_us: 9.9e6, committed_us: null, late: false }]), "");
  assert.notEqual(lost([{ count: 1, at_us: 9.999e6, committed_us: null, late: false }]), "");
});

test("strip: the playhead's grip lies on no fault's label, where several share one axis either", () => {
  const run = new Run();
  while (!run.advance(20_000));
  for (const part of /** @type {const} */ (["all", "axis"])) {
    const { faults, more } = layoutStrip(run.strip(), 1200, 74, { part });
    assert.ok(faults.length > 0);
    // Its grip is 14 high, and stands on top: as in strip-view.js.
    for (const { y } of [...faults, ...more]) assert.ok(y >= 14, `${part}: ${y}`);
  }
});

test("strip: ticks are round and not crowded", () => {
  assert.deepEqual(ticks(60e6, 1200).slice(0, 3), [0, 5e6, 10e6]);
  assert.ok(ticks(3600e6, 300).length <= 8);
  for (const width of [260, 600, 1400]) {
    assert.ok(ticks(28_800e6, width).length <= width / 70, `${width}`);
  }
});

for (const [racks, servers, disks, replicas, sites = 1] of PLANTS) {
  const plan = fakePlan(racks, servers, disks, replicas, sites);
  const layout = layoutPlant(plan);
  const from = 0;
  const cross = (/** @type {import("../../www/draw/geometry.js").Point} */ { x, y }) => ({
    x: x - 5.5,
    y: y - 5.5,
    width: 11,
    height: 11,
  });
  // Words stand inside parts, at least these margins from their edges, and below racks.
  const words = [
    ...layout.parts.map(({ box: { x, y, width, height } }, index) =>
      plan.parts[index].kind === "disk"
        ? { x, y, width: 0, height: 0 }
        : { x: x + 3, y: y + 3, width: width - 6, height: height - 6 },
    ),
    ...layout.racks.map(({ label: { x, y } }) => ({ x: x - 25, y: y - 12, width: 50, height: 14 })),
  ];

  test(`plant of ${racks} racks of ${servers} in ${sites}: wherever a packet dies, its cross is on no word`, () => {
    const deaths = plan.lanes.flatMap((_, lane) =>
      /** @type {const} */ (["lane", "part", "sender"]).map((died_on) => ({
        lanes: [lane],
        died_on,
        from,
      })),
    );
    for (const death of [...deaths, { lanes: [], died_on: /** @type {const} */ ("part"), from }]) {
      const { points } = packetWay(plan, layout, death);
      const mark = cross(points[points.length - 1]);
      for (const one of words) assert.ok(!overlap(mark, one), JSON.stringify([death, mark, one]));
    }
  });

  test(`plant of ${racks} racks of ${servers} in ${sites}: the words about a death are on no other words`, () => {
    plan.lanes.forEach(({ name }, lane) => {
      const { points } = packetWay(plan, layout, { lanes: [lane], died_on: "part", from });
      const at = points[points.length - 1];
      const width = "r1.tor-a forwards nothing for n1 → n3".length * 6.6;
      const marks = layout.lanes.filter((_, index) => index % 5 === 0).map(({ mark }) => mark);
      const middle = labelPlace(layout, at, width, marks);
      const label = { x: middle.x - width / 2, y: middle.y - 7, width, height: 14 };
      for (const one of [...words, cross(at), ...marks.map(cross)]) {
        assert.ok(!overlap(label, one), `${name}: ${JSON.stringify([label, one])}`);
      }
    });
  });
}

test("names in a ring of many replicas can be read on a page", () => {
  for (const count of [10, 12]) {
    const { radius, height, width, nodes } = layoutLogic(count, false);
    // As high as www/css/side.css lets such a picture be, and as wide as the column beside the plant.
    const scale = Math.min(300 / height, 343 / width);
    const { size } = labelIn("n10", radius);
    assert.ok(size * scale >= 10.5, `${count}: ${size * scale}`);
    for (const { centre } of nodes) {
      const edge = Math.min(centre.x, centre.y, width - centre.x, height - centre.y);
      assert.ok(edge >= radius + 9, `${count}: ${edge}`);
    }
  }
});
