// @ts-check
/** A disk that was replaced and is being rebuilt: in the picture, in its menu and its server's. */
import { expect, test } from "./fixtures.js";
import { openText, seek } from "./playground.js";
import { said } from "./words.js";

const TEXT = `halflink 1
title   "rebuild"
plant   3 racks of 1 server, 4 disks each, rebuild 10s
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s   elect n1
at 2s   fail r3.s1.d1
at 3s   restore r3.s1.d1
run     20s
`;

test("a disk that is being rebuilt says how far it is, and its mirror that it is alone", async ({
  page,
}) => {
  await openText(page, TEXT, 7);
  const part = (/** @type {string} */ name) => page.locator(`#plant [data-part="${name}"]`);
  await expect(part("r3.s1.d1")).toHaveAttribute("data-state", "rebuilding");
  await expect(part("r3.s1.d2")).toHaveAttribute("data-state", "sole");
  await expect(part("r3.s1.d3")).toHaveAttribute("data-state", "up");
  await expect(part("r3.s1.d1")).toHaveAttribute("aria-label", /0:13/);
  await part("r3.s1.d2").focus();
  await page.keyboard.press("Enter");
  const menu = page.locator(".popover:popover-open");
  await expect(menu).toContainText("r3.s1.d1");
  await menu.locator('[data-statement="fail r3.s1.d2"]').click();
  await seek(page, 8);
  await expect(part("r3.s1")).toHaveAttribute("data-state", "data-loss");
});

test("when it is rebuilt the pair is whole, and a look back shows that it was not", async ({
  page,
}) => {
  await openText(page, TEXT, 15);
  const disk = page.locator('#plant [data-part="r3.s1.d1"]');
  await expect(disk).toHaveAttribute("data-state", "up");
  await seek(page, 5);
  await expect(disk).toHaveAttribute("data-state", "rebuilding");
  await page.locator('#plant [data-part="r3.s1"]').focus();
  await page.keyboard.press("Enter");
  const pill = page.getByRole("button", { name: said("disk.fail", { disk: 1 }), exact: true });
  await expect(pill).toHaveAttribute("title", /0:13/);
});
