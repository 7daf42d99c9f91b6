// What is shipped fits the height that its snippet gives it, in columns of posts from 320 pixels on.
import { expect, test } from "./fixtures.js";
import { linkOf, open, snippetOf } from "./playground.js";
import { halflink as loadEngine } from "../support/wasm.js";
import { PSEUDO, said } from "./words.js";

const WIDTHS = [320, 480, 640, 800, 1120];
/** The narrowest, the one from which letters are large, and the widest. */
const FEW_WIDTHS = [320, 640, 1120];
/** The least size of a label: in a frame of 640 and wider, and in any. */
const [LABEL, LABEL_WIDTH, LABEL_ANYWHERE] = [11, 640, 9];
/** Where words are long the narrowest column needs more, which the widest cannot use. */
const EMPTY_MOST = PSEUDO ? 160 : 40;

const { library } = await loadEngine();

/**
 * What a frame shows at the moments at which there is most to say, at its worst.
 * @param {import('@playwright/test').Frame} frame
 */
const worst = (frame) =>
  frame.evaluate(async () => {
    const { playback, player } = window.halflink;
    const { plan, strip } = player.session;
    const seen = { cut: 0, sideways: 0, empty: 0, label: Infinity, outside: -Infinity };
    const box = (/** @type {string} */ selector) =>
      /** @type {Element} */ (document.querySelector(selector)).getBoundingClientRect();
    const look = () => {
      const page = document.documentElement;
      seen.cut = Math.max(seen.cut, page.scrollHeight - innerHeight);
      seen.sideways = Math.max(seen.sideways, page.scrollWidth - innerWidth);
      const end = Math.max(box(".foot").bottom, box("#evidence").bottom);
      seen.empty = Math.max(seen.empty, innerHeight - end);
      const shown = (/** @type {string} */ selector) =>
        [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length);
      const size = (/** @type {Element} */ text) => parseFloat(getComputedStyle(text).fontSize);
      seen.label = Math.min(
        seen.label,
        ...shown("#strip text")
          .filter((text) => text.textContent)
          .map(size),
      );
      const pictures = /** @type {SVGSVGElement[]} */ (
        shown("#logic .logic, #plant .plant-picture")
      );
      if (!pictures.length) return;
      let drawn = 8 * (pictures.length - 1);
      for (const picture of pictures) {
        const { width, height } = picture.viewBox.baseVal;
        const room = picture.getBoundingClientRect();
        // A picture is as large as fits its room; what is left over at its sides is not missed.
        const scale = Math.min(room.height / height, room.width / width);
        drawn += height * scale;
        // The labels of the racks are as large as they can be where all the racks are to be seen.
        for (const text of picture.closest("#logic") ? picture.querySelectorAll("text") : []) {
          if (!text.textContent || !text.getClientRects().length) continue;
          seen.label = Math.min(seen.label, size(text) * scale);
          const { left, right } = text.getBoundingClientRect();
          seen.outside = Math.max(seen.outside, -left, right - innerWidth);
        }
      }
      seen.empty = Math.max(seen.empty, box("#pictures").height - drawn + innerHeight - end);
    };
    const moments = [
      ...strip.captions.map(({ at_us }) => at_us),
      plan.until_us * 0.6,
      plan.until_us,
      ...strip.faults.slice(0, 6).flatMap(({ from_us, to_us }) => [from_us + 300_000, to_us + 1]),
    ];
    for (const at_us of moments) {
      playback.seek(at_us);
      while (
        player.dirty ||
        player.building.steps.length ||
        player.view?.time_us !== Math.floor(playback.time_us)
      ) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      look();
    }
    return seen;
  });

/** Plants and groups of every shape; the views, the comparison and all widths of the others are in the large size. */
const SHAPES = ["cloudflare-2020", "quorum-loss", "generals-4"];
const inFull = (/** @type {string} */ name) =>
  Boolean(process.env.HALFLINK_LARGE) || SHAPES.includes(name);
