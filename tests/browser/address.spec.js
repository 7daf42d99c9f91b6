// The address gives what is on the screen again: by a reload, by Back, in somebody else's browser.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  drawn,
  hashAt,
  lane,
  linkOf,
  now,
  open,
  openText,
  paste,
  seek,
  simulated,
  textOf,
  written,
} from "./playground.js";
import { said, saying } from "./words.js";

/** @param {import('@playwright/test').Page} page */
const hashOf = (page) => new URL(page.url()).hash;

/**
 * Chooses a scenario from the menu.
 * @param {import('@playwright/test').Page} page
 * @param {RegExp} name
 */
async function chooseScenario(page, name) {
  const menu = page.locator("#scenario-menu");
  await menu.locator(".pill").click();
  await menu.getByRole("menuitemradio", { name }).click();
}

test("the address follows a cut, a moment, a seed and an undo", async ({
  page,
  browser,
  baseURL,
}) => {
  await openText(page, HEALTHY, 5);
  const entries = await page.evaluate(() => history.length);
  await clickArrowhead(page, "n3->n1");
  await seek(page, 7.000123);
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]+&t=7\.000123$/);
  const cut = page.url();

  await page.reload();
  await simulated(page);
  expect(await textOf(page)).toContain("cut n3 -> n1");
  expect(await now(page)).toBe(7.000123);
  await expect(lane(page, "n3->n1").first()).toHaveAttribute("data-state", "cut");

  // Copied, it gives the same in a browser that knows nothing.
  const other = await browser.newPage({ baseURL });
  await other.goto(cut);
  await simulated(other);
  expect(await textOf(other)).toBe(await textOf(page));
  expect(await now(other)).toBe(7.000123);
  expect(await hashAt(other, 30)).toBe(await hashAt(page, 30));
  await other.close();

  await page.getByRole("button", { name: said("seed.label", { seed: 7 }) }).click();
  await expect.poll(() => hashOf(page)).not.toBe(new URL(cut).hash);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await drawn(page);
  await expect.poll(() => hashOf(page)).toBe(new URL(cut).hash);
  expect(await page.evaluate(() => history.length), "no entry for each change").toBe(entries);
});

test("while a run plays, the address goes along", async ({ page }) => {
  await open(page, "");
  await expect.poll(() => hashOf(page)).toMatch(/^#cloudflare-2020&t=\d+(\.\d)?$/);
  const first = hashOf(page);
  await expect.poll(() => hashOf(page)).not.toBe(first);
  await page.locator(".play").click();
  const paused = await now(page);
  await expect
    .poll(() => hashOf(page))
    .toBe(`#cloudflare-2020&t=${Math.floor(paused * 1e6) / 1e6}`);
});

test("a comparison comes back by a reload, with what was done in it", async ({ page }) => {
  await open(page, "#one-way-from-leader&t=2&compare=vr,omnipaxos");
  await expect(page.locator(".compare-rows > *")).toHaveCount(3);
  await seek(page, 4);
  await expect.poll(() => hashOf(page)).toBe("#one-way-from-leader&t=4&compare=vr,omnipaxos");
  await page.evaluate(() => window.halflink.player.act("crash r2.s1"));
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]+&t=4&compare=vr,omnipaxos$/);
  await page.reload();
  await simulated(page);
  await expect(page.locator(".compare-rows > *")).toHaveCount(3);
  expect(await textOf(page)).toContain("crash r2.s1");
  expect(await now(page)).toBe(4);
  await page.getByRole("button", { name: said("compare.stop") }).click();
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]+&t=4$/);
});

test("another scenario from the menu: Back brings the run back, and undo does", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n3->n1");
  await seek(page, 6.5);
  const mine = await textOf(page);
  await chooseScenario(page, /Two disks that do not matter/);
  await expect(page).toHaveTitle(/^Two disks/);
  await expect.poll(() => hashOf(page)).toMatch(/^#raid-10&t=/);

  // Undo is enough, and returns to the moment.
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => textOf(page)).toBe(mine);
  await drawn(page);
  expect(await now(page)).toBeGreaterThanOrEqual(6.5);
  await page.getByRole("button", { name: said("transport.redo") }).click();
  await expect(page).toHaveTitle(/^Two disks/);
  await expect.poll(() => hashOf(page)).toMatch(/^#raid-10&t=/);

  await page.goBack();
  await expect.poll(() => textOf(page)).toBe(mine);
  await drawn(page);
  expect(await now(page)).toBe(6.5);
  await expect(page.locator(".play")).toHaveAccessibleName(said("transport.play"));
  await page.goForward();
  await expect(page).toHaveTitle(/^Two disks/);
  // What Back and Forward put away is there for undo as well.
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => textOf(page)).toBe(mine);
});

