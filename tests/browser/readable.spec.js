// What is drawn can be read, by every reader: large enough, nothing over words, all of it within the
// picture, and nothing that axe, Deque's checker of accessibility, finds wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, linkOf, open, openText, paste, simulated } from "./playground.js";
import { PSEUDO } from "../support/pseudo.js";
import { said } from "./words.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Parts of the plant are called by their whole names, and say in the picture only what is new. */
const NOT_ASKED = { "label-content-name-mismatch": { enabled: false } };
/** An embed is a part of somebody's page, which has the headings. */
const NOT_IN_A_FRAME = { ...NOT_ASKED, "page-has-heading-one": { enabled: false } };

/**
 * What axe finds wrong with the page as it is now.
 *
 * @param {import('@playwright/test').Page} page
 * @param {object} rules
 */
async function violations(page, rules = NOT_ASKED) {
  await page.evaluate(axe);
  return page.evaluate(async (rules) => {
    // Sheets that import others it would copy into styles of its own, which the page's policy refuses;
    // and it does so for one rule alone, an experimental one, which does not run.
    // @ts-expect-error axe is there now
    const { violations } = await window.axe.run(document, { rules, preload: false });
    return violations.map(
      (/** @type {any} */ { id, nodes }) =>
        `${id}: ${nodes.map((/** @type {any} */ node) => node.target).join(", ")}`,
    );
  }, rules);
}

const acts = (/** @type {string[]} */ ...lines) =>
  HEALTHY.replace(
    "run ",
    `${lines.map((line, index) => `at ${3 + index / 10}s ${line}\n`).join("")}run `,
  );

/** A fault of every kind. */
const BROKEN = acts(
  "gray r1.tor-a drops n1 <-> n3",
  "gray spine-b drops all",
  "cut n2 -> n1",
  "lose 40% of n1 -> n2",
  "fail r2.tor-b",
  "fail r3.pdu-a",
  "fail feed-a",
  "fail r1.s1.d1",
  "fail r3.s2",
  "pause r2.s1",
  "crash r3.s1",
  "cut r1.s3 -> r1.tor-b",
);

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`${colorScheme}: axe finds nothing wrong, whatever is open`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openText(page, BROKEN, 8);
    expect(await violations(page), "the page").toEqual([]);
    const press = (/** @type {string} */ name) =>
      page.getByRole("button", { name, exact: true }).click();
    await press(said("bar.diagram"));
    await expect(page.locator(".diagram-kinds button").first()).toBeVisible();
    await press(said("diagram.table"));
    await expect(page.locator(".diagram-table tbody tr").first()).toBeVisible();
    expect(await violations(page), "the messages, and their table").toEqual([]);
    await press(said("bar.diagram"));
    await press(said("bar.table"));
    await press(said("bar.text"));
    const area = page.locator("#text-pane").getByRole("textbox");
    await expect(area).toBeVisible();
    await paste(area, BROKEN.replace("seed    7", "seed    ten"));
    await expect(page.locator(".error-list button")).toHaveCount(1);
    expect(await violations(page), "table and text, with an error").toEqual([]);
    await press(said("text.changes"));
    await expect(page.locator(".cm-deletedChunk").first()).toBeVisible();
    expect(await violations(page), "what has changed").toEqual([]);
    await press(said("text.changes"));
    await area.press("Control+End");
    await page.keyboard.type("\nat 1s iso", { delay: 30 });
    await expect(page.getByRole("listbox")).toBeVisible();
    expect(await violations(page), "what may stand there").toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator(".tok-verb").last().hover();
    await expect(page.locator(".cm-tooltip .verb-words")).toBeVisible();
    expect(await violations(page), "what a verb does").toEqual([]);
    await paste(area, BROKEN);
    await press(said("bar.text"));
    await page.locator('[data-part="r1.tor-a"] .body').click();
    expect(await violations(page), "the menu of a part").toEqual([]);
    await page.keyboard.press("Escape");
    await press(said("bar.compare"));
    await expect(page.locator("#compare .compare-row").first()).toBeVisible();
    await expect
      .poll(() => violations(page), { message: "comparison", timeout: 30_000 })
      .toEqual([]);
    await press(said("bar.share"));
    await expect(page.locator("dialog")).toBeVisible();
    expect(await violations(page), "the dialog").toEqual([]);
    await press(said("share.take"));
    for (const form of ["mermaid", "qr", "gif"]) {
      await page.locator(".takeaway select").first().selectOption(form);
      expect(await violations(page), form).toEqual([]);
    }
  });

  test(`${colorScheme}: axe finds nothing wrong with an embed`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 640, height: 700 });
    await page.goto(`./embed.html${await linkOf(BROKEN)}&t=8`);
    await simulated(page);
    expect(await violations(page, NOT_IN_A_FRAME)).toEqual([]);
  });
}

