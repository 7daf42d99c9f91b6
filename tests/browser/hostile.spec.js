// Legal texts that ask for a great deal: the page answers all the while, and says how far it is.
import { expect, test } from './fixtures.js';
import { HEALTHY, linkOf, open, openText, seek } from './playground.js';

const FIFTEEN = 'r1.s1 r2.s1 r3.s1 r1.s2 r2.s2 r3.s2 r1.s3 r2.s3 r3.s3 r1.s4 r2.s4 r3.s4 r1.s5 r2.s5 r3.s5';

/**
 * @param {string} protocol
 * @param {string} timing
 * @param {string} more
 */
const hour = (protocol, timing, more) => `halflink 1
title   "w"
plant   3 racks of 5 servers, 2 disks each
cluster c: ${protocol} on ${FIFTEEN}
timing  ${timing}
seed    1
${more}
run     3600s
`;

const others = Array.from({ length: 14 }, (_, index) => `n${index + 2}`).join(' ');

const HOSTILE = {
  'an hour of HotStuff': hour('hotstuff', 'heartbeat 36ms, election 200ms..400ms', 'write   every 36ms'),
  'an hour of elections': hour('raft', 'heartbeat 27ms, election 28ms..28ms', ''),
  'a liar that delays by ten minutes': hour('raft', 'heartbeat 27ms, election 500s..600s',
    `at 0s elect n1\nat 1s traitor n1 delay 600s to ${others}`),
};

/** One task may take this long: on an idle machine, which a machine that tests is not. */
const LONGEST_MS = process.env.HALFLINK_IDLE ? 100 : 2_000;

/** @param {import('@playwright/test').Page} page */
const watchTasks = (page) => page.addInitScript(() => {
  const tasks = /** @type {number[]} */ ([]);
  Object.assign(window, { longTasks: tasks });
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
});

/** @param {import('@playwright/test').Page} page */
const longest = (page) => page.evaluate(() =>
  Math.max(0, .../** @type {any} */ (window).longTasks));

for (const [what, text] of Object.entries(HOSTILE)) {
  test(`${what}, opened at its end, freezes nothing`, async ({ page }) => {
    test.setTimeout(180_000);
    await watchTasks(page);
    await page.goto(`./${await linkOf(text)}&t=3600`);
    // It says how far it is; or it has come to a bound on its work already, and says that.
    const waiting = page.locator('.waiting:not([hidden])');
    const ended = page.locator('.exhausted');
    await expect(waiting.or(ended).first()).toBeVisible({ timeout: 60_000 });
    // Share waits for nothing.
    await page.getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share this run' });
    await expect(dialog.getByLabel('Link', { exact: true })).toHaveValue(/#\d\.[\w-]+/);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(3_000);
    if (await waiting.isVisible()) await waiting.getByRole('button', { name: 'Stop' }).click();
    else await expect(ended).toContainText('The run ends here, at');
    await expect(waiting).toHaveCount(0);
    await expect.poll(() => page.evaluate(() => window.halflink.player.view?.time_us ?? 0))
      .toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await expect(page.locator('.compare-row').first()).toBeVisible({ timeout: 60_000 });
    await page.waitForTimeout(2_000);
    const took = await longest(page);
    console.log(`${what}: the longest task took ${took} ms`);
    expect(took).toBeLessThan(LONGEST_MS);
  });
}

test('a moment that no run has is one that it has', async ({ page }) => {
  for (const [asked, at] of /** @type {[string, number][]} */ ([
    ['99999', 30], ['30.5', 30], ['12', 12],
  ])) {
    await page.goto('about:blank');
    await open(page, `${await linkOf(HEALTHY)}&t=${asked}`);
    expect(await page.evaluate(() => window.halflink.playback.time_us / 1e6), asked).toBe(at);
  }
  for (const asked of ['NaN', '-1', '1e300', 'Infinity', '', '1;2', '123456']) {
    await page.goto('about:blank');
    await page.goto(`./${await linkOf(HEALTHY)}&t=${asked}`);
    await expect(page).toHaveTitle('Nothing is wrong · Halflink');
    const at = await page.evaluate(() => window.halflink.playback.time_us);
    expect(Number.isFinite(at) && at >= 0 && at <= 30e6, `${asked}: ${at}`).toBe(true);
  }
});

test('a bug of ours is said once, with a link to send, and the page goes on', async ({ page, complaints }) => {
  await openText(page, HEALTHY, 5);
  await page.evaluate(() => {
    // The engine that runs now traps; one that is loaded anew does not.
    const trap = () => {
      throw new WebAssembly.RuntimeError('unreachable');
    };
    const broken = Object.getPrototypeOf(window.halflink.run);
    for (const name of ['view', 'advance', 'approach', 'text', 'link', 'free']) broken[name] = trap;
  });
  await page.evaluate(() => window.halflink.playback.seek(6e6));
  const banner = page.locator('#banner');
  await expect(banner).toContainText('Halflink stopped at 0:06');
  await expect(banner).toContainText('seed 7: RuntimeError: unreachable');
  const field = banner.getByLabel('Link to send with a report');
  await expect(field).toHaveValue(/^http.*#\d\.[\w-]+$/);
  const link = await field.inputValue();
  expect(await page.evaluate((address) =>
    window.halflink.session.engine.open_link(address).text, link)).toContain('Nothing is wrong');
  await page.keyboard.press('.');
  await page.keyboard.press(' ');
  await page.locator('#scenario-menu > button').click();
  await page.locator('#scenario-menu [data-value="raid-10"]').click();
  await expect(page).toHaveTitle(/^Two disks that do not matter/);
  await seek(page, 3);
  await expect(page.locator('#logic [data-replica="n1"]')).toBeVisible();
  await page.locator('#logic [data-flow="n3->n1"] .head').click();
  await expect(page.locator('#logic [data-flow="n3->n1"]')).toHaveAttribute('data-state', 'cut');
  expect(complaints.filter((words) => words.startsWith('console')).length).toBe(1);
  complaints.length = 0;
});

for (const name of ['index.html', 'embed.html']) {
  test(`the policy of ${name} lets nothing in that is not ours`, async ({ page, complaints }) => {
    await page.goto(`./${name}#one-way-from-leader`);
    await page.waitForFunction(() => window.halflink?.player.view);
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    for (const rule of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src 'self'",
      "object-src 'none'", "base-uri 'none'", "form-action 'none'"]) expect(policy).toContain(rule);
    expect(complaints).toEqual([]);
    const seen = await page.evaluate(async () => {
      const blocked = /** @type {string[]} */ ([]);
      document.addEventListener('securitypolicyviolation', (event) =>
        blocked.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.pwned = 1';
      document.body.append(script);
      const image = document.createElement('img');
      image.src = 'https://example.invalid/x.png';
      document.body.append(image);
      await fetch('https://example.invalid/').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { pwned: 'pwned' in window, blocked };
    });
    expect(seen.pwned).toBe(false);
    expect(seen.blocked).toEqual(expect.arrayContaining(['script-src-elem', 'img-src', 'connect-src']));
    complaints.length = 0;
  });
}
