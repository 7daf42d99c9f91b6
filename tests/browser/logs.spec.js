// Logs beside each other, entry by entry, where the playhead is.
import { expect, test } from "./fixtures.js";
import { HEALTHY, open, openText, seek, simulated } from "./playground.js";
import { said } from "./words.js";

/** n3 goes on alone, and appends what nobody will ever commit. */
const ALONE = HEALTHY.replace("run ", "at 4s isolate n3\nat 12s heal n3\nrun ");

/** @param {import('@playwright/test').Page} page */
async function logs(page) {
  await page.locator("#logs-button").click();
  const panel = page.locator("#logs");
  await expect(panel.locator("tbody tr").first()).toBeVisible({ timeout: 20_000 });
  return panel;
}

/** @param {import('@playwright/test').Page} page */
const lengths = (page) =>
  page.evaluate(() => window.halflink.player.view?.replicas.map(({ log }) => log));

test("what a leader appends alone differs, and is gone when it hears of another", async ({
  page,
}) => {
  await openText(page, ALONE, 11);
  await simulated(page);
  const panel = await logs(page);
  const differing = panel.locator("tbody tr").nth(2).locator("td[data-differs]");
  await expect(panel.getByRole("status")).toHaveText(/\d/);
  await panel.getByRole("button", { name: said("logs.go-parted") }).click();
  await expect(differing.first()).toBeVisible();
  // Its last entry is the one that its replica says it is.
  const [, , third = 0] = (await lengths(page)) ?? [];
  const cells = panel.locator("tbody tr").nth(2).locator("td:not(.missing)");
  await expect(cells.last()).toHaveAttribute(
    "title",
    new RegExp(`^${said("logs.entry", { index: third, command: "", place: "" }).split(":")[0]}`),
  );
  await seek(page, 20);
  await expect(panel.locator("td[data-differs]")).toHaveCount(0);
  await expect(panel.getByRole("status")).toHaveText(said("logs.together"));
  await seek(page, 11);
  await panel.getByRole("button", { name: said("logs.go-parted") }).click();
  await expect(differing.first()).toBeVisible();
});

test("earlier entries are gone to, and the end again; it follows the run", async ({ page }) => {
  await openText(page, HEALTHY, 20);
  await simulated(page);
  const panel = await logs(page);
  const first = () => panel.locator("thead th").nth(1).textContent();
  const tail = Number(await first());
  expect(tail).toBeGreaterThan(1);
  await panel.getByRole("button", { name: said("logs.earlier") }).click();
  await expect.poll(async () => Number(await first())).toBeLessThan(tail);
  await panel.getByRole("button", { name: said("logs.later") }).click();
  await expect.poll(async () => Number(await first())).toBe(tail);
  await seek(page, 25);
  await expect.poll(async () => Number(await first())).toBeGreaterThan(tail);
  await expect(panel.getByRole("button", { name: said("logs.later") })).toBeDisabled();
  // Another run has other logs.
  await page.evaluate(() =>
    window.halflink.session.attempt((run) => run.set_protocol("multipaxos")),
  );
  await simulated(page);
  await expect(panel.locator("tbody tr")).toHaveCount(3);
  await expect(panel.locator("tbody td").first()).toBeVisible();
});

test("of generals it says what they decided", async ({ page }) => {
  await open(page, "#generals-4&t=20");
  await simulated(page);
  const panel = await logs(page);
  await expect(panel.locator("p").last()).toHaveText(said("logs-about.orders"));
});
