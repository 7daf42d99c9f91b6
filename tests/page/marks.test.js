// @ts-check
/** Marks of databases: what a member is at a moment, and whose servers are marked. */
import assert from "node:assert/strict";
import test from "node:test";
import { hostsOf, roleAt } from "../../www/draw/database-mark.js";
import { fakePlan } from "./fake-plan.js";

/** @typedef {import("../../pkg/facts.js").DatabaseView} DatabaseView */

const STANDING = {
  ...{ from_us: 0, primary: null, serving: 1, rebuilding: 1, copying: 0b10 },
  ...{ fenced: 1, shut_out: 0b1, down: 1, stopped: 0b1000 },
};

/** @type {(servers: string[], standing?: typeof STANDING) => DatabaseView} */
const database = (servers, standing = STANDING) =>
  /** @type {DatabaseView} */ (
    /** @type {unknown} */ ({ servers, standings: [standing], known_us: 9 })
  );

test("who is shut out, rebuilt or down is no replica", () => {
  const one = database(["r1.s1", "r1.s2", "r2.s1", "r2.s2"]);
  const roles = [0, 1, 2, 3].map((member) => roleAt(one, member, 5));
  assert.deepEqual(roles, ["shut-out", "copying", "replica", "down"]);
  assert.equal(roleAt(one, 0, 10), "replica", "it is not told how it stands then");
  const led = database(["r1.s1"], /** @type {any} */ ({ ...STANDING, primary: 0, shut_out: 0 }));
  assert.equal(roleAt(led, 0, 5), "primary");
});

test("a server has all its databases, and one that is not there none", () => {
  const plan = fakePlan(2, 2, 2, 2);
  const hosts = hostsOf(plan, [database(["r1.s2", "r2.s2"]), database(["r9.s1", "r1.s2"])]);
  const named = [...hosts].map(([part, ones]) => [plan.parts[part].name, ones.length]);
  assert.deepEqual(named, [
    ["r1.s2", 2],
    ["r2.s2", 1],
  ]);
});
