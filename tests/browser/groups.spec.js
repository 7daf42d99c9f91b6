// Several consensus groups on one plant: one of them is shown, or all beside each other.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import {
  TWO_GROUPS,
  linkOf,
  now,
  open,
  openMenu,
  openText,
  seek,
  simulated,
  textOf,
} from "./playground.js";
import { PSEUDO, listed, patternOf, said, saying } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

const ONE = TWO_GROUPS.replace(/cluster zk[\s\S]*?write {3}every 200ms\n/, "").replace(
  /at 0s {3}in zk.*\n/,
  "",
);

const ALL = new RegExp(patternOf(said("groups.all")));

/**
 * What is said of a replica in the plant; where words are long, as much as there is room for.
 *
 * @param {string} group
 * @param {string} words
 */
const member = (group, words) =>
  PSEUDO ? new RegExp(`^((${group}|\\S+…) ${patternOf(words)}|.+…)$`) : `${group} ${words}`;

/** Of that group it begins to tell, and it is parted. @param {string} group */
const partedIn = (group) =>
  new RegExp(`^${saying("group.of", { group })}.*${saying("word.parted")}`);

/** Of that group it begins to tell. @param {string} group */
const tellsOf = (group) => new RegExp(`^${saying("group.of", { group })}`);

/** @param {Page} page */
const chooser = (page) => page.locator("#groups .pill").first();

/**
 * @param {Page} page
 * @param {RegExp} name
 */
async function choose(page, name) {
  await chooser(page).click();
  await page.locator("#groups").getByRole("menuitemradio", { name }).click();
}

/** By replica, whom the shown group's strip says it follows now. @param {Page} page */
const beliefs = (page) => page.evaluate(() => window.halflink.player.announced);

test("a scenario of one group has no chooser, and nothing is loaded for it", async ({ page }) => {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await openText(page, ONE, 14);
  await expect(page.locator("#groups")).toBeHidden();
  expect(asked.filter((url) => /groups\.js/.test(url))).toEqual([]);
  await expect(page.locator(".outcome")).not.toContainText(said("group.of", { group: "etcd" }));
});

test("the first group is shown, and who it is is said", async ({ page }) => {
  await openText(page, TWO_GROUPS, 14);
  await expect(chooser(page)).toHaveText(new RegExp(`${saying("groups.menu")}\\s*etcd · raft`));
  await expect(page.locator(".outcome")).toHaveText(partedIn("etcd"));
  expect(await beliefs(page)).toMatch(tellsOf("etcd"));
  // The other's replicas stand in the plant by its name, and say whom they follow.
  const members = page.locator("#plant .member");
  await expect(members).toHaveCount(3);
  await expect(members).toHaveText([
    member("zk", `n1 ${said("plant.no-leader")}`),
    member("zk", `n2 ${said("plant.leads")}`),
    member("zk", said("believers.leader", { who: "n3", count: 1, leader: "n2" })),
  ]);
  await expect(page.locator('[data-part="r1.s2"] .member')).toHaveClass(/hollow/);
});

test("another group is chosen, by mouse and by keyboard, and the address names it", async ({
  page,
}) => {
  await openText(page, TWO_GROUPS, 30);
  await choose(page, /zk/);
  await expect(chooser(page)).toHaveText(/zk · zab/);
  await expect(page.locator(".outcome")).toHaveText(partedIn("zk"));
  await expect(page.locator("#protocol-menu .pill")).toHaveText(/zab/);
  // n1 of etcd has found its leader by then, and n1 of zk never does.
  await expect(page.locator('#plant [data-server-of="n1"]')).toHaveClass(/hollow/);
  await expect(page.locator("#plant .member").first()).toHaveText(
    member("etcd", said("believers.leader", { who: "n1", count: 1, leader: "n3" })),
  );
  await expect.poll(() => page.url()).toMatch(/&group=zk$/);
  expect(await now(page)).toBe(30);
  await page.reload();
  await simulated(page);
  await expect(chooser(page)).toHaveText(/zk · zab/);
  await chooser(page).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemradio", { name: /zk/ })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(chooser(page)).toHaveText(/etcd · raft/);
  await expect(chooser(page)).toBeFocused();
  await expect.poll(() => page.url()).not.toMatch(/group/);
});

