// A run inside somebody else's page, in the snippet that Share gives.
import { createServer } from 'node:http';
import { expect, test } from './fixtures.js';
import {
  HEALTHY, clickArrowhead, drawn, lane, open, openText, packetsShown, simulated, textOf,
} from './playground.js';

/**
 * A blog post on a server of its own, with the run embedded as Share says.
 * @param {import('@playwright/test').Page} page
 * @param {string} snippet
 */
async function post(page, snippet) {
  const body = `<!doctype html><html lang="en"><title>A post</title>
<link rel="icon" href="data:,">
<style>body { max-width: 640px; margin: 20px auto; font: 16px serif; }</style>
<p>Words before.</p>${snippet}<p>Words after.</p>
<script>
  window.heard = [];
  addEventListener('message', ({ data, origin, source }) => heard.push({
    data, origin, own: source === document.querySelector('iframe').contentWindow,
  }));
</script>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await page.goto(`http://127.0.0.1:${port}/post?id=7#part`);
  const element = await page.waitForSelector('iframe');
  const frame = await element.contentFrame();
  if (!frame) throw new Error('the post has no frame');
  await simulated(frame);
  return { frame, close: () => new Promise((resolve) => server.close(resolve)) };
}

/**
 * The snippet of a text, read off the dialog.
 * @param {import('@playwright/test').Page} page
 * @param {string} text
 */
async function snippetOf(page, text) {
  await openText(page, text, 5);
  return snippetOfRun(page);
}

/** @param {import('@playwright/test').Page} page */
async function snippetOfRun(page) {
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByLabel('Start at').check();
  return page.getByLabel('Embed snippet').inputValue();
}

test('an embedded run plays in a sandbox on a foreign page', async ({ page, baseURL }) => {
  const { frame, close } = await post(page, await snippetOf(page, HEALTHY));
  const address = page.url();
  const entries = await page.evaluate(() => history.length);
  expect(new URL(address).origin).not.toBe(new URL(baseURL ?? '').origin);
  expect(await frame.evaluate(() => self.origin), 'an origin of nobody').toBe('null');

  for (const view of ['#logic .logic', '#strip .strip-picture', '#caption h2', '.play']) {
    await expect(frame.locator(view), view).toBeVisible();
  }
  await expect(frame.locator('#caption')).toContainText('Nothing is wrong');
  await expect(frame.locator('[data-replica="n3"] .node-role')).toHaveText(/^Leader · term \d+$/);
  await expect(frame.locator('.outcome')).toContainText('stable');

  // It does what the page does: one click, one direction.
  await lane(frame, 'n3->n1').locator('.head').click();
  await expect(lane(frame, 'n3->n1')).toHaveAttribute('data-state', 'cut');
  await expect(lane(frame, 'n1->n3')).toHaveAttribute('data-state', 'up');
  await expect.poll(() => textOf(frame)).toContain('cut n3 -> n1');
  await frame.locator('[data-replica="n2"]').click();
  await frame.getByRole('button', { name: 'Crash it' }).click();
  await expect(frame.locator('[data-replica="n2"]')).toHaveAttribute('data-role', 'down');
  await frame.locator('.play').click();
  await expect.poll(() => frame.evaluate(() => window.halflink.playback.time_us)).toBeGreaterThan(5.1e6);
  await frame.locator('.play').click();

  // And it leaves its host alone.
  expect(page.url()).toBe(address);
  expect(await page.evaluate(() => history.length)).toBe(entries);
  expect(await page.title()).toBe('A post');
  await close();
});

test('an embedded run of liars shows what each was told', async ({ page }) => {
  await open(page, '#pbft-equivocating-primary&t=6');
  const snippet = await snippetOfRun(page);
  const { frame, close } = await post(page, snippet);
  await expect(frame.locator('#evidence .heard h2')).toHaveText('What n1 told each');
  await expect(frame.locator('#evidence .heard [data-lie]').first()).toContainText('in truth');
  await drawn(frame);
  const box = await frame.locator('#evidence .heard tbody tr').first().evaluate((row) =>
    row.getBoundingClientRect().bottom - innerHeight);
  expect(box, 'the first row stands within the height of the snippet').toBeLessThanOrEqual(0);
  await close();
});

