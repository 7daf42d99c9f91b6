// What somebody sees who has read nothing.
import { expect, test } from "./fixtures.js";
import { beliefs, open } from "./playground.js";

test("the page opens on the Cloudflare story, already playing, and goes wrong within five seconds", async ({
  page,
}) => {
  await page.goto("./");
  await expect(page).toHaveTitle("A switch that half failed · Halflink");
  await expect(
    page.getByRole("button", { name: "Scenario: A switch that half failed" }),
  ).toBeVisible();
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeVisible();
  await expect(page.locator(".speed-text")).toHaveText("1×");
  await expect(page.locator("#caption")).toContainText("A switch in rack 1 half fails", {
    timeout: 30_000,
  });
  // Of the run's own time, which is never ahead of the wall's.
  const seconds = await page.evaluate(() => window.halflink.playback.time_us / 1e6);
  expect(seconds).toBeGreaterThanOrEqual(3);
  expect(seconds).toBeLessThan(5);
  await expect(page.locator('[data-part="r1.tor-a"]')).toHaveAttribute("data-state", "gray");
});

test("the story is told by captions that can be paged through", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=0");
  const caption = page.locator("#caption");
  await expect(caption).toContainText("1 of 9");
  await page.getByRole("button", { name: "Next caption" }).click();
  await expect(caption).toContainText("2 of 9");
  await expect(caption).toContainText("half fails");
  await page.getByRole("button", { name: "Previous caption" }).click();
  await expect(caption).toContainText("Three servers keep one log");
});

test("what each server believes is said in colour, in shape and in words", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=2");
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  const fill = (/** @type {string} */ name) =>
    page.locator(`[data-replica="${name}"] .disc`).evaluate((disc) => getComputedStyle(disc).fill);
  expect(await fill("n1"), "a follower wears its leader's colour").toBe(await fill("n3"));
  const crown = (/** @type {string} */ name) => page.locator(`[data-replica="${name}"] .crown`);
  await expect(crown("n3")).toBeVisible();
  await expect(crown("n1")).toBeHidden();
  const cards = page.locator("#cards .card");
  await expect(cards).toHaveCount(3);
  await expect(cards.nth(0)).toContainText(/n1 · Follower, term \d+believes in n3 · heard/);
  await expect(cards.nth(2)).toContainText(/n3 · Leader, term \d+believes in itself/);
  await expect(page.locator("#class-note")).toContainText("No fault in force");
  await page.evaluate(() => window.halflink.playback.seek(4e6));
  await expect(page.locator("#class-note")).toContainText("Omission, not a lie");
});

test("the belief strip and the outcome sum the run up", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=2");
  await expect(page.locator(".outcome")).toContainText(/Served \d+ % of writes; .* flapping/);
  const strip = page.locator("#strip");
  await expect(strip.locator(".strip-names .strong")).toHaveText(["n1", "n2", "n3"]);
  await expect(strip.locator(".belief.nobody").first()).toBeVisible();
  await expect(strip.locator(".strip-fault")).toHaveCount(1);
  await expect(strip.locator(".strip-fault")).toContainText("gray r1.tor-a drops n1 ⇄ n3");
  expect((await strip.locator(".leaderless").getAttribute("d"))?.length).toBeGreaterThan(500);
  expect((await strip.locator(".lost").getAttribute("d"))?.length).toBeGreaterThan(500);
  expect((await strip.locator(".committed").getAttribute("d"))?.length).toBeGreaterThan(500);
  await expect(strip.locator(".violation")).toHaveCount(0);
});