test("what a reader does to a replica is done in its group; to the plant, to all", async ({
  page,
}) => {
  await open(page, `${await linkOf(TWO_GROUPS)}&t=5&group=zk`);
  await page.locator('[data-flow="n3->n1"] .head').click();
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +in zk cut n3 -> n1$/m);
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await openMenu(page, "r3.s1");
  await page
    .getByRole("button", { name: said("choice.crash") })
    .first()
    .click();
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +crash r3.s1$/m);
  await expect(page.locator('[data-part="r3.s1"] .member')).toHaveText(
    member("etcd", said("believers.down", { who: "n3", count: 1 })),
  );
  await choose(page, /etcd/);
  await expect(page.locator('[data-flow="n2->n1"]')).toHaveAttribute("data-state", "up");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  expect(await textOf(page)).not.toMatch(/^at 5s/m);
  await expect(chooser(page)).toHaveText(/etcd · raft/);
});

/** By 30 s, of each group what is said of its replicas. */
const BELIEVED = [
  said("group.of", { group: "etcd" }),
  said("believers.leader", { who: listed(["n1", "n2", "n3"]), count: 3, leader: "n3" }),
  said("group.of", { group: "zk" }),
  said("believers.nobody", { who: "n1", count: 1 }),
  said("believers.leader", { who: listed(["n2", "n3"]), count: 2, leader: "n2" }),
];

test("all groups beside each other: pictures, strips and outcomes on one clock", async ({
  page,
}) => {
  await openText(page, TWO_GROUPS, 14);
  await choose(page, ALL);
  await expect(page.locator("#all-groups .compare-row")).toHaveCount(2);
  await expect(page.locator("#all-groups h3")).toHaveText(["etcd", "zk"]);
  await expect(page.locator("#all-groups .compare-outcome b")).toHaveText([
    said("word.parted"),
    said("word.parted"),
  ]);
  await expect(page.locator("#plant")).toBeHidden();
  await expect.poll(() => page.url()).toMatch(/&groups$/);
  // Each has its own beliefs: by 30 s n1 of etcd follows n3, and n1 of zk nobody.
  await seek(page, 30);
  const words = page.locator("#all-groups [role=slider]");
  await expect(words).toHaveAttribute(
    "aria-valuetext",
    new RegExp(BELIEVED.map(patternOf).join(".*")),
  );
  // An arrowhead cut in one picture is cut in that group.
  const zk = page.locator("#all-groups .compare-row").nth(1);
  await zk.locator('[data-flow="n3->n2"] .head').click();
  await expect.poll(() => textOf(page)).toMatch(/^at 30s +in zk cut n3 -> n2$/m);
  await expect(zk.locator('[data-flow="n3->n2"]')).toHaveAttribute("data-state", "cut");
  const etcd = page.locator("#all-groups .compare-row").nth(0);
  await expect(etcd.locator('[data-flow="n3->n2"]')).toHaveAttribute("data-state", "up");
  await expect(page.locator("#all-groups .strip-fault text")).toContainText([
    /cut spine-a/,
    tellsOf("zk"),
  ]);
  await page.getByRole("button", { name: said("groups.alone", { name: "zk" }) }).click();
  await expect(chooser(page), "the keys are not lost with the button").toBeFocused();
  await expect(page.locator("#all-groups")).toBeHidden();
  await expect(page.locator("#plant")).toBeVisible();
  await expect(chooser(page)).toHaveText(/zk · zab/);
});

test("a reload shows all groups again, and Compare takes their place", async ({ page }) => {
  await open(page, `${await linkOf(TWO_GROUPS)}&t=14&groups`);
  await expect(page.locator("#all-groups .compare-row")).toHaveCount(2);
  await page.locator("#compare-button").click();
  await expect(page.locator("#all-groups")).toBeHidden();
  await expect(page.locator("#compare .compare-row")).toHaveCount(4);
  await choose(page, ALL);
  await expect(page.locator("#compare")).toBeHidden();
  await expect(page.locator("#all-groups .compare-row")).toHaveCount(2);
  await expect(page.locator("#plant")).toBeHidden();
});

