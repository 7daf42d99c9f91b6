// The space-time diagram: every message of the run, chosen by pointer and by key, and as a table.
import { halflink as loadEngine } from "../support/wasm.js";
import { expect, test } from "./fixtures.js";
import { HEALTHY, clickArrowhead, drawn, now, openText, textOf } from "./playground.js";
import { said, told } from "./words.js";

const CUT = HEALTHY.replace("run     30s", "at 8s cut n3 -> n1\nrun     30s");

const NAMES = { replicas: ["n1", "n2", "n3"].map((name) => ({ name })), parts: [], lanes: [] };

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Page} page */
const picture = (page) => page.locator(".diagram-picture");

/** @param {Page} page */
const counts = (page) => page.locator(".diagram-counts");

/** @param {Page} page */
const tellsOf = (page) => page.locator(".diagram-said");

/**
 * @param {Page} page
 * @param {string} text
 * @param {number} seconds
 */
async function openDiagram(page, text, seconds) {
  await openText(page, text, seconds);
  await page.locator("#diagram-button").click();
  await expect(counts(page)).toContainText(/\d/);
  await page.waitForFunction(() => window.halflink.player.panels.get("diagram")?.messages.done);
  await settled(page);
}

/** Waits until what is asked for is drawn. @param {Page} page */
const settled = (page) =>
  page.waitForFunction(() => {
    const { dirty, pending } = window.halflink.player.panels.get("diagram");
    return !dirty && pending === undefined;
  });

/**
 * The messages of the text's run, from the same engine under Node, in the order in which they left.
 *
 * @param {string} text
 */
async function messagesOf(text) {
  const engine = /** @type {any} */ (await loadEngine("production"));
  const diagram = new engine.Diagram(text, 0, 30e6);
  while (!diagram.advance(10_000));
  const kinds = /** @type {string[]} */ (diagram.kinds());
  const [all, died] = diagram.tally(0, 30e6, 7, 0xffffffff);
  const flat = diagram.drawn(0, 30e6, 7, 0xffffffff);
  const arrows = [];
  for (let at = 0; at < flat.length; at += 7) {
    const [number, sent_us, ends_us, from, to, kind, marks] = flat.slice(at, at + 7);
    arrows.push({ number, sent_us, ends_us, from, to, kind: kinds[kind], marks });
  }
  diagram.free();
  return { all, died, arrows };
}

/**
 * Where a message stands on the page.
 *
 * @param {Page} page
 * @param {number} number
 */
const placeOf = (page, number) =>
  page.evaluate(async (own) => {
    const { view, stretch } = window.halflink.player.panels.get("diagram");
    const { lineOf, scaleOf } = await import(
      new URL("draw/diagram-layout.js", document.baseURI).href
    );
    const arrow = view.arrows.find((/** @type {{number: number}} */ one) => one.number === own);
    const { x } = scaleOf(stretch, view.width);
    const { x1, y1, x2, y2 } = lineOf(arrow, x, view.rows);
    const { left, top } = view.canvas.getBoundingClientRect();
    return { x: left + (x1 + x2) / 2, y: top + y1 + (y2 - y1) * 0.4 };
  }, number);

test("it shows every message, and a press on one tells what it says", async ({ page }) => {
  const { all, died, arrows } = await messagesOf(CUT);
  await openDiagram(page, CUT, 8);
  await page.locator(".diagram-tools button").nth(4).click();
  await settled(page);
  const span = said("span.s", { n: 30 });
  await expect(counts(page)).toHaveText(said("diagram.counts", { all, died, span }));
  expect(died).toBeGreaterThan(5);
  // One that was lost, and where nothing else is near.
  await picture(page).focus();
  for (let step = 0; step < 4; step++) await page.keyboard.press("+");
  await settled(page);
  const lost = arrows.find(({ marks, sent_us }) => marks & 1 && sent_us > 8e6);
  if (!lost) throw new Error("the cut loses something");
  await page.evaluate((from_us) => {
    window.halflink.player.panels.get("diagram").look({ from_us, to_us: from_us + 40_000 });
  }, lost.sent_us - 20_000);
  await settled(page);
  const { x, y } = await placeOf(page, lost.number);
  await page.mouse.click(x, y);
  await expect(tellsOf(page)).toContainText("n3 → n1");
  await expect(tellsOf(page)).toContainText(
    told("cause", { kind: "flow", from: 2, to: 0, percent: 100 }, NAMES),
  );
  expect(await now(page)).toBeCloseTo((lost.sent_us + lost.ends_us) / 2e6, 3);
});

