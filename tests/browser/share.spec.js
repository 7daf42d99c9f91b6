// Links out, links in, and what happens to bad ones.
import { readFile } from "node:fs/promises";
import { halflink as loadEngine } from "../support/wasm.js";
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  drawn,
  hashAt,
  linkOf,
  now,
  open,
  openText,
  paste,
  seek,
  simulated,
  snippetOf,
  textOf,
  written,
} from "./playground.js";
import { listed, said, saying } from "./words.js";

const CLOSED = new RegExp(saying("session.closed", { link: "«.*»", why: "«.*»" }));

test("Share shows the link, how long it is, and where to start", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n3->n1");
  await page.getByRole("button", { name: said("bar.share") }).click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  const link = dialog.getByLabel(said("share.link"), { exact: true });
  await expect(link).toBeFocused();
  const value = await link.inputValue();
  expect(value).toMatch(/^http:\/\/[^#]+#2\.[\w-]+$/);
  await expect(dialog.locator(".share-length").first()).toHaveText(
    said("share.copied-all", { words: said("share.fits", { length: value.length }) }),
  );
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(value);

  await dialog.getByLabel("Start at 0:05.0").check();
  await expect(link).toHaveValue(`${value}&t=5`);
  // The clipboard has what is shown, and the dialog says so.
  await expect(dialog.locator(".share-length").first()).toHaveText(
    `${said("share.again")} ${said("share.fits", { length: value.length + 4 })}`,
  );
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${value}&t=5`);

  // In another language it says which.
  const snippet = dialog.getByLabel(said("share.snippet"));
  await expect(snippet).toHaveValue(
    /^<figure>\n<iframe src="http[^"]+\/embed\.html#2\.[\w-]+&amp;t=5(?:&amp;lang=[\w-]+)?" sandbox="allow-scripts allow-popups [a-z-]+" /,
  );
  await expect(snippet).toHaveValue(
    new RegExp(
      ` title="${saying("snippet.title", { title: "Nothing is wrong" })}" loading="lazy"></iframe>\n` +
        '<figcaption><a href="http[^"]+#2\\.[\\w-]+&amp;t=5">Nothing is wrong</a>' +
        `${saying("snippet.run")}</figcaption>\n</figure>$`,
    ),
  );
  await dialog.getByRole("button", { name: said("share.copy-snippet") }).click();
  await expect(dialog.getByRole("button", { name: said("share.copied") })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    await snippet.inputValue(),
  );
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("without the clipboard, the link is selected to be copied by hand", async ({ page }) => {
  await page.addInitScript(() =>
    Object.defineProperty(navigator, "clipboard", { value: undefined }),
  );
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.share") }).click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  const link = dialog.getByLabel(said("share.link"), { exact: true });
  await expect(link).not.toHaveValue("");
  await expect(dialog.locator(".share-length").first()).toHaveText(
    said("share.fits", { length: (await link.inputValue()).length }),
  );
  await dialog.getByRole("button", { name: said("share.copy-link") }).click();
  await expect(dialog.getByRole("button", { name: said("share.selected") })).toBeVisible();
  expect(await page.evaluate(() => getSelection()?.toString())).toContain("#2.");
});

/**
 * The dialog on a run, and the snippet as a post would parse it.
 * @param {import('@playwright/test').Page} page
 */
async function openDialog(page) {
  await page.getByRole("button", { name: said("bar.share") }).click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  await expect(dialog).toBeVisible();
  return dialog;
}

test("an author chooses what the frame does, and the address says it", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "#one-way-from-leader&t=4&compare=vr,omnipaxos");
  await expect(page.locator(".compare-rows > *")).toHaveCount(3);
  const dialog = await openDialog(page);
  await expect(dialog).toContainText(
    said("share.along-with", { names: listed(["vr", "omnipaxos"]) }),
  );
  const snippet = dialog.getByLabel(said("share.snippet"));
  await dialog.getByRole("button", { name: said("share.copy-snippet") }).click();
  await dialog.getByLabel(said("share.plays")).selectOption(said("share.visible"));
  await dialog.getByLabel(said("share.speed")).selectOption("1/2×");
  await dialog.getByLabel(said("share.shows")).first().selectOption("both");
  await dialog.getByLabel(said("share.colours")).first().selectOption("dark");
  await dialog.getByLabel(said("share.loop")).check();
  await dialog.getByLabel(said("share.fixed")).check();
  await dialog.getByLabel("Start at").check();
  const source = await page.evaluate(
    (made) => {
      const { body } = new DOMParser().parseFromString(made, "text/html");
      return body.querySelector("iframe")?.src ?? "";
    },
    await snippetOf(page),
  );
  expect(new URL(source).hash).toMatch(
    new RegExp(
      "^#2\\.[\\w-]+&t=4&compare=vr,omnipaxos&(?:lang=[\\w-]+&)?" +
        "play=visible&speed=1/2&view=both&theme=dark&loop&fixed$",
    ),
  );
  await expect(dialog.locator(".share-length").last()).toHaveText(said("share.again"));
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    await snippet.inputValue(),
  );
});

test("a picture is saved, and what is pasted leads to the run", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const dialog = await openDialog(page);
  const link = await dialog.getByLabel(said("share.link"), { exact: true }).inputValue();
  const snippet = dialog.getByLabel(said("share.snippet"));
  await dialog.getByLabel(said("share.html"), { exact: true }).check();
  await expect(snippet).toHaveValue(
    new RegExp(
      '^<figure>\\n<a href="http[^"]+"><img ' +
        'src="nothing-is-wrong-strip\\.svg" alt="' +
        saying("share.whole", { title: "Nothing is wrong", felt: "«.*»" }),
    ),
  );
  await dialog.getByLabel(said("share.shows")).last().selectOption(said("share.logic"));
  await expect(snippet).toHaveValue(
    new RegExp(
      'src="nothing-is-wrong-logic-5s\\.svg" alt="' +
        saying("share.moment", { title: "Nothing is wrong", at: "0:05.0", moment: "«.*»" }),
    ),
  );
  await dialog.getByLabel(said("share.markdown")).check();
  await expect(snippet).toHaveValue(
    new RegExp(
      `^\\[!\\[${saying("share.moment", { title: "Nothing is wrong", at: "0:05.0", moment: "«[^\\]]+»" })}\\]` +
        `\\(nothing-is-wrong-logic-5s\\.svg\\)\\]\\(${link.replace(/[.?+]/g, "\\$&")}\\)$`,
    ),
  );
  for (const [what, theme, some] of [
    ["strip", "light", "n1"],
    ["logic", "dark", "n2"],
    ["plant", "auto", "r1"],
  ]) {
    await dialog.getByLabel(said("share.shows")).last().selectOption(what);
    await dialog.getByLabel(said("share.colours")).last().selectOption(theme);
    const saved = page.waitForEvent("download");
    await dialog.getByRole("button", { name: said("share.save") }).click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe(
      `nothing-is-wrong-${what}${what === "strip" ? "" : "-5s"}.svg`,
    );
    const drawing = await readFile(await file.path(), "utf8");
    expect(drawing).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(drawing).toContain(some);
    await expect(dialog.locator(".share-length").last()).toHaveText(
      new RegExp(`^${saying("share.saved", { file: "«.*»" })}`),
    );
  }
  // The page is as it was.
  await page.keyboard.press("Escape");
  await drawn(page);
  expect(await now(page)).toBe(5);
});

test("the dialog is used by keys alone, and gives the focus back", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const button = page.getByRole("button", { name: said("bar.share") });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  await expect(dialog.getByLabel(said("share.link"), { exact: true })).toBeFocused();
  /** @type {string[]} */
  const seen = [];
  for (let step = 0; step < 14; step += 1) {
    await page.keyboard.press("Tab");
    seen.push(
      await page.evaluate(() => {
        const { activeElement } = document;
        if (activeElement instanceof HTMLInputElement && activeElement.type !== "text") {
          return activeElement.closest("label")?.textContent ?? "";
        }
        return (
          activeElement?.getAttribute("aria-label") ??
          activeElement?.closest("label")?.querySelector("span")?.textContent ??
          activeElement?.textContent ??
          ""
        );
      }),
    );
  }
  expect(seen.slice(0, 11)).toEqual([
    said("share.copy-link"),
    said("share.start", { at: "0:05.0" }),
    said("share.frame"),
    said("share.plays"),
    said("share.speed"),
    said("share.shows"),
    said("share.colours"),
    said("share.loop"),
    said("share.fixed"),
    said("share.snippet"),
    said("share.copy-snippet"),
  ]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
});

test("who goes on by keys is not fetched back, and stays where a box is ticked", async ({
  page,
}) => {
  // A clipboard that refuses, after the reader has moved on.
  await page.addInitScript(() => {
    const refuse = () =>
      new Promise((_, reject) => Object.assign(window, { refuse: () => reject(new Error("no")) }));
    Object.defineProperty(navigator, "clipboard", { value: { writeText: refuse } });
  });
  await openText(page, HEALTHY, 5);
  const dialog = await openDialog(page);
  const link = dialog.getByLabel(said("share.link"), { exact: true });
  await expect(link).not.toHaveValue("");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  const start = dialog.getByLabel(said("share.start", { at: "0:05.0" }));
  await expect(start).toBeFocused();
  await page.evaluate("refuse()");
  await page.keyboard.press("Space");
  await expect(link).toHaveValue(/&t=5$/);
  await expect(start).toBeChecked();
  await expect(start).toBeFocused();
});

test("the link of every shipped story opens, and gives the same run", async ({ page }) => {
  await open(page, "#raid-10&t=0");
  const stories = (await loadEngine()).library();
  expect(stories.length).toBeGreaterThanOrEqual(10);
  for (const { name, title } of stories) {
    await page.goto(`./#${name}&t=1`);
    await expect(page).toHaveTitle(`${title} · Halflink`);
    await simulated(page);
    const made = await page.evaluate(() => {
      const { run, session } = window.halflink;
      const hashes = [0.1, 0.5, 1].map((part) => run.trace_hash(session.plan.until_us * part));
      return { link: run.link(), hashes };
    });
    await page.goto(`./${made.link}&t=1`);
    await simulated(page);
    const again = await page.evaluate(() => {
      const { run, session } = window.halflink;
      const hashes = [0.1, 0.5, 1].map((part) => run.trace_hash(session.plan.until_us * part));
      return { link: run.link(), hashes };
    });
    expect(again, name).toEqual(made);
    await expect(page).toHaveTitle(`${title} · Halflink`);
    await expect(page.locator("#banner"), name).toBeHidden();
  }
});

