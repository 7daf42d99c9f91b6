// @ts-check
/** Whose notes a run has, by marks that the build gives them. */
import assert from "node:assert/strict";
import test from "node:test";
import { mark } from "../../www/run/library.js";

test("a note has the mark that the build gives it", () => {
  // `xtask/src/library.rs` holds the build to the same.
  assert.deepEqual(["", "n1", "Three servers – one log."].map(mark), [7, 10_186, 44_400]);
});
