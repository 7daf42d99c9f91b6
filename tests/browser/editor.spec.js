// The text pane as an editor: colours, completion, errors, what a verb does, canonical form, changes.
import { wcagContrast } from "culori";
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  hashAt,
  open,
  openPane,
  openText,
  paste,
  simulated,
  textOf,
  written,
} from "./playground.js";
import { said, saying } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

/** Puts the caret at the end of a line. @param {Page} page @param {string} line */
const goTo = (page, line) =>
  page.evaluate(async (line) => {
    const { editor } = window.halflink.player.panels.get("text-button").pane;
    const at = editor.text.indexOf(line) + line.length;
    editor.select(at, at);
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }, line);

const NAMED = HEALTHY.replace(
  "timing  heartbeat",
  "name    n1 alice\nname    r3.s1 east\ntiming  heartbeat",
);

/** @param {Page} page */
const offered = (page) => page.getByRole("listbox").getByRole("option");

/** Takes what is chosen. So soon after it has come no key means it. @param {Page} page */
async function take(page) {
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
}

test("the editor comes when the pane is opened, and not before; an embed has none", async ({
  page,
}) => {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const isEditor = (/** @type {string} */ url) =>
    /halflink-editor|text-pane|\/editor\.js/.test(url);
  await open(page, "embed.html#raid-10&t=5");
  await open(page, "#raid-10&t=5");
  expect(asked.filter(isEditor)).toEqual([]);
  await openPane(page);
  expect(asked.filter((url) => url.endsWith("pkg/halflink-editor.js"))).toHaveLength(1);
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`what stands in a text is coloured by what it is, and to be read, ${colorScheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    const text = NAMED.replace("run ", 'at 3s fail r1.tor-a # why\nnote 9s "Here."\nrun ');
    await openText(page, text, 5);
    await openPane(page);
    for (const [kind, first] of Object.entries({
      statement: "halflink",
      number: "1",
      string: '"Nothing is wrong"',
      name: "etcd",
      protocol: "raft",
      part: "r1.s1",
      time: "100ms",
      mark: ",",
      verb: "elect",
      comment: "# why",
      word: "racks",
    }))
      await expect(page.locator(`.tok-${kind}`).first()).toHaveText(first);
    await expect(page.locator(".tok-invalid")).toHaveCount(0);
    await expect(page.locator(".tok-replica").first()).toHaveText("n1");
    await clickArrowhead(page, "n3->n1");
    await page.getByRole("button", { name: said("text.changes"), exact: true }).click();
    await expect(page.locator(".cm-changedLine")).toHaveCount(1);
    const colours = await page.evaluate(() => {
      const of = (/** @type {string} */ selector, /** @type {string} */ what) => {
        const element = /** @type {Element} */ (document.querySelector(selector));
        return getComputedStyle(element).getPropertyValue(what);
      };
      const kinds = [...document.querySelectorAll("[class^=tok-]")].map((one) => one.className);
      return {
        ink: [...new Set(kinds)].map((kind) => [kind, of(`.${kind}`, "color")]),
        paper: [
          of(".editor", "background-color"),
          of(".cm-changedLine", "background-color"),
          of(".cm-changedText", "background-color"),
        ],
      };
    });
    expect(colours.ink.length).toBeGreaterThan(9);
    for (const [kind, ink] of colours.ink) {
      for (const paper of colours.paper) {
        expect(wcagContrast(ink, paper), `${kind}: ${ink} on ${paper}`).toBeGreaterThan(4.5);
      }
    }
  });
}

test("where a reader forces colours, what is wrong is underlined", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  await paste(area, HEALTHY.replace("elect n3", "elect n9"));
  const wrong = page.locator(".cm-lintRange-error");
  await expect(wrong).toHaveText("n9");
  await expect(wrong).toHaveCSS("text-decoration-line", "underline");
  const colours = await page.evaluate(() =>
    ["verb", "string"].map(
      (kind) =>
        getComputedStyle(/** @type {Element} */ (document.querySelector(`.tok-${kind}`))).color,
    ),
  );
  expect(colours[0], "all are the reader's").toBe(colours[1]);
});

test("verbs, replicas, parts and protocols are completed, the author's names too", async ({
  page,
}) => {
  await openText(page, NAMED, 5);
  await openPane(page);
  await goTo(page, "at 0s elect n3");
  await page.keyboard.type("\nat 4s is", { delay: 30 });
  await expect(offered(page)).toHaveText(["isolate"]);
  await take(page);
  await page.keyboard.type(" al", { delay: 30 });
  await expect(offered(page)).toHaveText(["alice" + "n1"]);
  await take(page);
  await expect.poll(() => written(page)).toMatch(/^at 4s isolate alice$/m);
  await expect.poll(() => textOf(page), "it runs").toMatch(/^at 4s isolate alice$/m);
  await page.keyboard.type("\nat 5s crash ea", { delay: 30 });
  await expect(offered(page).first()).toHaveText("east" + "r3.s1");
  await take(page);
  await page.keyboard.type("\nat 6s fail feed", { delay: 30 });
  await expect(offered(page)).toHaveText(["feed-a", "feed-b"]);
  await page.waitForTimeout(150);
  await page.keyboard.press("ArrowDown");
  await take(page);
  await page.keyboard.type("\nat 7s gray r2.tor", { delay: 30 });
  await expect(offered(page)).toHaveText(["r2.tor-a", "r2.tor-b"]);
  await take(page);
  // What has to come is told without a letter, too.
  await page.keyboard.type(" ");
  await page.keyboard.press("Control+Space");
  await expect(offered(page)).toHaveText(["drops"]);
  await take(page);
  await page.keyboard.type(" all\nexpect multip", { delay: 30 });
  await expect(offered(page)).toHaveText(["multipaxos", "multipaxos+robust"]);
  await take(page);
  await page.keyboard.type(" sa", { delay: 30 });
  await expect(offered(page).first()).toHaveText("safe");
  await take(page);
  await expect(page.locator(".error-list button")).toHaveCount(0);
  await expect
    .poll(() => textOf(page))
    .toMatch(
      /^at 5s crash east\nat 6s fail feed-b\nat 7s gray r2\.tor-a drops all\nexpect multipaxos safe$/m,
    );
  // What is written in full is no question: Enter ends its line.
  await page.keyboard.type("\nat 8s elect n2", { delay: 30 });
  await page.waitForTimeout(300);
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await page.keyboard.type("\n# elect n", { delay: 30 });
  await page.waitForTimeout(300);
  await expect(page.getByRole("listbox"), "a comment is its writer's").toHaveCount(0);
});

test("an error is marked where it stands, whatever letters are before it", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  await expect(area).toHaveAttribute("aria-invalid", "false");
  await paste(area, HEALTHY.replace("run ", 'note 1s "🙂🙂" frob\nrun '));
  const wrong = page.locator(".cm-lintRange-error");
  await expect(wrong).toHaveText("frob");
  await expect(area).toHaveAttribute("aria-invalid", "true");
  const told = page.locator(".error-list button");
  await expect(told).toHaveText(/^10:14 .*frob/);
  await wrong.hover();
  const words = `${await told.textContent()}`.replace("10:14 ", "");
  await expect(page.locator(".cm-diagnostic")).toHaveText(words);
  await told.click();
  expect(await page.evaluate(() => String(getSelection()))).toBe("frob");
  await expect.poll(() => textOf(page), "the last good run stays").toBe(HEALTHY);
  await page.keyboard.press("Backspace");
  await expect(told).toHaveCount(0);
  await expect(wrong).toHaveCount(0);
  await expect.poll(() => textOf(page)).toContain("🙂🙂");
});

for (const [language, guide] of [
  ["en", "language.html"],
  ["zh-Hant", "language.zh-Hant.html"],
]) {
  test(`what a verb does is told as the page about the language tells it, ${language}`, async ({
    page,
  }) => {
    test.skip(Boolean(process.env.HALFLINK_PSEUDO), "it has a language of its own");
    await page.goto(`./?lang=${language}#chained&t=5`);
    await simulated(page);
    await page.locator("#text-button").click();
    await expect(page.locator("#text-pane").getByRole("textbox")).toBeFocused();
    const rows = await page.evaluate(async (guide) => {
      const body = await (await fetch(guide)).text();
      const rows = [...new DOMParser().parseFromString(body, "text/html").querySelectorAll("tr")];
      return rows.map((row) => [...row.cells].map(({ textContent }) => textContent));
    }, guide);
    const verbs = page.locator(".tok-verb");
    for (const name of new Set(await verbs.allInnerTexts())) {
      await page.mouse.move(0, 0);
      await verbs
        .filter({ hasText: new RegExp(`^${name}$`) })
        .first()
        .hover();
      const own = rows.filter(([head]) => head?.startsWith(`${name} `));
      expect(own.length).toBeGreaterThan(0);
      const told = page.locator(".cm-tooltip .verb-words p");
      await expect(told).toHaveText(own.map((row) => row.join(" ")));
    }
  });
}

