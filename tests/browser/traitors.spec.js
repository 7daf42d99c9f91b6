// Traitors: made, seen, heard side by side, and made loyal again; wiped disks; leadership handed over.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  choose,
  drawn,
  lane,
  openMenu,
  openText,
  seek,
  simulated,
  textOf,
} from "./playground.js";
import { said } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

/**
 * Turns the replica of a server into a traitor by its menu.
 * @param {Page} page
 * @param {string} server
 * @param {string} behaviour
 * @param {string[]} receivers those who hear the other story, and nobody else
 */
async function betray(page, server, behaviour, receivers) {
  const menu = await openMenu(page, server);
  await menu.locator("summary").click();
  await menu.getByLabel(said("traitor.how")).selectOption(behaviour);
  for (const box of await menu.getByRole("checkbox").all()) {
    await box.setChecked(receivers.includes(await box.inputValue()));
  }
  await menu.locator("[type=submit]").click();
  await expect(menu).toBeHidden();
  await drawn(page);
}

test("a leader with two stories: marked, drawn with spikes, heard side by side, and found out by the checks", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await expect(page.locator("#evidence")).toBeHidden();
  await betray(page, "r3.s1", "equivocate", ["n1"]);
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +traitor n3 equivocate to n1$/m);
  await expect(page.locator('#logic [data-replica="n3"] .two-faced')).toHaveCount(1);
  await expect(page.locator('#logic [data-replica="n3"]')).toHaveAttribute(
    "aria-label",
    /a traitor: equivocate to n1/,
  );
  const outside = page.locator(".caption .outside");
  await expect(outside).toContainText(said("caption.outside"));
  await expect(outside).toContainText(said("outside.lies", { who: ["n3"], protocol: "raft" }));
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-lies", "");
  await expect(lane(page, "n3->n2")).not.toHaveAttribute("data-lies", "");

  await simulated(page);
  await seek(page, 8);
  const heard = page.locator(".heard");
  await expect(heard.getByRole("heading")).toHaveText(said("evidence.told", { name: "n3" }));
  await expect(heard.locator("thead th")).toHaveText([
    said("evidence.at"),
    said("evidence.hears", { name: "n1" }),
    said("evidence.hears", { name: "n2" }),
  ]);
  const told = heard.locator("tbody tr").first().locator("td");
  await expect(told.first()).toContainText(/forged \d+.*in truth: .*write \d+/s);
  await expect(told.first()).toHaveAttribute("data-lie", "");
  await expect(told.nth(1)).toContainText(/write \d+/);
  await expect(told.nth(1)).not.toHaveAttribute("data-lie", "");

  await expect(page.locator(".outcome b")).toHaveText(said("word.unsafe"));
  await expect(page.locator(".broken summary").first()).toContainText(
    /lie that it takes|fewest lies that do it|none can be left out/,
  );
  await expect(page.locator(".broken ol li").first()).toContainText(/n3 → n1: .*in truth/s);
  const broken = page.locator(".broken button").first();
  await expect(broken).toContainText(said("evidence.broken", { property: "log-matching" }));
  await broken.click();
  const at = await page.evaluate(() => window.halflink.playback.time_us);
  const first = await page.evaluate(() => window.halflink.session.strip.violations[0].at_us);
  expect(at).toBe(first);
});

test("lies are drawn with spikes, and the same packet to another is not", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await betray(page, "r3.s1", "equivocate", ["n1"]);
  await simulated(page);
  /** @type {Set<string>} */
  const lies = new Set();
  /** @type {Set<string>} */
  const truths = new Set();
  for (let at = 5.1; at < 7; at += 0.1) {
    await seek(page, at);
    for (const packet of await page.locator('#logic [data-packet][data-from="n3"]').all()) {
      const to = (await packet.getAttribute("data-to")) ?? "";
      ((await packet.getAttribute("data-lie")) === null ? truths : lies).add(to);
    }
  }
  expect([...lies]).toEqual(["n1"]);
  expect(truths.has("n2")).toBe(true);
});

test("a liar is made by keys alone, and loyal again", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.locator('#logic [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  const menu = page.locator(".popover");
  await expect(menu).toBeVisible();
  const summary = menu.locator("summary");
  for (
    let press = 0;
    press < 20 && !(await summary.evaluate((one) => one === document.activeElement));
    press += 1
  ) {
    await page.keyboard.press("ArrowDown");
  }
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.type("delay");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("250");
  await page.keyboard.press("Enter");
  await expect(menu).toBeHidden();
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +traitor n2 delay 250ms$/m);
  await seek(page, 6);
  await choose(page, "r2.s1", "loyal n2");
  await expect.poll(() => textOf(page)).toMatch(/^at 6s +loyal n2$/m);
  await expect(page.locator('#logic [data-replica="n2"] .two-faced')).toHaveCount(0);
});

test("silence needs somebody to be silent to", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const menu = await openMenu(page, "r3.s1");
  await menu.locator("summary").click();
  await menu.getByLabel(said("traitor.how")).selectOption("silent-to");
  for (const box of await menu.getByRole("checkbox").all()) await box.setChecked(false);
  await expect(menu.locator("[type=submit]")).toBeDisabled();
  await menu.getByRole("checkbox", { name: "n2" }).check();
  await menu.locator("[type=submit]").click();
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +traitor n3 silent-to n2$/m);
});

test("wiped disks and a handed over leadership are in the menu of a server", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await choose(page, "r2.s1", "transfer n2");
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +transfer n2$/m);
  await seek(page, 6);
  await choose(page, "r1.s1", "wipe r1.s1");
  await expect.poll(() => textOf(page)).toMatch(/^at 6s +wipe r1\.s1$/m);
  await expect(page.locator(".caption .outside")).toContainText("forgot");
});
