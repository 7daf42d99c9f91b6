// A run saved as one page: it plays from a disk, asks nothing of any network, and is the same run.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "./fixtures.js";
import { open, simulated } from "./playground.js";

/**
 * The page that Share saves, opened from a disk where there is no network.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Browser} browser
 */
async function saved(page, browser) {
  await page.locator("#share-button").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator(".share-file button").nth(1).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.html$/);
  const file = join(await mkdtemp(join(tmpdir(), "halflink-")), "run.html");
  await download.saveAs(file);
  const context = await browser.newContext({ offline: true });
  const alone = await context.newPage();
  /** @type {string[]} */
  const asked = [];
  /** @type {string[]} */
  const told = [];
  alone.on("request", (request) => void asked.push(request.url()));
  alone.on("console", (message) => void told.push(message.text()));
  alone.on("pageerror", (error) => void told.push(String(error)));
  const address = pathToFileURL(file).href;
  await alone.goto(address);
  await simulated(alone);
  const others = () => asked.filter((url) => !url.startsWith("data:") && !url.startsWith(address));
  return { alone, others, told, close: () => context.close() };
}

/** @param {import('@playwright/test').Page} page */
const hashOf = (page) =>
  page.evaluate(() => {
    const { session } = window.halflink.player;
    return [
      session.text,
      session.run?.trace_hash(session.plan.until_us),
      session.strip.captions.length,
    ];
  });

for (const address of ["#cloudflare-2020&t=20", "?lang=zh-Hant#tour-outage&t=20"]) {
  test(`${address} plays from one file, and is the same run`, async ({ page, browser }) => {
    await open(page, address);
    await simulated(page);
    // By then it is known whose notes these are.
    await page.evaluate(() => window.halflink.session.attribute());
    const { alone, others, told, close } = await saved(page, browser);
    await expect.poll(() => hashOf(alone)).toEqual(await hashOf(page));
    const language = await page.evaluate(() => document.documentElement.lang);
    await expect(alone.locator("html")).toHaveAttribute("lang", language);
    await expect(alone).toHaveTitle(await page.evaluate(() => window.halflink.session.plan.title));
    // It plays, and what a reader does to it is done.
    const time = () => alone.evaluate(() => window.halflink.player.playback.time_us);
    const before = await time();
    await alone.evaluate(() => window.halflink.player.playback.play());
    await expect.poll(time).toBeGreaterThan(before + 100_000);
    await alone.evaluate(() => window.halflink.player.playback.pause());
    await alone.locator('[data-flow="n1->n2"] .head').first().click();
    await expect
      .poll(() => alone.evaluate(() => window.halflink.player.session.text))
      .toMatch(/cut n1 -> n2/);
    // Menus are in it, with their looks.
    await alone.locator('[data-part="r1.tor-b"]').first().click({ button: "right" });
    await expect(alone.locator(".popover-heading")).toBeVisible();
    expect(others()).toEqual([]);
    expect(told).toEqual([]);
    // Its way to Halflink is the site that it came from.
    const way = alone.locator("a.open");
    await way.focus();
    expect(await way.getAttribute("href")).toMatch(new RegExp(`^${new URL(page.url()).origin}/#2`));
    await close();
  });
}

test("a run of production code has that in its file, and markup in a title stays text", async ({
  page,
  browser,
}) => {
  await open(page, "#raid-10");
  await page.evaluate(() =>
    window.halflink.session.attempt((run) =>
      run.edit(
        run
          .text()
          .replace(/^title .*/m, 'title "</script><b>1</b><!--"')
          .replace(/: raft on/, ": tikv-raft on"),
      ),
    ),
  );
  // The module for it comes later, and the old run stands until then.
  await page.waitForFunction(() => window.halflink.session.plan.module === "production");
  await simulated(page);
  const { alone, others, told, close } = await saved(page, browser);
  await expect.poll(() => hashOf(alone)).toEqual(await hashOf(page));
  await expect(alone).toHaveTitle("</script><b>1</b><!--");
  expect(others()).toEqual([]);
  expect(told).toEqual([]);
  await close();
});
