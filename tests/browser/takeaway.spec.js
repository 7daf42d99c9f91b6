// What others read of a run, see of it or scan: Share's "Take away".
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "./fixtures.js";
import { TWO_GROUPS, open, openText } from "./playground.js";
import { PSEUDO, patternOf, said } from "./words.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What the command line prints.
 *
 * @param {string[]} asked
 * @param {string} input
 */
function exported(asked, input) {
  const command = ["run", "--quiet", "--locked", "--bin", "halflink", "--", "export", "-"];
  return execFileSync("cargo", [...command, ...asked], { cwd: ROOT, input, maxBuffer: 2 ** 28 });
}

/** @param {import('@playwright/test').Page} page */
async function takeAway(page) {
  await page.locator("#share-button").click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  await dialog.getByRole("button", { name: said("share.take") }).click();
  const section = dialog.getByRole("region", { name: said("take.title") });
  await expect(section).toBeVisible();
  return section;
}

/**
 * @param {import('@playwright/test').Locator} section
 * @param {string} key of a field
 */
const field = (section, key) => section.getByLabel(new RegExp(`^${patternOf(said(key))}`));

/**
 * The file that is saved, and its name.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} section
 */
async function saved(page, section) {
  const [download] = await Promise.all([
    page.waitForEvent("download", { timeout: 60_000 }),
    section.getByRole("button", { name: said("take.save") }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const textOf = (/** @type {import('@playwright/test').Page} */ page) =>
  page.evaluate(() => window.halflink.session.text);

/** What each form is called as a file, by the name of the command line. */
const ENDS = {
  mermaid: "-sequence.mmd",
  shiviz: "-shiviz.log",
  history: "-history.jsonl",
  messages: "-messages.csv",
  jsonl: "-events.jsonl",
  csv: "-events.csv",
};

// The story, and runs with lies, with reads and names, with clients at a rate, and of another protocol.
for (const [name, to] of /** @type {const} */ ([
  ["cloudflare-2020", 6],
  ["pbft-equivocating-primary", 5],
  ["slow-clock", 5],
  ["resync-storm", 4],
  ["etcd-9563", 5],
])) {
  test(`${name}: every form has the bytes of the command line`, async ({ page }) => {
    test.skip(PSEUDO, "the command line speaks English");
    test.setTimeout(45_000);
    await open(page, `#${name}&t=4`);
    const section = await takeAway(page);
    await field(section, "take.from").fill("3.5");
    await field(section, "take.to").fill(`${to}`);
    const input = await textOf(page);
    for (const [form, end] of Object.entries(ENDS)) {
      await field(section, "take.what").selectOption(form);
      const file = await saved(page, section);
      expect(file.name.endsWith(end), file.name).toBe(true);
      const same = exported(["--as", form, "--from", "3.5s", "--to", `${to}s`], input);
      expect(same.length, form).toBeGreaterThan(50);
      expect(file.bytes.equals(same), form).toBe(true);
    }
  });
}

test("of several groups one is told, or all where the form says which", async ({ page }) => {
  test.skip(PSEUDO, "the command line speaks English");
  await openText(page, TWO_GROUPS, 12);
  const section = await takeAway(page);
  const input = await textOf(page);
  await field(section, "take.to").fill("11");
  await field(section, "take.what").selectOption("shiviz");
  await field(section, "take.group").selectOption({ label: "zk" });
  const log = await saved(page, section);
  const stretch = ["--to", "11s", "--as"];
  expect(log.bytes.equals(exported([...stretch, "shiviz", "--group", "zk"], input))).toBe(true);
  await field(section, "take.what").selectOption("jsonl");
  await field(section, "take.group").selectOption({ label: said("take.all-groups") });
  const lines = await saved(page, section);
  expect(lines.bytes.equals(exported([...stretch, "jsonl"], input))).toBe(true);
  expect(lines.bytes.toString()).toMatch(/"group":"etcd"[^]*"group":"zk"/);
  // A form of one group has one.
  await field(section, "take.what").selectOption("mermaid");
  await expect(field(section, "take.group")).toHaveValue("0");
});

test("what is too much is taken as far as it fits, or refused with the bound", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  const section = await takeAway(page);
  const state = section.getByRole("status");
  const diagram = await saved(page, section);
  const lines = diagram.bytes.toString().trimEnd().split("\n");
  // The first four say what it is, and who takes part.
  expect(lines.length).toBeGreaterThan(250);
  expect(lines.length).toBeLessThanOrEqual(305);
  await expect(state).toHaveText(
    new RegExp(
      patternOf(
        said("take.cut", { to: "«([\\d.]+)»", what: "lines", count: 7_777, most: 300 }),
      ).replace(/7,?777/, "[\\d,]+"),
    ),
  );
  const to = Number(/([\d.]+) s:/.exec((await state.textContent()) ?? "")?.[1] ?? Number.NaN);
  if (!PSEUDO) {
    // As far as the command line goes, and not a moment further.
    const input = await textOf(page);
    expect(diagram.bytes.equals(exported(["--as", "mermaid", "--to", `${to}s`], input))).toBe(true);
    await field(section, "take.to").fill(`${Math.round(to * 1e6 + 1) / 1e6}`);
    await section.getByRole("button", { name: said("take.save") }).click();
    await expect(state).toHaveText(
      new RegExp(
        patternOf(
          said("take-refused.fits", { what: "lines", count: "«30\\d»", most: 300, fits: to }),
        ).replace("NaN", "30\\d"),
      ),
    );
  }
  await field(section, "take.to").fill("9999");
  await section.getByRole("button", { name: said("take.save") }).click();
  await expect(state).toHaveText(said("take-refused.after", { until: "6:40.0" }));
  await field(section, "take.to").fill("1");
  await field(section, "take.from").fill("2");
  await section.getByRole("button", { name: said("take.save") }).click();
  await expect(state).toHaveText(said("take-refused.order"));
});

test("a long one shows how far it is, and is cancelled with nothing saved", async ({ page }) => {
  await open(page, "#cloudflare-full-day&t=4");
  const section = await takeAway(page);
  /** @type {string[]} */
  const files = [];
  page.on("download", (download) => void files.push(download.suggestedFilename()));
  await field(section, "take.what").selectOption("messages");
  await section.getByRole("button", { name: said("take.save") }).click();
  await expect(section.locator("progress")).toBeVisible({ timeout: 30_000 });
  // The page goes on meanwhile.
  await section.getByRole("button", { name: said("take.cancel") }).click();
  await expect(section.locator("progress")).toBeHidden();
  await expect(section.getByRole("status")).toHaveText(said("take.cancelled"));
  await page.waitForTimeout(1_500);
  expect(files).toEqual([]);
});
