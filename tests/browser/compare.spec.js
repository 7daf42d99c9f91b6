// One scenario on several protocols: pictures, strips and outcomes side by side, on one clock.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, linkOf, now, open, seek, simulated, textOf } from "./playground.js";
import { said, saying } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

/**
 * @param {Page} page
 * @param {string} protocol
 */
const row = (page, protocol) => page.locator(`[data-protocol="${protocol}"]`);

/**
 * @param {Page} page
 * @param {string} protocol
 * @param {string} name "n3->n1"
 */
const flow = (page, protocol, name) => row(page, protocol).locator(`[data-flow="${name}"]`);

/** @param {Page} page */
const compared = (page) =>
  page
    .locator(".compare-row")
    .evaluateAll((rows) => rows.map((one) => one.getAttribute("data-protocol")));

const COMPANY = ["raft+prevote+checkquorum", "etcd-raft"];

/** The healthy plant on three protocols, paused. @param {Page} page */
async function openHealthy(page) {
  await open(page, `${await linkOf(HEALTHY)}&t=5&compare=${COMPANY.join()}`);
  await expect(page.locator(".compare-row[data-outcome]")).toHaveCount(3);
}

test("the outage on three protocols: outcomes differ, and each stands beside its strip", async ({
  page,
}) => {
  await open(page, `#cloudflare-2020&t=60&compare=${COMPANY.join()}`);
  await expect.poll(() => compared(page)).toEqual(["raft", ...COMPANY]);
  await expect(row(page, "raft")).toHaveAttribute("data-outcome", "flapping");
  await expect(row(page, "raft+prevote+checkquorum")).toHaveAttribute("data-outcome", "parted");
  await expect(row(page, "etcd-raft")).toHaveAttribute("data-outcome", "stalled");
  for (const protocol of ["raft", ...COMPANY]) {
    const outcome = row(page, protocol).locator(".compare-outcome");
    await expect(outcome).toContainText(new RegExp(saying("transport.share", { share: "«\\d+»" })));
    await expect(outcome).toContainText(new RegExp(saying("transport.wait", { span: "«.*»" })));
    expect(await row(page, protocol).locator(".belief").count()).toBeGreaterThan(3);
  }
  await expect(page.locator("#plant")).toBeHidden();
});

test("a click on an arrowhead in one picture cuts it in all, and undo heals it in all", async ({
  page,
}) => {
  await openHealthy(page);
  await flow(page, "etcd-raft", "n3->n1").locator(".head").click();
  for (const protocol of ["raft", ...COMPANY]) {
    await expect(flow(page, protocol, "n3->n1")).toHaveAttribute("data-state", "cut");
    await expect(flow(page, protocol, "n1->n3")).toHaveAttribute("data-state", "up");
  }
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +cut n3 -> n1$/m);
  await page.keyboard.press("Control+z");
  for (const protocol of ["raft", ...COMPANY]) {
    await expect(flow(page, protocol, "n3->n1")).toHaveAttribute("data-state", "up");
  }
  await page.keyboard.press("Control+Shift+Z");
  await expect(flow(page, "raft", "n3->n1")).toHaveAttribute("data-state", "cut");
  await expect(flow(page, "etcd-raft", "n3->n1")).toHaveAttribute("data-state", "cut");
});

test("what each runs is what it would run alone", async ({ page }) => {
  await openHealthy(page);
  await flow(page, "raft", "n3->n1").locator(".head").click();
  await expect(row(page, "etcd-raft")).toHaveAttribute("data-outcome", /./);
  await seek(page, 12);
  const shown = await row(page, "etcd-raft")
    .locator("[data-replica]")
    .evaluateAll((nodes) =>
      nodes.map((node) => [node.getAttribute("data-leader"), node.getAttribute("data-epoch")]),
    );
  const alone = (await textOf(page)).replace(": raft on", ": etcd-raft on");
  await open(page, `${await linkOf(alone)}&t=12`);
  const expected = await page
    .locator("#logic [data-replica]")
    .evaluateAll((nodes) =>
      nodes.map((node) => [node.getAttribute("data-leader"), node.getAttribute("data-epoch")]),
    );
  expect(shown).toEqual(expected);
});

