// Switches, power, disks and servers: each fault is offered, acted on, shown, and lifted.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  beliefs,
  choose,
  drawn,
  lane,
  openMenu,
  openText,
  part,
  seek,
  textOf,
} from "./playground.js";
import { atLeastBegun, said, told } from "./words.js";

/** @type {[string, string, [string, string, string, string][]][]} */
const FAULTS = [
  [
    "a ToR switch",
    "r1.tor-a",
    [[said("choice.fail", { part: "tor" }), "fail", "failed", "restore"]],
  ],
  [
    "a spine switch",
    "spine-b",
    [[said("choice.fail", { part: "spine" }), "fail", "failed", "restore"]],
  ],
  ["a PDU", "r2.pdu-b", [[said("choice.fail", { part: "pdu" }), "fail", "failed", "restore"]]],
  [
    "a power feed",
    "feed-a",
    [[said("choice.fail", { part: "feed" }), "fail", "failed", "restore"]],
  ],
  ["a disk", "r3.s1.d2", [[said("choice.fail", { part: "disk" }), "fail", "failed", "restore"]]],
  [
    "a network card",
    "r2.s1.nic-a",
    [[said("choice.fail", { part: "nic" }), "fail", "failed", "restore"]],
  ],
  [
    "a power supply",
    "r2.s1.psu-b",
    [[said("choice.fail", { part: "psu" }), "fail", "failed", "restore"]],
  ],
  [
    "a server",
    "r2.s1",
    [
      [said("choice.fail", { part: "server" }), "fail", "failed", "restore"],
      [said("choice.crash"), "crash", "crashed", "restart"],
      [said("choice.pause"), "pause", "paused", "resume"],
    ],
  ],
];

for (const [words, name, faults] of FAULTS) {
  test(`${words} offers its faults, and each can be lifted again`, async ({ page }) => {
    await openText(page, HEALTHY, 5);
    for (const [label, verb, state, lift] of faults) {
      await expect(part(page, name)).toHaveAttribute("data-state", "up");
      const menu = await openMenu(page, name);
      await menu.getByRole("button", { name: label }).click();
      await expect(part(page, name)).toHaveAttribute("data-state", state);
      await expect(part(page, name)).toHaveAttribute("aria-label", new RegExp(state));
      await expect.poll(() => textOf(page)).toMatch(new RegExp(`^at 5s +${verb} ${name}$`, "m"));
      await seek(page, 6);
      await choose(page, name, `${lift} ${name}`);
      await expect(part(page, name)).toHaveAttribute("data-state", "up");
      await expect.poll(() => textOf(page)).toMatch(new RegExp(`^at 6s +${lift} ${name}$`, "m"));
      await page.keyboard.press("Control+z");
      await page.keyboard.press("Control+z");
      await seek(page, 5);
    }
  });
}

test("a switch turns gray for a flow in one direction, and another in both", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  // The switch of rack 1 that what n3 sends n1 goes through.
  const name = await page.evaluate(() => {
    const { player, session } = window.halflink;
    const flow = player.view?.flows.find(({ from, to }) => from === 2 && to === 0);
    return session.plan.parts[session.plan.lanes[flow?.lanes.at(-1) ?? 0].from].name;
  });
  const menu = await openMenu(page, name);
  await menu.getByLabel(said("gray.from")).selectOption("n3");
  await menu.getByLabel(said("gray.direction")).selectOption("->");
  await menu.getByLabel(said("gray.to"), { exact: true }).selectOption("n1");
  await menu.getByRole("button", { name: said("gray.go") }).click();
  await expect(part(page, name)).toHaveAttribute("data-state", "gray");
  await expect(part(page, name).locator(".part-note")).toContainText("n3 → n1");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "dead");
  await expect(lane(page, "n3->n1").locator(".reason")).toHaveText(
    atLeastBegun(said("reason.at", { part: 0 }, { parts: [{ name }], lanes: [], replicas: [] })),
  );
  await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(page)).toContain(`gray ${name} drops n3 -> n1\n`);

  await choose(page, name, `heal ${name}`);
  await expect(part(page, name)).toHaveAttribute("data-state", "up");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "up");

  await openMenu(page, name);
  await menu.getByLabel(said("gray.share")).selectOption("50");
  await menu.getByLabel(said("gray.from")).selectOption("n3");
  await menu.getByLabel(said("gray.direction")).selectOption("<->");
  await menu.getByLabel(said("gray.to"), { exact: true }).selectOption("n1");
  await menu.getByRole("button", { name: said("gray.go") }).click();
  await drawn(page);
  await expect.poll(() => textOf(page)).toContain(`gray ${name} drops 50% of n3 <-> n1\n`);
  await expect(part(page, name)).toHaveAttribute("data-state", "gray");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "lossy");
});

