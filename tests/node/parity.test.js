// The same text and seed give the same run natively and in wasm under Node: hash, figures and link.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeRuns } from '../support/parity.js';
import { halflink } from '../support/wasm.js';

const count = process.env.HALFLINK_LARGE === '1' ? 2000 : 200;

test('the module with all protocols repeats what native code did', async () => {
  const { Run, library } = await halflink('all');
  const expected = nativeRuns(count);
  assert.equal(expected.length, library().length + count);
  compare(Run, expected);
});

test('so does the first module, and it says where the code is that it has not', async () => {
  const { Run, story } = await halflink();
  const expected = nativeRuns(count);
  assert.equal(story(), expected[0].text);
  const raft = expected.filter(({ report }) => /^(etcd-)?raft/.test(String(report.protocol)));
  assert.ok(raft.length >= count);
  compare(Run, raft);
  for (const { text } of expected.filter((one) => !raft.includes(one))) {
    assert.throws(() => new Run(text), { needs: 'all' });
  }
});

/**
 * @param {typeof import('../../pkg/halflink.js').Run} Run
 * @param {ReturnType<typeof nativeRuns>} expected
 */
function compare(Run, expected) {
  for (const { name, text, half_us, half_hash, link, report } of expected) {
    const run = new Run(text);
    if ('report' in run) assert.deepEqual(run.report(), report, `${name}\n${text}`);
    assert.equal(run.trace_hash(Number(report.until_us)), report.trace_hash, `${name}\n${text}`);
    assert.equal(run.trace_hash(half_us), half_hash, `${name}, half way\n${text}`);
    assert.equal(run.link(), link, `${name}\n${text}`);
    run.free();
  }
}

test('a run moves to a larger module with all that was done to it', async () => {
  const [first, all] = await Promise.all([halflink(), halflink('all')]);
  const run = new first.Run(first.story());
  run.act(1e6, 'cut n1 -> n2');
  run.act(2e6, 'cut n2 -> n1');
  run.undo();
  assert.throws(() => run.set_protocol('vr'), { needs: first.module_of('vr') });
  const moved = all.Run.resume(run.texts(), run.place());
  assert.equal(moved.text(), run.text());
  assert.ok(moved.redo() && moved.undo() && moved.undo() && !moved.can_undo());
  assert.equal(moved.text(), first.story());
  moved.set_protocol('vr');
  assert.equal(moved.report().protocol, 'vr');
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
    () => run.set_protocol('gossip'),
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
  assert.equal(run.trace_hash(Number(report.until_us)), report.trace_hash);
});
