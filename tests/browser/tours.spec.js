// Tours: a run waits at each step for its reader, points at what it is about, asks him, and offers
// the same run under another protocol.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, openText } from "./playground.js";
import { said } from "./words.js";

const TOUR = HEALTHY.replace(
  "run     30s",
  `step 1s, focus n3, r1.tor-a "First."
ask 2s, focus n3 -> n1 "Which? | This one | That one"
at 3s cut n3 -> n1
step when n1 becomes candidate, compare raft+prevote "Third."
run     30s`,
);

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Page} page */
const next = (page) => page.locator(".caption .next");

/** @param {Page} page */
const choices = (page) => page.locator(".steps-choices button");

/** Waits until the run stands at a step of those words. @param {Page} page @param {string} words */
async function stands(page, words) {
  await expect(page.locator("#caption")).toContainText(words);
  await page.waitForFunction(() => !window.halflink.playback.playing);
}

/** @param {Page} page */
async function begin(page) {
  await openText(page, TOUR, 0);
  await expect(next(page)).toBeVisible();
  await next(page).click();
  await stands(page, "First");
}

test("a run waits at its steps, and goes on when its reader does", async ({ page }) => {
  await begin(page);
  expect(await page.evaluate(() => window.halflink.playback.time_us)).toBe(1e6);
  const focused = page.locator("[data-focus]");
  await expect(page.locator('#logic [data-replica="n3"][data-focus] .ring')).toHaveCount(1);
  await expect(page.locator('#plant [data-part="r1.tor-a"][data-focus] .ring')).toHaveCount(1);
  await next(page).click();
  await stands(page, "Which?");
  await expect(focused).toHaveCount(1);
  await expect(page.locator('#logic [data-flow="n3->n1"][data-focus]')).toHaveCount(1);
  await expect(page.locator("#caption")).not.toContainText("|");
  // What comes later is hidden from a reader who is still to answer.
  await expect(page.locator(".strip[data-veiled]")).toHaveCount(1);
  await expect(page.locator(".transport .outcome")).toBeHidden();
  await choices(page).filter({ hasText: "That one" }).click();
  await expect(page.locator(".strip[data-veiled]")).toHaveCount(0);
  await expect(page.locator(".transport .outcome")).toBeVisible();
  await next(page).click();
  await stands(page, "Third");
  // It is the last one: Next would lead nowhere.
  await expect(page.locator(".steps-said")).toHaveText(
    said("steps.answered", { answer: "That one" }) + said("list.gap") + said("steps.last"),
  );
  await expect(next(page)).toBeHidden();
  await choices(page).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#compare")).toContainText("raft+prevote");
  // Who came by a key is where the comparison ends.
  await expect(page.locator(".compare-head button").last()).toBeFocused();
  expect(await page.evaluate(() => window.halflink.player.compared)).toEqual(["raft+prevote"]);
  await page.locator("#compare-button").click();
  await expect(page.locator("#compare")).toBeHidden();
  // A look back from here does not ask again: it was answered.
  await page.evaluate(() => window.halflink.player.seek(1.5e6));
  await expect(page.locator(".strip[data-veiled]")).toHaveCount(0);
});

test("a tour is gone through by keys alone, and back", async ({ page }) => {
  await begin(page);
  await next(page).focus();
  await page.keyboard.press("Enter");
  await stands(page, "Which?");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await stands(page, "First");
  await expect(page.locator("[data-focus]")).toHaveCount(2);
});

test("who wants nothing to move goes from step to step", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await openText(page, TOUR, 0);
  expect(await page.evaluate(() => window.halflink.playback.time_us)).toBe(0);
  for (const words of ["First", "Which?", "Third"]) {
    await next(page).click();
    await stands(page, words);
  }
});

test("what is to come is covered after a comparison as before it", async ({ page }) => {
  await begin(page);
  const covered = page.locator("#strip[data-veiled]");
  await expect(covered).toHaveCount(1);
  await page.locator("#compare-button").click();
  // The way on is in sight there, too, and how it comes out is not.
  await expect(page.locator(".compare-head .next")).toBeVisible();
  await expect(page.locator("#compare .strip-picture").first()).toBeHidden();
  await expect(page.locator("#compare .compare-outcome").first()).toBeHidden();
  await page.locator("#compare-button").click();
  await expect(covered).toHaveCount(1);
  await next(page).click();
  await stands(page, "Which?");
  await choices(page).first().focus();
  await page.keyboard.press("Enter");
  await expect(covered).toHaveCount(0);
  await expect(choices(page).first()).toBeFocused();
});

test("a text without steps has none of it", async ({ page }) => {
  await openText(page, HEALTHY, 1);
  await expect(next(page)).toHaveCount(0);
  await expect(page.locator("[data-focus]")).toHaveCount(0);
});

test("the story leads to its tour", async ({ page }) => {
  await page.goto("");
  await drawn(page);
  await page.getByRole("link", { name: said("page.tour") }).click();
  await expect(page.locator("#scenario-menu")).toContainText("Tour:");
  await stands(page, "Three servers keep one log");
  await expect(page.getByRole("link", { name: said("page.tour") })).toBeHidden();
});

test("an embed waits, too, and asks", async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 620 });
  await page.goto("embed.html#tour-power&t=4");
  await expect(next(page)).toBeVisible();
  await expect(choices(page)).toHaveCount(3);
  await choices(page).last().click();
  await next(page).click();
  await stands(page, "Nothing stops");
  await expect(page.locator(".steps-said")).toContainText("All servers stop");
});
