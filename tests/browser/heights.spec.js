// What is shipped fits the height that its snippet gives it, in columns of posts from 320 pixels on.
import { expect, test } from './fixtures.js';
import { linkOf, open, snippetOf } from './playground.js';
import { halflink as loadEngine } from '../support/wasm.js';

const WIDTHS = [320, 480, 640, 800, 1120];
/** The least size of a label, and in how wide a frame. */
const [LABEL, LABEL_WIDTH] = [11, 640];
const EMPTY_MOST = 40;

const { library } = await loadEngine();

/**
 * What a frame shows at the moments at which there is most to say, at its worst.
 * @param {import('@playwright/test').Frame} frame
 */
const worst = (frame) => frame.evaluate(async () => {
  const { playback, player } = window.halflink;
  const { plan, strip } = player.session;
  const seen = { cut: 0, sideways: 0, empty: 0, label: Infinity };
  const box = (/** @type {string} */ selector) =>
    /** @type {Element} */ (document.querySelector(selector)).getBoundingClientRect();
  const look = () => {
    const page = document.documentElement;
    seen.cut = Math.max(seen.cut, page.scrollHeight - innerHeight);
    seen.sideways = Math.max(seen.sideways, page.scrollWidth - innerWidth);
    const room = box('#pictures');
    const { width, height } = /** @type {SVGSVGElement} */ (
      document.querySelector('#logic .logic')).viewBox.baseVal;
    // The picture is as large as fits its room; what is left over at its sides is not missed.
    const drawn = Math.min(room.height, (room.width * height) / width);
    const end = Math.max(box('.foot').bottom, box('#evidence').bottom);
    seen.empty = Math.max(seen.empty, room.height - drawn + innerHeight - end);
    const size = (/** @type {Element} */ text) => parseFloat(getComputedStyle(text).fontSize);
    const shown = (/** @type {string} */ selector) => [...document.querySelectorAll(selector)]
      .filter((text) => text.textContent && text.getClientRects().length);
    seen.label = Math.min(seen.label, ...shown('#logic text').map((text) => size(text) * drawn / height),
      ...shown('#strip text').map(size));
  };
  const moments = [...plan.notes.map(({ at_us }) => at_us), plan.until_us * 0.6, plan.until_us,
    ...strip.faults.slice(0, 6).flatMap(({ from_us, to_us }) => [from_us + 300_000, to_us + 1])];
  for (const at_us of moments) {
    playback.seek(at_us);
    while (player.dirty || player.view?.time_us !== Math.floor(playback.time_us)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    look();
  }
  return seen;
});

for (const { name, text } of library()) {
  test(`${name} fits its snippet at any width`, async ({ page, baseURL }) => {
    // Frames that are out of sight stand still.
    await page.setViewportSize({ width: 1200, height: WIDTHS.length * 1000 });
    await open(page, `#${name}&t=1`);
    await page.getByRole('button', { name: 'Share' }).click();
    const snippet = await snippetOf(page);
    const height = Number(/height="(\d+)"/.exec(snippet)?.[1]);
    const source = `${baseURL}embed.html${await linkOf(text)}&t=1`;
    await page.goto('./pkg/package.json');
    await page.evaluate(([frames]) => {
      const heard = /** @type {Record<string, number[]>} */ (Object.assign(window, { heard: {} }).heard);
      addEventListener('message', ({ data, source }) => {
        const frame = [...document.querySelectorAll('iframe')]
          .find(({ contentWindow }) => contentWindow === source);
        if (frame) (heard[frame.width] ??= []).push(data.height);
      });
      document.body.replaceChildren(...frames.map(({ width, height, source }) =>
        Object.assign(document.createElement('iframe'),
          { width, height, src: source, style: 'display: block; border: 0' })));
    }, [WIDTHS.map((width) => ({ width: String(width), height: String(height), source }))]);
    for (const [index, width] of WIDTHS.entries()) {
      const element = (await page.locator('iframe').all())[index];
      const frame = await (await element.elementHandle())?.contentFrame();
      if (!frame) throw new Error('there is no such frame');
      const heard = () => page.evaluate((key) => /** @type {any} */ (window).heard[key], String(width));
      await expect.poll(heard, `${width}: it says how tall it is`).toHaveLength(1);
      const { cut, sideways, empty, label } = await worst(frame);
      expect(cut, `${width}: nothing is cut`).toBe(0);
      expect(sideways, `${width}: nothing scrolls sideways`).toBe(0);
      expect(empty, `${width}: little is empty`).toBeLessThanOrEqual(EMPTY_MOST);
      if (width === LABEL_WIDTH) expect(label, `${width}: labels can be read`).toBeGreaterThanOrEqual(LABEL);
      // While it played, or was moved about in, it asked for nothing else.
      const [told, ...again] = await heard();
      expect(again, `${width}: what it asks for does not swing`).toEqual([]);
      expect(Math.abs(told - height), `${width}: it asks for about what it has`).toBeLessThanOrEqual(EMPTY_MOST);
    }
  });
}
