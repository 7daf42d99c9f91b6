// The scenario menu, the protocol menu, the dice, and the text behind them.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  choose,
  clickArrowhead,
  drawn,
  hashAt,
  linkOf,
  open,
  openPane,
  openText,
  part,
  paste,
  simulated,
  textOf,
  written,
} from "./playground.js";
import { said, saying, told } from "./words.js";

test("another protocol runs the same faults", async ({ page }) => {
  await page.goto("./#cloudflare-2020&t=100");
  await simulated(page);
  await expect(page.locator(".outcome")).toContainText(said("word.flapping"));
  for (const [protocol, outcome] of [
    ["raft+prevote+checkquorum", "parted"],
    ["etcd-raft", "stalled"],
    ["raft", "flapping"],
  ]) {
    await page.locator("#protocol-menu > button").click();
    await page
      .getByRole("menuitemradio")
      .filter({
        has: page.locator("b", { hasText: new RegExp(`^${protocol.replaceAll("+", "\\+")}$`) }),
      })
      .click();
    await expect(page.locator(".outcome b")).toHaveText(said(`word.${outcome}`));
    await expect(
      page.getByRole("button", {
        name: said("menu.chosen", { menu: said("menu.protocol"), chosen: protocol }),
        exact: true,
      }),
    ).toBeFocused();
    await expect.poll(() => textOf(page)).toContain(`cluster etcd: ${protocol} on`);
  }
});

test("the dice gives a fresh seed, and undo the old one", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const hash = await hashAt(page, 30);
  await page.getByRole("button", { name: said("seed.label", { seed: 7 }) }).click();
  const text = await textOf(page);
  const seed = /^seed +(\d+)$/m.exec(text)?.[1];
  expect(seed).not.toBe("7");
  await expect(page.locator("#seed b")).toHaveText(String(seed));
  expect(await hashAt(page, 30)).not.toBe(hash);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect(page.locator("#seed b")).toHaveText("7");
  expect(await hashAt(page, 30)).toBe(hash);
});

test("the scenario menu opens each story from its beginning", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const menu = page.locator("#scenario-menu");
  await menu.locator(".pill").click();
  // The library grows.
  await expect(menu.getByRole("menuitemradio").nth(9)).toBeVisible();
  const families = menu.getByRole("group");
  await expect(families).toHaveCount(7);
  const outage = families.filter({ hasText: said("family-of.outage") });
  await expect(outage.getByRole("menuitemradio")).toHaveText([
    /^A switch that half failed/,
    /^The same switch, failing whole/,
    /^The half-failed switch, under etcd 3\.4/,
    /^The half-failed switch, under etcd 3\.5/,
    /^Six minutes/,
  ]);
  await menu.getByRole("menuitemradio", { name: /Two disks that do not matter/ }).click();
  await expect(page).toHaveTitle("Two disks that do not matter, two that do · Halflink");
  await expect(page.locator("#caption")).toContainText(
    said("caption.step", { number: 1, count: 5 }),
  );
  expect(new URL(page.url()).hash, "the address is that of this run").toMatch(/^#raid-10&t=/);
  await expect(page.locator(".play"), "it plays").toHaveAccessibleName(said("transport.pause"));
});

test("the text pane follows clicks", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  await expect.poll(() => written(page)).toBe(HEALTHY);
  await clickArrowhead(page, "n3->n1");
  await expect.poll(() => written(page)).toMatch(/^at 5s +cut n3 -> n1$/m);
  await choose(page, "r2.tor-a", "fail r2.tor-a");
  await expect.poll(() => written(page)).toMatch(/^at 5s +fail r2\.tor-a$/m);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => written(page)).not.toMatch(/fail r2\.tor-a/);
  await page.getByRole("button", { name: said("text.close") }).click();
  await expect(area).toBeHidden();
  await expect(page.getByRole("button", { name: said("bar.text"), exact: true })).toBeFocused();
});

test("a valid edit replaces the run", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const before = await hashAt(page, 30);
  const area = await openPane(page);
  await paste(area, HEALTHY.replace("run ", "at 4s fail r2.s1\nrun "));
  await expect(part(page, "r2.s1")).toHaveAttribute("data-state", "failed");
  expect(await hashAt(page, 30)).not.toBe(before);
  await expect
    .poll(() => written(page), "the typist keeps the text as typed")
    .toMatch(/^at 4s fail r2\.s1$/m);
  // Another plant is drawn anew.
  await paste(area, HEALTHY.replace("3 racks", "5 racks").replace("r3.s1", "r3.s1 r4.s1 r5.s1"));
  await expect(page.locator("[data-replica]")).toHaveCount(5);
  await expect(part(page, "r5.tor-b")).toBeVisible();
  await expect(page.locator("#cards .card")).toHaveCount(5);
});

