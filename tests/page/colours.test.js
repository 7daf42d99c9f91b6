// @ts-check
/**
 * Red is for faults alone. Distances are CIEDE2000's; how the three kinds of colour-blind eyes see
 * is Machado, Oliveira & Fernandes' model of 2009 at its full severity (both from culori).
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  clampRgb,
  differenceCiede2000,
  filterDeficiencyDeuter,
  filterDeficiencyProt,
  filterDeficiencyTrit,
  parse,
} from "culori";
import { ORDER_COLOURS } from "../../www/draw/belief.js";
import { REPLICA_COLOURS, contrast } from "../../www/draw/colours.js";

/** Two colours this far apart are told apart at a glance; 2 is just noticed, side by side. */
const APART = 12;
/** To most eyes a replica is nowhere near red. */
const APART_NORMAL = 25;

/** @type {Record<string, (colour: any) => any>} */
const SIGHTS = {
  normal: (colour) => colour,
  protanopia: filterDeficiencyProt(1),
  deuteranopia: filterDeficiencyDeuter(1),
  tritanopia: filterDeficiencyTrit(1),
};
const difference = differenceCiede2000();

/**
 * @param {string} one
 * @param {string} other
 * @param {string} sight
 */
function distance(one, other, sight) {
  const [a, b] = [one, other].map((colour) => clampRgb(SIGHTS[sight](parse(colour))));
  return difference(a, b);
}

const css = ["theme", "theme-late"]
  .map((name) => readFileSync(new URL(`../../www/css/${name}.css`, import.meta.url), "utf8"))
  .join("");
const named = [...css.matchAll(/(--[\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g)].map(
  ([, name, light, dark]) => ({ name, light, dark }),
);
assert.ok(named.length > 20, `${named.length} colours`);
const THEMES = {
  light: new Map(named.map(({ name, light }) => [name, light])),
  dark: new Map(named.map(({ name, dark }) => [name, dark])),
};
/** What is drawn in no fault's name. */
const SIGNS = [
  "--gold",
  "--kept",
  "--kept-ink",
  "--feed-a",
  "--feed-b",
  "--focus",
  "--lane",
  "--lane-used",
  "--edge",
  "--ink",
  "--soft",
];

for (const [theme, colours] of Object.entries(THEMES)) {
  const colour = (/** @type {string} */ name) => {
    const value = colours.get(name);
    assert.ok(value, `the ${theme} theme has no ${name}`);
    return value;
  };
  const reds = ["--dead", "--dead-ink", "--dead-soft"].map(colour);

  for (const sight of Object.keys(SIGHTS)) {
    test(`${theme}, ${sight}: no replica, order or sign is near the red of faults`, () => {
      const least = sight === "normal" ? APART_NORMAL : APART;
      const people = [...REPLICA_COLOURS, ...Object.values(ORDER_COLOURS)];
      for (const red of reds) {
        for (const one of people) {
          const apart = distance(one, red, sight);
          assert.ok(apart >= least, `${one} is ${apart.toFixed(1)} from ${red}`);
        }
      }
      for (const name of SIGNS) {
        const apart = distance(colour(name), colour("--dead"), sight);
        assert.ok(apart >= APART, `${name} is ${apart.toFixed(1)} from --dead`);
      }
    });
  }

  test(`${theme}: red reads as text, and replicas show, on the panel`, () => {
    for (const name of ["--dead", "--dead-ink"]) {
      assert.ok(contrast(colour(name), colour("--panel")) >= 4.5, name);
    }
    for (const one of REPLICA_COLOURS) assert.ok(contrast(one, colour("--panel")) >= 3, one);
  });
}

/** @param {readonly string[]} all */
const pairs = (all) =>
  all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other]));

test("orders are told apart by every eye", () => {
  const orders = Object.values(ORDER_COLOURS);
  for (const [one, other] of pairs(orders)) {
    for (const sight of Object.keys(SIGHTS)) {
      assert.ok(distance(one, other, sight) >= APART, `${one} ${other} ${sight}`);
    }
  }
});

test("the first five replicas are told apart by every eye", () => {
  const few = REPLICA_COLOURS.slice(0, 5);
  for (const [one, other] of pairs(few)) {
    for (const sight of Object.keys(SIGHTS)) {
      const apart = distance(one, other, sight);
      assert.ok(apart >= APART, `${one} ${other} ${sight}: ${apart.toFixed(1)}`);
    }
  }
});
