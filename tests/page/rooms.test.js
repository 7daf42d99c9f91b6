// The rooms of www/: who may import whom, and that no imports go in a circle.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dirname, join, normalize } from "node:path";

const WWW = fileURLToPath(new URL("../../www/", import.meta.url));

/** What each room may import; "" is the top of www/, where entry modules stand. */
const MAY_IMPORT = /** @type {Record<string, string[]>} */ ({
  draw: ["draw"],
  run: ["run", "draw"],
  panels: ["panels", "run", "draw"],
  "": ["", "panels", "run", "draw"],
});

const modules = readdirSync(WWW, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".js"))
  .sort();

/**
 * @param {string} module
 * @param {RegExp} pattern of what comes before a specifier
 */
function imports(module, pattern) {
  const text = readFileSync(join(WWW, module), "utf8");
  return [...text.matchAll(pattern)]
    .map(([, specifier]) => normalize(join(dirname(module), specifier)))
    .filter((target) => target.endsWith(".js") && !/^(?:\.\.\/)?pkg\//.test(target));
}

/** @param {string} module */
const room = (module) => (module.includes("/") ? module.slice(0, module.indexOf("/")) : "");

/** Imports, static and late, and those of types. */
const ANY = /(?:\bfrom|\bimport\(|^import)\s*["'](\.[^"']+)["']/gm;
/** What is loaded with a module. */
const STATIC = /^(?:import|export)\b(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)"/gm;

test("every module stands in a room, and every import is there", () => {
  assert.ok(modules.length > 50, `${modules.length} modules`);
  for (const module of modules) {
    assert.ok(room(module) in MAY_IMPORT, `${module} stands in no room`);
    for (const target of imports(module, ANY)) {
      assert.ok(modules.includes(target), `${module} imports ${target}, which is not there`);
    }
  }
});

test("drawing knows nothing of runs, and runs know nothing of panels", () => {
  const wrong = modules.flatMap((module) =>
    imports(module, ANY)
      .filter((target) => !MAY_IMPORT[room(module)].includes(room(target)))
      .map((target) => `${module} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("no imports go in a circle", () => {
  /** @type {Set<string>} */
  const done = new Set();
  /** @param {string} module @param {readonly string[]} way */
  const visit = (module, way) => {
    assert.ok(!way.includes(module), [...way, module].join(" -> "));
    if (done.has(module)) return;
    for (const target of imports(module, STATIC)) visit(target, [...way, module]);
    done.add(module);
  };
  for (const module of modules) visit(module, []);
  assert.equal(done.size, modules.length);
});
