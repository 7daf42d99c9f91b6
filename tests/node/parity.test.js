// The same text and seed give the same run natively and in wasm under Node: hash, figures and link.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { nativeRuns } from "../support/parity.js";
import { tell } from "../../www/draw/late-words.js";
import { halflink } from "../support/wasm.js";

/** @typedef {import('../../pkg/facts.js').Diagnostic} Diagnostic */

const count = process.env.HALFLINK_LARGE === "1" ? 2000 : 200;

test("each module repeats what native code did, and the first says what it has not", async () => {
  const { Run, library, module_of, story } = await halflink();
  const expected = nativeRuns(count);
  assert.equal(story(), expected[0].text);
  const isOf = (/** @type {string} */ kind) => (/** @type {{name: string}} */ one) =>
    one.name.startsWith(`${kind} `);
  assert.equal(expected.filter(isOf("random")).length, count);
  const shipped = expected.filter((one) => !isOf("random")(one) && !isOf("protocol")(one));
  assert.equal(shipped.length, library().length);
  const production = expected.filter(({ plan }) => module_of(plan.protocol) === "production");
  assert.ok(production.length >= 5 && expected.filter(isOf("protocol")).length >= 12);
  compare(
    Run,
    expected.filter((one) => !production.includes(one)),
  );
  compare((await halflink("production")).Run, production);
  for (const { text } of production) assert.throws(() => new Run(text), { needs: "production" });
});

/**
 * @param {typeof import('../../pkg/halflink.js').Run} Run
 * @param {ReturnType<typeof nativeRuns>} expected
 */
function compare(Run, expected) {
  for (const { name, text, half_us, half_hash, link, plan, strip, end } of expected) {
    const run = new Run(text);
    while (!run.advance(1e6));
    assert.deepEqual(run.plan(), plan, `${name}\n${text}`);
    assert.deepEqual(run.strip(), strip, `${name}\n${text}`);
    assert.deepEqual(run.view(run.frontier(), 3e5), end, `${name}\n${text}`);
    assert.equal(run.trace_hash(plan.until_us), strip.outcome?.trace_hash, `${name}\n${text}`);
    assert.equal(run.trace_hash(half_us), half_hash, `${name}, half way\n${text}`);
    assert.equal(run.link(), link, `${name}\n${text}`);
    run.free();
  }
}

test("a run moves to the other module with all that was done to it", async () => {
  const [first, production] = await Promise.all([halflink(), halflink("production")]);
  const run = new first.Run(first.story());
  run.act(1e6, "cut n1 -> n2");
  run.act(2e6, "cut n2 -> n1");
  run.undo();
  assert.throws(() => run.set_protocol("tikv-raft"), { needs: "production" });
  const moved = production.Run.resume(run.texts(), run.place());
  assert.equal(moved.text(), run.text());
  assert.ok(moved.redo() && moved.undo() && moved.undo() && !moved.can_undo());
  assert.equal(moved.text(), first.story());
  moved.set_protocol("tikv-raft");
  assert.equal(moved.plan().protocol, "tikv-raft");
});

test("wasm says the same of a text that is wrong, and goes on", async () => {
  const { Run, check, open_link } = await halflink();
  const [{ text, plan, strip }] = nativeRuns(0);
  const run = new Run(text);
  const wrong = text.replace("gray", "grey");
  const [error] = check(wrong);
  assert.equal(check(wrong).length, 1);
  assert.match(tell("diagnostic", error.fact), /did you mean `gray`\?/);
  assert.deepEqual(check(text), []);
  for (const refused of [
    () => run.edit(wrong),
    () => run.act(1e6, "cut n1 -> n9"),
    () => run.set_protocol("gossip"),
    () => new Run(wrong),
    () => new Run("\0".repeat(1e6)),
    () => open_link("#1.AAAA"),
    () => open_link("\u{202e}"),
  ]) {
    assert.throws(refused, (thrown) => {
      const { errors } = /** @type {{ errors: Diagnostic[] }} */ (thrown);
      return (
        errors.length > 0 && errors.every(({ fact }) => tell("diagnostic", fact).includes(" "))
      );
    });
  }
  for (const time of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) {
    assert.match(run.trace_hash(time), /^[0-9a-f]{16}$/);
  }
  assert.equal(run.text(), text);
  assert.equal(run.trace_hash(plan.until_us), strip.outcome?.trace_hash);
});

test("a link of the oldest format is read by the second module, and the first says so", async () => {
  const links = await readFile(new URL("../links/format-1.txt", import.meta.url), "utf8");
  const [, name, link, text] = /^== (\S+)\n(.*)\n([\s\S]*?)(?=^== )/m.exec(links) ?? [];
  const first = await halflink();
  assert.throws(() => first.open_link(link), { needs: "production" }, name);
  const second = await halflink("production");
  assert.equal(second.open_link(link).text, text);
  // What it says is a scenario like any other, for the first as well.
  assert.deepEqual(first.check(text), []);
});