test("keys go from message to message, of the kinds that are shown", async ({ page }) => {
  const { arrows } = await messagesOf(CUT);
  await openDiagram(page, CUT, 8);
  const kinds = page.locator(".diagram-kinds button");
  const votes = [said("kind.request-vote"), said("kind.vote-reply")];
  for (const button of await kinds.all()) {
    const name = await button.textContent();
    if (!votes.includes(name ?? "")) await button.click();
  }
  await settled(page);
  await picture(page).focus();
  await page.keyboard.press("n");
  const after = arrows.filter(
    ({ kind, sent_us }) => /^request-vote|^vote-reply/.test(kind) && sent_us > 8e6,
  );
  expect(after.length).toBeGreaterThan(3);
  const at = ({ sent_us = 0, ends_us = 0 }) => Math.floor((sent_us + ends_us) / 2) / 1e6;
  await expect.poll(() => now(page)).toBeCloseTo(at(after[0]), 5);
  // The next one left in the same moment, to the other.
  const next = after[1];
  await page.keyboard.press("n");
  await expect.poll(() => now(page)).toBeCloseTo(at(next), 5);
  await page.keyboard.press("p");
  await expect.poll(() => now(page)).toBeCloseTo(at(after[0]), 5);
});

test("it tells why a replica said no", async ({ page }) => {
  const { arrows } = await messagesOf(CUT);
  await openDiagram(page, CUT, 8);
  const vote = arrows.find(
    ({ kind, from, to }) => kind === "request-vote" && from === 0 && to === 1,
  );
  if (!vote) throw new Error("n1 asks n2 for its vote");
  const engine = /** @type {any} */ (await loadEngine("production"));
  const diagram = new engine.Diagram(CUT, 0, 30e6);
  while (!diagram.advance(10_000));
  // A little at a time it comes to the same.
  while (!diagram.seek_account(vote.number, 100));
  const { refusal, answer } = diagram.account();
  expect(answer).toBe("truth");
  diagram.free();
  expect(refusal.kind).toBe("behind");
  await page.evaluate((from_us) => {
    window.halflink.player.panels.get("diagram").look({ from_us, to_us: from_us + 40_000 });
  }, vote.sent_us - 20_000);
  await settled(page);
  const { x, y } = await placeOf(page, vote.number);
  await page.mouse.click(x, y);
  await expect(tellsOf(page)).toContainText(said("diagram.refused", { to: 1, refusal }, NAMES));
});

test("the same as a table, whose rows lead to the message", async ({ page }) => {
  const { arrows } = await messagesOf(CUT);
  await openDiagram(page, CUT, 8);
  await page.getByRole("button", { name: said("diagram.table"), exact: true }).click();
  const rows = page.locator(".diagram-table tbody tr");
  await expect(rows.first()).toBeVisible();
  const { from_us, to_us } = await page.evaluate(
    () => window.halflink.player.panels.get("diagram").stretch,
  );
  const seen = arrows.filter(({ sent_us, ends_us }) => sent_us <= to_us && ends_us >= from_us);
  await expect(rows).toHaveCount(Math.min(50, seen.length));
  const cells = rows.nth(3).locator("td");
  await expect(cells.nth(1)).toHaveText(`n${seen[3].from + 1}`);
  await expect(cells.nth(2)).toHaveText(`n${seen[3].to + 1}`);
  await expect(cells.nth(3)).toHaveText(said(`kind.${seen[3].kind}`));
  await cells.nth(0).getByRole("button").click();
  await expect(tellsOf(page)).toContainText(`n${seen[3].from + 1} → n${seen[3].to + 1}`);
});

