// @ts-check
/** What would fall with a part: where a reader points, in its menu, and for several at once. */
import { expect, test } from "./fixtures.js";
import { openText } from "./playground.js";
import { said } from "./words.js";

const TEXT = `halflink 1
title   "radius"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
at 0s   elect n3
run     20s
`;

/** @param {import("@playwright/test").Page} page @param {string} name */
const part = (page, name) => page.locator(`[data-part="${name}"]`);

test("what a part takes down is said where a reader points", async ({ page }) => {
  await openText(page, TEXT, 5);
  const told = page.locator("#radius");
  await part(page, "r1.tor-a").hover();
  await expect(told).toContainText(/r1\.tor-a/);
  await expect(told).toContainText(said("blast.nothing-falls"));
  await expect(part(page, "r1.tor-a")).toHaveAttribute("data-blast", "fails");
  await expect(part(page, "r1.s1")).toHaveAttribute("data-blast", "spared");
  await page.keyboard.press("Escape");
  await page.mouse.move(2, 2);
  await expect(told).toBeHidden();
  await expect(page.locator("[data-blast]")).toHaveCount(0);
});

test("by keys it is said of the part in focus, which it describes", async ({ page }) => {
  await openText(page, TEXT, 5);
  await part(page, "feed-a").focus();
  const told = page.locator("#radius");
  await expect(told).toBeVisible();
  await expect(part(page, "feed-a")).toHaveAttribute("aria-describedby", "radius");
  await expect(part(page, "r1.pdu-a")).toHaveAttribute("data-blast", "falls");
  const [box, feed] = [await told.boundingBox(), await part(page, "feed-a").boundingBox()];
  expect((box?.y ?? 0) + (box?.height ?? 0), "it hides nothing").toBeLessThan(feed?.y ?? 0);
});

test("parts that are kept in mind fail together", async ({ page }) => {
  await openText(page, TEXT, 5);
  await part(page, "feed-a").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: said("blast.ask") }).click();
  await part(page, "r1.pdu-b").focus();
  await expect(part(page, "r1.s1")).toHaveAttribute("data-blast", "falls");
  await expect(part(page, "r2.s1")).toHaveAttribute("data-blast", "spared");
  await part(page, "feed-a").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: said("blast.forget") }).click();
  await part(page, "r1.pdu-b").focus();
  await expect(part(page, "r1.s1")).toHaveAttribute("data-blast", "spared");
});