test("a switch drops what is large, and nothing that is small", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const menu = await openMenu(page, "r3.tor-a");
  await menu.getByLabel(said("gray.share")).selectOption("over");
  await menu.getByLabel(said("gray.from")).selectOption("*");
  await menu.getByLabel(said("gray.to"), { exact: true }).selectOption("*");
  await menu.getByRole("button", { name: said("gray.go") }).click();
  await expect
    .poll(() => textOf(page))
    .toMatch(/^at 5s +gray r3\.tor-a drops all over 1500 bytes$/m);
  await expect(part(page, "r3.tor-a")).toHaveAttribute("data-state", "gray");
  await expect(part(page, "r3.tor-a")).toHaveAttribute("aria-label", /all over 1500 bytes/);
  // What goes over it is marked, and all of it arrives: an entry at a time is not that large.
  const over = page.locator('.lane[data-state="impaired"]');
  await expect(over.first()).toBeVisible();
  await seek(page, 25);
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  await choose(page, "r3.tor-a", "heal r3.tor-a");
  await expect(part(page, "r3.tor-a")).toHaveAttribute("data-state", "up");
});

test("a switch whose control plane dies is left by LACP, and healed from its menu", async ({
  page,
}) => {
  await openText(page, HEALTHY.replace("4 disks each", "4 disks each, bond lacp fast"), 5);
  const name = "r3.tor-a";
  const menu = await openMenu(page, name);
  await expect(menu).toContainText(said("blast.if-control-dies", { after: "3s" }));
  await menu.getByRole("button", { name: said("choice.control") }).click();
  await expect(part(page, name)).toHaveAttribute("data-state", "control-dead");
  await expect(part(page, name).locator(".part-note")).toHaveText(
    atLeastBegun(told("note", "control-dead")),
  );
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +gray r3\.tor-a drops control$/m);
  const out = page.locator('.lane.cable[data-state="out"]');
  await seek(page, 7.9);
  await expect(out).toHaveCount(0);
  await seek(page, 8.1);
  await expect(out, "both directions of every server's cable").toHaveCount(6);
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  await openMenu(page, name);
  await expect(menu.getByRole("button", { name: said("choice.control") })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await choose(page, name, `heal ${name}`);
  await expect(part(page, name)).toHaveAttribute("data-state", "up");
  await seek(page, 9.2);
  await expect(out).toHaveCount(0);
});

test("a dead switch takes nothing down that has another way", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await choose(page, "r3.tor-a", "fail r3.tor-a");
  await seek(page, 12);
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  await expect(page.locator(".consequence")).toHaveText(/changes nothing/);
  await seek(page, 5);
  await choose(page, "r3.tor-b", "fail r3.tor-b");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "dead");
  await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "dead");
  await expect(lane(page, "n1->n2")).toHaveAttribute("data-state", "up");
});