test("what a reader does to the run is in it, and closed it is gone", async ({ page }) => {
  await openDiagram(page, HEALTHY, 8);
  await expect(page.locator(".diagram-window")).toBeVisible();
  const before = await counts(page).textContent();
  await clickArrowhead(page, "n3->n1");
  await expect.poll(() => counts(page).textContent()).not.toBe(before);
  const { died } = await messagesOf(await textOf(page));
  expect(died).toBeGreaterThan(0);
  await page.locator(".diagram-tools button").nth(4).click();
  await settled(page);
  await expect(counts(page)).toContainText(new RegExp(`(^|\\D)${died}(\\D|$)`));
  await page.locator("#diagram-button").click();
  await expect(page.locator("#diagram")).toBeHidden();
  await expect(page.locator(".diagram-window")).toBeHidden();
});

test("a wide stretch tells that only a share is drawn, and moves on smoothly", async ({ page }) => {
  const text = HEALTHY.replace("heartbeat 100ms", "heartbeat 5ms").replace("30s", "600s");
  await openDiagram(page, text, 8);
  await page.locator(".diagram-tools button").nth(4).click();
  await settled(page);
  const { all, shown } = await page.evaluate(() => {
    const { messages, view } = window.halflink.player.panels.get("diagram");
    return { all: messages.diagram.count(), shown: view.arrows.length };
  });
  expect(all).toBeGreaterThan(100_000);
  expect(shown).toBeLessThanOrEqual(25_000);
  await expect(counts(page)).toContainText(said("diagram.drawn", { drawn: shown }));
  // While it is pulled along nothing is asked for anew.
  await picture(page).focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press("+");
  await settled(page);
  const sheet = await page.evaluate(() => window.halflink.player.panels.get("diagram").view.drawn);
  const box = await picture(page).boundingBox();
  if (!box) throw new Error("it is there");
  await page.mouse.move(box.x + 400, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 330, box.y + 60, { steps: 5 });
  await page.mouse.up();
  const { stretch, same } = await page.evaluate((before) => {
    const { view, stretch: seen } = window.halflink.player.panels.get("diagram");
    return { stretch: seen, same: view.drawn.from_us === before.from_us };
  }, sheet);
  expect(same).toBe(true);
  expect(stretch.from_us).toBeGreaterThan((sheet.from_us + sheet.to_us) / 2 - 80e6);
});

test("where the second module does not come, it says so", async ({ page, complaints }) => {
  await page.route(/halflink-production/, (route) => route.abort());
  await openText(page, HEALTHY, 8);
  await page.locator("#diagram-button").click();
  await expect(counts(page)).toContainText(/./);
  await expect(counts(page)).not.toHaveText(said("diagram.coming"));
  await drawn(page);
  expect(complaints.length).toBeGreaterThan(0);
  complaints.length = 0;
});

for (const width of [360, 390, 412]) {
  test(`its button has room in the bar of a phone of ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 844 });
    await page.goto("#cloudflare-etcd-3.5");
    await drawn(page);
    const pills = page.locator(".bar .pill:visible");
    const boxes = await pills.evaluateAll((all) => all.map((one) => one.getBoundingClientRect()));
    expect(boxes.length).toBeGreaterThanOrEqual(6);
    // Two rows, however much a button of them is higher than another.
    const rows = new Set(boxes.map(({ top, height }) => Math.round((top + height / 2) / 10)));
    expect(rows.size).toBe(2);
    expect(Math.max(...boxes.map(({ right }) => right))).toBeLessThanOrEqual(width);
  });
}