test("Compare runs the group that is shown under other protocols", async ({ page }) => {
  await open(page, `${await linkOf(TWO_GROUPS)}&t=14&group=zk&compare=raft,vr`);
  await expect(page.locator("#compare .compare-row[data-outcome]")).toHaveCount(3);
  const text = await page.evaluate(() => {
    const { player } = window.halflink;
    const rows = /** @type {Map<string, {session: {text: string}}>} */ (
      player.panels.get("compare").rows
    );
    return rows.get("vr")?.session.text;
  });
  expect(text).toContain("cluster etcd: raft on");
  expect(text).toContain("cluster zk: vr on");
});

/** Two of four generals lie to one that can bear one: what they agree on breaks. */
const BROKEN = `halflink 1
title   "One group breaks"
plant   3 racks of 2 servers, 2 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    1
cluster pbft: pbft on r1.s1 r1.s2 r2.s1 r2.s2
timing  heartbeat 100ms, election 1s..2s
write   every 500ms
at 2s   in pbft traitor n1 equivocate
at 2s   in pbft traitor n2 equivocate
run     20s
`;

test("what breaks in a group that is not shown is said", async ({ page }) => {
  await openText(page, BROKEN, 1);
  expect(await page.evaluate(() => window.halflink.session.strip.violations)).toEqual([]);
  const news = page.locator(".group-news button");
  const words = new RegExp(
    saying("groups.broken", { group: "pbft", property: "agreement", at: "«.*»" }),
  );
  await expect(news).toHaveText(words);
  await expect(page.locator("#live")).toHaveText(words);
  await news.click();
  await expect(chooser(page)).toHaveText(/pbft · pbft/);
  await expect(page.locator("#evidence")).toBeVisible();
  await expect(page.locator(".group-news button")).toHaveCount(0);
});

test("a group that is shown and taken out of the text leaves one that is there", async ({
  page,
}) => {
  await open(page, `${await linkOf(TWO_GROUPS)}&t=14&group=zk`);
  await page.evaluate((text) => window.halflink.session.attempt((run) => run.edit(text)), ONE);
  await expect(page.locator("#groups")).toBeHidden();
  await expect(page.locator("#protocol-menu .pill")).toHaveText(/raft/);
  await page.keyboard.press("Control+z");
  await expect(page.locator("#groups")).toBeVisible();
  await expect(page.locator("#plant .member")).toHaveCount(3);
});