test("a feed and the other PDU of a rack take that rack down, and no other", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await choose(page, "feed-a", "fail feed-a");
  for (const name of ["r2.tor-a", "r2.s1", "r1.s1", "spine-a"]) {
    await expect(part(page, name), "everything draws on feed b").toHaveAttribute(
      "data-state",
      "up",
    );
  }
  await expect(part(page, "r2.pdu-a")).toHaveAttribute("data-state", "unpowered");
  await choose(page, "r2.pdu-b", "fail r2.pdu-b");
  for (const name of ["r2.tor-a", "r2.tor-b", "r2.s1", "r2.s3"]) {
    await expect(part(page, name)).toHaveAttribute("data-state", "unpowered");
  }
  await expect(part(page, "r2.tor-a").locator(".part-note")).toHaveText(
    atLeastBegun(told("note", "unpowered")),
  );
  for (const name of ["r1.tor-a", "r1.s1", "r3.tor-b", "r3.s1", "spine-b"]) {
    await expect(part(page, name)).toHaveAttribute("data-state", "up");
  }
  await expect(page.locator('[data-replica="n2"]')).toHaveAttribute("data-role", "down");
  await expect(page.locator('[data-replica="n1"]')).toHaveAttribute("data-role", "follower");

  await seek(page, 6);
  await choose(page, "r2.pdu-b", "restore r2.pdu-b");
  await expect(part(page, "r2.s1")).toHaveAttribute("data-state", "up");
});

test("two dead disks of different pairs do not matter, two of one pair stop the replica", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  const n1 = page.locator('[data-replica="n1"]');
  await choose(page, "r1.s1.d1", "fail r1.s1.d1");
  await choose(page, "r1.s1.d3", "fail r1.s1.d3");
  await expect(part(page, "r1.s1")).toHaveAttribute("data-state", "up");
  await expect(n1).toHaveAttribute("data-role", "follower");
  // The last one by way of its server's menu.
  const menu = await openMenu(page, "r1.s1");
  await menu.getByRole("button", { name: "Fail disk 2" }).click();
  await expect(part(page, "r1.s1.d2")).toHaveAttribute("data-state", "failed");
  await expect(part(page, "r1.s1")).toHaveAttribute("data-state", "data-loss");
  await expect(n1).toHaveAttribute("data-role", "down");
  await expect(n1).toHaveAttribute("aria-label", /mirror pair/);
});

test("a click on a server in the logical view opens the same menu, and Escape closes it", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await page.locator('[data-replica="n2"]').click();
  const menu = page.getByRole("dialog", { name: said("part.server", { slot: 1, rack: 2 }) });
  await expect(menu).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await page.locator('[data-replica="n2"]').click();
  await page.locator(".rack-label").first().click();
  await expect(menu, "a click elsewhere closes it").toBeHidden();
});

test("what is written on a part stays within it", async ({ page }) => {
  await openText(
    page,
    HEALTHY.replace(
      "run ",
      `at 4s fail feed-a
at 4s fail r2.pdu-b
at 4s gray r1.tor-a drops 50% of n1 <-> n3
at 4s gray spine-a drops all
at 4s fail r3.tor-b
at 4s pause r3.s2
at 4s fail r3.s1.d3
at 4s fail r3.s1.d4
run `,
    ),
    6,
  );
  const beyond = await page.locator("[data-part]").evaluateAll((parts) =>
    parts.flatMap((element) => {
      const body = element.querySelector(".body")?.getBoundingClientRect();
      if (!body) return [];
      return [...element.querySelectorAll("text")]
        .filter((text) => {
          const box = text.getBoundingClientRect();
          return box.width > 0 && (box.left < body.left - 2 || box.right > body.right + 2);
        })
        .map((text) => `${element.getAttribute("data-part")}: ${text.textContent}`);
    }),
  );
  expect(beyond).toEqual([]);
});

test("many idle servers are one line a rack, which opens by click and by key", async ({ page }) => {
  const large = HEALTHY.replace(/^plant.*$/m, "plant 12 racks of 12 servers, 12 disks each");
  await openText(page, large, 5);
  const servers = page.locator('[data-part^="r1.s"].server');
  const line = page.locator('[data-fold="0"]');
  await expect(page.locator("[data-fold]")).toHaveCount(12);
  await expect(servers).toHaveCount(1);
  await line.click();
  await expect(servers).toHaveCount(12);
  await expect(line).toBeFocused();
  await expect(line).toHaveAttribute("aria-expanded", "true");
  await choose(page, "r1.s5.nic-a", "fail r1.s5.nic-a");
  await expect(part(page, "r1.s5.nic-a")).toHaveAttribute("data-state", "failed");
  await line.focus();
  await page.keyboard.press("Enter");
  // What something is done to stays in sight.
  await expect(servers).toHaveCount(2);
  await expect(line).toHaveAttribute("aria-expanded", "false");
});
