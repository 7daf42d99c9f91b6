// What every browser test starts from: a page that must not complain.
import { test as base, expect } from '@playwright/test';

export { expect };

/**
 * Collects what a page complains about: errors on its console, uncaught ones, requests that fail,
 * and requests to anywhere but the page's own server.
 * @param {import('@playwright/test').Page} page
 * @param {string | undefined} baseURL
 * @returns {string[]} the complaints, filled as they come
 */
export function complaintsOf(page, baseURL) {
  /** @type {string[]} */
  const complaints = [];
  const own = new URL(baseURL ?? 'http://127.0.0.1/').hostname;
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? 'failed';
    // The test itself leaves the page while something loads.
    if (reason !== 'net::ERR_ABORTED') complaints.push(`request: ${request.url()} ${reason}`);
  });
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== own) {
      complaints.push(`third party: ${request.url()}`);
    }
  });
  return complaints;
}

/**
 * Playwright's `test`, with `complaints`: a test that leaves any fails. A test that provokes one on
 * purpose empties the list: `complaints.length = 0`.
 * @type {import('@playwright/test').TestType<
 *   import('@playwright/test').PlaywrightTestArgs & import('@playwright/test').PlaywrightTestOptions &
 *     { complaints: string[] },
 *   import('@playwright/test').PlaywrightWorkerArgs & import('@playwright/test').PlaywrightWorkerOptions
 * >}
 */
export const test = base.extend({
  complaints: [
    async ({ page, baseURL }, use) => {
      const complaints = complaintsOf(page, baseURL);
      await use(complaints);
      expect(complaints, 'the page complains').toEqual([]);
    },
    { auto: true },
  ],
});
