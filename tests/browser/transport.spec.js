// Time, forwards and backwards, and what acting in the past does.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  drawn,
  hashAt,
  lane,
  now,
  open,
  openText,
  seek,
  textOf,
} from "./playground.js";
import { listed, said } from "./words.js";

/** @param {import('@playwright/test').Page} page */
const playButton = (page) => page.locator(".play");

test("play moves time, pause stops it", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await expect(playButton(page)).toHaveAccessibleName(said("transport.play"));
  await playButton(page).click();
  await expect(playButton(page)).toHaveAccessibleName(said("transport.pause"));
  await expect.poll(() => now(page)).toBeGreaterThan(5.2);
  await playButton(page).click();
  await expect(playButton(page)).toHaveAccessibleName(said("transport.play"));
  await drawn(page);
  const stopped = await now(page);
  // Two frames later it still stands there.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  expect(await now(page)).toBe(stopped);
});

test("at the end it stops, and play begins again", async ({ page }) => {
  await openText(page, HEALTHY, 29.9);
  await playButton(page).click();
  await expect(playButton(page)).toHaveAccessibleName(said("transport.again"));
  expect(await now(page)).toBe(30);
  await playButton(page).click();
  await expect.poll(() => now(page)).toBeLessThan(29);
});

test("a step is one event, forwards and back", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const events = () => page.evaluate(() => window.halflink.player.view?.events ?? -1);
  const [before, hash] = [await events(), await hashAt(page, 5)];
  await page.getByRole("button", { name: said("transport.forward") }).click();
  await drawn(page);
  const [first, one] = [await now(page), await events()];
  expect(first).toBeGreaterThan(5);
  expect(one, "events at one moment go together").toBeGreaterThan(before);
  await page.getByRole("button", { name: said("transport.forward") }).click();
  await drawn(page);
  expect(await now(page)).toBeGreaterThan(first);
  await page.getByRole("button", { name: said("transport.back") }).click();
  await drawn(page);
  expect(await now(page), "back is where it was").toBe(first);
  await page.getByRole("button", { name: said("transport.back") }).click();
  await drawn(page);
  expect(await now(page)).toBeLessThanOrEqual(5);
  expect(await hashAt(page, 5), "looking changes nothing").toBe(hash);
  // The same by key, and it pauses what plays.
  await page.keyboard.press(".");
  await drawn(page);
  expect(await now(page)).toBe(first);
  await playButton(page).click();
  await page.keyboard.press(",");
  await expect(playButton(page)).toHaveAccessibleName(said("transport.play"));
});

test("the slider sets the speed, from a hundredth to a hundredfold", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const slider = page.getByRole("slider", { name: said("transport.speed") });
  const words = page.locator(".speed-text");
  for (const [exponent, says, speed] of /** @type {const} */ ([
    ["-2", "1/100×", 0.01],
    ["2", "100×", 100],
    ["1", "10×", 10],
    ["0", "1×", 1],
  ])) {
    await slider.fill(exponent);
    await expect(words).toHaveText(says);
    expect(await page.evaluate(() => window.halflink.playback.speed)).toBeCloseTo(speed);
  }
  await slider.focus();
  await page.keyboard.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "100×");
  // At that speed the whole run is over in no time.
  await playButton(page).click();
  await expect.poll(() => now(page)).toBe(30);
});

test("the strip is scrubbed with the pointer", async ({ page }) => {
  await openText(page, HEALTHY, 0);
  const strip = page.getByRole("slider", { name: said("strip.time") });
  const box = await strip.boundingBox();
  if (!box) throw new Error("the strip is not shown");
  const y = box.y + 30;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  const half = await now(page);
  expect(half).toBeGreaterThan(10);
  expect(half).toBeLessThan(20);
  await page.mouse.move(box.x + box.width * 0.75, y, { steps: 3 });
  const later = await now(page);
  expect(later).toBeGreaterThan(half + 5);
  await page.mouse.move(box.x + box.width + 400, y);
  expect(await now(page), "beyond the end is the end").toBe(30);
  await page.mouse.up();
  await page.mouse.move(box.x + box.width * 0.5, y);
  expect(await now(page), "nothing is dragged any more").toBe(30);
});

test("the strip is scrubbed with the keyboard", async ({ page }) => {
  await openText(page, HEALTHY, 15);
  const strip = page.getByRole("slider", { name: said("strip.time") });
  await strip.focus();
  for (const [key, from, to] of /** @type {const} */ ([
    ["ArrowRight", 15.1, 15.2],
    ["ArrowLeft", 14.99, 15.01],
    ["PageUp", 16.4, 16.6],
    ["Shift+ArrowLeft", 14.9, 15.1],
    ["End", 30, 30],
    ["Home", 0, 0],
  ])) {
    await page.keyboard.press(key);
    await drawn(page);
    expect(await now(page), key).toBeGreaterThanOrEqual(from);
    expect(await now(page), key).toBeLessThanOrEqual(to);
  }
  await expect(strip).toHaveAttribute("aria-valuenow", "0");
  await seek(page, 15);
  const followers = { who: listed(["n1", "n2", "n3"]), count: 3, leader: "n3" };
  const who = said("believers.leader", followers);
  await expect(strip).toHaveAttribute("aria-valuetext", `0:15.0. ${who}`);
});

test("acting in the past forks there; undo and redo go between the two runs", async ({ page }) => {
  await openText(page, HEALTHY, 20);
  const [early, late] = [await hashAt(page, 9.9), await hashAt(page, 29)];
  const undo = page.getByRole("button", { name: said("transport.undo") });
  const redo = page.getByRole("button", { name: said("transport.redo") });
  await expect(undo).toBeDisabled();
  await expect(redo).toBeDisabled();

  await seek(page, 10);
  await clickArrowhead(page, "n3->n1");
  const forked = await hashAt(page, 29);
  expect(await hashAt(page, 9.9), "before the act nothing changed").toBe(early);
  expect(forked, "after it, everything may").not.toBe(late);

  await undo.click();
  await drawn(page);
  expect(await hashAt(page, 29)).toBe(late);
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "up");
  await expect(undo).toBeDisabled();

  await redo.click();
  await drawn(page);
  expect(await hashAt(page, 29)).toBe(forked);
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "cut");
  await expect(redo).toBeDisabled();

  // An act after an undo takes the place of what was undone.
  await page.keyboard.press("Control+z");
  await clickArrowhead(page, "n1->n2");
  await expect(redo).toBeDisabled();
  await expect.poll(() => textOf(page)).not.toContain("cut n3 -> n1");
  await page.keyboard.press("Control+z");
  await drawn(page);
  expect(await hashAt(page, 29)).toBe(late);
  await page.keyboard.press("Control+Shift+z");
  await expect.poll(() => textOf(page)).toContain("cut n1 -> n2");
});

test("an act while time runs lands where the playhead is", async ({ page }) => {
  await open(page, "#rack-power&t=1");
  await playButton(page).click();
  await expect.poll(() => now(page)).toBeGreaterThan(1.3);
  await clickArrowhead(page, "n3->n1");
  const at = /^at ([\d.]+)(m?)s +cut n3 -> n1$/m.exec(await textOf(page));
  const seconds = Number(at?.[1]) / (at?.[2] ? 1_000 : 1);
  expect(seconds).toBeGreaterThan(1.3);
  expect(seconds).toBeLessThanOrEqual(await now(page));
  await expect(playButton(page), "it plays on").toHaveAccessibleName(said("transport.pause"));
});
