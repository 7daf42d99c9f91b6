// One way means one way: the click that the whole page exists for.
import { complaintsOf, expect, test } from "./fixtures.js";
import {
  HEALTHY,
  beliefs,
  clickArrowhead,
  drawn,
  hashAt,
  lane,
  openText,
  packetsShown,
  seek,
  simulated,
  textOf,
} from "./playground.js";
import { SOME, said, saying } from "./words.js";

const MOMENTS = { from: 5.1, to: 8.1, every: 0.3 };

test("a click on one arrowhead kills that direction only, and the link replays it", async ({
  page,
  context,
  baseURL,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openText(page, HEALTHY, 5);
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  const healthy = await packetsShown(page, "#logic", MOMENTS);
  expect([...healthy.dying], "nothing dies before the click").toEqual([]);
  await seek(page, 5);

  await clickArrowhead(page, "n3->n1");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "cut");
  await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(page)).toMatch(/^at 5s +cut n3 -> n1$/m);

  // Packets die from n3 to n1, in both pictures, and those from n1 to n3 arrive.
  for (const picture of ["#logic", "#plant"]) {
    const { dying, living } = await packetsShown(page, picture, MOMENTS);
    expect([...dying], picture).toEqual(["n3->n1"]);
    expect(living, picture).toContain("n1->n3");
    expect(living, picture).toContain("n3->n2");
  }

  // n1 loses its leader, n2 does not: the beliefs part.
  const parted_s = await page.evaluate(() => {
    const { run } = window.halflink;
    for (let at_us = 5e6; at_us < 30e6; at_us += 10_000) {
      const [n1, n2] = run.view(at_us, 0).replicas;
      if (n1.leader === null && n2.leader === 2) return at_us / 1e6;
    }
    return NaN;
  });
  await seek(page, parted_s);
  expect(await beliefs(page)).toEqual({ n1: "", n2: "n3", n3: "n3" });
  const n1 = page.locator('[data-replica="n1"]');
  await expect(n1).toHaveAttribute("data-role", "candidate");
  await expect(n1.locator(".hollow")).toHaveCount(1);
  await expect(page.locator('[data-part="r1.s1"]')).toHaveClass(/hollow/);

  await page.getByRole("button", { name: said("bar.share") }).click();
  await expect(page.locator(".share-length").first()).toHaveText(
    new RegExp(`^${saying("share.copied-all", { words: "«.*»" })}`),
  );
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("#2.");

  const second = await context.newPage();
  const complaints = complaintsOf(second, baseURL);
  await second.goto(link);
  await simulated(second);
  await second.evaluate(() => window.halflink.playback.pause());
  for (const seconds of [1, 5, parted_s, 30]) {
    expect(await hashAt(second, seconds), `at ${seconds} s`).toBe(await hashAt(page, seconds));
  }
  await seek(second, parted_s);
  expect(await beliefs(second)).toEqual(await beliefs(page));
  expect(complaints).toEqual([]);
});

test("a second click on the arrowhead heals it", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n3->n1");
  await seek(page, 6);
  await clickArrowhead(page, "n3->n1");
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(page)).toMatch(/^at 6s +heal n3 -> n1$/m);
  await seek(page, 12);
  const follows = await beliefs(page);
  expect(new Set(Object.values(follows)).size, JSON.stringify(follows)).toBe(1);
  expect(follows.n1).not.toBe("");
});

test("a click on the arrowhead of a cable cuts that cable, in that direction", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  // The last cable on the way of what n3 sends n1: from a switch down to the server.
  const down = await page.evaluate(() => {
    const { player, session } = window.halflink;
    const flow = player.view?.flows.find(({ from, to }) => from === 2 && to === 0);
    return session.plan.lanes[flow?.lanes.at(-1) ?? 0].name.replaceAll(" ", "");
  });
  expect(down).toMatch(/^r1\.tor-[ab]->r1\.s1$/);
  const up = down.split("->").reverse().join("->");

  await clickArrowhead(page, down);
  await expect(lane(page, down)).toHaveAttribute("data-state", "cut");
  await expect(lane(page, up)).toHaveAttribute("data-state", "up");
  const { dying, living } = await packetsShown(page, "#plant", MOMENTS);
  expect(dying).toContain("n3->n1");
  expect(
    [...dying].filter((way) => !way.endsWith("->n1")),
    "dies on the way to n1 only",
  ).toEqual([]);
  expect(living).toContain("n1->n3");

  await clickArrowhead(page, down);
  await expect(lane(page, down)).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(page)).toContain(`heal ${down.replace("->", " -> ")}`);
});

test("a click on a cable between two switches cuts one direction of it", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "spine-a->r3.tor-b");
  await expect(lane(page, "spine-a->r3.tor-b")).toHaveAttribute("data-state", "cut");
  await expect(lane(page, "r3.tor-b->spine-a")).toHaveAttribute("data-state", "up");
  await clickArrowhead(page, "spine-a->r3.tor-b");
  await expect(lane(page, "spine-a->r3.tor-b")).toHaveAttribute("data-state", "up");
});

test("a cut that changes nothing is said to change nothing", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await clickArrowhead(page, "n1->n3");
  await seek(page, 29);
  expect(await beliefs(page)).toEqual({ n1: "n3", n2: "n3", n3: "n3" });
  await expect(page.locator(".consequence")).toHaveText(
    new RegExp(
      `${saying("aftermath.same", { so: SOME })}|${saying("aftermath.same-and-served", { so: SOME })}`,
    ),
  );
  await drawn(page);
});

test("a flow that dies at a gray switch tells why, and offers what would heal it", async ({
  page,
}) => {
  await openText(
    page,
    HEALTHY.replace(
      "run ",
      "at 4s gray r1.tor-a drops n1 <-> n3\nat 4s " + "gray r1.tor-b drops n1 <-> n3\nrun ",
    ),
    6,
  );
  await lane(page, "n3->n1").locator(".head").click();
  const menu = page.getByRole("dialog", { name: said("menu.dead", { from: "n3", to: "n1" }) });
  await expect(menu).toContainText(
    said("cause.gray", { part: "r1.tor-a", percent: 100, from: "n3", to: "n1" }),
  );
  await menu
    .getByRole("button", {
      name: new RegExp(saying("choice.cut-as-well", { from: "n3", to: "n1" })),
    })
    .click();
  await expect(lane(page, "n3->n1")).toHaveAttribute("data-state", "cut");
  await expect(menu).toBeHidden();
});