/**
 * What is wrong with the words of the pictures: too small, outside, or under a cross.
 *
 * @param {import('@playwright/test').Page} page
 */
function unreadable(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll("svg")].flatMap((svg) => {
      const sheet = svg.getBoundingClientRect();
      const shown = (/** @type {Element} */ element) =>
        element.checkVisibility() && element.getBoundingClientRect().width > 0;
      const crosses = [...svg.querySelectorAll(".flow .cross")]
        .filter(shown)
        .map((cross) => cross.getBoundingClientRect());
      return [...svg.querySelectorAll("text")].filter(shown).flatMap((text) => {
        const box = text.getBoundingClientRect();
        const scale = text.getScreenCTM()?.d ?? 1;
        const size = parseFloat(getComputedStyle(text).fontSize) * scale;
        const inside =
          box.left >= sheet.left - 1 &&
          box.right <= sheet.right + 1 &&
          box.top >= sheet.top - 1 &&
          box.bottom <= sheet.bottom + 1;
        const crossed = crosses.some(
          (cross) =>
            cross.left < box.right - 1 &&
            box.left < cross.right - 1 &&
            cross.top < box.bottom - 3 &&
            box.top + 3 < cross.bottom,
        );
        return [
          size >= 10.99 ? "" : `${size.toFixed(1)} px`,
          inside ? "" : "outside",
          crossed ? "crossed" : "",
        ]
          .filter(Boolean)
          .map((what) => `${text.textContent}: ${what}`);
      });
    }),
  );
}

const GRAYS = acts(
  "gray r1.tor-a drops n1 <-> n3",
  "gray spine-a drops all",
  "gray r3.tor-b drops all",
);
const DATA = acts(
  "fail r3.s1.d1",
  "fail r3.s1.d2",
  "fail r1.s1.d1",
  "fail r1.s1.d2",
  "fail r2.pdu-a",
  "fail r2.pdu-b",
);
const GENERALS = `halflink 1
title   "Four generals"
plant   4 racks of 1 server, 2 disks each
cluster c: generals-om on r1.s1 r2.s1 r3.s1 r4.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
at 1s   traitor n4 equivocate to n2
at 2s   order attack
run     10s
`;

for (const [name, text] of /** @type {const} */ ([
  ["every fault", BROKEN],
  ["gray switches", GRAYS],
  ["lost disks and power", DATA],
])) {
  for (const [file, width] of /** @type {const} */ ([
    ["", 1440],
    ["", 390],
    ["embed.html", 640],
  ])) {
    test(`${name} at ${width} on ${file || "the page"}: words are large enough, inside, and free`, async ({
      page,
    }) => {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`./${file}${await linkOf(text)}&t=8`);
      await simulated(page);
      expect(await unreadable(page)).toEqual([]);
    });
  }
}

test("generals say what they will do in letters that can be read", async ({ page }) => {
  await openText(page, GENERALS, 2.4);
  const small = (await unreadable(page)).filter((one) => /will|undecided|round/.test(one));
  expect(small.filter((one) => !one.includes("plant"))).toEqual([]);
  await expect(page.locator(".outcome"), "generals wait for no write").not.toContainText("wait");
});

test("in a small picture of a large plant words are larger than its scale makes them", async ({
  page,
}) => {
  const members = [1, 2, 3, 4, 5].map((rack) => `r${rack}.s1`);
  await openText(
    page,
    HEALTHY.replace(/3 racks.*/, "5 racks of 1 server, 2 disks each").replace(
      "r1.s1 r2.s1 r3.s1",
      members.join(" "),
    ),
    5,
  );
  const sizes = await page
    .locator("#plant .server-belief")
    .evaluateAll((words) => words.map((word) => parseFloat(getComputedStyle(word).fontSize)));
  expect(Math.min(...sizes)).toBeGreaterThan(12);
  const out = await page.locator("#plant [data-server-of]").evaluateAll((servers) =>
    servers.flatMap((server) => {
      const box = server.querySelector(".body")?.getBoundingClientRect();
      return [...server.querySelectorAll("text")]
        .filter((word) => box && word.getBoundingClientRect().right > box.right)
        .map((word) => word.textContent);
    }),
  );
  expect(out).toEqual([]);
});

