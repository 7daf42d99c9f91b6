// What one sees and which keys there are: by a button, by a key.
import { expect, test } from "./fixtures.js";
import { HEALTHY, open, openText } from "./playground.js";
import { said } from "./words.js";

test("a question mark says what the signs mean, and a button does", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const dialog = page.getByRole("dialog", { name: said("help.title") });
  await page.keyboard.press("?");
  await expect(dialog).toBeVisible();
  await expect(dialog.locator(".crowned")).toHaveCount(1);
  await expect(dialog.locator("kbd").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.locator("#help-button").click();
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  // Who writes a text writes it.
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  await page.getByRole("textbox", { name: said("text.label") }).press("?");
  await expect(dialog).toBeHidden();
});

test("each key that it names does what it says", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const time = () => page.evaluate(() => window.halflink.playback.time_us);
  const text = () => page.evaluate(() => window.halflink.session.text);
  const before = await text();
  await page.keyboard.press("Space");
  await expect.poll(time).toBeGreaterThan(5_050_000);
  await page.keyboard.press("Space");
  const stood = await time();
  await page.keyboard.press(".");
  await expect.poll(time).toBeGreaterThan(stood);
  const next = await time();
  await page.keyboard.press(",");
  await expect.poll(time).toBeLessThan(next);
  const arrow = page.locator('#logic [data-flow="n3->n1"]');
  await arrow.focus();
  await page.keyboard.press("Enter");
  await expect.poll(text).toContain("cut n3 -> n1");
  await page.keyboard.press("Delete");
  await expect(arrow).not.toHaveAttribute("data-state", "cut");
  await page.keyboard.press("Shift+Enter");
  await expect.poll(text).toContain("cut n3 <-> n1");
  for (let undone = 0; undone < 3; undone += 1) await page.keyboard.press("Control+z");
  await expect.poll(text).toBe(before);
  await page.keyboard.press("Control+Shift+Z");
  await expect.poll(text).toContain("cut n3 -> n1");
  await arrow.focus();
  await page.keyboard.press("PageDown");
  await expect(arrow).not.toBeFocused();
  await arrow.focus();
  await page.keyboard.press("ArrowRight");
  await expect(arrow).not.toBeFocused();
  await arrow.focus();
  await page.keyboard.press("m");
  await expect(page.locator(".popover-heading")).toBeVisible();
});

test("of generals it draws nobody who leads", async ({ page }) => {
  await open(page, "#generals-4&t=20");
  await page.locator("#help-button").click();
  const dialog = page.getByRole("dialog", { name: said("help.title") });
  await expect(dialog.locator(".two-faced")).toHaveCount(1);
  await expect(dialog.locator(".crowned")).toHaveCount(0);
});