for (const width of [1440, 390]) {
  test(`nothing is cut off at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    for (const option of ["group=zk", "groups"]) {
      await page.goto("about:blank");
      await open(page, `${await linkOf(TWO_GROUPS)}&t=14&${option}`);
      await expect(chooser(page)).toBeVisible();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
    }
  });
}

test("an embed has the chooser, too, and all groups", async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 640 });
  await page.goto(`./embed.html${await linkOf(TWO_GROUPS)}&t=30&play=off&group=zk`);
  await simulated(page);
  await expect(chooser(page)).toHaveText(/zk · zab/);
  await expect(page.locator(".outcome")).toHaveText(tellsOf("zk"));
  await choose(page, ALL);
  await expect(page.locator("#all-groups .compare-row")).toHaveCount(2);
  await expect(page.locator("#logic")).toBeHidden();
  await page.locator("a.open").hover();
  await expect(page.locator("a.open")).toHaveAttribute("href", /&groups$/);
  await choose(page, /etcd/);
  await expect(page.locator("#logic")).toBeVisible();
  await expect(page.locator(".outcome")).toHaveText(tellsOf("etcd"));
});

for (const [name, text, least] of /** @type {const} */ ([
  ["one group", ONE, 10.7],
  ["two groups", TWO_GROUPS, 10.7],
  // What a server believes shares its line with the disks, of which these have four.
  ["nine servers", ONE.replace("2 servers, 2 disks", "3 servers, 4 disks"), 10.15],
])) {
  test(`${name} of three racks fit a tablet held upright, and the bar is a line`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 768, height: 1024 });
    await openText(page, text, 14);
    const seen = await page.evaluate(() => {
      const tops = [...document.querySelectorAll(".bar > *")]
        .filter((one) => one.checkVisibility())
        .map((one) => one.getBoundingClientRect())
        .map(({ top, height }) => top + height / 2);
      const plant = /** @type {HTMLElement} */ (document.querySelector("#plant"));
      const scale = plant.querySelector("svg")?.getScreenCTM()?.d ?? 0;
      const sizes = [...plant.querySelectorAll(".part > text")]
        .filter((one) => one.getBoundingClientRect().width > 0)
        .map((one) => parseFloat(getComputedStyle(one).fontSize) * scale);
      return {
        lines: Math.max(...tops) - Math.min(...tops),
        past: plant.scrollWidth - plant.clientWidth,
        smallest: Math.min(...sizes),
      };
    });
    // Longer words take another line, and are all there.
    expect(seen.lines).toBeLessThan(PSEUDO ? 48 : 8);
    expect(seen.past).toBe(0);
    expect(seen.smallest).toBeGreaterThan(least);
  });
}

test("each group's replicas have its own author's names, also where it is not shown", async ({
  page,
}) => {
  const named = TWO_GROUPS.replace("timing", "name    n1 alice\nname    n2 bob\ntiming").replace(
    /(cluster zk.*\n)/,
    "$1name    n1 zoe\nname    n3 yan\n",
  );
  await openText(page, named, 30);
  await expect(page.locator("#plant .member")).toHaveText([
    member("zk", `zoe ${said("plant.no-leader")}`),
    member("zk", `n2 ${said("plant.leads")}`),
    member("zk", said("believers.leader", { who: "yan", count: 1, leader: "n2" })),
  ]);
  await choose(page, ALL);
  const rows = page.locator("#all-groups .compare-row");
  await expect(rows).toHaveCount(2);
  const names = [
    ["alice", "bob", "n3"],
    ["zoe", "n2", "yan"],
  ];
  for (const [number, own] of names.entries()) {
    const row = rows.nth(number);
    await expect(row.locator(".strip-names .strong")).toHaveText(own);
    await expect(row.locator("[data-replica]").nth(0)).toHaveAttribute(
      "aria-label",
      new RegExp(own[0]),
    );
  }
  // Another width draws the strips anew, and nobody is renamed by it.
  await page.setViewportSize({ width: 1300, height: 900 });
  await expect(rows.nth(1).locator(".strip-names .strong")).toHaveText(names[1]);
  await rows.nth(1).locator("[data-replica]").nth(0).click();
  await expect(page.locator(".popover")).toBeVisible();
  await expect(page.locator(".popover")).not.toContainText("alice");
});

test("a link of format 1 opens in a page that showed several groups", async ({ page }) => {
  const links = await readFile(new URL("../links/format-1.txt", import.meta.url), "utf8");
  const [, link, text] = /^== one-way-to-leader\n(.*)\n([\s\S]*?)(?=^== )/m.exec(links) ?? [];
  expect(link).toMatch(/^#1\./);
  for (const before of ["groups", "group=zk"]) {
    await open(page, `${await linkOf(TWO_GROUPS)}&t=14&${before}`);
    await expect(page.locator("#groups")).toBeVisible();
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `${link}&t=2`);
    await expect.poll(() => textOf(page)).toBe(text);
    await simulated(page);
    expect(await now(page)).toBe(2);
    await expect(page.locator("#groups")).toBeHidden();
    await expect(page.locator("#all-groups")).toBeHidden();
    await expect(page.locator("#logic [data-replica]")).toHaveCount(3);
    await page.goBack();
    await expect(page.locator("#groups")).toBeVisible();
    await expect.poll(() => textOf(page)).toBe(TWO_GROUPS);
  }
});
