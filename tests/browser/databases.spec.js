// Database clusters: a row each under the strip, how it stands at the playhead and what it came to in
// words, and nothing where there are none.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, openText, seek } from "./playground.js";
import { said, told } from "./words.js";

const TWO = `halflink 1
title   "Databases"
plant   3 racks of 3 servers, 4 disks each
cluster db: raft+prevote+checkquorum on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
write   every 300ms
database auth on r1.s2 r2.s2 r3.s2, lease 5s, promote 1s, rebuild all 8s, reads 400/s of 300/s
database small on r1.s3 r2.s3, lease 60s
at 0s   elect n3
at 10s  partition n1 | n2 | n3
at 20s  heal n1 | n2 | n3
run     40s
`;

/** @param {import('@playwright/test').Page} page */
const rows = (page) => page.locator("#databases .requests");

test("databases are drawn under the strip, and told at the playhead", async ({ page }) => {
  await openText(page, TWO, 5);
  await expect.poll(() => page.evaluate(() => window.halflink.session.done)).toBe(true);
  await expect(rows(page)).toHaveCount(2);
  const moment = rows(page).first().locator(".requests-moment");
  await expect(moment).toContainText(said("databases.primary", { primary: "r1.s2" }));
  await seek(page, 18);
  await drawn(page);
  await expect(moment).toContainText(said("databases.primary", { primary: "r2.s2" }));
  await expect(moment).toContainText(said("databases.rebuilding", { count: 2 }));
  const auth = await page.evaluate(() => window.halflink.session.strip.databases[0]);
  expect(auth.promotions.length).toBe(1);
  const rebuild = auth.causes.indexOf("rebuild");
  expect(auth.whole.failed[rebuild]).toBeGreaterThan(0);
  const count = auth.whole.failed[rebuild];
  const entries = rows(page).first().locator("li");
  await expect(entries.last()).toHaveText(told("shortfall", { kind: "rebuild", count }));
  await expect(rows(page).last().locator("li")).toHaveText([
    said("databases.not-promoted", { primary: "r1.s3" }),
  ]);
  // The playhead of a row stands where the strip's does.
  const across = (/** @type {string} */ selector) =>
    page
      .locator(selector)
      .first()
      .evaluate((one) => (({ left, right }) => (left + right) / 2)(one.getBoundingClientRect()));
  const strip = await across("#strip .playhead path");
  expect(Math.abs((await across("#databases .requests-now")) - strip)).toBeLessThan(2);
});

test("on a phone the rows scroll with the page, and hide no caption", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openText(page, TWO, 5);
  await expect(rows(page)).toHaveCount(2);
  const top = (/** @type {string} */ selector) =>
    page.locator(selector).evaluate((one) => one.getBoundingClientRect().top);
  await expect.poll(() => top("#databases")).toBeGreaterThanOrEqual(844);
  expect(await top(".foot")).toBeGreaterThan(844 / 2);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await expect.poll(() => top("#databases")).toBeLessThan(844);
});

test("servers of a database are marked in the plant, as they stand at the playhead", async ({
  page,
}) => {
  await openText(page, TWO, 5);
  await expect.poll(() => page.evaluate(() => window.halflink.session.done)).toBe(true);
  const role = (/** @type {string} */ server) =>
    page.locator(`[data-part="${server}"] .database-mark`).getAttribute("data-role");
  const servers = ["r1.s2", "r2.s2", "r3.s2", "r1.s3"];
  const roles = () => Promise.all(servers.map(role));
  await expect.poll(roles).toEqual(["primary", "replica", "replica", "primary"]);
  await seek(page, 18);
  await drawn(page);
  expect(await roles()).toEqual(["copying", "primary", "copying", "primary"]);
  // They say whose they are, and go with the text.
  await expect(page.locator(`[data-part="r2.s2"] .database-mark text`)).toHaveText("auth");
  await expect(page.locator(`[data-part="r1.s1"] .database-mark`)).toHaveCount(0);
  await openText(page, HEALTHY, 5);
  await expect(page.locator(".database-mark")).toHaveCount(0);
});

