// Whatever a text can say of a direction of a link is done from its menu, seen, and lifted from it.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  drawn,
  lane,
  linkOf,
  openMenu,
  openText,
  simulated,
  textOf,
} from "./playground.js";
import { said } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

const SITES = `halflink 1
title   "Two sites"
plant   2 sites of 1 rack of 3 servers, 2 disks each, wan 15ms
cluster etcd: raft on r1.s1 r1.s2 r2.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
write   every 300ms
at 0s   elect n1
run     30s
`;

const menuOf = (/** @type {Page} */ page) => page.locator(".popover");

/**
 * The menu of a link, by the mouse: it stays when the button is lifted.
 *
 * @param {Page} page
 * @param {string} name "n3->n1"
 */
async function rightClick(page, name) {
  await lane(page, name).locator(".head").click({ button: "right" });
  await expect(menuOf(page)).toBeVisible();
}

/**
 * @param {Page} page
 * @param {string} name "n3->n1"
 */
async function pressM(page, name) {
  await lane(page, name).focus();
  await page.keyboard.press("m");
  await expect(menuOf(page)).toBeVisible();
}

/**
 * @param {Page} page
 * @param {string} statement
 */
async function choose(page, statement) {
  await menuOf(page).locator(`[data-statement="${statement}"]`).click();
  await expect(menuOf(page)).toBeHidden();
  await drawn(page);
}

/**
 * What is in force is pressed in the menu, and on the strip.
 *
 * @param {Page} page
 * @param {string} statement
 */
async function inForce(page, statement) {
  const button = menuOf(page).locator(`[data-statement="${statement}"]`);
  await expect(button).toHaveAttribute("aria-pressed", "true");
  const strip = await page.evaluate(() =>
    window.halflink.player.session.strip.faults.map(({ text }) => text),
  );
  expect(strip).toContain(statement);
}

/** Of every kind one, and in what state a link is then that has no other. */
const KINDS = [
  ["lose 50% of n3 -> n1", "lossy"],
  ["delay n3 -> n1 by 200ms", "impaired"],
  ["delay n3 -> n1 by 50ms..80ms", "impaired"],
  ["reorder 10% of n3 -> n1 by 20ms", "impaired"],
  ["duplicate 5% of n3 -> n1", "impaired"],
  ["cut n3 -> n1", "cut"],
];

for (const [statement, state] of KINDS) {
  test(`${statement}: by the mouse, and lifted`, async ({ page }) => {
    await openText(page, HEALTHY, 5);
    await rightClick(page, "n3->n1");
    await choose(page, statement);
    await expect.poll(() => textOf(page)).toContain(statement);
    const flow = lane(page, "n3->n1");
    await expect(flow).toHaveAttribute("data-state", state);
    await expect(flow.locator(".reason"), "beside the link").not.toBeEmpty();
    await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "up");
    await rightClick(page, "n3->n1");
    if (state !== "cut") await inForce(page, statement);
    await choose(page, "heal n3 -> n1");
    await expect(flow).toHaveAttribute("data-state", "up");
  });
}

test("by keys alone: opened, chosen, lifted, and the focus comes back", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await pressM(page, "n3->n1");
  const wanted = menuOf(page).locator('[data-statement="lose 90% of n3 -> n1"]');
  for (let presses = 0; presses < 20; presses += 1) {
    if (await wanted.evaluate((one) => one === document.activeElement)) break;
    await page.keyboard.press("ArrowDown");
  }
  await expect(wanted).toBeFocused();
  await page.keyboard.press("Enter");
  await drawn(page);
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "lossy");
  await expect(lane(page, "n3->n1")).toBeFocused();
  await page.keyboard.press("m");
  await expect(menuOf(page).locator("button").first()).toBeFocused();
  await expect(menuOf(page).locator("button").first()).toHaveAttribute(
    "data-statement",
    "heal n3 -> n1",
  );
  await page.keyboard.press("Enter");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "up");
  await page.keyboard.press("m");
  await page.keyboard.press("Escape");
  await expect(lane(page, "n3->n1")).toBeFocused();
});

test("both directions at once, and a later amount in place of an earlier one", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await rightClick(page, "n3->n1");
  await menuOf(page).getByLabel(said("impair.both-ways")).check();
  await choose(page, "lose 50% of n3 <-> n1");
  for (const name of ["n3->n1", "n1->n3"]) {
    await expect(lane(page, name)).toHaveAttribute("data-state", "lossy");
  }
  await rightClick(page, "n1->n3");
  await expect(menuOf(page).locator('[data-statement="lose 50% of n1 -> n3"]')).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await choose(page, "lose 90% of n1 -> n3");
  await rightClick(page, "n1->n3");
  await expect(menuOf(page).locator('[aria-pressed="true"]')).toHaveCount(1);
  await inForce(page, "lose 90% of n1 -> n3");
  await choose(page, "heal n1 <-> n3");
  for (const name of ["n3->n1", "n1->n3"]) {
    await expect(lane(page, name)).toHaveAttribute("data-state", "up");
  }
});

test("a cable has the same menu, and its server, its card and its switch lead to it", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await pressM(page, "r1.s1->r1.tor-a");
  await choose(page, "delay r1.s1 -> r1.tor-a by 200ms");
  const cable = lane(page, "r1.s1->r1.tor-a");
  await expect(cable).toHaveAttribute("data-state", "impaired");
  for (const name of ["r1.s1", "r1.tor-a", "r1.s1.nic-a"]) {
    await openMenu(page, name);
    await menuOf(page)
      .getByRole("button", { name: said("link.of"), exact: false })
      .click();
    await menuOf(page)
      .getByRole("button", { name: /^r1\.s1 → r1\.tor-a/ })
      .click();
    await inForce(page, "delay r1.s1 -> r1.tor-a by 200ms");
    await page.keyboard.press("Escape");
  }
  await pressM(page, "r1.s1->r1.tor-a");
  await choose(page, "heal r1.s1 -> r1.tor-a");
  await expect(cable).toHaveAttribute("data-state", "up");
});

test("so has a WAN link, from each lane and from its name", async ({ page }) => {
  await openText(page, SITES, 5);
  await rightClick(page, "site1->site2");
  await choose(page, "lose 50% of site1 -> site2");
  await expect(lane(page, "site1->site2")).toHaveAttribute("data-state", "lossy");
  await openMenu(page, "wan1-2");
  await menuOf(page)
    .getByRole("button", { name: said("link.of"), exact: false })
    .click();
  await expect(menuOf(page).locator("button")).toHaveCount(2);
  await menuOf(page)
    .getByRole("button", { name: /^site1 → site2/ })
    .click();
  await inForce(page, "lose 50% of site1 -> site2");
  await choose(page, "heal site1 -> site2");
  await expect(lane(page, "site1->site2")).toHaveAttribute("data-state", "up");
});

test("in an embed, too, in both pictures", async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 760 });
  const link = await linkOf(HEALTHY);
  await page.goto(`./embed.html${link}&t=5&view=both`);
  await simulated(page);
  await rightClick(page, "n3->n1");
  await choose(page, "duplicate 50% of n3 -> n1");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "impaired");
  await pressM(page, "r3.s1->r3.tor-a");
  await choose(page, "lose 10% of r3.s1 -> r3.tor-a");
  await expect(lane(page, "r3.s1->r3.tor-a")).toHaveAttribute("data-state", "lossy");
  await pressM(page, "n3->n1");
  await choose(page, "heal n3 -> n1");
  await expect.poll(() => textOf(page)).toMatch(/heal n3 -> n1$/m);
});
