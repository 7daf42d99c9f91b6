// The wasm side of `cargo xtask bench`; the contract is at the top of xtask/src/bench.rs.
//
// Each bench does the work of the Criterion bench of the same name in benches/, through the same
// calls that the page makes; what seeks, links and forks cost includes making JavaScript's objects.
// Times are CPU time, the median of several stretches, after the engine has been compiled twice over.
import { readFile } from "node:fs/promises";
import { halflink } from "../support/wasm.js";

const quick = process.argv.includes("--quick");
const filter = process.argv.slice(2).find((argument) => !argument.startsWith("--")) ?? "";
const [stretches, stretchMillis] = quick ? [3, 100] : [9, 300];

const WINDOW_US = 20_000;
const SEEKS = 400;

/** CPU time of this process so far, in nanoseconds. */
function cpuNanos() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/**
 * @param {number[]} values
 * @param {number} percent
 */
function quantile(values, percent) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

/**
 * Nanoseconds an iteration.
 * @param {() => unknown} work
 */
function measure(work) {
  const stretch = () => {
    const begun = cpuNanos();
    let iterations = 0;
    let taken = 0;
    do {
      work();
      iterations += 1;
      taken = cpuNanos() - begun;
    } while (taken < stretchMillis * 1e6);
    return taken / iterations;
  };
  stretch(); // The engine starts with quick code and compiles it again while it runs.
  stretch();
  return quantile(Array.from({ length: stretches }, stretch), 50);
}

/**
 * Prints a line for the table.
 * @param {string} name
 * @param {number} value
 * @param {'/s' | 'ns'} unit
 */
function print(name, value, unit) {
  console.log(JSON.stringify({ name, value, unit }));
}

/**
 * Measures one bench, if it is wanted.
 * @param {string} name Criterion's full id of the native twin
 * @param {() => unknown} work one iteration
 * @param {number} [elements] what an iteration gets through; without it, the time is reported
 */
function bench(name, work, elements) {
  if (!name.includes(filter)) return;
  const nanos = measure(work);
  if (elements === undefined) print(name, nanos, "ns");
  else print(name, (elements * 1e9) / nanos, "/s");
}

/** @param {string} name */
const scenario = (name) =>
  readFile(new URL(`../../benches/scenarios/${name}.halflink`, import.meta.url), "utf8");

const { Run, check, deliver_all, open_link } = await halflink();

/** @param {string} text */
function opened(text) {
  const run = new Run(text);
  while (!run.advance(0xffff_ffff));
  return run;
}

for (const name of ["3-healthy", "3-cut", "5-healthy", "5-cut"]) {
  const text = await scenario(name);
  bench(`engine/${name}`, () => deliver_all(text), deliver_all(text));
}

const three = await scenario("3-cut");
const nine = await scenario("9-ten-minutes");

for (const [name, text] of [
  ["seek/3-replicas", three],
  ["seek/9-replicas", nine],
]) {
  const run = opened(text);
  let state = 2020;
  const seek = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return run.view((state / 2 ** 32) * 600e6, WINDOW_US);
  };
  bench(name, seek);
  for (const percent of [50, 95]) {
    const wanted = `${name}-p${percent}`;
    if (!wanted.includes(filter)) continue;
    const times = Array.from({ length: SEEKS }, () => {
      const begun = cpuNanos();
      seek();
      return cpuNanos() - begun;
    });
    print(wanted, quantile(times, percent), "ns");
  }
  run.free();
}

/**
 * A text with so many acts, the same as in benches/page.rs.
 * @param {number} events
 */
function textWith(events) {
  const lines = three
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("at "));
  const run = lines.pop();
  for (let number = 0; number < events; number += 1) {
    const verb = number % 2 === 0 ? "cut" : "heal";
    const [from, to] = [
      [1, 2],
      [2, 3],
      [3, 1],
    ][Math.floor(number / 2) % 3];
    lines.push(`at ${number + 1}s ${verb} n${from} -> n${to}`);
  }
  return `${[...lines, run].join("\n")}\n`;
}

for (const events of [20, 500]) {
  const run = opened(textWith(events));
  const link = run.link();
  bench(`link/encode-${events}`, () => run.link());
  bench(`link/decode-${events}`, () => open_link(link));
  run.free();
}

const few = textWith(20);
bench("text/parse", () => check(few));

const run = opened(nine);
bench("session/fork", () => {
  const middle = 300e6;
  run.act(middle, "cut n9 -> n1");
  run.view(middle, WINDOW_US);
  run.undo();
  run.view(middle, WINDOW_US);
});
run.free();