test("who is shut out and who does not run are marked as such", async ({ page }) => {
  const slow = TWO.replace("promote 1s", "promote 3s").replace(
    "at 20s",
    "at 16.5s fail r1.s2\nat 20s",
  );
  await openText(page, slow, 16);
  await expect.poll(() => page.evaluate(() => window.halflink.session.done)).toBe(true);
  const mark = page.locator(`[data-part="r1.s2"] .database-mark`);
  await expect(mark).toHaveAttribute("data-role", "shut-out");
  await expect(mark.locator("title")).toHaveText(
    said("database.mark", { name: "auth", role: "shut-out" }),
  );
  await seek(page, 30);
  await drawn(page);
  await expect(mark).toHaveAttribute("data-role", "down");
});

test("two databases on one server have a slot each, and their names stay in its box", async ({
  page,
}) => {
  const long = "a2345678901234567890123456789012";
  const both = TWO.replace("small on r1.s3", `${long} on r1.s2`);
  await openText(page, both.replace("small on", `${long} on`), 5);
  await expect(page.locator(`[data-part="r1.s2"] .database-mark`)).toHaveCount(2);
  const boxes = await page.evaluate(() =>
    [...document.querySelectorAll(".database-mark")].map((mark) => {
      const server = mark.closest("[data-part]");
      const [own, body] = [mark, server?.querySelector(".body")].map((one) =>
        /** @type {Element} */ (one).getBoundingClientRect(),
      );
      const name = /** @type {Element} */ (server?.querySelector(".server-name"));
      const begins = name.getBoundingClientRect().right;
      const part = server?.getAttribute("data-part");
      return { part, left: own.left, right: own.right, begins, ends: body.right };
    }),
  );
  for (const { left, right, begins, ends } of boxes) {
    expect(left).toBeGreaterThan(begins);
    expect(right).toBeLessThan(ends);
  }
  const [first, second] = boxes.filter(({ part }) => part === "r1.s2");
  expect(first.right).toBeLessThan(second.left);
  const title = rows(page).last().locator(".requests-name");
  await expect(title).toHaveAttribute("title", long);
});

test("a server of a database is not folded away with the idle ones", async ({ page }) => {
  const wide = TWO.replace("racks of 3 servers", "racks of 9 servers");
  await openText(page, wide, 5);
  await expect(page.locator(`[data-part="r1.s2"] .database-mark`)).toHaveCount(1);
  await expect(page.locator(`[data-part="r3.s3"]`)).toHaveCount(0);
  // It goes with the text.
  await openText(page, wide.replace(/^database.*\n/gm, ""), 5);
  await expect(page.locator(`[data-part="r1.s2"]`)).toHaveCount(0);
});

test("where no database stands on the group there is no such row", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await expect(page.locator("#databases")).toBeHidden();
  await openText(page, TWO, 5);
  await expect(rows(page)).toHaveCount(2);
  await openText(page, HEALTHY, 5);
  await expect(page.locator("#databases")).toBeHidden();
});

test("a day of seven hours is there, and its axis is legible", async ({ page }) => {
  await page.goto("./#cloudflare-full-day&t=5000");
  await expect
    .poll(() => page.evaluate(() => window.halflink?.session.done), { timeout: 30_000 })
    .toBe(true);
  await expect(rows(page)).toHaveCount(2);
  const labels = await page
    .locator("#strip .axis text")
    .evaluateAll((all) =>
      all.map((one) => one.getBoundingClientRect()).map((b) => [b.left, b.right]),
    );
  expect(labels.length).toBeGreaterThan(3);
  for (let number = 1; number < labels.length; number++) {
    expect(labels[number][0]).toBeGreaterThan(labels[number - 1][1]);
  }
});
