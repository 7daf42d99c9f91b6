// The run, played many times with other faults, and its text made short: on the page, in a worker.
import { expect, test } from "./fixtures.js";
import { HEALTHY, open, openText, simulated, textOf } from "./playground.js";
import { patternOf, said } from "./words.js";

/** Any number stands where it is said. */
const SOME = 7_777;

/**
 * @param {string} key
 * @param {Record<string, string|number>} [args]
 */
const saying = (key, args) =>
  new RegExp(patternOf(said(key, args)).replaceAll(/7,?777/g, "([\\d,]+)"), "i");

/** @param {import('@playwright/test').Page} page */
const outcomeOf = (page) => page.evaluate(() => window.halflink.session.strip.outcome?.name);

/** @param {import('@playwright/test').Page} page */
async function explore(page) {
  await page.locator("#explore-button").click();
  await expect(page.locator("#explore")).toBeVisible();
  return page.locator("#explore");
}

/**
 * @param {import('@playwright/test').Locator} panel
 * @param {{faults?: string, size?: string, goal?: string}} asked
 */
async function start(panel, { faults = "cuts", size = "1", goal = "stalled" }) {
  await panel.getByLabel(said("explore.faults")).selectOption(faults);
  await panel.getByLabel(said("explore.size")).selectOption(size);
  await panel.getByLabel(said("explore.goal")).selectOption(goal);
  await panel.getByRole("button", { name: said("explore.start") }).click();
}

/** @param {import('@playwright/test').Locator} panel */
const isOver = (panel) =>
  expect(panel.getByRole("button", { name: said("explore.start") })).toBeVisible({
    timeout: 60_000,
  });

test("single cuts are tried, told worst first, and shown where they strike", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const panel = await explore(page);
  await start(panel, { size: "2", goal: "stalled" });
  await isOver(panel);
  const state = panel.getByRole("status").first();
  const outcome = said("word.stalled");
  await expect(state).toHaveText(saying("explore.found", { outcome, size: 2, sets: SOME }));
  // Three replicas have six directions.
  await expect(panel.locator("tbody tr")).toHaveCount(6);
  // What is hot in the picture is what hurts in the table.
  const hurts = await panel.locator("tbody tr td[data-heat]:not([data-heat='0'])").count();
  expect(hurts).toBeGreaterThan(0);
  await expect(page.locator("#logic [data-heat]")).toHaveCount(hurts);
  const found = panel.locator(".explore-found a").first();
  const faults = (await found.textContent()) ?? "";
  await found.click();
  await expect.poll(() => textOf(page)).toContain(`at 5s ${faults.split(", ")[0]}`);
  await simulated(page);
  expect(await outcomeOf(page)).toBe("stalled");
  // It stays, for the next one to be tried.
  await expect(panel.locator("tbody tr")).toHaveCount(6);
  await page.locator("#explore-button").click();
  await expect(page.locator("#logic [data-heat]")).toHaveCount(0);
});

test("parts are marked in the plant; what takes long is cancelled with what it has", async ({
  page,
}) => {
  // Of three one is gone, so nobody is to spare.
  await openText(page, HEALTHY.replace("run ", "at 4s crash r1.s1\nrun "), 5);
  const panel = await explore(page);
  await start(panel, { faults: "parts", size: "3", goal: "unsafe" });
  const bar = panel.locator("progress").first();
  await expect(bar).toBeVisible({ timeout: 20_000 });
  await expect.poll(() => page.locator("#plant [data-heat]").count()).toBeGreaterThan(0);
  // The page goes on meanwhile.
  await page.evaluate(() => window.halflink.playback.play());
  const before = await page.evaluate(() => window.halflink.playback.time_us);
  await expect
    .poll(() => page.evaluate(() => window.halflink.playback.time_us))
    .toBeGreaterThan(before);
  await panel.getByRole("button", { name: said("explore.cancel") }).click();
  await expect(bar).toBeHidden();
  await expect(panel.getByRole("status").first()).toHaveText(
    saying("explore.none-so-far", { outcome: said("word.unsafe"), tried: SOME }),
  );
});

test("what cannot be tried is refused in words", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const panel = await explore(page);
  await start(panel, { faults: "lies", goal: "unsafe" });
  await isOver(panel);
  await expect(panel.getByRole("status").first()).toHaveText(/\w/);
  await panel.getByLabel(said("explore.at")).fill("4000");
  await panel.getByRole("button", { name: said("explore.start") }).click();
  await expect(panel.getByRole("status").first()).toHaveText(said("explore-refused.after"));
});

