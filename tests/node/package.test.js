// The npm package, packed and installed as others have it: what is in it, its types, and Node.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { installed, shown } from "../support/package.js";
import { halflink } from "../support/wasm.js";

const { folder, home, tarball, remove } = await installed();
after(remove);
const engine = await halflink();
const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

/** @param {string[]} words @param {string} [cwd] */
const node = (words, cwd = folder) =>
  spawnSync(process.execPath, words, { cwd, encoding: "utf8", maxBuffer: 1e8 });

/** @param {string} name @param {string} code */
async function ran(name, code) {
  await writeFile(join(folder, name), code);
  const { stdout, stderr, status } = node([name]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return stdout;
}

/** What the opening story comes to, and the hash of its run, by the engine of the page. */
function storyComesTo() {
  const run = new engine.Run(engine.story());
  while (!run.advance(1e6));
  const { outcome } = run.strip();
  return [outcome?.name, run.trace_hash(run.plan().until_us)];
}

test("publint finds nothing to say of it", async () => {
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer },
    level: "suggestion",
    strict: true,
  });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, /** @type {any} */ (pkg))),
    [],
  );
});

/** It is modules alone, so whoever asks by `require`, or knows no `exports`, is not served. */
const NOT_SERVED = ["node10", "node16-cjs"];

test("its types are those of what is there, however they are asked for", async () => {
  const checked = await checkPackage(createPackageFromTarballData(tarball));
  assert.ok(checked.types);
  assert.deepEqual(
    checked.problems.filter(
      (problem) => !("resolutionKind" in problem && NOT_SERVED.includes(problem.resolutionKind)),
    ),
    [],
  );
});

test("no type of it is any", async () => {
  const names = await readdir(home, { recursive: true });
  const types = names.filter((name) => name.endsWith(".d.ts") && !name.includes("node_modules"));
  assert.ok(types.length > 6, `${types}`);
  for (const name of types) {
    const code = (await readFile(join(home, name), "utf8"))
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
      .replace(/"[^"\n]*"/g, '""');
    assert.doesNotMatch(code, /\b(any|Function|Object)\b/, name);
  }
});

const USE = `
import init, { Run, story, type Plan, type Refusal } from "halflink";
import initMore, { Run as More } from "halflink/production";
import { library, type LibraryEntry } from "halflink/library";
import { picture } from "halflink/picture";
import type { Belief } from "halflink/element";
import "halflink/element";

await init();
await initMore();
const run = new Run(story());
const plan: Plan = run.plan();
const role: "follower" | "pre-candidate" | "candidate" | "leader" = run.view(0, 1).replicas[0].role;
const drawn: string[] = await Promise.all([picture(run), picture(new More(""), { what: "logic" })]);
const entry: LibraryEntry | undefined = library.find(({ family }) => family === "outage");
const refused = (error: unknown) => (error as Refusal).errors.map(({ line, column }) => [line, column]);
const element = document.createElement("half-link");
const done: boolean = await element.apply("cut n3 -> n1");
element.addEventListener("outcome", ({ detail }) => {
  const hash: string = detail.trace_hash;
  if (detail.outcome === "stalled") console.log(hash, detail.violations + 1);
});
element.addEventListener("step", ({ detail: { beliefs } }) => {
  const first: Belief = beliefs[0];
  console.log(first.leader?.length);
});
console.log(plan.title, role, drawn, entry?.text, refused, done, element.time + 1);
// @ts-expect-error
run.plan().name;
// @ts-expect-error
picture(run, { what: "racks" });
// @ts-expect-error
element.seek(null);
// @ts-expect-error
element.addEventListener("outcome", ({ detail }) => detail.hash);
// @ts-expect-error
library.push(1);
`;

for (const [module, resolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
]) {
  test(`a program in TypeScript has its types: ${resolution}`, async () => {
    await writeFile(join(folder, "use.ts"), USE);
    const flags = "--ignoreConfig --noEmit --strict --target es2023 --types";
    const { stdout } = node([
      tsc,
      ...flags.split(" "),
      "",
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "--lib",
      "es2023,dom,dom.iterable,esnext.disposable",
      "use.ts",
    ]);
    assert.equal(stdout, "");
  });
}

test("what its README shows runs under Node", async () => {
  const [simulates, draws, ...more] = await shown("js");
  assert.equal(more.length, 0);
  assert.equal(await ran("simulates.js", simulates), `${storyComesTo().join(" ")}\n`);
  assert.equal(await ran("draws.js", draws), "");
  const cli = join(home, "cli.mjs");
  const { stdout } = node([cli, "picture", "raid-10", "--plant", "--theme", "light"]);
  assert.match(stdout, /^<svg /);
  assert.ok((await readFile(join(folder, "raid-10.svg"), "utf8")) === stdout);
});

test("under Node an element is none, production code runs, and nothing is left on the globals", async () => {
  const code = `
    import "halflink/element";
    import init, { Run, story, with_protocol } from "halflink/production";
    import { picture } from "halflink/picture";
    await init();
    const text = with_protocol(story(), "tikv-raft");
    const run = new Run(text);
    const [one, other, again] = await Promise.all([
      picture(run), picture(story()), picture(text), picture("halflink 1").catch(() => {}),
    ]);
    console.log(one === again, one === other, typeof document, typeof HTMLElement, typeof halflinkParts);
    await picture("halflink 2").catch(({ errors }) => console.log(errors[0].line));`;
  assert.equal(await ran("production.js", code), "true false undefined undefined undefined\n1\n");
});

test("it is no larger than it has to be, and its licences go along", async () => {
  const files = (await readdir(home, { recursive: true })).map((name) => join(home, name));
  const sizes = await Promise.all(files.map((file) => stat(file)));
  const total = sizes.reduce((sum, one) => sum + (one.isFile() ? one.size : 0), 0);
  // A third of it is the second module, which also writes what other tools read.
  assert.ok(tarball.length < 3_400_000, `packed ${tarball.length}`);
  assert.ok(total < 6_500_000, `unpacked ${total}`);
  for (const name of ["src", "halflink.js", "halflink-production.js"])
    assert.ok(!files.includes(join(home, name)), name);
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"])
    assert.ok(files.includes(join(home, name)), name);
});