test("what a server believes ends before its disks, at any width", async ({ page }) => {
  await page.goto("./#cloudflare-2020&t=15");
  await simulated(page);
  for (const width of [1440, 1024, 900, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await drawn(page);
    const over = () =>
      page.evaluate(() => {
        const boxes = (/** @type {string} */ selector) =>
          [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
        const disks = boxes("#plant .part.disk .body");
        return boxes("#plant .server-belief").filter(
          (word) =>
            word.width > 0 &&
            disks.some(
              (disk) =>
                disk.left < word.right &&
                disk.right > word.left &&
                disk.top < word.bottom &&
                disk.bottom > word.top,
            ),
        ).length;
      });
    await expect.poll(over, `${width}`).toBe(0);
  }
});

test("a paused replica is seen to be paused, wherever it is drawn", async ({ page }) => {
  await openText(page, acts("pause r2.s1"), 8);
  for (const place of [
    "#logic [data-replica=n2]",
    '#plant [data-part="r2.s1"]',
    "#cards .card >> nth=1",
  ]) {
    await expect(page.locator(`${place} >> .paused .off`), place).toBeVisible();
  }
  await expect(page.locator("#cards .card").nth(1)).toContainText(said("note.paused"));
  await expect(page.locator("#logic [data-replica=n2]")).toHaveAccessibleName(/paused/);
  await expect(page.locator("#logic [data-replica=n1] .off")).toBeHidden();
});

test("a dead replica says so in the words of its card, and its cut links stay cut", async ({
  page,
}) => {
  await openText(page, acts("fail feed-a", "fail r2.pdu-b", "cut n3 -> n1", "fail r3.s1"), 8);
  await expect(page.locator('#plant [data-part="r2.s2"] .part-note')).toHaveText(
    said("note.unpowered"),
  );
  await expect(page.locator('#logic [data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
});

test("what a run tells of itself can be read", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  await page.evaluate(() => window.halflink.player.act("cut n2 -> n1"));
  await simulated(page);
  await page.evaluate(() => window.halflink.playback.seek(8e6));
  await drawn(page);
  const { captions } = await page.evaluate(() => window.halflink.session.strip);
  const { at_us } = captions.findLast(({ said }) => said) ?? { at_us: 0 };
  expect(at_us).toBeGreaterThan(0);
  await page.evaluate((to_us) => window.halflink.playback.seek(to_us), at_us);
  await drawn(page);
  expect(await violations(page)).toEqual([]);
});

test("what is wrong with an idle server is said in whole, and beside no disk", async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 760 });
  await page.goto("./embed.html#power-cascade&t=8&view=both");
  await simulated(page);
  const notes = page.locator("#plant .part.server:not([data-server-of]) .part-note");
  const unpowered = await page.evaluate(() => {
    const { plan } = window.halflink.player.session;
    return plan.parts.filter(({ kind, replica }) => kind === "server" && replica === null).length;
  });
  expect(unpowered).toBe(9);
  // Words that are 40 % longer do not fit beside a name at this width: they end in an ellipsis, and
  // the server's menu has them in whole.
  const whole = Array.from({ length: unpowered }, () => said("note.unpowered"));
  if (PSEUDO) await expect(notes).toHaveCount(unpowered);
  else await expect(notes).toHaveText(whole);
  const over = await page.evaluate(() => {
    const boxes = (/** @type {string} */ selector) =>
      [...document.querySelectorAll(selector)].map((one) => one.getBoundingClientRect());
    const taken = boxes("#plant .part.disk .body, #plant .server-name");
    return boxes("#plant .server .part-note").filter((note) =>
      taken.some(
        (one) =>
          one.left < note.right &&
          note.left < one.right &&
          one.top < note.bottom - 2 &&
          note.top + 2 < one.bottom,
      ),
    ).length;
  });
  expect(over).toBe(0);
});
