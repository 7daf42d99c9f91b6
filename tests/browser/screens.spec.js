// Small screens, dark rooms, readers whom movement makes ill; and nobody else on the wire.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  drawn,
  now,
  open,
  openMenu,
  openText,
  part,
} from "./playground.js";
import { said } from "./words.js";

test("where less motion is asked for, nothing moves unasked", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, "");
  await expect(page.locator(".play")).toHaveAccessibleName(said("transport.play"));
  expect(await now(page), "it stands where the story begins").toBe(3);
  await expect(page.locator("#caption")).toContainText("half fails");
  const places = () =>
    page
      .locator("#logic [data-packet]")
      .evaluateAll((packets) => packets.map((packet) => packet.getAttribute("transform")));
  const [before] = [await places()];
  expect(before.length, "packets stand as arrows").toBeGreaterThan(0);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
  expect(await places()).toEqual(before);
  expect(await now(page)).toBe(3);
  // Asked, it plays.
  await page.locator(".play").click();
  await expect.poll(() => now(page)).toBeGreaterThan(3.1);
});

for (const width of [320, 360, 390, 768]) {
  test(`at ${width} pixels the page is no wider than the screen, with everything in reach`, async ({
    page,
  }) => {
    await page.setViewportSize({ width, height: 844 });
    await openText(page, HEALTHY, 5);
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await wide()).toBeLessThanOrEqual(0);
    for (const control of await page.locator(".bar button, .transport button").all()) {
      if (!(await control.isVisible())) continue;
      const box = await control.boundingBox();
      const name = await control.textContent();
      expect(box?.x, name ?? "").toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0), name ?? "").toBeLessThanOrEqual(width);
      expect(box?.height, name ?? "").toBeGreaterThanOrEqual(24);
      expect(box?.width, name ?? "").toBeGreaterThanOrEqual(24);
    }
    // The leftmost and rightmost parts of the plant can be scrolled to and touched.
    for (const name of ["r1.tor-a", "r3.tor-b"]) {
      const menu = await openMenu(page, name);
      const box = await menu.boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
      await page.keyboard.press("Escape");
      await expect(part(page, name)).toBeFocused();
    }
    await clickArrowhead(page, "n3->n1");
    for (const button of [said("bar.table"), said("bar.text")]) {
      await page.getByRole("button", { name: button, exact: true }).click();
      expect(await wide(), button).toBeLessThanOrEqual(0);
    }
    await page.getByRole("button", { name: said("bar.share") }).click();
    expect(await wide(), "Share").toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: said("share.take") }).click();
    const section = page.locator(".takeaway");
    const dialog = page.locator("dialog.share");
    for (const form of ["shiviz", "png", "qr", "gif"]) {
      await section.locator("select").first().selectOption(form);
      await expect(section.locator("p").first()).toHaveText(/\w/);
      const over = await dialog.evaluate((one) => one.scrollWidth - one.clientWidth);
      expect(over, form).toBeLessThanOrEqual(0);
    }
  });
}

/**
 * The contrast of two colours, after WCAG.
 * @param {string} one "rgb(…)"
 * @param {string} other
 */
function contrast(one, other) {
  const luminance = (/** @type {string} */ colour) => {
    const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

test("light and dark both come out, and can be read", async ({ page }) => {
  const seen = [];
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await open(page, "#cloudflare-2020&t=8");
    const colours = await page.evaluate(() => {
      const pick = (
        /** @type {string} */ selector,
        /** @type {'color'|'fill'|'stroke'} */ what,
      ) => {
        const element = document.querySelector(selector);
        if (!element) throw new Error(`no ${selector}`);
        return getComputedStyle(element)[what];
      };
      const [side] = [getComputedStyle(/** @type {Element} */ (document.querySelector(".side")))];
      return {
        paper: getComputedStyle(document.body).backgroundColor,
        panel: side.backgroundColor,
        words: {
          heading: pick("#caption h2", "color"),
          caption: pick("#caption p", "color"),
          card: pick(".card span", "color"),
          step: pick(".step-text", "color"),
          reason: pick('[data-flow="n3->n1"] .reason', "fill"),
          outcome: pick(".outcome", "color"),
          name: pick(".strip-names text", "fill"),
        },
        marks: {
          arrow: pick('[data-flow="n1->n2"] .head', "fill"),
          dead: pick('[data-flow="n3->n1"] .head', "fill"),
        },
      };
    });
    for (const [name, colour] of Object.entries(colours.words)) {
      expect(contrast(colour, colours.panel), `${colorScheme} ${name}`).toBeGreaterThanOrEqual(4.5);
    }
    for (const [name, colour] of Object.entries(colours.marks)) {
      expect(contrast(colour, colours.panel), `${colorScheme} ${name}`).toBeGreaterThanOrEqual(3);
    }
    seen.push(colours);
  }
  expect(seen[0].paper).not.toBe(seen[1].paper);
  expect(seen[0].panel).not.toBe(seen[1].panel);
  expect(seen[0].words.heading).not.toBe(seen[1].words.heading);
});

test("nothing is asked of anybody but the page's own server", async ({ page, baseURL }) => {
  /** @type {Set<string>} */
  const origins = new Set();
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:") origins.add(origin);
  });
  await open(page, "");
  await clickArrowhead(page, "n1->n2");
  await page.locator("#seed").click();
  await page.getByRole("button", { name: said("bar.share") }).click();
  await page.keyboard.press("Escape");
  await drawn(page);
  expect([...origins]).toEqual([new URL(baseURL ?? "").origin]);
});
