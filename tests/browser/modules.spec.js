// The engine's later modules: loaded when a protocol of theirs is asked for, and not before.
import { expect, test } from './fixtures.js';
import { HEALTHY, beliefs, lane, linkOf, open, openText, seek, simulated, textOf } from './playground.js';

/** Four servers, so that Byzantine protocols can run it. */
const FOUR = HEALTHY.replace('3 racks', '4 racks').replace('r3.s1', 'r3.s1 r4.s1');

/**
 * The modules of the engine that a page has loaded so far.
 * @param {import('@playwright/test').Page} page
 */
function modulesOf(page) {
  /** @type {Set<string>} */
  const loaded = new Set();
  page.on('request', (request) => {
    const name = /\/pkg\/(halflink[a-z-]*)_bg\.wasm$/.exec(new URL(request.url()).pathname)?.[1];
    if (name) loaded.add(name);
  });
  return loaded;
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
async function chooseProtocol(page, name) {
  await page.locator('#protocol-menu > button').click();
  await page.locator(`#protocol-menu [data-value="${name}"]`).click();
  await expect(page.getByRole('button', { name: `Protocol: ${name}`, exact: true })).toBeVisible();
  await simulated(page);
}

test('a first view of Raft loads the first module alone, and so does acting on it', async ({ page }) => {
  const loaded = modulesOf(page);
  await open(page, '#cloudflare-2020&t=20');
  await lane(page, 'n2->n3').locator('.head').click();
  await expect(lane(page, 'n2->n3')).toHaveAttribute('data-state', 'cut');
  await open(page, `${await linkOf(FOUR.replace(': raft', ': etcd-raft+prevote'))}&t=5`);
  expect([...loaded]).toEqual(['halflink']);
  await page.locator('#scenario-menu > button').click();
  await expect(page.locator('#scenario-menu [data-value="raid-10"]')).toBeVisible();
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
});

test('a protocol of another module is loaded, run, undone and redone; the text stays', async ({ page }) => {
  const loaded = modulesOf(page);
  await openText(page, FOUR, 5);
  await chooseProtocol(page, 'raft+prevote');
  await chooseProtocol(page, 'pbft');
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  await expect.poll(() => textOf(page)).toContain('cluster etcd: pbft on');
  await seek(page, 20);
  expect(await beliefs(page)).toEqual({ n1: 'n1', n2: 'n1', n3: 'n1', n4: 'n1' });
  await expect(page.locator('.outcome b')).toHaveText('stable');
  await expect(page.locator('.card').first()).toContainText('Primary, view');
  await page.keyboard.press('Control+z');
  await expect.poll(() => textOf(page)).toContain('cluster etcd: raft+prevote on');
  await page.keyboard.press('Control+z');
  await expect.poll(() => textOf(page)).toContain('cluster etcd: raft on');
  await page.keyboard.press('Control+Shift+Z');
  await page.keyboard.press('Control+Shift+Z');
  await expect.poll(() => textOf(page)).toContain('cluster etcd: pbft on');
});

test('a link, a library name and a typed text bring their module along', async ({ page }) => {
  const loaded = modulesOf(page);
  await page.goto('./#pbft-equivocating-primary&t=6');
  await simulated(page);
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  await expect(page.locator('#logic [data-replica="n1"] .two-faced')).toHaveCount(1);
  await expect(page.locator('.caption .outside')).toBeHidden();
  await expect(page.locator('.class-note')).toContainText('PBFT, set up as here, stands 1 liar among 4.');

  await openText(page, FOUR, 5);
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  const area = page.getByRole('textbox', { name: 'Scenario text' });
  await area.fill(FOUR.replace(': raft on', ': vr on'));
  await expect(page.getByRole('button', { name: 'Protocol: vr', exact: true })).toBeVisible();
  await simulated(page);
  await seek(page, 20);
  const [first] = Object.values(await beliefs(page));
  expect(await beliefs(page)).toEqual({ n1: first, n2: first, n3: first, n4: first });
});

test('reads bring their module along, by name, by link and as typed, and are counted', async ({ page }) => {
  const loaded = modulesOf(page);
  await open(page, '#stale-read&t=5');
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  await expect(page.locator('.outcome')).toContainText('reads 149 of 149, 32 stale ·');
  const link = await page.evaluate(() => window.halflink?.player.session.run?.link());

  await page.goto('about:blank');
  loaded.clear();
  await open(page, `${link}&t=5`);
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  await expect(page.locator('.outcome')).toContainText('reads 149 of 149, 32 stale ·');

  await page.goto('about:blank');
  loaded.clear();
  await openText(page, HEALTHY, 5);
  expect([...loaded]).toEqual(['halflink']);
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  const area = page.getByRole('textbox', { name: 'Scenario text' });
  await area.fill(`${HEALTHY}at 5s cut n1 <-> n3\nat 5s cut n2 <-> n3\nread every 200ms by local\n`);
  await expect(page.locator('.outcome')).toContainText(/reads 1\d\d of 149, \d+ stale/);
  await expect(page.locator('.outcome b')).toHaveText('unsafe');
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  await area.fill(`${HEALTHY}read every 200ms by qourum\n`);
  await expect(page.locator('#text-pane')).toContainText('did you mean `quorum`?');
});

test('compared protocols come from the modules that they need', async ({ page }) => {
  const loaded = modulesOf(page);
  await open(page, `${await linkOf(FOUR)}&t=20&compare=etcd-raft`);
  await expect(page.locator('.compare-row[data-outcome]')).toHaveCount(2);
  await page.locator('#compare .menu > button').click();
  await page.locator('#compare [data-value="pbft"]').click();
  await expect(page.locator('.compare-row[data-outcome]')).toHaveCount(3);
  expect([...loaded]).toEqual(['halflink', 'halflink-all']);
  const pbft = page.locator('[data-protocol="pbft"]');
  await expect(pbft).toHaveAttribute('data-outcome', 'stable');
  await page.keyboard.press('Escape');
  await page.locator('[data-protocol="raft"] [data-flow="n4->n1"] .head').click();
  await expect(pbft.locator('[data-flow="n4->n1"]')).toHaveAttribute('data-state', 'cut');
});

test('code that does not come is told, and what ran goes on', async ({ page, complaints }) => {
  await page.route('**/pkg/halflink-all*', (route) => route.abort());
  await openText(page, FOUR, 5);
  const button = page.locator('#protocol-menu > button');
  await button.click();
  await expect(page.locator('#banner')).toContainText('could not be loaded');
  await expect(button).toHaveAttribute('aria-expanded', 'false');
  await expect.poll(() => textOf(page)).toContain('cluster etcd: raft on');
  await page.unroute('**/pkg/halflink-all*');
  await chooseProtocol(page, 'pbft');
  complaints.length = 0;
});