test("a bad link gets a clear message, and the last good run stays", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const hash = await hashAt(page, 30);
  const link = await linkOf(HEALTHY.replace("seed    7", "seed    8"));
  const banner = page.locator("#banner");
  const flipped = `${link.slice(0, 20)}${link[20] === "A" ? "B" : "A"}${link.slice(21)}`;
  for (const [bad, words] of /** @type {[string, RegExp][]} */ ([
    [link.slice(0, -1), /cut short/],
    [link.slice(0, 10), /cut short/],
    ["#1.", /not a Halflink link/],
    [flipped, /damaged/],
    [`#1.${"A".repeat(500)}`, /damaged/],
    [`#1.${"A".repeat(200_000)}`, /at most 131072 characters/],
    [`#3.${link.slice(3)}`, /format 3, and formats 1 and 2/],
    ["#nonsense", /not a Halflink link/],
    ["#nonsense/../../raid-10", /not a Halflink link/],
    ["#<img src=x onerror=alert(1)>", /not a Halflink link/],
    ["#1.%E0%A4%A", /damaged/],
  ])) {
    await page.evaluate((address) => (location.hash = address), bad);
    await expect(banner, bad.slice(0, 60)).toContainText(words);
    await expect(banner).toContainText(CLOSED);
    await expect.poll(() => textOf(page)).toBe(HEALTHY);
    expect(await hashAt(page, 30)).toBe(hash);
  }
  await banner.getByRole("button", { name: said("banner.dismiss") }).click();
  await expect(banner).toBeHidden();
  // The page is as alive as before: a good link opens.
  await page.evaluate((address) => (location.hash = address), `${link}&t=5`);
  await expect(page.locator("#seed b")).toHaveText("8");
  await expect(banner).toBeHidden();
});

