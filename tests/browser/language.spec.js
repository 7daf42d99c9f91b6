// Another language is files, which are here made up: page and embed speak it, and what they do not
// find in it they say in English.
import { readFile } from "node:fs/promises";
import { filled } from "../support/pseudo.js";
import { expect, test } from "./fixtures.js";
import { open, openMenu, simulated } from "./playground.js";

/** @type {Record<string, string>} */
const WORDS = {
  "page.language": "ar",
  "page.direction": "rtl",
  "bar.share": "شارك",
  "page.logic": "من يسمع من",
  "page.caption": "ما يحدث",
};

/** Two scenarios, of which one is translated. @type {Record<string, unknown>} */
const SCENARIOS = { index: [{ name: "raid-10", title: "أقراص", source: null }], notes: {} };

/** @param {string} path from the root of the repository */
const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

/**
 * @param {import('@playwright/test').Page} page
 * @param {Record<string, string>} [words]
 */
async function translate(page, words = WORDS) {
  const html = JSON.parse(await read("words/en.html.json"));
  for (const name of ["index", "embed"]) {
    const body = filled(await read(`www/${name}.html`), html, "de,ar ar-EG");
    const isIt = (/** @type {URL} */ { pathname }) =>
      pathname === `/${name}.html` || (name === "index" && pathname === "/");
    await page.route(isIt, (route) => route.fulfill({ body, contentType: "text/html" }));
  }
  const { library } = await import("../../pkg/library.js");
  const texts = library.map(({ name, text }) => [
    name,
    text.replace(/^title .*/m, `title "${name} عنوان"`),
  ]);
  const parts = { ...SCENARIOS, ...Object.fromEntries(texts) };
  await page.route("**/pkg/{languages,library}/**", (route) => {
    const [, name] = /pkg\/(.*)\.js/.exec(route.request().url()) ?? [];
    const [kind, language, file] = name.split("/");
    if (language !== "ar") return route.continue();
    const value = kind === "languages" ? words : parts[file];
    const body = `(self.halflinkParts??={})["${name}"]=${JSON.stringify(value)};`;
    return route.fulfill({ body, contentType: "text/javascript" });
  });
}

for (const address of ["", "embed.html"]) {
  test(`${address || "the page"} speaks the language that the address asks for`, async ({
    page,
  }) => {
    await translate(page);
    await open(page, `${address}?lang=ar#raid-10&t=5`);
    const root = page.locator("html");
    await expect(root).toHaveAttribute("lang", "ar");
    await expect(root).toHaveAttribute("dir", "rtl");
    await expect(page.locator("#caption")).toHaveAccessibleName("ما يحدث");
    expect(await page.title()).toContain("raid-10 عنوان");
    // What is not translated is said in English.
    await expect(page.locator(".play")).toHaveAccessibleName("Play");
    if (address) return;
    await expect(page.locator("#share-button")).toHaveText("شارك");
    await expect(page.locator("#logic-heading")).toHaveText("من يسمع من");
    // What comes late does not speak English over it.
    await openMenu(page, "r1.tor-a");
    await expect(page.locator("#share-button")).toHaveText("شارك");
    await page.keyboard.press("Escape");
    await page.locator("#scenario-menu > button").click();
    await expect(page.locator("#scenario-menu .menu-list")).toContainText("أقراص");
  });
}

test.describe("of what the browser asks for", () => {
  test.use({ locale: "ar-EG" });
  test("the language that there is is spoken, and the story is told in it", async ({ page }) => {
    await translate(page);
    await page.goto("./");
    await simulated(page);
    await expect(page.locator("html")).toHaveAttribute("lang", "ar");
    expect(await page.title()).toContain("cloudflare-2020 عنوان");
  });
});

test("where its words do not come, it is English", async ({ page, complaints }) => {
  await translate(page);
  await page.route("**/pkg/languages/**", (route) => route.fulfill({ status: 404 }));
  await open(page, "?lang=ar#raid-10&t=5");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("#share-button")).toHaveText("Share");
  await expect(page.locator("#logic-heading")).toHaveText("Who hears whom");
  complaints.length = 0;
});

/** Letters of the far east, which are twice as wide: longer than anything that English says there. */
const WIDE = {
  "page.language": "ar",
  "page.direction": "ltr",
  "role.leader": "全体を率いている指導者の計算機",
  "role.follower": "従っている計算機という役割",
  "role.candidate": "選ばれようとしている候補者",
  "place.term": "第{number}任期という期間",
  "belief.follows": "{leader, replica} を指導者と信じて従っている",
  "belief.itself": "自分自身が指導者であると信じている",
  "belief.nobody": "だれも指導者ではないと信じている",
  "reason.at": "{part} において失われてしまう",
  "reason.cut": "この方向の線は切断されている",
};

for (const name of ["one-way-to-leader", "quorum-loss"]) {
  test(`wide letters stay within the picture of ${name}: they are measured`, async ({ page }) => {
    await translate(page, WIDE);
    for (const width of [390, 640, 1120]) {
      await page.setViewportSize({ width, height: 900 });
      await open(page, `embed.html?lang=ar#${name}&t=6`);
      const seen = await page.evaluate(() => {
        const words = [...document.querySelectorAll("#logic text")].filter(
          (one) => one.textContent && one.getClientRects().length && !one.closest(".glyph"),
        );
        const boxes = words.map((one) => one.getBoundingClientRect());
        return {
          least: Math.min(...boxes.map(({ left }) => left)),
          most: Math.max(...boxes.map(({ right }) => right)) - innerWidth,
          wide: words.filter(({ textContent }) => /[一-龠ぁ-ん]/.test(textContent ?? "")).length,
        };
      });
      expect(seen.least, `${width}`).toBeGreaterThanOrEqual(0);
      expect(seen.most, `${width}`).toBeLessThanOrEqual(0);
      expect(seen.wide, `${width}`).toBeGreaterThanOrEqual(4);
    }
  });
}

test("what an edited run's notes are no longer true of, they are not in another language", async ({
  page,
}) => {
  await open(page, "#cloudflare-2020&t=20");
  await page.evaluate(() => {
    const { player } = window.halflink;
    player.act("crash r2.s1");
  });
  await simulated(page);
  const shown = async () => {
    await page.evaluate(() => window.halflink.session.attribute());
    return page.evaluate(() => {
      const { strip } = window.halflink.session;
      return strip.captions.map(({ at_us, note }) => [at_us, note]);
    });
  };
  const before = await shown();
  expect(
    before.some(([, note]) => note === null),
    "the run tells itself what notes do not",
  ).toBe(true);
  await page.locator(".languages a:not([hidden])").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-Hant");
  await simulated(page);
  expect(await shown()).toEqual(before);
});