const UNTIDY = `# mine
halflink 1
title "Nothing is wrong" # or is it?
plant 3 racks of 3 servers,4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing heartbeat 100ms,election 1000ms..2s
seed 7

run 30s
at 5s cut n3->n1   # later
# the first
at 0s elect n3
`;

const TIDY = `# mine
halflink 1
title   "Nothing is wrong"  # or is it?
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
# the first
at 0s elect n3
at 5s cut n3 -> n1  # later
run     30s
`;

test("a text is put in its canonical form in one step, comments and all", async ({ page }) => {
  await openText(page, UNTIDY, 5);
  const hash = await hashAt(page, 30);
  const area = await openPane(page);
  await page.getByRole("button", { name: said("text.format"), exact: true }).click();
  await expect.poll(() => written(page)).toBe(TIDY);
  await expect.poll(() => textOf(page)).toBe(TIDY);
  expect(await hashAt(page, 30), "it is the same run").toBe(hash);
  const told = page.locator(".text-told");
  await expect(told).toHaveText(said("text.formatted"));
  await area.focus();
  await page.keyboard.press("Control+z");
  expect(await written(page)).toBe(UNTIDY);
  await page.keyboard.press("Shift+Alt+f");
  await expect.poll(() => written(page)).toBe(TIDY);
  await page.keyboard.press("Shift+Alt+f");
  await expect(told).toHaveText(said("text.format-same"));
  await paste(area, `${TIDY}at 1s frob\n`);
  await page.keyboard.press("Shift+Alt+f");
  await expect(told).toHaveText(said("text.format-errors"));
  expect(await written(page)).toBe(`${TIDY}at 1s frob\n`);
});