test("one clock: a strip is scrubbed with the pointer, the axis with keys, and all follow", async ({
  page,
}) => {
  await openHealthy(page);
  const strip = row(page, "etcd-raft").locator(".strip-picture");
  const box = await strip.boundingBox();
  if (!box) throw new Error("no strip");
  await page.mouse.click(box.x + box.width * 0.7, box.y + 30);
  const at = await now(page);
  expect(at).toBeGreaterThan(15);
  await drawn(page);
  const playheads = await page
    .locator("#compare .playhead")
    .evaluateAll((heads) => new Set(heads.map((head) => head.getAttribute("transform"))).size);
  expect(playheads).toBe(1);
  await page.locator(".compare-axis [role=slider]").focus();
  await page.keyboard.press("Home");
  expect(await now(page)).toBe(0);
});

test("protocols are chosen by keys, six at most, and the address remembers them", async ({
  page,
}) => {
  await open(page, "#raid-10&t=5");
  await page.getByRole("button", { name: said("bar.compare"), exact: true }).press("Enter");
  await expect(page.locator(".compare-row")).toHaveCount(4);
  const button = page.locator("#compare .menu > button");
  await button.press("ArrowDown");
  const item = page.locator('#compare [role=menuitemcheckbox][data-value="etcd-raft"]');
  await expect(item).toHaveAttribute("aria-checked", "false");
  await item.press("Enter");
  await expect(item).toHaveAttribute("aria-checked", "true");
  await expect(item).toBeFocused();
  await expect(page.locator(".compare-row")).toHaveCount(5);
  await page.locator('#compare [data-value="raft+sticky"]').press("Enter");
  await expect(page.locator(".compare-row")).toHaveCount(6);
  const seventh = page.locator('#compare [data-value="raft+prevote"]');
  await expect(seventh).toHaveAttribute("aria-disabled", "true");
  await seventh.press("Enter");
  await expect(page.locator(".compare-row")).toHaveCount(6);
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  await expect(page).toHaveURL(/#raid-10&t=5&compare=([^&,]+,){4}[^&,]+$/);
  const names = await compared(page);
  await page.reload();
  await simulated(page);
  await expect(page.locator(".compare-row")).toHaveCount(6);
  expect(await compared(page)).toEqual(names);
  await page
    .getByRole("button", { name: said("compare.without", { name: "etcd-raft" }), exact: true })
    .click();
  await expect(page.locator(".compare-row")).toHaveCount(5);
  await page.getByRole("button", { name: said("compare.stop") }).click();
  await expect(page.locator("#plant")).toBeVisible();
  await expect(page).not.toHaveURL(/compare/);
});

test("arrowheads and servers of each picture are reached by keys", async ({ page }) => {
  await openHealthy(page);
  await flow(page, "etcd-raft", "n3->n1").focus();
  await page.keyboard.press("Enter");
  await expect(flow(page, "raft", "n3->n1")).toHaveAttribute("data-state", "cut");
  // A key acts on the picture that has the focus, as it is drawn.
  await expect(flow(page, "etcd-raft", "n3->n1")).toHaveAttribute("data-state", "cut");
  await page.keyboard.press("Delete");
  await expect(flow(page, "raft", "n3->n1")).toHaveAttribute("data-state", "up");
  await row(page, "etcd-raft").locator('[data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await page.locator('.popover [data-statement="crash r2.s1"]').click();
  for (const protocol of ["raft", ...COMPANY]) {
    await expect(row(page, protocol).locator('[data-replica="n2"]')).toHaveAttribute(
      "data-role",
      "down",
    );
  }
});

test("another protocol of the scenario takes its place among those compared", async ({ page }) => {
  await openHealthy(page);
  await page.locator("#protocol-menu > button").click();
  await page.locator('#protocol-menu [data-value="etcd-raft"]').click();
  await expect(page.locator(".compare-row")).toHaveCount(2);
  expect(await compared(page)).toEqual(["etcd-raft", "raft+prevote+checkquorum"]);
  await expect(row(page, "etcd-raft")).toHaveAttribute("data-own", "");
  await page.keyboard.press("Control+z");
  expect(await compared(page)).toEqual(["raft", ...COMPANY]);
  await expect(page.locator(".compare-row[data-outcome]")).toHaveCount(3);
});

test("nothing of it is loaded before somebody asks for it", async ({ page }) => {
  /** @type {string[]} */
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await open(page, "#raid-10&t=5");
  expect(loaded.filter((path) => /compare|protocol-list|\/late\.css|part-menu/.test(path))).toEqual(
    [],
  );
  await page.locator("#compare-button").click();
  await expect(page.locator(".compare-row")).toHaveCount(4);
  expect(loaded.some((path) => path.endsWith("/compare.js"))).toBe(true);
});