test("a second that is none is not taken for another", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const panel = await explore(page);
  for (const wrong of ["", "-1"]) {
    await panel.getByLabel(said("explore.at")).fill(wrong);
    await panel.getByRole("button", { name: said("explore.start") }).click();
    await expect(panel.getByLabel(said("explore.at"))).toBeFocused();
    await expect(panel.getByRole("button", { name: said("explore.start") })).toBeVisible();
    await expect(panel.locator("tbody tr")).toHaveCount(0);
  }
});

test("the story is made short, comes out the same, and is undone", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=20");
  await simulated(page);
  const before = await textOf(page);
  const outcome = await outcomeOf(page);
  const panel = await explore(page);
  await panel.getByRole("button", { name: said("explore.shorten") }).click();
  await expect(panel.getByRole("status").last()).toHaveText(
    saying("explore.short", { before: SOME, after: 1, replays: SOME }),
    { timeout: 60_000 },
  );
  await panel.getByRole("button", { name: said("explore.take") }).click();
  await simulated(page);
  const after = await textOf(page);
  expect(after.length).toBeLessThan(before.length / 2);
  expect(await outcomeOf(page)).toBe(outcome);
  await page.keyboard.press("Control+z");
  await expect.poll(() => textOf(page)).toBe(before);
});

test("when an outage became inevitable is told, drawn under the strip, and forgotten with its run", async ({
  page,
}) => {
  await open(page, "#deaf-leader");
  const panel = await explore(page);
  await panel.getByRole("button", { name: said("foresight.start") }).click();
  await expect(panel.getByRole("button", { name: said("foresight.start") })).toBeVisible({
    timeout: 60_000,
  });
  // It is deaf from 3 s on.
  const values = { at: "0:03.000", tried: 50, before: "0:02.500", written: 50, left: 0 };
  const claim = said("foresight.inevitable", values);
  await expect(panel.getByText(claim)).toBeVisible();
  const rows = page.locator(".served .foresight svg");
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toHaveAccessibleName(new RegExp(patternOf(claim)));
  // On the scale of the strip: the first red of the lower row begins where it went deaf.
  const red = rows.last().locator(".outage:not([height='0'])").first();
  const [box, strip] = [await red.boundingBox(), await page.locator(".strip svg").boundingBox()];
  const plan = await page.evaluate(() => window.halflink.session.plan.until_us);
  const left = await page.evaluate(() =>
    Number.parseFloat(document.body.style.getPropertyValue("--strip-left")),
  );
  const wide = (strip?.width ?? 0) - left - 16;
  const expected = (strip?.x ?? 0) + left + (3e6 / plan) * wide;
  expect(Math.abs((box?.x ?? 0) - expected)).toBeLessThan(2);
  await page.evaluate(() => window.halflink.playback.pause());
  await panel.locator(".explore-table button").nth(2).click();
  await expect.poll(() => page.evaluate(() => window.halflink.playback.time_us)).toBe(3e6);
  await openText(page, HEALTHY, 5);
  await expect(rows).toHaveCount(0);
});

test("what is repaired in time is not called inevitable", async ({ page }) => {
  const repaired = "at 5s crash r1.s1\nat 5s crash r2.s1\nat 5.35s restart r1.s1\nrun ";
  await openText(page, HEALTHY.replace("run ", repaired), 5);
  const panel = await explore(page);
  await panel.getByRole("button", { name: said("foresight.start") }).click();
  const state = panel.getByRole("status").nth(1);
  const most = { count: SOME, tried: 50, written: 0, left: 50 };
  await expect(state).toHaveText(saying("foresight.at-most", most), { timeout: 60_000 });
});

test("a look ahead can be cancelled, and keeps what it has", async ({ page }) => {
  await open(page, "#cloudflare-full-day");
  const panel = await explore(page);
  await panel.getByRole("button", { name: said("foresight.start") }).click();
  await expect(panel.locator("progress:visible")).toHaveCount(1, { timeout: 30_000 });
  await panel.getByRole("button", { name: said("explore.cancel") }).click();
  const stopped = saying("foresight.stopped", { count: SOME });
  await expect(panel.getByRole("status").nth(1)).toHaveText(new RegExp(`^${stopped.source}`, "i"));
  await expect(panel.locator("progress:visible")).toHaveCount(0);
});