test("what has changed since it was opened is shown, until it is no longer asked for", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await openPane(page);
  const toggle = page.getByRole("button", { name: said("text.changes"), exact: true });
  const told = page.locator(".text-told");
  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  await expect(told).toHaveText(said("text.unchanged"));
  await clickArrowhead(page, "n3->n1");
  await expect(page.locator(".cm-changedLine")).toHaveText(/^at 5s +cut n3 -> n1$/);
  await expect(told).toHaveText(said("text.changed", { count: 1 }));
  await goTo(page, "seed    7");
  await page.keyboard.type("7");
  await expect(page.locator(".cm-deletedChunk:not(:empty)")).toHaveText("seed    7");
  await expect(told).toHaveText(said("text.changed", { count: 2 }));
  await expect(page.locator("#seed b")).toHaveText("77");
  await toggle.click();
  await expect(page.locator(".cm-changedLine, .cm-deletedChunk")).toHaveCount(0);
  await expect(told).toBeHidden();
  // Another one is compared with itself, and when it is undone the first with the first.
  await toggle.click();
  await page.locator("#scenario-menu > button").click();
  await page.locator('#scenario-menu [data-value="raid-10"]').click();
  await expect(page).toHaveTitle(/^Two disks/);
  await expect(told).toHaveText(said("text.unchanged"));
  await page.getByRole("button", { name: said("transport.undo") }).click();
  await expect(page.locator("#seed b")).toHaveText("77");
  await expect(told).toHaveText(said("text.changed", { count: 2 }));
});