const views = (/** @type {string} */ name) =>
  inFull(name) ? ["logic", "plant", "both", "compared"] : ["logic"];

/** Long words are looked at in those alone. @type {{name: string, text: string}[]} */
const shown = library().filter(({ name }) => !PSEUDO || SHAPES.includes(name));

for (const { name, text, view } of shown.flatMap(
  (/** @type {{name: string, text: string}} */ one) =>
    views(one.name).map((view) => ({ ...one, view })),
)) {
  const beside = name.startsWith("generals") ? "&compare=generals-sm" : "&compare=vr,omnipaxos";
  const asked = view === "compared" ? beside : "";
  const widths = inFull(name) ? WIDTHS : FEW_WIDTHS;
  test(`${name} fits its snippet at any width, ${view}`, async ({ page, baseURL }) => {
    // Frames that are out of sight stand still.
    await page.setViewportSize({ width: 1200, height: widths.length * 1200 });
    await open(page, `#${name}&t=1${asked}`);
    if (asked) await expect(page.locator(".compare-rows > *").nth(1)).toBeVisible();
    await page.getByRole("button", { name: said("bar.share") }).click();
    if (!asked) {
      await page
        .getByLabel(said("share.shows"))
        .first()
        .selectOption(view === "logic" ? "" : view);
    }
    const snippet = await snippetOf(page);
    const height = Number(/height="(\d+)"/.exec(snippet)?.[1]);
    expect(height, "the snippet says how tall the frame is").toBeGreaterThan(0);
    const source = `${baseURL}embed.html${await linkOf(text)}&t=1${asked || `&view=${view}`}`;
    await page.goto("./pkg/package.json");
    await page.evaluate(
      ([frames]) => {
        const heard = /** @type {Record<string, number[]>} */ (
          Object.assign(window, { heard: {} }).heard
        );
        addEventListener("message", ({ data, source }) => {
          const frame = [...document.querySelectorAll("iframe")].find(
            ({ contentWindow }) => contentWindow === source,
          );
          if (!frame) return;
          heard[frame.width] ??= [];
          heard[frame.width].push(data.height);
        });
        document.body.replaceChildren(
          ...frames.map(({ width, height, source }) =>
            Object.assign(document.createElement("iframe"), {
              width,
              height,
              src: source,
              style: "display: block; border: 0",
            }),
          ),
        );
      },
      [widths.map((width) => ({ width: String(width), height: String(height), source }))],
    );
    for (const [index, width] of widths.entries()) {
      const element = (await page.locator("iframe").all())[index];
      const frame = await (await element.elementHandle())?.contentFrame();
      if (!frame) throw new Error("there is no such frame");
      const heard = () =>
        page.evaluate((key) => /** @type {any} */ (window).heard[key], String(width));
      // A comparison scrolls in a room of its own, and is content with any height.
      if (asked)
        await expect(frame.locator(".compare-rows > [data-outcome]").nth(1)).toBeAttached();
      else await expect.poll(heard, `${width}: it says how tall it is`).toHaveLength(1);
      const { cut, sideways, empty, label, outside } = await worst(frame);
      expect(cut, `${width}: nothing is cut`).toBe(0);
      expect(sideways, `${width}: nothing scrolls sideways`).toBe(0);
      expect(empty, `${width}: little is empty`).toBeLessThanOrEqual(EMPTY_MOST);
      expect(label, `${width}: labels can be read`).toBeGreaterThanOrEqual(
        width < LABEL_WIDTH ? LABEL_ANYWHERE : LABEL,
      );
      expect(outside, `${width}: labels are whole`).toBeLessThanOrEqual(0);
      if (asked) continue;
      // While it played, or was moved about in, it asked for nothing else.
      const [told, ...again] = await heard();
      expect(again, `${width}: what it asks for does not swing`).toEqual([]);
      expect(
        Math.abs(told - height),
        `${width}: it asks for about what it has`,
      ).toBeLessThanOrEqual(EMPTY_MOST);
    }
  });
}
