// The module starts under Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { halflink } from "../support/wasm.js";

test("the module starts", async () => {
  assert.equal(typeof (await halflink()), "object");
});
