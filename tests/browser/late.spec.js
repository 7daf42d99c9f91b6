// What comes late may not come at all: it is told, and the run goes on.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  now,
  open,
  openText,
  part,
  seek,
  simulated,
  textOf,
  written,
} from "./playground.js";
import { patternOf, said, saying } from "./words.js";

/** That it could not be loaded. @param {string} key @param {string} [what] */
const failed = (key, what) => said(key, { error: "«.*»", what: what ?? "" });

const OUR_BUG = new RegExp(saying("bug.told", { at: "«.*»", seed: "«.*»", error: "«.*»" }));

/**
 * A script of the page's that no server has.
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
const without = (page, name) => page.route(`**/${name}`, (route) => route.fulfill({ status: 404 }));

for (const [name, hash, act, words] of /** @type {const} */ ([
  ["text-pane.js", "#raid-10&t=3", "bar.text", failed("late.text")],
  ["share.js", "#raid-10&t=3", "bar.share", failed("late.dialog")],
  ["compare.js", "#raid-10&t=3", "bar.compare", failed("late.failed", said("late.comparison"))],
  ["compare.js", "#raid-10&t=3&compare=vr", "", failed("late.failed", said("late.comparison"))],
  ["part-menu.js", "#raid-10&t=3", "part", failed("late.menu")],
  [
    "evidence.js",
    "#pbft-equivocating-primary&t=6",
    "",
    failed("late.failed", said("late.evidence")),
  ],
  ["rounds.js", "#generals-4&t=3", "", ""],
  ["pkg/library/*/*.js", "#raid-10", "", failed("late.failed", "raid-10")],
])) {
  test(`without ${name}, ${act || hash}, the run goes on`, async ({ page, complaints }) => {
    await without(page, name);
    await open(page, hash);
    if (act === "part") await part(page, "r1.tor-a").locator(".hit, .body").first().click();
    else if (act) await page.getByRole("button", { name: said(act), exact: true }).click();
    const banner = page.locator("#banner");
    if (words) await expect(banner).toContainText(new RegExp(patternOf(words)));
    await expect(banner).not.toContainText(OUR_BUG);
    await seek(page, 4);
    await page.locator(".play").click();
    await expect.poll(() => now(page)).toBeGreaterThan(4);
    complaints.length = 0;
  });
}

test("what is typed before the text pane comes is for it, and not for the page", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  const before = await textOf(page);
  /** @type {(value?: unknown) => void} */
  let come = () => {};
  const waited = new Promise((resolve) => (come = resolve));
  await page.route("**/text-pane.js", async (route) => {
    await waited;
    await route.continue();
  });
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  await page.keyboard.type("# a. b, c");
  await page.keyboard.press("Control+Z");
  expect(await now(page), "nothing steps").toBe(5);
  await expect(page.locator(".play"), "nothing plays").toHaveAccessibleName(said("transport.play"));
  come();
  const area = page.getByRole("textbox", { name: said("text.label") });
  await expect(area).toBeFocused();
  await expect.poll(() => written(page)).toBe(`# a. b, c${before}`);
  expect(await now(page)).toBe(5);
  // From then on the page has its keys again.
  await page.getByRole("button", { name: said("text.close") }).click();
  await page.locator("body").press(".");
  await simulated(page);
  expect(await now(page)).toBeGreaterThan(5);
});

test("an address that needs mending opens without what mends it, or says that it does not", async ({
  page,
  complaints,
}) => {
  await without(page, "forgive.js");
  await page.goto("./#raid-10&amp;t=3).");
  await simulated(page);
  await expect(page.locator("#banner")).not.toContainText(OUR_BUG);
  complaints.length = 0;
});

test("an address of which nothing is left says so", async ({ page }) => {
  await page.goto("./#<img src=x onerror=alert(1)>");
  await expect(page.locator("#banner")).toContainText(
    new RegExp(saying("session.closed", { link: "«.*»", why: "«.*»" })),
  );
  await page.goto("about:blank");
  await page.goto('./embed.html#"');
  await expect(page.locator("#unstarted")).toContainText(
    new RegExp(saying("embed.nothing", { why: "«.*»" })),
  );
});

test("protocols that nobody has are told, and one whose marks were lost is found", async ({
  page,
}) => {
  await open(page, "#raid-10&t=3&compare=raft%20prevote,gossip");
  await expect(page.locator("#banner")).toContainText(said("compare.unknown", { names: "gossip" }));
  await expect(page.locator('.compare-rows > [data-protocol="raft+prevote"]')).toBeVisible();
});
