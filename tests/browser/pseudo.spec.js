// A language that nobody speaks, made of the catalogue: every string in brackets and 40 % longer.
// What stands in brackets came through the catalogue, so the next language is a file. Everything
// that is to be read or heard has to stand in them, on the page, in its dialogs and in an embed,
// and nothing of it may be cut off.
import { untold } from "../support/pseudo.js";
import { expect, test } from "./fixtures.js";
import {
  TWO_GROUPS,
  drawn,
  lane,
  open,
  openMenu,
  openText,
  paste,
  simulated,
} from "./playground.js";
import { said } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

/** What the scenario says itself, what an author wrote, and where a protocol is published. */
const DATA = [
  // "tor a" of r1.tor-a
  ".part-name",
  ".short-name",
  ".feed-name",
  ".chain-name",
  "#caption > h2",
  "#caption > p:not([class])",
  ".compare-caption",
  ".cm-content",
  ".cm-gutters",
  ".cm-completionLabel",
  ".cm-completionDetail",
  // The language's own.
  ".verb-words code",
  ".protocol-paper",
  "#scenario-menu .menu-list",
  // Each language says its own name.
  ".languages",
];

/**
 * All that is to be read or heard on the page now, and the names that the scenario gives.
 *
 * @param {Page} page
 */
const readable = (page) =>
  page.evaluate((data) => {
    const { run, player } = window.halflink;
    const { title, source, cluster, protocol, parts, lanes, replicas, notes, behaviours } =
      run.plan();
    const named = [...parts, ...lanes, ...replicas].map(({ name }) => name);
    const faults = run.strip().faults.map(({ text }) => text);
    const view = run.view(player.playback.time_us, 0);
    const lies = view.replicas.flatMap((one) => one.lies);
    // A statement that lifts a fault stands in a menu, as a sentence begins.
    const lifts = view.faults.map(({ lift }) => lift ?? "");
    const begun = lifts.map((one) => one.charAt(0).toUpperCase() + one.slice(1));
    const groups = run.plan().groups.map(({ name }) => name);
    const own = [
      title,
      source ?? "",
      cluster,
      ...groups,
      protocol,
      ...notes.map(({ text }) => text),
    ];
    const protocols = player.session.engine.protocols().map(({ name }) => name);
    const words = [...lies.map(({ text }) => text), ...behaviours, ...begun, "Halflink"];
    const names = [...named, ...faults, ...own, ...protocols, ...words].filter(Boolean);
    const arrows = names.map((name) => name.replaceAll("<->", "⇄").replaceAll("->", "→"));
    /** @type {{text: string, where: string}[]} */
    const said = [];
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest(data.join())) continue;
      // What a menu offers is read, too, when it is open.
      const shown = element.closest("select") ?? element;
      if (!shown.checkVisibility()) continue;
      const texts = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      const heard = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"].map(
        (name) => element.getAttribute(name) ?? "",
      );
      for (const text of [...texts.map(({ textContent }) => textContent ?? ""), ...heard]) {
        // Of a fault's text there is as much as there is room for.
        const isShort =
          text.endsWith("…") && arrows.some((one) => one.startsWith(text.slice(0, -1)));
        if (text.trim() && !isShort) said.push({ text, where: element.outerHTML.slice(0, 120) });
      }
    }
    return { said, names: [...names, ...arrows] };
  }, DATA);

/** Where a sentence is to be read that comes from the catalogue. */
const PLACES = [
  "#one-way-to-leader&t=6",
  "#raid-10&t=5",
  "#two-faced-voter&t=12",
  "#generals-3&t=3",
  "#signed-3&t=4",
  "#tendermint-lock&t=5",
  "#rack-power&t=10",
  "#stale-read&t=20",
  "#power-cascade&t=8",
  "#rack-transfer-switch&t=16",
  "#battery-and-generator&t=14",
  "#raid-rebuild&t=10",
  "#lacp&t=9",
];

/** Parts of a power chain, and disks: where they are met, and in what state. @type {[string, string][]} */
const MENUS = [
  ["#power-cascade&t=8", "r1.breaker-b"],
  ["#power-cascade&t=8", "r1.pdu-a"],
  ["#rack-transfer-switch&t=16", "r1.ats"],
  ["#battery-and-generator&t=14", "ups-a"],
  ["#battery-and-generator&t=14", "generator-b"],
  ["#battery-and-generator&t=14", "feed-a"],
  ["#raid-rebuild&t=10", "r3.s1.d1"],
  ["#raid-rebuild&t=10", "r3.s1.d2"],
];

