// What every browser test starts from: a page that must not complain.
import { test as base, expect } from "@playwright/test";

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
  // A foreign page is played by the same server under its other name.
  const own = ["localhost", new URL(baseURL ?? "http://127.0.0.1/").hostname];
  page.on("console", (message) => {
    const { url } = message.location();
    // The browser asks for an icon by itself where a page names none, as the foreign page does.
    if (message.type() === "error" && !url.endsWith("/favicon.ico")) {
      complaints.push(`console: ${message.text()} (${url})`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "failed";
    // The test itself leaves the page while something loads.
    if (reason !== "net::ERR_ABORTED") complaints.push(`request: ${request.url()} ${reason}`);
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol.startsWith("http") && !own.includes(hostname)) {
      complaints.push(`third party: ${request.url()}`);
    }
  });
  return complaints;
}

/**
 * @typedef {import('@playwright/test').PlaywrightTestArgs
 *   & import('@playwright/test').PlaywrightTestOptions} Args
 * @type {import('@playwright/test').Fixtures<{ complaints: string[] }, {}, Args>}
 */
const fixtures = {
  complaints: [
    async ({ page, baseURL }, use) => {
      const complaints = complaintsOf(page, baseURL);
      await use(complaints);
      expect(complaints, "the page complains").toEqual([]);
    },
    { auto: true },
  ],
};

/**
 * Playwright's `test`, with `complaints`: a test that leaves any fails. A test that provokes one on
 * purpose empties the list: `complaints.length = 0`.
 */
export const test = base.extend(fixtures);