test('an embedded run of production code loads that module alone', async ({ page }) => {
  const snippet = await snippetOf(page, HEALTHY.replace(': raft on', ': tikv-raft on'));
  expect(snippet).toContain('&amp;in=production"');
  const loaded = /** @type {string[]} */ ([]);
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname.split('/').at(-1) ?? ''));
  const { frame, close } = await post(page, snippet);
  await expect(frame.locator('.outcome')).toContainText('stable');
  expect(loaded.filter((name) => name.endsWith('.wasm'))).toEqual(['halflink-production_bg.wasm']);
  await close();
});

test('the way to the whole page carries the run as it is now', async ({ page, baseURL, complaints }) => {
  const { frame, close } = await post(page, await snippetOf(page, HEALTHY));
  await lane(frame, 'n3->n1').locator('.head').click();
  const link = frame.getByRole('link', { name: 'Open in Halflink' });
  await expect(link).toHaveAttribute('target', '_blank');
  await link.hover();
  const href = await link.evaluate((anchor) => /** @type {HTMLAnchorElement} */ (anchor).href);
  expect(href.split('#')[0]).toBe(baseURL);
  expect(href.split('#')[1]).toBe((await frame.evaluate(() => window.halflink.run.link())).slice(1));

  // The sandbox keeps the tab from opening: the address is shown to be copied.
  const before = page.url();
  await link.click();
  await expect(frame.getByLabel('Address of this run')).toHaveValue(href);
  expect(page.url()).toBe(before);
  const blocked = complaints.filter((words) => /allow-popups/.test(words));
  expect(complaints, 'the browser tells of the tab it did not open, and of nothing else')
    .toEqual(blocked);
  complaints.length = 0;
  await close();

  await page.goto(href);
  await simulated(page);
  await expect.poll(() => textOf(page)).toContain('cut n3 -> n1');
});

test('an embed tells its host how tall it is, and fits the height in the snippet', async ({ page }) => {
  const snippet = await snippetOf(page, HEALTHY);
  const promised = Number(/height="(\d+)"/.exec(snippet)?.[1]);
  const { frame, close } = await post(page, snippet);
  const told = () => page.evaluate(() => /** @type {any} */ (window).heard);
  await expect.poll(async () => (await told()).length).toBeGreaterThan(0);
  for (const { data, origin, own } of await told()) {
    expect(own).toBe(true);
    expect(origin).toBe('null');
    expect(data).toMatchObject({ context: 'iframe.resize', src: frame.url() });
    expect(data.height).toBeGreaterThan(200);
  }
  const tallest = async () => (await told()).at(-1).data.height;
  expect(await tallest()).toBeLessThanOrEqual(promised);
  // Narrower, it stacks, and says so.
  const before = (await told()).length;
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(async () => (await told()).length).toBeGreaterThan(before);
  await drawn(frame);
  expect(await tallest()).toBeLessThanOrEqual(promised);
  const wide = await frame.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await close();
});

test('an embed with a bad link says so, and shows the story', async ({ page }) => {
  await page.goto('./embed.html#1.AAAA');
  await expect(page.locator('#banner')).toContainText('That link does not open');
  await simulated(page);
  await expect(page.locator('[data-replica]')).toHaveCount(3);
});

test('an embed opened by itself works as well', async ({ page }) => {
  await page.goto('./embed.html#one-way-from-leader&t=1');
  await simulated(page);
  await clickArrowhead(page, 'n3->n2');
  const { dying } = await packetsShown(page, '#logic', { from: 1.1, to: 1.7, every: 0.2 });
  expect([...dying]).toEqual(['n3->n2']);
});
