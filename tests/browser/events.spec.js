// What happened, event by event: found, gone to, stepped through and taken away.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import { open, simulated } from "./playground.js";
import { said } from "./words.js";

/** @param {import('@playwright/test').Page} page */
async function events(page) {
  await page.locator("#events-button").click();
  await expect(page.locator("#events [aria-selected=true]")).toBeVisible({ timeout: 20_000 });
  return page.locator("#events");
}

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} key of the button that saves it
 */
async function saved(page, key) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page
      .locator("#events")
      .getByRole("button", { name: said(key) })
      .click(),
  ]);
  return {
    name: download.suggestedFilename(),
    text: await readFile(await download.path(), "utf8"),
  };
}

test("the list stands where the playhead does, and goes with it", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=20");
  await simulated(page);
  const list = await events(page);
  const time = () => page.evaluate(() => window.halflink.playback.time_us);
  const chosen = list.locator("[aria-selected=true]");
  await expect(chosen).toBeInViewport();
  const at = async () => {
    const [, minutes, seconds] = /(\d+):([\d.]+)/.exec((await chosen.textContent()) ?? "") ?? [];
    return (Number(minutes) * 60 + Number(seconds)) * 1e6;
  };
  expect(await at()).toBeLessThanOrEqual(await time());
  // To the next one, by a button and by a key; it says what happened.
  const before = await time();
  await list.getByRole("button", { name: said("events.next") }).click();
  expect(await time()).toBeGreaterThan(before);
  expect(Math.abs((await at()) - (await time()))).toBeLessThan(100);
  await expect(list.locator("[role=status]").last()).toHaveText(/\w/);
  await list.locator("[role=listbox]").focus();
  await page.keyboard.press("Home");
  expect(await time()).toBe(0);
  // Several events of one moment are gone through one by one.
  const first = await chosen.textContent();
  await page.keyboard.press("ArrowDown");
  expect(await chosen.textContent()).not.toBe(first);
  await page.keyboard.press("ArrowUp");
  expect(await chosen.textContent()).toBe(first);
  // A row is gone to by a click.
  const row = list.locator(".event").nth(6);
  const words = await row.textContent();
  await row.click();
  await expect(chosen).toHaveText(words ?? "");
  // Another place of the run is found again.
  await page.evaluate(() => window.halflink.player.seek(300e6));
  await expect.poll(async () => Math.abs((await at()) - 300e6)).toBeLessThan(3e6);
  await expect(chosen).toBeInViewport();
});

test("events are found by what they say and by what is not before them", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=20");
  await simulated(page);
  const list = await events(page);
  const fields = list.locator("input");
  const counts = list.locator(".diagram-counts");
  const all = await counts.textContent();
  const { name, text } = await saved(page, "events.jsonl");
  expect(name).toMatch(/-events\.jsonl$/);
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ at_us }) => at_us)).toEqual(
    lines.map(({ at_us }) => at_us).sort((one, other) => one - other),
  );
  // Votes without anybody following since the last ones, counted anew.
  const wanted = said("change.tries", { epoch: "term" });
  const follows = said("change.follows", { whom: "n3" });
  let expected = 0;
  let barred = false;
  for (const { words } of lines) {
    if (words.includes(wanted)) {
      expected += barred ? 0 : 1;
      barred = false;
    } else if (words.includes(follows)) barred = true;
  }
  expect(expected).toBeGreaterThan(10);
  await fields.nth(0).fill(wanted);
  await fields.nth(1).fill(follows);
  await expect(counts).toContainText(new RegExp(`\\b${expected}\\b`));
  const table = (await saved(page, "events.csv")).text.trimEnd().split("\n");
  expect(table).toHaveLength(expected + 1);
  await fields.nth(1).fill("");
  await fields.nth(0).fill("");
  await expect(counts).toHaveText(all ?? "");
});

test("another run has events of its own, and what is closed gives its memory back", async ({
  page,
}) => {
  await open(page, "#cloudflare-2020&t=20");
  await simulated(page);
  const list = await events(page);
  const counts = list.locator(".diagram-counts");
  const before = await counts.textContent();
  await page.evaluate(() => window.halflink.session.attempt((run) => run.act(20e6, "crash r2.s1")));
  await simulated(page);
  await expect(counts).not.toHaveText(before ?? "", { timeout: 20_000 });
  await expect(list.locator(".event").filter({ hasText: "crash r2.s1" }).first()).toBeVisible();
  await page.locator("#events-button").click();
  await expect(list).toBeHidden();
});
