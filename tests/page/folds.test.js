// @ts-check
/** Idle servers: one line a rack where they are many, and by themselves where something is wrong. */
import assert from "node:assert/strict";
import test from "node:test";
import { foldsOf, serversOf, touchedServers } from "../../www/draw/folds.js";
import { layoutPlant } from "../../www/draw/layout-plant.js";
import { fakePlan } from "./fake-plan.js";

/** @param {import("../../www/pkg/facts.js").Plan} plan */
const allWell = (plan) =>
  /** @type {import("../../www/pkg/facts.js").View} */ (
    /** @type {unknown} */ ({
      parts: plan.parts.map(() => ({ state: "up", why: null })),
      lanes: plan.lanes.map(() => ({ state: "up", used: false })),
    })
  );

test("a few idle servers are drawn one by one", () => {
  for (const [racks, servers, replicas] of [
    [3, 3, 3],
    [3, 4, 3],
    [9, 1, 9],
  ]) {
    const { idle } = foldsOf(fakePlan(racks, servers, 4, replicas));
    assert.equal(idle.size, 0, `${racks} of ${servers}`);
  }
});

test("144 servers: a line a rack, and no rack higher than its replicas need", () => {
  const plan = fakePlan(12, 12, 12, 5);
  const { idle } = foldsOf(plan);
  assert.equal(idle.size, 12);
  assert.equal([...idle.values()].flat().length, 144 - 5);
  const layout = layoutPlant(plan);
  assert.ok(layout.height < 500, `${layout.height}`);
  for (const { part } of plan.replicas) assert.equal(layout.hidden[part], false);
  for (const { box, rack } of layout.folds) {
    const outer = layout.racks[rack].box;
    assert.ok(box.y > outer.y && box.y + box.height < outer.y + outer.height);
    for (const { part } of plan.replicas.filter(({ part }) => plan.parts[part].rack === rack)) {
      assert.ok(layout.parts[part].box.y + layout.parts[part].box.height <= box.y);
    }
  }
});

test("a rack that is opened shows all its servers, and the others stay", () => {
  const plan = fakePlan(3, 12, 2, 3);
  const layout = layoutPlant(plan, foldsOf(plan, new Set(), new Set([1])));
  const drawn = plan.parts.filter(({ kind }, index) => kind === "server" && !layout.hidden[index]);
  assert.deepEqual(
    [0, 1, 2].map((rack) => drawn.filter((server) => server.rack === rack).length),
    [1, 12, 1],
  );
  assert.deepEqual(
    layout.folds.map(({ open }) => open),
    [false, true, false],
  );
});

test("what is done to an idle server, what is in it or its cable, brings it out", () => {
  const plan = fakePlan(3, 12, 2, 3);
  const servers = serversOf(plan);
  const server = plan.parts.findIndex(({ name }) => name === "r2.s9");
  const disk = plan.parts.findIndex(({ name }) => name === "r2.s9.d2");
  const lane = plan.lanes.findIndex(({ to }) => to === server);
  assert.equal(touchedServers(plan, allWell(plan), servers).size, 0);
  for (const change of [
    (/** @type {import("../../www/pkg/facts.js").View} */ view) => {
      view.parts[server].state = "crashed";
    },
    (/** @type {import("../../www/pkg/facts.js").View} */ view) => {
      view.parts[disk].state = "failed";
    },
    (/** @type {import("../../www/pkg/facts.js").View} */ view) => {
      view.lanes[lane].state = "cut";
    },
  ]) {
    const view = allWell(plan);
    change(view);
    const touched = touchedServers(plan, view, servers);
    assert.deepEqual([...touched], [server]);
    assert.equal(layoutPlant(plan, foldsOf(plan, touched)).hidden[disk], false);
  }
  // A rack without power is no reason to show each of its servers.
  const dark = allWell(plan);
  for (const part of dark.parts) part.state = "unpowered";
  for (const one of dark.lanes) one.state = "down";
  assert.equal(touchedServers(plan, dark, servers).size, 0);
});
