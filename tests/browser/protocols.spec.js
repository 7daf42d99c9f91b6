// The menu of protocols: by family, each with a sentence, a paper and a promise; what cannot run says why.
import { expect, test } from "./fixtures.js";
import { HEALTHY, openText, textOf } from "./playground.js";
import { said } from "./words.js";

/** @param {import('@playwright/test').Page} page */
async function openProtocols(page) {
  await page.locator("#protocol-menu > button").press("Enter");
  const menu = page.getByRole("menu", { name: said("menu.protocol") });
  await expect(menu).toBeVisible();
  return menu;
}

test("protocols stand by family, each with its sentence, its paper and its promise", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  const menu = await openProtocols(page);
  /** @type {[string, string[]][]} */
  const families = [
    [
      "Crash-fault",
      ["raft", "raft+prevote+checkquorum", "etcd-raft", "paxos", "vr", "zab", "omnipaxos"],
    ],
    ["Byzantine-fault", ["generals-om", "generals-sm", "pbft", "tendermint", "hotstuff"]],
    ["Production code", ["tikv-raft", "omnipaxos-crate"]],
  ];
  for (const [family, names] of families) {
    const group = menu.getByRole("group", { name: family });
    await expect(group).toContainText("Promise: ");
    for (const name of names) {
      const item = group.locator(`[data-value="${name}"]`);
      await expect(item.locator("b")).toHaveText(name);
      await expect(item.locator(".protocol-paper")).toHaveText(/\w{4}/);
      expect((await item.locator("span").first().textContent())?.length).toBeGreaterThan(20);
    }
  }
  await expect(menu.locator('[data-value="tikv-raft"]')).toContainText("The code TiKV runs");
  await expect(menu.locator('[data-value="raft"]')).toBeFocused();
});

test("a protocol that cannot run the scenario is disabled, and says why", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const menu = await openProtocols(page);
  const pbft = menu.locator('[data-value="pbft"]');
  await expect(pbft).toHaveAttribute("aria-disabled", "true");
  await expect(pbft).toContainText("pbft needs at least 4 replicas");
  await expect(menu.locator('[data-value="generals-om"]')).toContainText("takes orders, no writes");
  await pbft.press("Enter");
  await expect(menu).toBeVisible();
  await expect.poll(() => textOf(page)).toContain("cluster etcd: raft on");
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
});