test("Back brings the run back where both entries have one address", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const mine = await textOf(page);
  await chooseScenario(page, /Two disks that do not matter/);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => textOf(page)).toBe(mine);
  await page.locator(".play").click();
  await seek(page, 5);
  await expect.poll(() => hashOf(page)).toMatch(/&t=5$/);
  // The same run at the same moment before it; then something else, and at once Back.
  await page.getByRole("button", { name: said("transport.redo") }).click();
  await expect(page).toHaveTitle(/^Two disks/);
  await page.goBack();
  await expect.poll(() => textOf(page)).toBe(mine);
});

test("a text with errors is put aside by the menu, and comes back", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  const area = page.getByRole("textbox", { name: said("text.label") });
  const draft = HEALTHY.replace("run     30s", "at 3s cutt n3 -> n1\nrun 30s");
  await paste(area, draft);
  await expect(page.locator(".error-list button")).toHaveCount(1);
  await chooseScenario(page, /Two disks that do not matter/);
  await expect.poll(() => written(page)).toMatch(/raid|disk/i);
  await page
    .locator("#banner")
    .getByRole("button", { name: said("text.back") })
    .click();
  await expect.poll(() => written(page)).toBe(draft);
  await expect(area).toBeFocused();
  await expect(page.locator(".error-list button")).toHaveCount(1);
});

test("what is typed and not yet run is not lost by the menu", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  await expect(page.locator("#text-pane").getByRole("textbox")).toBeVisible();
  const typed = HEALTHY.replace("seed    7", "seed    8");
  await page.evaluate((text) => {
    window.halflink.player.panels.get("text-button").pane.put(text);
    location.hash = "#raid-10";
  }, typed);
  await expect(page).toHaveTitle(/^Two disks/);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => textOf(page)).toBe(typed);
});

test("a link through a chat opens at its moment", async ({ page }) => {
  const link = await linkOf(HEALTHY);
  for (const pasted of [
    "&t=0:15",
    "&amp;t=15",
    "&t=15).",
    "&amp;t=0:15.",
    "%26t=15&gt;",
    "&t=15 and so on)",
  ]) {
    await page.goto("about:blank");
    await page.goto(`./${link}${pasted}`);
    await simulated(page);
    expect(await now(page), pasted).toBe(15);
    await expect(page.locator("#banner"), pasted).toBeHidden();
    expect(await textOf(page), pasted).toBe(HEALTHY);
  }
});

test("an address that could not be opened stays until something is done", async ({ page }) => {
  await page.goto("./#2.AAAA");
  await expect(page.locator("#banner")).toContainText(
    new RegExp(saying("session.closed", { link: "«.*»", why: "«.*»" })),
  );
  await simulated(page);
  await page.locator(".play").click();
  await page.waitForTimeout(1_500);
  expect(hashOf(page)).toBe("#2.AAAA");
  await clickArrowhead(page, "n3->n1");
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]{50,}&t=/);
});

test("a run that stays takes its address back from a link that does not open", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.evaluate(() => (location.hash = "#2.broken"));
  await expect(page.locator("#banner")).toContainText(
    new RegExp(saying("session.closed", { link: "«.*»", why: "«.*»" })),
  );
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]{30,}&t=5$/);
});

test("a link that knows what its run came to keeps its word", async ({ page }) => {
  // Made by an engine whose runs came to something else: a reload must still be able to say so.
  const old = (await readFile(new URL("../links/format-1.txt", import.meta.url), "utf8"))
    .split("\n")
    .map((line) => line.split(/\s+/).find((word) => word.startsWith("#1.")))
    .find(Boolean);
  await open(page, `${old}&t=2`);
  await seek(page, 3);
  await expect.poll(() => hashOf(page)).toBe(`${old}&t=3`);
  await page.evaluate(() => window.halflink.player.session.attempt((run) => run.set_seed(99)));
  await expect.poll(() => hashOf(page)).toMatch(/^#2\.[\w-]+&t=3$/);
});

test("where a reader goes is not overwritten by where the run is", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  // The address changes, and before the page hears of it, the time to write has come.
  await page.evaluate(async () => {
    const { follow } = /** @type {any} */ (window.halflink);
    location.hash = "#raid-10&t=2";
    follow.write();
  });
  await expect(page).toHaveTitle(/^Two disks/);
  expect(await now(page)).toBe(2);
});

test("a browser that refuses to change the address keeps its page", async ({ page }) => {
  await page.addInitScript(() => {
    for (const name of /** @type {const} */ (["replaceState", "pushState"])) {
      history[name] = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
    }
  });
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n3->n1");
  await chooseScenario(page, /Two disks that do not matter/);
  await expect(page).toHaveTitle(/^Two disks/);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => textOf(page)).toContain("cut n3 -> n1");
});
