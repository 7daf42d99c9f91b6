// The same text and seed give the same run natively and in wasm under Node: hash, figures and link.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeRuns } from '../support/parity.js';
import { halflink } from '../support/wasm.js';

const count = process.env.HALFLINK_LARGE === '1' ? 2000 : 200;

test('wasm repeats what native code did', async () => {
  const { Run, library } = await halflink();
  const expected = nativeRuns(count);
  assert.equal(expected.length, library().length + count);
  for (const { name, text, half_us, half_hash, link, report } of expected) {
    const run = new Run(text);
    assert.deepEqual(run.report(), report, `${name}\n${text}`);
    assert.equal(run.trace_hash(half_us), half_hash, `${name}, half way\n${text}`);
    assert.equal(run.link(), link, `${name}\n${text}`);
    run.free();
  }
});

test('wasm says the same of a text that is wrong, and goes on', async () => {
  const { Run, check, open_link } = await halflink();
  const [{ text, report }] = nativeRuns(0);
  const run = new Run(text);
  const wrong = text.replace('gray', 'grey');
  const [error] = check(wrong);
  assert.equal(check(wrong).length, 1);
  assert.match(error.message, /did you mean `gray`\?/);
  assert.deepEqual(check(text), []);
  for (const refused of [
    () => run.edit(wrong),
    () => run.act(1e6, 'cut n1 -> n9'),
    () => run.set_protocol('paxos'),
    () => new Run(wrong),
    () => new Run('\0'.repeat(1e6)),
    () => open_link('#1.AAAA'),
    () => open_link('\u{202e}'),
  ]) {
    assert.throws(refused, (thrown) => {
      const { errors } = /** @type {{ errors: { message: string }[] }} */ (thrown);
      return errors.length > 0 && errors.every(({ message }) => message.length > 0);
    });
  }
  for (const time of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) {
    assert.match(run.trace_hash(time), /^[0-9a-f]{16}$/);
  }
  assert.equal(run.text(), text);
  assert.deepEqual(run.report(), report);
});