test("an error is told at its line and column while typing, and the last good run stays", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  const hash = await hashAt(page, 30);
  const area = await openPane(page);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("at 6s frob n1\nat 7s cut n1 -> n9");
  const errors = page.locator(".error-list button");
  await expect(errors).toHaveCount(2);
  const lines = HEALTHY.split("\n").length;
  await expect(errors.nth(0)).toHaveText(new RegExp(`^${lines}:7 .*frob`));
  await expect(errors.nth(1)).toHaveText(new RegExp(`^${lines + 1}:17 .*n9`));
  await expect(page.locator(".text-state")).toHaveText(said("text.errors", { count: 2 }));
  await expect(page.locator(".cm-lintRange-error").first()).toHaveText("frob");
  await expect(page.locator(".cm-gutterElement.wrong")).toHaveText([`${lines}`, `${lines + 1}`]);
  await expect(area).toHaveAttribute("aria-invalid", "true");
  await expect.poll(() => textOf(page)).toBe(HEALTHY);
  expect(await hashAt(page, 30)).toBe(hash);

  await errors.nth(1).click();
  const chosen = await page.evaluate(() => String(getSelection()));
  expect(chosen, "a click on an error goes to it").toBe("n9");

  // Clicks go into the last good run, and do not take away what is being typed.
  await clickArrowhead(page, "n3->n1");
  await expect.poll(() => textOf(page)).toContain("cut n3 -> n1");
  await expect.poll(() => written(page)).toMatch(/frob/);

  await paste(area, HEALTHY.replace("seed    7", "seed    8"));
  await expect(errors).toHaveCount(0);
  await expect(page.locator("#seed b")).toHaveText("8");
});

test("every bound is named in the error that it causes", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  const errors = page.locator(".error-list");
  for (const [text, bound] of /** @type {[string, RegExp][]} */ ([
    [HEALTHY.replace("30s", "9999999s"), /28800s/],
    [HEALTHY.replace("100ms", "1us"), /1 ?ms/],
    [HEALTHY.replace("Nothing", "x".repeat(300)), /200/],
    [`${HEALTHY}note 1s "${"y".repeat(600)}"\n`, /500/],
    [HEALTHY + "at 1s cut n1 -> n2\n".repeat(1_001), /1,?000/],
    [HEALTHY + "#".repeat(70_000), /65,?536|64 KiB/],
  ])) {
    await paste(area, text);
    await expect(errors).toContainText(bound);
    await expect.poll(() => textOf(page)).toBe(HEALTHY);
  }
});

test("the table does what the arrowheads do", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.table") }).click();
  const cell = page
    .locator("#matrix")
    .getByRole("button", {
      name: new RegExp(saying("link.label", { from: "n3", to: "n1", state: "«.*»" })),
    });
  await expect(cell).toHaveText(said("matrix.yes"));
  await cell.click();
  await drawn(page);
  await expect(cell).toHaveText(said("flow.cut"));
  await expect(cell).toHaveAttribute("aria-pressed", "true");
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await expect(page.locator('[data-flow="n1->n3"]')).toHaveAttribute("data-state", "up");
  await cell.click();
  await expect(cell).toHaveText(said("matrix.yes"));
});

/** What is said of an expectation. @param {string} text @param {string} verdict */
const verdictOf = (text, verdict) =>
  new RegExp(saying("text.expected", { line: "«\\d+»", text, verdict }));

const EXPECTING = HEALTHY.replace("run ", "expect raft stable\nexpect zab flapping\nrun ");

test("what is expected is shown as not yet known, passed or failed", async ({ page }) => {
  await openText(page, EXPECTING, 5);
  const area = await openPane(page);
  await simulated(page);
  const told = page.locator(".expected");
  await expect(told).toContainText(verdictOf("raft stable", "passed"));
  await expect(told).toContainText(said("text.others", { count: 1 }).trim());
  const at = (/** @type {string} */ line) => String(EXPECTING.split("\n").indexOf(line) + 1);
  const number = (/** @type {string} */ state) => page.locator(`.cm-gutterElement.expect-${state}`);
  await expect(number("passed")).toHaveText(`✓ ${at("expect raft stable")}`);
  await expect(number("elsewhere")).toHaveText(at("expect zab flapping"));
  await paste(area, EXPECTING.replace("raft stable", "raft unsafe"));
  await expect(told).toContainText(verdictOf("raft unsafe", "failed"));
  await expect(number("failed")).toHaveText(`✗ ${at("expect raft stable")}`);
  await paste(area, HEALTHY);
  await expect(told).toBeHidden();
});