test("a bad link does not start what the reader has paused", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.evaluate(() => (location.hash = "#1.broken"));
  await expect(page.locator("#banner")).toContainText(CLOSED);
  await drawn(page);
  expect(await now(page)).toBe(5);
  await expect(page.locator(".play")).toHaveAccessibleName(said("transport.play"));
});

test("a bad link to begin with still opens the story", async ({ page }) => {
  await page.goto("./#1.AAAA");
  await expect(page.locator("#banner")).toContainText(CLOSED);
  await expect(page).toHaveTitle("A switch that half failed · Halflink");
});

test("no damage to a link does more than be told", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const link = await linkOf(HEALTHY);
  const outcomes = await page.evaluate((good) => {
    const { engine } = window.halflink.session;
    const letters = "ABCXYZabcxyz0189-_";
    const seen = { opened: 0, told: 0, other: /** @type {string[]} */ ([]) };
    for (let index = 0; index < 2_000; index += 1) {
      // Every length, then letters changed at places that a fixed rule scatters.
      const at = 3 + ((index * 37) % (good.length - 3));
      const letter = letters[(index * 7) % letters.length];
      const bad =
        index < good.length
          ? good.slice(0, index)
          : good.slice(0, at) + letter + good.slice(at + 1 + (index % 3));
      try {
        engine.open_link(bad);
        seen.opened += 1;
      } catch (error) {
        const errors = /** @type {{errors?: {fact: {kind: string}}[]}} */ (error).errors;
        if (errors?.[0]?.fact.kind) seen.told += 1;
        else seen.other.push(`${bad}: ${error}`);
      }
    }
    return seen;
  }, link);
  expect(outcomes.other).toEqual([]);
  expect(outcomes.told).toBeGreaterThan(1_800);
});

