// Clients who come at a rate: a row under the strip, what became of them in words, and nothing
// where there are none.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, openText, seek } from "./playground.js";
import { said, told } from "./words.js";

const FULL = `halflink 1
title   "Requests"
plant   3 racks of 3 servers, 4 disks each
cluster db: raft+prevote+checkquorum on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
clients 280/s, retry 1 after 1s, database 300/s
at 0s   elect n3
at 10s  partition n1 | n2 | n3
at 20s  heal n1 | n2 | n3
run     40s
`;

/** @param {import('@playwright/test').Page} page */
const row = (page) => page.locator("#requests");

test("requests are drawn under the strip, and told at the playhead", async ({ page }) => {
  await openText(page, FULL, 5);
  await expect.poll(() => page.evaluate(() => window.halflink.session.done)).toBe(true);
  await expect(row(page)).toBeVisible();
  const moment = row(page).locator(".requests-moment");
  await expect(moment).toHaveText(/^\S*0:05/);
  await seek(page, 32);
  await drawn(page);
  await expect(moment).toContainText(/0:32/);
  const { whole, causes, stretches } = await page.evaluate(() => {
    const { requests } = window.halflink.session.strip;
    if (!requests) throw new Error("there are clients");
    return requests;
  });
  expect(stretches[32].answered).toBe(0);
  const entries = row(page).locator("li");
  const failed = causes.flatMap((kind, number) => {
    const count = whole.failed[number];
    return count ? [told("failure", { kind, count })] : [];
  });
  expect(failed.length).toBeGreaterThan(1);
  await expect(entries.nth(0)).toContainText(
    said("requests.answered", { asked: whole.asked, answered: whole.answered }),
  );
  for (const [number, words] of failed.entries()) {
    await expect(entries.nth(number + 1)).toHaveText(words);
  }
  // The playhead of the row stands where the strip's does.
  const across = (/** @type {string} */ selector) =>
    page
      .locator(selector)
      .evaluate((one) => (({ left, right }) => (left + right) / 2)(one.getBoundingClientRect()));
  const strip = await across("#strip .playhead path");
  expect(Math.abs((await across(".requests-now")) - strip)).toBeLessThan(2);
});

test("where nobody comes at a rate there is no such row", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await expect(row(page)).toBeHidden();
  await openText(page, FULL, 5);
  await expect(row(page)).toBeVisible();
  await openText(page, HEALTHY, 5);
  await expect(row(page)).toBeHidden();
});
