// What crosses is what the types say: the compiler reads what the module really hands out.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { halflink } from "../support/wasm.js";

const engine = await halflink();
const types = fileURLToPath(new URL("../../pkg/index.js", import.meta.url));
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const FLAGS = [
  "--ignoreConfig",
  "--noEmit",
  "--strict",
  "--target",
  "es2023",
  "--module",
  "esnext",
  "--moduleResolution",
  "bundler",
  "--lib",
  "es2023,dom,esnext.disposable",
];

/** Every shipped scenario's objects, by the name of their type. */
function handedOut() {
  /** @type {Record<string, unknown[]>} */
  const objects = { Plan: [], View: [], Strip: [], ViolationView: [], ToldView: [], BlastView: [] };
  for (const { text } of engine.library()) {
    if (engine.check(text).length) continue;
    const run = open(text);
    if (!run) continue;
    while (!run.advance(200_000));
    const plan = run.plan();
    objects.Plan.push(plan);
    for (let at = 0; at <= 4; at += 1) objects.View.push(run.view((plan.until_us * at) / 4, 3e5));
    objects.Strip.push(run.strip());
    objects.BlastView.push(run.blast([0, 1]), run.blast([plan.replicas[0].part]));
    for (let asked = 0; asked < 20 && !run.seek_blame(100_000); asked += 1);
    objects.ViolationView.push(...run.blame());
    objects.ToldView.push(...(run.heard(plan.until_us / 4, 0, 1e9) ?? []).slice(0, 20));
    run.free();
  }
  const wrong = ["", "at", "cluster x", "halflink 1\nfoo", "halflink 1\nplant 3 rakcs"];
  return {
    ...objects,
    Diagnostic: wrong.flatMap((text) => engine.check(text)),
    Refusal: [
      () => new engine.Run(""),
      () => engine.open_link("#9."),
      () => engine.link_of("x"),
    ].map(caught),
    ProtocolEntry: engine.protocols(),
    OpenedLink: [engine.open_link(engine.link_of(engine.story()))],
  };
}

/** @param {string} text there is no run of what only the other module has */
function open(text) {
  try {
    return new engine.Run(text);
  } catch {
    return null;
  }
}

/** @param {() => unknown} fails */
function caught(fails) {
  try {
    fails();
  } catch (error) {
    return error;
  }
  assert.fail("it is refused");
}

/** @param {string} source */
async function compiled(source) {
  const folder = await mkdtemp(join(tmpdir(), "halflink-types-"));
  const file = join(folder, "objects.ts");
  await writeFile(file, source);
  const { stdout } = spawnSync(process.execPath, [tsc, ...FLAGS, file], { encoding: "utf8" });
  await rm(folder, { recursive: true });
  return stdout;
}

test("all that the module hands out is of the types of the package", async () => {
  const objects = Object.entries(handedOut());
  const source = objects
    .map(([type, values]) => {
      assert.ok(values.length > 0, `there is a ${type}`);
      return `export const a${type}: import(${JSON.stringify(types)}).${type}[] = ${JSON.stringify(
        values,
      )};\n`;
    })
    .join("");
  assert.equal(await compiled(source), "");
  for (const [right, wrong] of [
    ['"state":"up"', '"state":"well"'],
    ['"parted":', '"split":'],
  ]) {
    assert.notEqual(await compiled(source.replace(right, wrong)), "", wrong);
  }
});
