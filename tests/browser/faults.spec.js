// What the pictures show of faults: all that is in force, or a count that opens; and no word lies on
// another.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, linkOf, open, openText, seek, simulated } from "./playground.js";
import { atLeastBegun, said, told } from "./words.js";

/** Two against three, by six cuts at once. */
const SIX = `halflink 1
title   "Two against three"
plant   5 racks of 1 server, 2 disks each
cluster c: raft on r1.s1 r2.s1 r3.s1 r4.s1 r5.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
write   every 300ms
at 0s   elect n1
at 5s   cut n1 <-> n3
at 5s   cut n1 <-> n4
at 5s   cut n1 <-> n5
at 5s   cut n2 <-> n3
at 5s   cut n2 <-> n4
at 5s   cut n2 <-> n5
run     30s
`;

const NAMES = { parts: [], lanes: [], replicas: ["n1", "n2", "n3"].map((name) => ({ name })) };

/** Five disks, by hand. */
const DISKS = HEALTHY.replace(
  "run ",
  [3, 4, 5, 5.1, 5.2]
    .map((at, index) => `at ${at}s fail r${1 + (index % 3)}.s1.d${index < 3 ? 1 : 3}\n`)
    .concat("run ")
    .join(""),
);

/**
 * The words of the strip that lie on others, as they are drawn.
 * @param {import('./playground.js').Place} place
 */
function overlaps(place) {
  return place.evaluate(() => {
    const words = [...document.querySelectorAll("#strip text")]
      .filter((text) => text.textContent)
      .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    return words.flatMap(({ text, box }, index) =>
      words
        .slice(index + 1)
        .filter(
          ({ box: other }) =>
            box.left < other.right - 1 &&
            other.left < box.right - 1 &&
            // Lines of the box above and below the letters.
            box.top + 2 < other.bottom - 2 &&
            other.top + 2 < box.bottom - 2,
        )
        .map((other) => `${text} | ${other.text}`),
    );
  });
}

for (const [name, text, shown, more] of /** @type {const} */ ([
  ["six cuts", SIX, 3, 3],
  ["five disks", DISKS, 3, 2],
])) {
  for (const [file, width] of /** @type {const} */ ([
    ["", 1440],
    ["", 768],
    ["", 390],
    ["embed.html", 640],
    ["embed.html", 390],
  ])) {
    test(`${name} at ${width} on ${file || "the page"}: each is told or counted`, async ({
      page,
    }) => {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`./${file}${await linkOf(text)}&t=12`);
      await simulated(page);
      await expect(page.locator("#strip .strip-fault")).toHaveCount(shown);
      await expect(page.locator("#strip .strip-more text")).toHaveText([
        said("strip.more", { count: more }),
      ]);
      expect(await overlaps(page)).toEqual([]);
    });
  }
}

test("a count opens, by mouse and by key, and a fault that is chosen is gone to", async ({
  page,
}) => {
  await openText(page, SIX, 12);
  const count = page.getByRole("button", { name: said("strip.more-faults", { count: 3 }) });
  await count.click();
  const list = page.getByRole("dialog", { name: said("menu.faults", { count: 3 }) });
  await expect(list.getByRole("button")).toHaveText([/cut n2 ⇄ n3/, /cut n2 ⇄ n4/, /cut n2 ⇄ n5/]);
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await count.focus();
  await page.keyboard.press("Enter");
  await list.getByRole("button").first().click();
  await expect.poll(() => page.evaluate(() => window.halflink.playback.time_us)).toBe(5e6);
  await page.getByRole("button", { name: said("strip.all-faults", { count: 6 }) }).click();
  await expect(
    page.getByRole("dialog", { name: said("menu.faults", { count: 6 }) }).getByRole("button"),
  ).toHaveCount(6);
});

