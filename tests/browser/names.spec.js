// @ts-check
/** Servers and replicas by the author's names: on the page, and in what a click writes. */
import { expect, test } from "./fixtures.js";
import { openText, seek, textOf } from "./playground.js";

const TEXT = `halflink 1
title   "names"
plant   3 racks of 2 servers, 4 disks each
name    r1.s1 frankfurt-1
name    r1.s2 frankfurt-idle-2
name    r2.s1 伺服器伺服器伺服器
cluster etcd: raft on frankfurt-1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
name    n1 alice
name    n2 伺服器
seed    7
write   every 300ms
at 0s   elect alice
at 3s   cut alice -> n3
run     20s
`;

test("names stand where numbers stood, and a click writes them", async ({ page }) => {
  await openText(page, TEXT, 5);
  const server = page.locator('#plant [data-part="r1.s1"]');
  await expect(server).toHaveAttribute("aria-label", /frankfurt-1|alice/);
  await expect(page.locator("#cards")).toContainText("alice");
  await expect(page.locator("#cards")).toContainText("伺服器");
  await server.focus();
  await page.keyboard.press("Enter");
  await page.locator('.popover:popover-open [data-statement="crash r1.s1"]').click();
  await expect.poll(() => textOf(page)).toMatch(/ crash frankfurt-1$/m);
  await seek(page, 6);
  await expect(server).toHaveAttribute("data-state", "crashed");
});

test("long names stay within their boxes", async ({ page }) => {
  await openText(page, TEXT, 5);
  const spill = await page.evaluate(() => {
    const wide = [];
    for (const label of document.querySelectorAll("#plant .server text, #plant .glyph-name")) {
      const body = label.closest(".server")?.querySelector(".body")?.getBoundingClientRect();
      const box = label.getBoundingClientRect();
      if (body && (box.right > body.right + 1 || box.left < body.left - 1)) {
        wide.push(label.textContent);
      }
    }
    return wide;
  });
  expect(spill).toEqual([]);
});
