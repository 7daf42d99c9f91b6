// @ts-check
/** What editors are told of the element is what there is, and docs/EMBED.md tells of all of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

const read = (/** @type {string} */ name) =>
  readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const [declared] = JSON.parse(read("pkg/custom-elements.json")).modules[0].declarations;
const element = read("www/half-link.js");
const remote = read("www/run/remote.js");
const docs = read("docs/EMBED.md");
const names = (/** @type {{name: string}[]} */ all) => all.map(({ name }) => name);

test("attributes, methods and events of the manifest are those of the element", () => {
  const [, list] = /observedAttributes = \[([^\]]+)\]/.exec(element) ?? [];
  const observed = [...list.matchAll(/"([a-z]+)"/g)].map(([, name]) => name);
  assert.deepEqual(names(declared.attributes).sort(), observed.sort());
  const told = [...remote.matchAll(/this\.tell\("([\w-]+)"/g)].map(([, name]) => name);
  assert.deepEqual(names(declared.events).sort(), [...new Set(told), "failed"].sort());
  const members = [...element.matchAll(/^ {2}(?:get )?([a-z]+)\([^)]*\) \{$/gm)].map(
    ([, name]) => name,
  );
  const own = members.filter(
    (name) => !["constructor", "start"].includes(name) && !name.endsWith("Callback"),
  );
  assert.deepEqual(names(declared.members).sort(), own.sort());
});

test("the types of the package are those of the manifest", () => {
  const types = read("pkg/element.d.ts");
  const [, details] = /interface HalfLinkDetails \{\n(.*?)\n\}/s.exec(types) ?? [];
  const events = [...details.matchAll(/^ {2}"?([a-z-]+)"?: /gm)].map(([, name]) => name);
  assert.deepEqual(events.sort(), names(declared.events).sort());
  const [, element] = /interface HalfLinkElement [^{]*\{\n(.*?)\n\}/s.exec(types) ?? [];
  const members = [...element.matchAll(/^ {2}(?:readonly )?([a-z]+)[(:]/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(members.sort(), names(declared.members).sort());
});

test("the documentation tells of all of them", () => {
  for (const name of [...names(declared.attributes), ...names(declared.events)]) {
    assert.ok(docs.includes(`| \`${name}\``) || docs.includes(`, \`${name}\``), name);
  }
  for (const { kind, name } of declared.members) {
    const said = kind === "method" ? `${name}(` : `element.${name}`;
    assert.ok(docs.includes(said), name);
  }
});
