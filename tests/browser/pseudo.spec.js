// A language that nobody speaks, made of the catalogue: every string in brackets and 40 % longer.
// What stands in brackets came through the catalogue, so the next language is a file; what does not
// is in a room of NOT_YET. That list can only shrink: a room of it that is clean fails here.
import { readFile } from "node:fs/promises";
import { pseudo, untold } from "../support/pseudo.js";
import { expect, test } from "./fixtures.js";
import { drawn, open, openMenu, paste, simulated } from "./playground.js";

/** @typedef {import('@playwright/test').Page} Page */
/** @typedef {{room: string, is_through: boolean, text: string, where: string}} Said */

/** Whose words all come from the catalogue. */
const THROUGH = [
  "#caption > .consequence",
  "#caption > .outside > span",
  ".outcome > .sentence",
  ".error-list button",
  ".popover > .choice",
  ".protocol-family",
  ".protocol-list button > span:not([class])",
  "text.reason",
  "text.death",
  "text.part-note",
];

/** Whose words do not, or not all of them. */
const NOT_YET = [
  "#banner",
  "#caption",
  "#cards",
  "#class-note",
  "#live",
  "#logic",
  "#plant",
  "#strip",
  "#text-pane",
  "#transport",
  ".bar",
  ".logic-section > h2",
  ".popover",
  ".protocol-list",
  ".stage",
];

/** What the scenario says itself, what an author wrote, and where a protocol is published. */
const DATA = ["#caption > h2", "#caption > p:not([class])", ".editor-body", ".protocol-paper"];

/** @param {Page} page */
async function speakPseudo(page) {
  for (const name of ["en", "en.late"]) {
    const file = new URL(`../../words/${name}.json`, import.meta.url);
    const json = pseudo(JSON.parse(await readFile(file, "utf8")));
    await page.route(`**/words/${name}.json`, (route) => route.fulfill({ json }));
  }
}

/**
 * All that is to be read or heard on the page now, with the room that it stands in, and the names
 * that the scenario gives.
 *
 * @param {Page} page
 */
const readable = (page) =>
  page.evaluate(
    ({ THROUGH, NOT_YET, DATA }) => {
      const { run } = window.halflink;
      const { title, source, cluster, protocol, parts, lanes, replicas, notes } = run.plan();
      const named = [...parts, ...lanes, ...replicas].map(({ name }) => name);
      const faults = run.strip().faults.map(({ text }) => text);
      const own = [title, source ?? "", cluster, protocol, ...notes.map(({ text }) => text)];
      const protocols = window.halflink.player.session.engine.protocols().map(({ name }) => name);
      const names = [...named, ...faults, ...own, ...protocols].filter(Boolean);
      const arrows = names.map((name) => name.replaceAll("<->", "⇄").replaceAll("->", "→"));
      const rooms = [...THROUGH, ...NOT_YET];
      /** @param {Element} element its innermost room */
      const roomOf = (element) => {
        for (let at = /** @type {Element|null} */ (element); at; at = at.parentElement) {
          const room = rooms.find((selector) => at?.matches(selector));
          if (room) return room;
        }
        return "";
      };
      /** @type {Said[]} */
      const said = [];
      for (const element of document.body.querySelectorAll("*")) {
        if (!element.checkVisibility() || element.closest(DATA.join())) continue;
        const room = roomOf(element);
        const texts = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
        const attributes = ["aria-label", "title", "placeholder"];
        const heard = attributes.map((name) => element.getAttribute(name) ?? "");
        for (const text of [...texts.map(({ textContent }) => textContent ?? ""), ...heard]) {
          const is_through = THROUGH.includes(room);
          if (text.trim())
            said.push({ room, is_through, text, where: element.outerHTML.slice(0, 90) });
        }
      }
      return { said, names: [...names, ...arrows] };
    },
    { THROUGH, NOT_YET, DATA },
  );

/** Where a sentence is to be read that comes from the catalogue. */
const PLACES = [
  "#one-way-to-leader&t=6",
  "#raid-10&t=5",
  "#two-faced-voter&t=12",
  "#generals-3&t=3",
  "#rack-power&t=10",
];

/** @type {[string, (page: Page) => Promise<void>][]} */
const STATES = [
  ...PLACES.map(
    (hash) => /** @type {typeof STATES[number]} */ ([hash, (page) => open(page, hash)]),
  ),
  ["the menu of a part", (page) => openMenu(page, "r1.tor-a").then(() => {})],
  [
    "the list of protocols",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.locator("#protocol-menu > button").click();
      await expect(page.locator(".protocol-group").first()).toBeVisible();
    },
  ],
  [
    "a text with an error",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.locator("#text-button").click();
      await paste(page.locator("#text-pane textarea"), "halflink 1\nplnt 3 racks\n");
      await expect(page.locator(".error-list button").first()).toBeVisible();
    },
  ],
  [
    "a link that is broken",
    async (page) => {
      await page.goto("./#2.broken");
      await expect(page.locator("#banner")).toBeVisible();
      await simulated(page);
    },
  ],
];

test("what has come through the catalogue says nothing of its own", async ({ page }) => {
  await speakPseudo(page);
  /** @type {Map<string, string[]>} by room: what was said in no brackets */
  const own = new Map();
  /** @type {Set<string>} */
  const met = new Set();
  for (const [state, reach] of STATES) {
    await reach(page);
    const { said, names } = await readable(page);
    for (const { room, is_through, text, where } of said) {
      const words = untold(text, names);
      met.add(room);
      if (!words.length) continue;
      if (is_through || !room) throw new Error(`${state}: ${words.join(" ")}, in ${room} ${where}`);
      own.set(room, [...(own.get(room) ?? []), text]);
    }
  }
  expect(
    [...THROUGH, ...NOT_YET].filter((room) => !met.has(room)),
    "rooms never seen",
  ).toEqual([]);
  expect(
    NOT_YET.filter((room) => !own.has(room)),
    "rooms that are through now",
  ).toEqual([]);
});

for (const width of [1440, 768, 390]) {
  test(`longer words are not cut off at ${width} pixels`, async ({ page }) => {
    await speakPseudo(page);
    await page.setViewportSize({ width, height: 900 });
    let measured = 0;
    for (const hash of PLACES) {
      await open(page, hash);
      await drawn(page);
      const cut = await page.evaluate((rooms) => {
        const elements = [...document.querySelectorAll(rooms)].filter((one) =>
          one.checkVisibility(),
        );
        const isCut = (
          /** @type {Element} */ { scrollWidth, clientWidth, scrollHeight, clientHeight },
        ) => scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 1;
        const isOut = (/** @type {Element} */ element) => {
          const { left, right } = element.getBoundingClientRect();
          return left < -1 || right > innerWidth + 1;
        };
        const wrong = elements.filter((element) => {
          const block = element.closest("p, .outcome") ?? element;
          return isOut(block) || (getComputedStyle(block).overflow !== "visible" && isCut(block));
        });
        return {
          count: elements.length,
          wrong: wrong.map(({ outerHTML }) => outerHTML.slice(0, 200)),
        };
      }, "#caption > .consequence, #caption > .outside > span, .outcome > .sentence");
      expect(cut.wrong, hash).toEqual([]);
      measured += cut.count;
    }
    expect(measured).toBeGreaterThan(2 * PLACES.length - 1);
  });
}