test("a click on the plant changes its line, and neither caret nor what is seen", async ({
  page,
}) => {
  const notes = Array.from({ length: 80 }, (_, at) => `note ${10 + at / 10}s "Note ${at}."\n`);
  await openText(page, HEALTHY.replace("run ", `${notes.join("")}run `), 5);
  await openPane(page);
  await goTo(page, 'note 16s "Note 60."');
  const seen = () =>
    page.evaluate(() => {
      const line = [...document.querySelectorAll(".cm-line")].find(({ textContent }) =>
        textContent?.includes("Note 58."),
      );
      const { anchorNode, anchorOffset } = /** @type {Selection} */ (getSelection());
      return {
        top: Math.round(line?.getBoundingClientRect().top ?? -1),
        caret: anchorNode?.parentElement?.closest(".cm-line")?.textContent,
        anchorOffset,
      };
    });
  const before = await seen();
  expect(before.top).toBeGreaterThan(0);
  await clickArrowhead(page, "n3->n1");
  await expect.poll(() => written(page)).toMatch(/^at 5s +cut n3 -> n1$/m);
  const after = await seen();
  expect(Math.abs(after.top - before.top)).toBeLessThan(3);
  await page.locator("#text-pane").getByRole("textbox").focus();
  await page.keyboard.type(" # here");
  await expect.poll(() => written(page)).toMatch(/^note 16s "Note 60\." # here$/m);
  // What was done stands in one row: two steps back are before the click.
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect.poll(() => written(page)).not.toMatch(/cut n3|# here/);
  await expect.poll(() => textOf(page)).not.toMatch(/cut n3|# here/);
});

test("what is typed over what is chosen takes its place", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await openPane(page);
  const choose = () =>
    page.evaluate(() => {
      const { editor } = window.halflink.player.panels.get("text-button").pane;
      const at = editor.text.indexOf("elect n3");
      editor.select(at, at + "elect n".length);
    });
  await choose();
  await page.keyboard.type("elect n");
  await expect.poll(() => written(page)).toBe(HEALTHY);
  // As a phone's keyboard or a dictation puts it in, all at once.
  await choose();
  await page.keyboard.insertText("pause r2.s1\nat 1s elect n");
  await expect.poll(() => textOf(page)).toMatch(/^at 0s pause r2\.s1\nat 1s elect n3$/m);
});

test("keys lead out of the editor as they lead in", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  await page.keyboard.press("Tab");
  await expect(area).not.toBeFocused();
  expect(await written(page)).toBe(HEALTHY);
  await page.keyboard.press("Shift+Tab");
  await expect(area).toBeFocused();
  await goTo(page, "at 0s elect n3");
  await page.keyboard.type("\nat 4s fai", { delay: 30 });
  await expect(page.getByRole("listbox", { name: said("text.completions") })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await expect(area).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(page.getByRole("button", { name: said("text.changes") })).toBeFocused();
});

for (const [what, text] of [
  [
    "3,000 lines",
    HEALTHY + "# a line that is longer than the pane is wide, so it wraps\n".repeat(3_000),
  ],
  ["a line of 200,000 letters", `${HEALTHY}# ${"abc def ".repeat(25_000)}`],
  ["20,000 lines that are wrong", `${HEALTHY}${"at 1s frob n1\n".repeat(20_000)}`],
])
  test(`${what} are pasted, and the page goes on`, async ({ page }) => {
    await openText(page, HEALTHY, 5);
    const area = await openPane(page);
    await page.getByRole("button", { name: said("text.changes"), exact: true }).click();
    await page.evaluate(() => {
      Object.assign(window, { longest: 0 });
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries())
          Object.assign(window, {
            longest: Math.max(/** @type {any} */ (window).longest, duration),
          });
      }).observe({ type: "longtask" });
    });
    await paste(area, text);
    await expect(page.locator(".error-list button").first()).toBeVisible();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# on\n");
    await expect(page.locator(".cm-line").first()).toHaveText("# on");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("off");
    await expect.poll(() => written(page)).toMatch(/off$/);
    expect(await page.locator(".cm-line").count(), "what is not seen is not drawn").toBeLessThan(
      200,
    );
    await page.waitForTimeout(300);
    const longest = await page.evaluate(() => /** @type {any} */ (window).longest);
    console.log(`${what}: the longest task took ${longest} ms`);
    expect(longest).toBeLessThan(1_000);
    await expect.poll(() => textOf(page)).toBe(HEALTHY);
  });

test("without the editor there is a plain field, and it says so", async ({ page, complaints }) => {
  await page.route("**/halflink-editor.js", (route) => route.fulfill({ status: 404 }));
  await openText(page, HEALTHY, 5);
  const area = await openPane(page);
  await expect(area).toHaveValue(HEALTHY);
  await expect(page.locator(".text-told")).toHaveText(
    new RegExp(saying("text.plain", { error: "«.*»" })),
  );
  await area.fill(HEALTHY.replace("elect n3", "elect n9"));
  await page.locator(".error-list button").click();
  expect(await page.evaluate(() => String(getSelection()))).toBe("n9");
  await area.fill(HEALTHY.replace("seed    7", "seed    8"));
  await expect(page.locator("#seed b")).toHaveText("8");
  await clickArrowhead(page, "n3->n1");
  await expect(area).toHaveValue(/^at 5s +cut n3 -> n1$/m);
  await page.keyboard.press("?");
  complaints.length = 0;
});