/** A run in which a fault comes to something, and a bound is not far. */
const BROKEN = `halflink 1
title   "Lost"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 300ms
at 0s elect n3
at 2s wipe r1.s1
at 2s wipe r2.s1
at 2s wipe r3.s1
run     10s
expect  raft stable
expect  zab unsafe
`;

/** Two groups, and something that breaks in each of them. */
const GROUPS = TWO_GROUPS.replace(/note 25s.*\n/, "at 11s  crash r1.s2\n");

/** @type {[string, (page: Page) => Promise<void>][]} */
const STATES = [
  ...PLACES.map(
    (hash) => /** @type {typeof STATES[number]} */ ([hash, (page) => open(page, hash)]),
  ),
  ...MENUS.map(
    ([hash, part]) =>
      /** @type {typeof STATES[number]} */ ([
        `the menu of ${part}`,
        async (page) => {
          await page.keyboard.press("Escape");
          await open(page, hash);
          await page.locator(`[data-part="${part}"]`).focus();
          await page.keyboard.press("Enter");
          await expect(page.locator(".popover")).toBeVisible();
        },
      ]),
  ),
  [
    "all faults",
    async (page) => {
      await page.keyboard.press("Escape");
      await open(page, "#power-cascade&t=8");
      await page.locator("#strip .strip-doors button").first().click();
      await expect(page.locator(".popover .choice").first()).toBeVisible();
    },
  ],
  [
    "the menu of groups",
    async (page) => {
      await page.keyboard.press("Escape");
      await openText(page, GROUPS, 14);
      await page.locator("#groups .pill").first().click();
      await expect(page.locator("#groups").getByRole("menuitemradio").first()).toBeVisible();
    },
  ],
  [
    "all groups",
    async (page) => {
      await page.locator("#groups").getByRole("menuitemradio").last().click();
      await expect(page.locator("#all-groups .compare-row").nth(1)).toBeVisible();
    },
  ],
  ["what broke", (page) => openText(page, BROKEN, 5)],
  ["the menu of a switch", (page) => openMenu(page, "r1.tor-a").then(() => {})],
  [
    "the menu of a server",
    async (page) => {
      await page.keyboard.press("Escape");
      const menu = await openMenu(page, "r1.s1");
      await menu.locator("summary").click();
    },
  ],
  [
    "why a link is dead",
    async (page) => {
      await open(page, "#rack-power&t=10");
      await page.evaluate(() => window.halflink.player.act("fail r1.tor-a"));
      await page.evaluate(() => window.halflink.player.act("fail r1.tor-b"));
      await drawn(page);
      await lane(page, "n1->n2").first().locator(".head").click();
      await expect(page.locator(".popover")).toBeVisible();
    },
  ],
  [
    "the list of protocols",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.locator("#protocol-menu > button").click();
      await expect(page.locator(".protocol-group").first()).toBeVisible();
    },
  ],
  [
    "the list of scenarios",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.locator("#scenario-menu > button").click();
      await expect(page.locator("#scenario-menu .menu-list")).toBeVisible();
    },
  ],
  [
    "the table",
    async (page) => {
      await page.keyboard.press("Escape");
      await page.locator("#table-button").click();
      await expect(page.locator("#matrix table")).toBeVisible();
    },
  ],
  [
    "the messages, and their table",
    async (page) => {
      await page.locator("#diagram-button").click();
      await expect(page.locator(".diagram-kinds button").first()).toBeVisible();
      await page.locator(".diagram-tools button").last().click();
      await expect(page.locator(".diagram-table tbody tr").first()).toBeVisible();
    },
  ],
  [
    "the dialog of sharing",
    async (page) => {
      await page.locator("#share-button").click();
      await expect(page.locator("dialog.share")).toBeVisible();
    },
  ],
  [
    "a picture to share",
    async (page) => {
      await page.locator('dialog.share input[value="html"]').check();
      await expect(page.locator("dialog.share select").last()).toBeVisible();
    },
  ],
  .../** @type {[string, (page: import('@playwright/test').Page) => Promise<void>][]} */ (
    ["shiviz", "png", "qr", "gif"].map((form) => [
      `what is taken away: ${form}`,
      async (page) => {
        const more = page.locator("dialog.share [aria-expanded]");
        if ((await more.getAttribute("aria-expanded")) === "false") await more.click();
        await page.locator(".takeaway select").first().selectOption(form);
        await expect(page.locator(".takeaway p").first()).toHaveText(/\w/);
      },
    ])
  ),
  [
    "a comparison",
    async (page) => {
      await page.keyboard.press("Escape");
      await open(page, "#chained&t=9&compare=zab,pbft");
      await expect(page.locator(".compare-row").nth(2)).toBeVisible();
      await drawn(page);
    },
  ],
  [
    "a text with an error",
    async (page) => {
      await openText(page, BROKEN, 5);
      await page.locator("#text-button").click();
      await paste(page.locator("#text-pane").getByRole("textbox"), "halflink 1\nplnt 3 racks\n");
      await expect(page.locator(".error-list button").first()).toBeVisible();
    },
  ],
  [
    "a text that has changed, and what may stand in it",
    async (page) => {
      await page.goto("about:blank");
      await openText(page, BROKEN, 5);
      await page.locator("#text-button").click();
      const area = page.locator("#text-pane").getByRole("textbox");
      await page.getByRole("button", { name: said("text.changes"), exact: true }).click();
      await area.press("Control+End");
      await page.keyboard.type("\nat 1s cu", { delay: 30 });
      await expect(page.locator(".cm-completionInfo .verb-words")).toBeVisible();
      await expect(page.locator(".text-told")).toBeVisible();
    },
  ],
  [
    "what a verb does, and the canonical form",
    async (page) => {
      await page.goto("about:blank");
      await openText(page, BROKEN, 5);
      await page.locator("#text-button").click();
      await page.getByRole("button", { name: said("text.format"), exact: true }).click();
      await expect(page.locator(".text-told")).toBeVisible();
      await page.locator(".tok-verb").first().hover();
      await expect(page.locator(".cm-tooltip .verb-words")).toBeVisible();
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
  ["an embed", (page) => open(page, "embed.html#two-faced-voter&t=12")],
  ["an embed with the racks", (page) => open(page, "embed.html#one-way-to-leader&t=6&view=both")],
];

/** By viewport: the page on a desk, on a tablet, on a phone. */
const WIDTHS = [1440, 768, 390];

/**
 * What is cut off, or runs out of the page: words of a block that hides what does not fit.
 *
 * @param {Page} page
 */
const cutOff = (page) =>
  page.evaluate(() => {
    const isTold = (/** @type {Element} */ { childNodes }) =>
      [...childNodes].some(({ nodeType, textContent }) => nodeType === 3 && textContent?.trim());
    /** @type {string[]} */
    const cut = [];
    let count = 0;
    for (const element of document.body.querySelectorAll("*:not(svg, svg *, option, textarea)")) {
      if (!(element instanceof HTMLElement) || !isTold(element)) continue;
      if (!element.checkVisibility() || element.closest(".visually-hidden")) continue;
      count += 1;
      const { left, right, width } = element.getBoundingClientRect();
      let scrolls = false;
      for (let at = /** @type {HTMLElement|null} */ (element); at; at = at.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(at);
        scrolls ||= overflowX === "auto" || overflowX === "scroll";
        if (scrolls) break;
        // An ellipsis says that there is more, and its title has it.
        const hides = overflowX === "hidden" || overflowX === "clip";
        if (hides && textOverflow !== "ellipsis" && at.scrollWidth > at.clientWidth + 1) {
          cut.push(`in ${at.outerHTML.slice(0, 60)}: ${element.outerHTML.slice(0, 160)}`);
        }
      }
      if (!scrolls && width && (left < -1 || right > innerWidth + 1)) {
        cut.push(`out of the page: ${element.outerHTML.slice(0, 160)}`);
      }
    }
    return { cut, count };
  });

for (const width of WIDTHS) {
  test(`all is told by the catalogue, and nothing cut off, at ${width} pixels`, async ({
    page,
  }) => {
    test.slow();
    await page.setViewportSize({ width, height: 900 });
    /** @type {Set<string>} */
    const known = new Set();
    /** By what is said, where it was met first. @type {Map<string, string>} */
    const own = new Map();
    /** @type {string[]} */
    const cut = [];
    let count = 0;
    let measuredInAll = 0;
    for (const [state, reach] of STATES) {
      await reach(page);
      const { said, names } = await readable(page);
      // What was announced last may be of the run before.
      for (const name of names) known.add(name);
      for (const { text, where } of said) {
        const words = untold(text, [...known]);
        if (words.length && !own.has(words.join())) own.set(words.join(), `${state}: ${where}`);
      }
      const measured = await cutOff(page);
      cut.push(...measured.cut.map((one) => `${state}: ${one}`));
      count += said.length;
      measuredInAll += measured.count;
    }
    expect.soft(Object.fromEntries(own), "told by no catalogue").toEqual({});
    expect.soft([...new Set(cut)], "cut off").toEqual([]);
    expect(count).toBeGreaterThan(100 * STATES.length);
    expect(measuredInAll).toBeGreaterThan(10 * STATES.length);
  });
}