test("a cut of a flow marks the lanes that it would take, and its packets die at the sender", async ({
  page,
}) => {
  await openText(page, HEALTHY.replace("run ", "at 5s cut n3 -> n1\nrun "), 8);
  const marked = page.locator("#plant [data-loses]");
  await expect(marked).toHaveCount(4);
  for (const lane of await marked.all()) {
    await expect(lane).toHaveAttribute("data-loses", "n3 → n1");
    await expect(lane).toHaveAttribute("data-state", "up");
  }
  // A heartbeat has just died.
  const dead = page.locator('#plant .packet[data-from="n3"][data-to="n1"][data-dead]');
  await expect(dead.first()).toBeAttached();
  const server = await page.locator('#plant [data-server-of="n3"] .body').boundingBox();
  const cross = await dead.first().boundingBox();
  if (!server || !cross) throw new Error("neither is drawn");
  const gap = Math.max(server.x - (cross.x + cross.width), cross.x - (server.x + server.width));
  expect(gap).toBeGreaterThan(-6);
  expect(gap).toBeLessThan(12);
  await expect(page.locator("#plant .death")).toHaveText(
    told("cause", { kind: "flow", from: 2, to: 0, percent: 100 }, NAMES),
  );
  await seek(page, 4);
  await expect(marked).toHaveCount(0);
});

test("what hangs on a dead feed or a stopped server is shown as dead", async ({ page }) => {
  await openText(page, HEALTHY.replace("run ", "at 3s fail feed-a\nat 4s crash r1.s2\nrun "), 8);
  await drawn(page);
  await expect(page.locator("#plant .drop.side-a[data-dead]")).toHaveCount(3);
  await expect(page.locator("#plant .drop.side-b[data-dead]")).toHaveCount(0);
  await expect(page.locator('#plant [data-part="feed-a"] .part-note')).toHaveText(
    atLeastBegun(told("note", "failed")),
  );
  await expect(page.locator('#plant [data-lane="r1.s2->r1.tor-a"]')).toHaveAttribute("data-idle");
  await expect(page.locator('#plant [data-lane="r1.s1->r1.tor-a"]')).not.toHaveAttribute(
    "data-idle",
  );
});

test("a list of faults is opened where protocols are compared, too", async ({ page }) => {
  await open(page, `${await linkOf(SIX)}&compare=raft,zab`);
  await page
    .locator("#compare")
    .getByRole("button", { name: said("strip.more-faults", { count: 3 }) })
    .click();
  await expect(page.getByRole("dialog", { name: said("menu.faults", { count: 3 }) })).toBeVisible();
});

test("no cross lies on a word, and no words on a cross, while packets die of everything", async ({
  page,
}) => {
  test.slow();
  await openText(
    page,
    HEALTHY.replace(
      "run ",
      [
        "cut n3 -> n1",
        "gray r1.tor-b drops n2 -> n1",
        "lose 50% of n2 <-> n3",
        "cut r3.s1 -> r3.tor-b",
        "crash r2.s1",
        "fail r1.pdu-a",
      ]
        .map((act, at) => `at ${at + 3}s ${act}\n`)
        .concat("run ")
        .join(""),
    ),
    3,
  );
  let [dead, told] = [0, 0];
  for (let seconds = 3.2; seconds < 10; seconds += 0.55) {
    await seek(page, seconds);
    const { found, deaths, crosses } = await page.evaluate(() => {
      const boxes = (/** @type {string} */ selector) =>
        [...document.querySelectorAll(selector)]
          .filter(
            (one) =>
              getComputedStyle(one).display !== "none" &&
              (one.localName !== "text" || one.textContent),
          )
          .map((one) => ({
            name: one.textContent || one.getAttribute("class"),
            box: one.getBoundingClientRect(),
          }));
      const crosses = boxes(".packet[data-dead] .packet-cross, .lane .cross");
      const deaths = boxes(".death");
      const words = boxes("#plant text:not(.death), #logic text");
      // A letter is not as high as its box.
      const meet = (/** @type {DOMRect} */ one, /** @type {DOMRect} */ other) =>
        one.left < other.right - 1 &&
        other.left < one.right - 1 &&
        one.top + 2 < other.bottom - 2 &&
        other.top + 2 < one.bottom - 2;
      const pairs = [
        [crosses, words],
        [deaths, words],
        [deaths, crosses],
      ];
      return {
        deaths: deaths.length,
        crosses: crosses.length,
        found: pairs.flatMap(([ones, others]) =>
          ones.flatMap(({ name, box }) =>
            others
              .filter((other) => meet(box, other.box))
              .map((other) => `${name} on ${other.name}`),
          ),
        ),
      };
    });
    expect(found, `at ${seconds.toFixed(2)} s`).toEqual([]);
    dead += crosses;
    told += deaths;
  }
  // There was something to see.
  expect(dead).toBeGreaterThan(20);
  expect(told).toBeGreaterThan(3);
});