const HOSTILE = {
  markup: "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>",
  "an attribute": "'><svg onload=window.pwned=1>&quot; onmouseover=window.pwned=1 ",
  "right to left":
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0645\u0631\u062d\u0628\u0627 abc",
  "two hundred letters": "W".repeat(200),
};

for (const [kind, words] of Object.entries(HOSTILE)) {
  test(`${kind} in titles, sources and notes is text, wherever it is shown`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const text =
      `${HEALTHY.replace("Nothing is wrong", words)}source "${words}"\n` +
      `note 1s "${words}"\nnote 2s "First. ${words}"\n`;
    const scripts = () => page.locator("script").count();
    await open(page, "#raid-10&t=1");
    const own = await scripts();
    await page.goto(`./${await linkOf(text)}&t=1`);
    await expect(page.locator("#caption")).toContainText(words.trim().slice(0, 12));
    await seek(page, 2);
    expect(await page.title()).toContain(words.trim().slice(0, 12));
    await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
    const area = page.getByRole("textbox", { name: said("text.label") });
    const shown = await textOf(page);
    await expect.poll(() => written(page)).toBe(shown);
    await paste(area, `${shown}at 1s ${words}\n${words}\n`);
    await expect(page.locator(".error-list button").first()).toBeVisible();
    await page.getByRole("button", { name: said("bar.share") }).click();
    // The snippet is parsed as a post would parse it: a frame in a figure, and nothing else.
    const parsed = await page.evaluate(
      (made) => {
        const { body } = new DOMParser().parseFromString(made, "text/html");
        const frame = /** @type {Element} */ (body.querySelector("iframe"));
        return {
          elements: [...body.querySelectorAll("*")].map(({ localName }) => localName),
          title: frame.getAttribute("title"),
          names: frame.getAttributeNames(),
          caption: body.querySelector("a")?.textContent,
        };
      },
      await snippetOf(page),
    );
    expect(parsed.elements).toEqual(["figure", "iframe", "figcaption", "a"]);
    expect(parsed.caption).toBe(words);
    expect(parsed.title).toBe(said("snippet.title", { title: words }));
    expect(parsed.names).toEqual(["src", "sandbox", "width", "height", "title", "loading"]);
    await page.keyboard.press("Escape");
    expect(await page.locator("img, [onload], [onerror], [onmouseover]").count()).toBe(0);
    expect(await scripts()).toBe(own);
    expect(await page.evaluate(() => "pwned" in window)).toBe(false);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, "the page is no wider than the phone").toBeLessThanOrEqual(0);
  });
}

test("a text that went through a blog runs as it was typed", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const typed = HEALTHY.replace(
    "run ",
    "at 3s gray r1.tor-a drops n1 <-> n3\nat 9s cut n3 -> n1\nrun ",
  );
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  const area = page.getByRole("textbox", { name: said("text.label") });
  await paste(area, typed);
  await expect.poll(() => textOf(page)).toBe(typed);
  const hash = await hashAt(page, 30);
  const blogged = typed
    .replace('"Nothing is wrong"', "\u201cNothing is wrong\u201d")
    .replace("<->", "&lt;-&gt;")
    .replace("n3 -> n1", "n3\u00a0\u2192\u00a0n1")
    .replace("1s..2s", "1s\u20262s");
  await paste(area, blogged);
  await expect.poll(() => textOf(page)).toBe(blogged);
  await expect(page.locator(".error-list button")).toHaveCount(0);
  await expect(page).toHaveTitle("Nothing is wrong · Halflink");
  expect(await hashAt(page, 30)).toBe(hash);
});

test("letters that would turn the text around unseen are refused", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  await paste(
    page.getByRole("textbox", { name: said("text.label") }),
    HEALTHY.replace("Nothing", "\u202egnihtoN"),
  );
  await expect(page.locator(".error-list")).toContainText(
    new RegExp(`2:10 ${saying("diagnostic.invisible", { text: "«.*»" })}`),
  );
  await expect.poll(() => textOf(page)).toBe(HEALTHY);
});
