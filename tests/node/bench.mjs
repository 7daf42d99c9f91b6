// The wasm side of `cargo xtask bench`; the contract is at the top of xtask/src/bench.rs.
//
// One JSON object a line: {"name", "value", "unit"}, unit "/s" (elements per second) or "ns". The name
// is that of the Criterion bench that does the same work natively.
import { halflink } from '../support/wasm.js';

const quick = process.argv.includes('--quick');
const filter = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? '';
const seconds = quick ? 0.5 : 3;

/**
 * Measures one bench, and prints its line.
 * @param {string} name Criterion's full id of the native twin
 * @param {() => unknown} work one iteration
 * @param {number} [elements] what an iteration gets through; without it, the time is reported
 */
function bench(name, work, elements) {
  if (!name.includes(filter)) return;
  const until = (/** @type {number} */ duration) => {
    const begun = performance.now();
    let iterations = 0;
    do {
      work();
      iterations += 1;
    } while (performance.now() - begun < duration * 1000);
    return ((performance.now() - begun) * 1e6) / iterations;
  };
  until(seconds / 3); // warms up: the engine compiles in two tiers
  const nanos = Math.min(...[1, 2, 3].map(() => until(seconds / 3)));
  const [value, unit] = elements === undefined ? [nanos, 'ns'] : [(elements * 1e9) / nanos, '/s'];
  console.log(JSON.stringify({ name, value, unit }));
}

await halflink();
bench('empty', () => {});