test("long lines wrap, and numbers stay beside them", async ({ page }) => {
  const long = `note 1s "${"one two three ".repeat(25)}"`;
  await openText(page, HEALTHY.replace("run ", `${long}\nrun `), 5);
  const area = await openPane(page);
  const sizes = await area.evaluate((element) => {
    const boxes = (/** @type {string} */ selector) =>
      [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
    const scroller = /** @type {Element} */ (element.closest(".cm-scroller"));
    const lines = boxes(".cm-line");
    // The first is a spacer, as wide as the widest number.
    const numbers = boxes(".cm-lineNumbers .cm-gutterElement").slice(1);
    return {
      wide: scroller.scrollWidth - scroller.clientWidth,
      tallest: Math.max(...lines.map(({ height }) => height)),
      least: Math.min(...lines.map(({ height }) => height)),
      apart: lines.map(({ top }, index) => Math.abs(top - (numbers[index]?.top ?? 1e9))),
    };
  });
  expect(sizes.wide, "nothing is cut off at the side").toBeLessThanOrEqual(0);
  expect(sizes.tallest).toBeGreaterThan(3 * sizes.least);
  expect(sizes.apart.length).toBeGreaterThan(8);
  expect(Math.max(...sizes.apart), "each beside its line").toBeLessThan(3);
});

test("New starts from the smallest text, undo brings back the other, and ? explains", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await openPane(page);
  await page.getByRole("button", { name: said("text.new"), exact: true }).click();
  await expect.poll(() => written(page)).toMatch(/^halflink 1\ntitle +"New"/);
  await expect(page.locator("[data-replica]")).toHaveCount(3);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect.poll(() => written(page)).toBe(HEALTHY);
  const help = page.getByRole("link", { name: said("text.language") });
  const [opened] = await Promise.all([page.waitForEvent("popup"), help.click()]);
  await expect(opened.getByRole("heading", { name: "The language of scenarios" })).toBeVisible();
  await expect(opened.locator("table")).not.toHaveCount(0);
});

test("a caption about another run gives way to what that run tells", async ({ page }) => {
  await page.goto("./#cloudflare-2020&t=8");
  await simulated(page);
  const all = await authored(page);
  await clickArrowhead(page, "n2->n3");
  await simulated(page);
  const own = await authored(page);
  expect(own.length).toBeGreaterThan(0);
  expect(own, "those that came before stay").toEqual(all.slice(0, own.length));
  expect(own.length).toBeLessThan(all.length);
  const turns = await page.evaluate(() =>
    window.halflink.session.strip.captions.filter(({ said }) => said),
  );
  expect(turns.length).toBeGreaterThan(0);
  await page.getByRole("button", { name: said("caption.forward") }).click();
  await drawn(page);
  await expect(page.locator("#caption h2")).toContainText(
    told("caption", turns[0].said).slice(0, -1),
  );
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await simulated(page);
  expect(await authored(page)).toEqual(all);
});

test("a text that is opened is its author's, whatever was open before", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=1");
  const own = HEALTHY.replace(/^run /m, 'at 2s cut n3 -> n1\nnote 3s "Mine."\nrun ');
  const link = await linkOf(own);
  await page.evaluate((hash) => (location.hash = hash), link);
  await expect.poll(() => page.evaluate(() => window.halflink.session.text)).toBe(own);
  await simulated(page);
  const told = () => page.evaluate(() => window.halflink.session.strip.captions);
  expect((await told()).map(({ note }) => note)).toEqual([0]);
  await page.evaluate(() => window.halflink.session.attempt((run) => run.set_seed(9)));
  await simulated(page);
  expect((await told()).filter(({ note }) => note !== null)).toEqual([]);
});

/** @param {import('@playwright/test').Page} page the author's words that come */
const authored = (page) =>
  page.evaluate(() => {
    const { plan, strip } = window.halflink.session;
    return strip.captions.flatMap(({ note }) => (note === null ? [] : plan.notes[note].text));
  });

test("captions of a scenario chosen on the page are of its run, until somebody acts", async ({
  page,
}) => {
  await open(page, "#cloudflare-2020&t=1");
  await page.locator("#scenario-menu > button").click();
  await page.locator('#scenario-menu [data-value="raid-10"]').click();
  await expect(page).toHaveTitle(/^Two disks/);
  const notes = await page.evaluate(() =>
    window.halflink.session.plan.notes.map(({ text }) => text),
  );
  expect(await authored(page)).toEqual(notes);
  await page.evaluate(() => window.halflink.player.act("crash r1.s1"));
  expect(await authored(page)).not.toContain(notes.at(-1));
});

test("a link with the captions of a shipped run shows none that is not of its own", async ({
  page,
}) => {
  await open(page, "#cloudflare-2020&t=1");
  const link = await page.evaluate(() => {
    const { engine } = window.halflink.session;
    return engine.link_of(engine.story().replace(/^seed +\d+/m, "seed 9"));
  });
  await page.goto("about:blank");
  await open(page, `${link}&t=1`);
  await expect.poll(() => authored(page)).toEqual([]);
});
