// The engine's second module: loaded when a protocol that others run is asked for, and not before.
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  beliefs,
  lane,
  linkOf,
  open,
  openText,
  seek,
  simulated,
  snippetOf,
  textOf,
} from "./playground.js";
import { capital } from "../../www/draw/format.js";
import { patternOf, said, saying } from "./words.js";

/** Four servers, and n1 leads, so that Byzantine protocols can run it, too. */
const FOUR = HEALTHY.replace("3 racks", "4 racks")
  .replace("r3.s1", "r3.s1 r4.s1")
  .replace("elect n3", "elect n1");

/**
 * The modules of the engine that a page has loaded so far.
 * @param {import('@playwright/test').Page} page
 */
function modulesOf(page) {
  /** @type {Set<string>} */
  const loaded = new Set();
  page.on("request", (request) => {
    const name = /\/pkg\/(halflink[a-z-]*)_bg\.wasm$/.exec(new URL(request.url()).pathname)?.[1];
    if (name) loaded.add(name);
  });
  return loaded;
}

/** What the button says of a protocol that is chosen. @param {string} protocol */
const named = (protocol) => said("menu.chosen", { menu: said("menu.protocol"), chosen: protocol });

/**
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
async function chooseProtocol(page, name) {
  await page.locator("#protocol-menu > button").click();
  await page.locator(`#protocol-menu [data-value="${name}"]`).click();
  await expect(page.getByRole("button", { name: named(name), exact: true })).toBeVisible();
  await simulated(page);
}

test("all of ours is in the first module: protocols, liars, reads, menus", async ({ page }) => {
  const loaded = modulesOf(page);
  await open(page, "#cloudflare-2020&t=20");
  await lane(page, "n2->n3").locator(".head").click();
  await expect(lane(page, "n2->n3")).toHaveAttribute("data-state", "cut");
  await page.locator("#scenario-menu > button").click();
  await expect(page.locator('#scenario-menu [data-value="raid-10"]')).toBeVisible();
  await open(page, "#stale-read&t=5");
  await expect(page.locator(".outcome")).toContainText(
    `${said("counted.reads", { answered: 149, tried: 149, stale: 32 })} ·`,
  );
  await open(page, "#pbft-equivocating-primary&t=6");
  await expect(page.locator('#logic [data-replica="n1"] .two-faced')).toHaveCount(1);
  await openText(page, FOUR, 5);
  await chooseProtocol(page, "pbft");
  await seek(page, 20);
  expect(await beliefs(page)).toEqual({ n1: "n1", n2: "n1", n3: "n1", n4: "n1" });
  await expect(page.locator(".outcome b")).toHaveText(said("word.stable"));
  await expect(page.locator(".card").first()).toContainText(
    new RegExp(
      `${patternOf(capital(said("role.primary")))}, ${saying("place.view", { number: "«\\d+»" })}`,
    ),
  );
  expect([...loaded]).toEqual(["halflink"]);
});

test("production code is loaded, run, undone and redone; the text stays", async ({ page }) => {
  const loaded = modulesOf(page);
  await openText(page, FOUR, 5);
  await chooseProtocol(page, "raft+prevote");
  expect([...loaded]).toEqual(["halflink"]);
  await chooseProtocol(page, "omnipaxos-crate");
  expect([...loaded]).toEqual(["halflink", "halflink-production"]);
  await expect.poll(() => textOf(page)).toContain("cluster etcd: omnipaxos-crate on");
  await seek(page, 20);
  const [first] = Object.values(await beliefs(page));
  expect(await beliefs(page)).toEqual({ n1: first, n2: first, n3: first, n4: first });
  await page.keyboard.press("Control+z");
  await expect.poll(() => textOf(page)).toContain("cluster etcd: raft+prevote on");
  await page.keyboard.press("Control+z");
  await expect.poll(() => textOf(page)).toContain("cluster etcd: raft on");
  await page.keyboard.press("Control+Shift+Z");
  await page.keyboard.press("Control+Shift+Z");
  await expect.poll(() => textOf(page)).toContain("cluster etcd: omnipaxos-crate on");
});

test("a link and a typed text bring their module along", async ({ page }) => {
  const production = FOUR.replace(": raft on", ": tikv-raft on");
  const link = await linkOf(production);
  for (const bring of [
    () => open(page, `${link}&t=5`),
    async () => {
      await openText(page, FOUR, 5);
      await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
      await page.getByRole("textbox", { name: said("text.label") }).fill(production);
    },
  ]) {
    await page.goto("about:blank");
    const loaded = modulesOf(page);
    await bring();
    const button = page.getByRole("button", { name: named("tikv-raft"), exact: true });
    await expect(button).toBeVisible();
    await simulated(page);
    await seek(page, 20);
    expect(await beliefs(page)).toEqual({ n1: "n1", n2: "n1", n3: "n1", n4: "n1" });
    expect([...loaded]).toContain("halflink-production");
  }
});

test("what takes the place of a run while it is shared is what is shared", async ({ page }) => {
  let goOn = () => {};
  const held = new Promise((resolve) => (goOn = () => resolve(undefined)));
  await page.route(/halflink-production_bg/, async (route) => {
    await held;
    await route.continue();
  });
  await openText(page, FOUR, 5);
  const production = FOUR.replace(": raft on", ": tikv-raft on");
  await page.evaluate((text) => {
    window.halflink.session.attempt((run) => run.edit(text));
  }, production);
  await page.getByRole("button", { name: said("bar.share") }).click();
  const link = page.getByLabel(said("share.link"), { exact: true });
  await expect(link).toBeVisible();
  goOn();
  await expect.poll(() => textOf(page)).toBe(production);
  const linkOfRun = () => page.evaluate(() => window.halflink.session.run?.link() ?? "none");
  const isShared = async () => {
    await simulated(page);
    const address = await linkOfRun();
    await expect(link).toHaveValue(new RegExp(`${address}$`));
    expect(await snippetOf(page)).toContain(address);
  };
  await isShared();
  // The way back, or an address typed, while the dialog is open.
  await page.goto("./#raid-10");
  await expect.poll(() => textOf(page)).toContain("RAID");
  await isShared();
});

test("compared protocols come from the modules that they need", async ({ page }) => {
  const loaded = modulesOf(page);
  await open(page, `${await linkOf(FOUR)}&t=20&compare=etcd-raft,pbft`);
  await expect(page.locator(".compare-row[data-outcome]")).toHaveCount(3);
  expect([...loaded]).toEqual(["halflink"]);
  await page.locator("#compare .menu > button").click();
  await page.locator('#compare [data-value="tikv-raft"]').click();
  await expect(page.locator(".compare-row[data-outcome]")).toHaveCount(4);
  expect([...loaded]).toEqual(["halflink", "halflink-production"]);
  const crate = page.locator('[data-protocol="tikv-raft"]');
  await expect(crate).toHaveAttribute("data-outcome", "stable");
  await page.keyboard.press("Escape");
  await page.locator('[data-protocol="raft"] [data-flow="n4->n1"] .head').click();
  await expect(crate.locator('[data-flow="n4->n1"]')).toHaveAttribute("data-state", "cut");
});

test("code that does not come is told, and what ran goes on", async ({ page, complaints }) => {
  await page.route("**/pkg/halflink-production*", (route) => route.abort());
  await openText(page, FOUR, 5);
  await page.locator("#protocol-menu > button").click();
  await page.locator('#protocol-menu [data-value="tikv-raft"]').click();
  await expect(page.locator("#banner")).toContainText(
    new RegExp(saying("diagnostic.not-loaded", { error: "«.*»" })),
  );
  await expect.poll(() => textOf(page)).toContain("cluster etcd: raft on");
  await page.unroute("**/pkg/halflink-production*");
  await chooseProtocol(page, "tikv-raft");
  complaints.length = 0;
});
