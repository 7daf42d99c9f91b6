// Sites on a phone stand one below the other: nothing scrolls sideways, a finger reaches every part.
import { expect, test } from "./fixtures.js";
import {
  choose,
  clickArrowhead,
  drawn,
  lane,
  linkOf,
  openText,
  part,
  simulated,
} from "./playground.js";

/** @typedef {import('@playwright/test').Page} Page */

/** @param {number} sites */
const sitesOf = (sites) => `halflink 1
title   "Sites"
plant   ${sites} sites of 1 rack of 3 servers, 2 disks each, wan 15ms
cluster etcd: raft on r1.s1 r1.s2 r2.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
write   every 300ms
at 0s   elect n1
run     30s
`;

/** @param {Page} page */
const sideways = (page) =>
  page.evaluate(() => {
    const plant = /** @type {Element} */ (document.querySelector("#plant"));
    const all = document.documentElement;
    return Math.max(plant.scrollWidth - plant.clientWidth, all.scrollWidth - innerWidth);
  });

/**
 * Places to click that are smaller than a finger.
 *
 * @param {Page} page
 */
const small = (page) =>
  page.evaluate(() => {
    const kinds = ["tor", "spine", "server", "site", "wan", "feed", "pdu"];
    const targets = [
      ...document.querySelectorAll("#plant .cable"),
      ...kinds.flatMap((kind) => [...document.querySelectorAll(`#plant .part.${kind}`)]),
    ];
    return targets.flatMap((target) => {
      const shape = target.querySelector(".hit") ?? target.querySelector(".body");
      const { width, height } = /** @type {Element} */ (shape).getBoundingClientRect();
      const name = target.getAttribute("data-part") ?? target.getAttribute("data-lane");
      return width < 24 || height < 24 ? [`${name}: ${width.toFixed(1)} ${height.toFixed(1)}`] : [];
    });
  });

/** @param {Page} page */
const tops = (page) =>
  page
    .locator("#plant .site-ground")
    .evaluateAll((grounds) => grounds.map((one) => Math.round(one.getBoundingClientRect().top)));

for (const sites of [2, 3]) {
  test(`${sites} sites at 390: below each other, in reach of a finger`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await openText(page, sitesOf(sites), 5);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    const places = await tops(page);
    expect(new Set(places).size).toBe(sites);
    expect(await small(page)).toEqual([]);
    for (let one = 1; one <= sites; one += 1) {
      for (let other = one + 1; other <= sites; other += 1) {
        const wan = part(page, `wan${one}-${other}`).locator("text");
        const size = await wan.evaluate((text) => {
          const scale = /** @type {SVGGraphicsElement} */ (text).getScreenCTM()?.d ?? 1;
          return parseFloat(getComputedStyle(text).fontSize) * scale;
        });
        expect(size, "its name can be read").toBeGreaterThanOrEqual(11);
      }
    }
    await clickArrowhead(page, "site1->site2");
    await expect(lane(page, "site1->site2")).toHaveAttribute("data-state", "cut");
    await expect(lane(page, "site2->site1")).toHaveAttribute("data-state", "up");
    // By its place to click, which a finger finds beside the border that it leaves.
    await lane(page, `site${sites}->site1`).locator(".hit").click();
    await drawn(page);
    await expect(lane(page, `site${sites}->site1`)).toHaveAttribute("data-state", "cut");
    await choose(page, "wan1-2", "fail wan1-2");
    await expect(part(page, "wan1-2")).toHaveAttribute("data-state", "failed");
  });
}

test("a screen that is turned has them side by side; what was done stays", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openText(page, sitesOf(2), 5);
  await clickArrowhead(page, "site1->site2");
  await page.setViewportSize({ width: 844, height: 390 });
  await expect.poll(async () => new Set(await tops(page)).size).toBe(1);
  await expect(lane(page, "site1->site2")).toHaveAttribute("data-state", "cut");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(async () => new Set(await tops(page)).size).toBe(2);
});

test("the height of a frame is its author's: in an embed they stand side by side", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 760 });
  await page.goto(`./embed.html${await linkOf(sitesOf(2))}&t=5&view=both`);
  await simulated(page);
  await expect.poll(async () => new Set(await tops(page)).size).toBe(1);
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`${colorScheme}: the lines around a site are seen against what they stand on`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await openText(page, sitesOf(2), 5);
    const contrasts = await page.evaluate(() => {
      const paint = /** @type {CanvasRenderingContext2D} */ (
        document.createElement("canvas").getContext("2d", { willReadFrequently: true })
      );
      const luminance = (/** @type {string} */ colour) => {
        paint.fillStyle = colour;
        paint.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((one) =>
          one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4,
        );
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const ground = (/** @type {Element|null} */ element) => {
        for (let at = element; at; at = at.parentElement) {
          const { backgroundColor } = getComputedStyle(at);
          if (!/, 0\)$|transparent/.test(backgroundColor)) return backgroundColor;
        }
        return "white";
      };
      const shapes = "#plant .site-ground, #plant .part.site .body, #plant .part.wan .body";
      return [...document.querySelectorAll(shapes)].map((shape) => {
        const { stroke, fill } = getComputedStyle(shape);
        const against = [ground(shape), ...(fill === "none" ? [] : [fill])];
        return Math.min(
          ...against.map((other) => {
            const [one, two] = [luminance(stroke), luminance(other)].sort((a, b) => b - a);
            return (one + 0.05) / (two + 0.05);
          }),
        );
      });
    });
    expect(contrasts).toHaveLength(5);
    for (const contrast of contrasts) expect(contrast).toBeGreaterThanOrEqual(3);
  });
}
