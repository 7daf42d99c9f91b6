// The demo post: what a blogger would write, with elements and frames, under a policy of its own.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { library } from "../../pkg/library.js";
import { expect, test } from "./fixtures.js";
import { halflink as loadEngine } from "../support/wasm.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

for (const [width, colorScheme] of /** @type {const} */ ([
  [1_280, "light"],
  [390, "dark"],
])) {
  test(`all five runs of the post play at ${width}, ${colorScheme}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    await page.goto("./post/");
    const elements = page.locator("half-link");
    await expect(elements).toHaveCount(3);
    for (const element of await elements.all()) {
      await element.scrollIntoViewIfNeeded();
      await expect(element.locator("#logic .logic")).toBeVisible();
      await expect(element.locator("#unstarted")).toBeHidden();
    }
    const frames = page.locator("iframe");
    await expect(frames).toHaveCount(2);
    for (const element of await frames.all()) {
      await element.scrollIntoViewIfNeeded();
      const frame = element.contentFrame();
      await expect(frame.locator("[data-replica]:visible").first()).toBeVisible();
      await expect(frame.locator("#unstarted")).toBeHidden();
    }
    await expect(frames.first().contentFrame().locator(".compare-rows > *")).toHaveCount(2);
    await elements.nth(2).scrollIntoViewIfNeeded();
    // The reader is asked for one click, and it does what the post says.
    await elements.nth(2).locator('[data-flow="n3->n1"] .head').first().click();
    await expect(elements.nth(2).locator('[data-flow="n3->n1"]').first()).toHaveAttribute(
      "data-state",
      "cut",
    );
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, "nothing is wider than the page").toBeLessThanOrEqual(0);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      // What is in frames is looked at by itself, in readable.spec.js.
      const rules = { "label-content-name-mismatch": { enabled: false } };
      // @ts-expect-error axe is there now
      const { violations } = await axe.run({ rules, preload: false, iframes: false });
      return violations.map((/** @type {any} */ { id, nodes }) => [id, nodes[0].html]);
    });
    expect(found).toEqual([]);
  });
}

test("without scripts the post has its pictures, its text and its links", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(new URL("post/", process.env.HALFLINK_URL ?? "http://127.0.0.1:8123/").href);
  await expect(page.locator("half-link svg[role=img]")).toHaveCount(2);
  for (const poster of await page.locator("half-link svg[role=img]").all()) {
    await expect(poster).toBeVisible();
    expect(await poster.getAttribute("aria-label")).toMatch(/n3/);
  }
  await expect(page.locator("half-link pre")).toContainText("cluster etcd: raft on");
  await expect(page.locator("figcaption a")).toHaveCount(4);
  await context.close();
});

test("what the post says of its runs is so", async () => {
  const engine = await loadEngine("production");
  const text = library.find(({ name }) => name === "cloudflare-2020")?.text ?? "";
  const outcomeOf = (/** @type {string} */ of) => {
    const run = new engine.Run(of);
    while (!run.advance(100_000));
    const { outcome } = run.strip();
    const view = run.view(400e6, 0);
    run.free();
    return { outcome, share: view.writes_committed / view.writes_tried };
  };
  const { outcome, share } = outcomeOf(text);
  expect(outcome?.name).toBe("flapping");
  expect(share).toBeGreaterThan(0.5);
  expect(share).toBeLessThan(0.65);
  expect(Number(JSON.stringify(outcome?.felt).match(/"changes":(\d+)/)?.[1])).toBeGreaterThan(100);
  expect(outcomeOf(engine.with_protocol(text, "raft+prevote+checkquorum", 0)).outcome?.name).toBe(
    "parted",
  );
  const whole = library.find(({ name }) => name === "tor-fails-whole")?.text ?? "";
  expect(outcomeOf(whole).outcome?.name).toBe("stable");
});
