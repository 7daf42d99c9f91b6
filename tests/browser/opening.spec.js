// What somebody sees who has read nothing.
import { expect, test } from "./fixtures.js";
import { beliefs, open } from "./playground.js";
import { patternOf, said, saying, told } from "./words.js";

test("the page opens on the Cloudflare story, already playing, and goes wrong within five seconds", async ({
  page,
}) => {
  await page.goto("./");
  await expect(page).toHaveTitle("A switch that half failed · Halflink");
  await expect(page.locator("#logic-heading")).toHaveText(said("page.logic"));
  await expect(
    page.getByRole("button", {
      name: said("menu.chosen", {
        menu: said("menu.scenario"),
        chosen: "A switch that half failed",
      }),
    }),
  ).toBeVisible();
  await expect(
    page.getByRole("button", { name: said("transport.pause"), exact: true }),
  ).toBeVisible();
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
  await expect(caption).toContainText(said("caption.step", { number: 1, count: 9 }).trim());
  await page.getByRole("button", { name: said("caption.forward") }).click();
  await expect(caption).toContainText(said("caption.step", { number: 2, count: 9 }).trim());
  await expect(caption).toContainText("half fails");
  await page.getByRole("button", { name: said("caption.back") }).click();
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
  const hears = saying("card.hears", { leader: "n3", ago: "«.*»" });
  await expect(cards.nth(0)).toContainText(new RegExp(`n1 · .*${hears}`));
  await expect(cards.nth(0)).toContainText(new RegExp(saying("role.follower"), "i"));
  const leads = saying("card.itself", { commit: "«\\d+»", log: "«\\d+»" });
  await expect(cards.nth(2)).toContainText(new RegExp(`n3 · .*${leads}`));
  await expect(cards.nth(2)).toContainText(new RegExp(saying("role.leader"), "i"));
  await expect(page.locator("#class-note")).toContainText(told("class", "none"));
  await page.evaluate(() => window.halflink.playback.seek(4e6));
  await expect(page.locator("#class-note")).toContainText(told("class", "omission"));
});

test("the belief strip and the outcome sum the run up", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=2");
  await expect(page.locator(".outcome")).toContainText(
    new RegExp(`\\d+ % of writes; .* ${patternOf(told("word", "flapping"))}`),
  );
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
