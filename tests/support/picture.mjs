// Makes the README's picture from the running page: `node tests/support/picture.mjs ADDRESS FILE`.
import { chromium } from 'playwright-core';

const [address, file] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath, args });
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(address);
// A moment at which n1 has given up on its leader and n2 follows it again.
await page.waitForFunction(
  () => {
    const told = (/** @type {string} */ name) =>
      document.querySelector(`[data-replica="${name}"]`)?.getAttribute('data-leader');
    const { playback } = /** @type {any} */ (window).halflink ?? { playback: { time_us: 0 } };
    return playback.time_us > 5e6 && told('n1') !== 'n3' && told('n2') === 'n3' && told('n3') === 'n3';
  },
  null,
  { timeout: 60_000 },
);
await page.waitForTimeout(350);
await page.keyboard.press('Space');
await page.screenshot({ path: file });
await browser.close();
