// A text or a link that was saved: chosen as a file, or dropped on the page.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  hashAt,
  linkOf,
  now,
  openText,
  seek,
  simulated,
  textOf,
} from "./playground.js";
import { said, saying } from "./words.js";

/** @param {import('@playwright/test').Page} page */
async function openPane(page) {
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  const button = page.getByRole("button", { name: said("text.open") });
  await expect(button).toBeVisible();
  return button;
}

/**
 * Chooses a file with that in it, by the keyboard.
 * @param {import('@playwright/test').Page} page
 * @param {string | Buffer} content
 */
async function choose(page, content) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: said("text.open") }).focus();
  await page.keyboard.press("Enter");
  await (await chooser).setFiles({
    name: "saved.halflink",
    mimeType: "text/plain",
    buffer: Buffer.from(content),
  });
}

/**
 * Drops files on a part of the page.
 * @param {import('@playwright/test').Page} page
 * @param {string} where a selector
 * @param {string[]} contents
 */
const drop = (page, where, contents) =>
  page
    .locator(where)
    .first()
    .evaluate((element, texts) => {
      const dataTransfer = new DataTransfer();
      for (const text of texts) dataTransfer.items.add(new File([text], "dropped.halflink"));
      for (const sign of ["dragenter", "dragover", "drop"]) {
        const event = new DragEvent(sign, { bubbles: true, cancelable: true, dataTransfer });
        element.dispatchEvent(event);
        if (sign !== "dragenter" && !event.defaultPrevented) {
          throw new Error(`the browser would leave the page for the file: ${sign}`);
        }
      }
    }, contents);

test("what Share saves is opened again, and undo brings back what ran", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n3->n1");
  const mine = await textOf(page);
  const hash = await hashAt(page, 30);
  await page.getByRole("button", { name: said("bar.share") }).click();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: said("share.save-text") }).click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe("nothing-is-wrong.halflink");
  const text = await readFile(await file.path(), "utf8");
  expect(text).toBe(mine);
  await page.keyboard.press("Escape");

  await page.goto("./#raid-10&t=3");
  await expect(page).toHaveTitle(/^Two disks/);
  await openPane(page);
  await choose(page, text);
  await expect(page).toHaveTitle(/^Nothing is wrong/);
  await simulated(page);
  expect(await textOf(page)).toBe(mine);
  expect(await hashAt(page, 30)).toBe(hash);
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect(page).toHaveTitle(/^Two disks/);
  expect(await now(page)).toBe(3);
  // And Back does.
  await page.getByRole("button", { name: said("transport.redo") }).click();
  await expect(page).toHaveTitle(/^Nothing/);
  await page.goBack();
  await expect(page).toHaveTitle(/^Two disks/);
});

test("a text and a link are opened where they are dropped", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await drop(page, "#plant", [HEALTHY.replace("seed    7", "seed    8")]);
  await expect(page.locator("#seed b")).toHaveText("8");
  const button = await openPane(page);
  await expect(button).toBeVisible();
  const link = await linkOf(HEALTHY.replace("seed    7", "seed    9"));
  await drop(page, "#text-pane .cm-content", [`https://x.org/h/${link}&amp;t=0:12\n`]);
  await expect(page.locator("#seed b")).toHaveText("9");
  expect(await now(page)).toBe(12);
  await expect(page.locator("#banner")).toBeHidden();
});

/** That the file does not open, and why. @param {string} why */
const closed = (why) => new RegExp(saying("file.closed", { name: "saved.halflink", why }));

test("a file that holds no scenario is told, and what ran stays", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const hash = await hashAt(page, 30);
  await openPane(page);
  const banner = page.locator("#banner");
  for (const [content, words] of /** @type {[string | Buffer, RegExp][]} */ ([
    ["a diary", closed("«1:1 .*`halflink 1`.*»")],
    [HEALTHY.replace("elect n3", "elect n9"), closed("«9:13 .*»")],
    [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff]), closed(said("file.no-text"))],
    ["", closed("«.*»")],
    ["x".repeat(131_073), closed(said("file.long", { size: 131_073, most: 131_072 }))],
    ["#".repeat(100_000), closed("«.*65536.*»")],
    ["<img src=x onerror=alert(1)>", closed("«.*»")],
  ])) {
    await choose(page, content);
    await expect(banner).toContainText(words);
    expect(await textOf(page)).toBe(HEALTHY);
    expect(await hashAt(page, 30)).toBe(hash);
  }
  await drop(page, "#plant", [HEALTHY, HEALTHY]);
  await expect(banner).toContainText(said("file.many", { count: 2 }));
  await choose(page, "#2.AAAA");
  await expect(banner).toContainText(
    new RegExp(saying("session.closed", { link: "«.*»", why: "«.*»" })),
  );
  expect(await textOf(page)).toBe(HEALTHY);
  await seek(page, 6);
  expect(await now(page)).toBe(6);
});
