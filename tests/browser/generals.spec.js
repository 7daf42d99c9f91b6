// Lamport's generals: orders from the menu, rounds step by step, what each heard, and what each will do.
import { expect, test } from "./fixtures.js";
import { choose, drawn, lane, now, open, openMenu, seek, simulated, textOf } from "./playground.js";
import { capital } from "../../www/draw/format.js";
import { SOME, said, saying, told } from "./words.js";

/** @typedef {import('@playwright/test').Page} Page */

const ORDERS = ["attack", "retreat", "hold"];

/**
 * What each general will do, by its name, as the cards say it.
 * @param {Page} page
 */
const decisions = (page) =>
  page.locator(".card").evaluateAll(
    (cards, orders) =>
      Object.fromEntries(
        cards.map((card) => {
          const line = card.querySelector("span")?.textContent ?? "";
          const order = orders.find(([, words]) => line.startsWith(words))?.[0] ?? "";
          return [/n\d+/.exec(card.querySelector("b")?.textContent ?? "")?.[0], order];
        }),
      ),
    ORDERS.map((order) => [order, said(`order.${order}`)]),
  );

/** @param {string[]} orders */
const values = (...orders) => orders.map((order) => said(`value.${order}`)).toSorted();

/** What is said of an order. @param {number} order @param {string} value */
const orderSaid = (order, value) =>
  told("message", { kind: "generals-order", order, value: { kind: value } });

/**
 * The values that a general has heard, as its card shows them.
 * @param {Page} page
 * @param {number} index
 */
const vector = (page, index) =>
  page.locator(".card").nth(index).locator(".card-vector b").allTextContents();

test("four generals, one traitor: a majority outvotes it, and its vector is on view", async ({
  page,
}) => {
  await open(page, "#generals-4&t=4");
  expect(await decisions(page)).toMatchObject({ n1: "attack", n2: "attack", n3: "attack" });
  expect((await vector(page, 1)).toSorted()).toEqual(values("attack", "attack", "retreat"));
  for (const [number, role] of ["commander", "lieutenant"].entries()) {
    const place = { kind: "order", number: 1 };
    await expect(page.locator(".card").nth(number)).toContainText(
      said("card.heading", { name: `n${number + 1}`, role: capital(said(`role.${role}`)), place }),
    );
  }
  // The second order is a traitor's own: all loyal lieutenants still do the same.
  await seek(page, 9);
  expect(await decisions(page)).toMatchObject({ n2: "retreat", n3: "retreat", n4: "retreat" });
  expect((await vector(page, 2)).toSorted()).toEqual(values("attack", "hold", "retreat"));
});

test("a traitor tells each lieutenant another order, side by side with the truth", async ({
  page,
}) => {
  await open(page, "#generals-4&t=6.2");
  const row = page.locator(".heard tbody tr").first();
  await expect(page.locator(".heard h2")).toHaveText(said("evidence.told", { name: "n1" }));
  await expect(row.locator("td").nth(0)).toContainText(capital(orderSaid(2, "attack")));
  await expect(row.locator("td").nth(1)).toContainText(capital(orderSaid(2, "retreat")));
  await expect(row.locator("td").nth(2)).toContainText(capital(orderSaid(2, "hold")));
  const truth = { kind: "generals-order", order: 2, value: { kind: "attack" } };
  for (const number of [1, 2]) {
    await expect(row.locator("td").nth(number)).toContainText(said("truth.other", { truth }));
  }
  await expect(row.locator("[data-lie]")).toHaveCount(2);
});

test("rounds are stepped through, forwards and back", async ({ page }) => {
  await open(page, "#generals-7&t=0");
  const next = page.getByRole("button", { name: said("round-label.forward") });
  /** @type {number[]} */
  const times = [];
  /** @type {string[]} */
  const phases = [];
  const round = new RegExp(saying("phase.round", { round: "«\\d»", rounds: "«\\d»" }));
  for (let step = 0; step < 4; step += 1) {
    await next.click();
    await drawn(page);
    times.push(await now(page));
    phases.push(round.exec((await page.locator(".card").first().textContent()) ?? "")?.[0] ?? "");
  }
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(times).size).toBe(4);
  expect(phases).toContain(said("phase.round", { round: 1, rounds: 3 }));
  expect(phases).toContain(said("phase.round", { round: 2, rounds: 3 }));
  await page.getByRole("button", { name: said("round-label.back") }).click();
  await drawn(page);
  expect(await now(page)).toBe(times[2]);
});

test("the commander gives orders by its menu, and a cut names the assumption that it breaks", async ({
  page,
}) => {
  await open(page, "#signed-3&t=0.5");
  await choose(page, "r1.s1", "order hold");
  await simulated(page);
  await expect.poll(() => textOf(page)).toMatch(/^at 500ms +order hold$/m);
  const menu = await openMenu(page, "r2.s1");
  await expect(menu.locator('[data-statement^="order"]')).toHaveCount(0);
  await expect(menu.locator("option")).toHaveText(["equivocate", "silent-to", "replay", "delay"]);
  await page.keyboard.press("Escape");
  // n3 passes the order on to n2, until that line is cut as well.
  await lane(page, "n1->n2").locator(".head").click();
  await drawn(page);
  await expect(page.locator(".caption .outside")).toBeHidden();
  await lane(page, "n3->n2").locator(".head").click();
  await drawn(page);
  await expect(page.locator(".caption .outside")).toContainText(
    new RegExp(saying("outside.apart", { to: "«n\\d»", from: "«n\\d»" })),
  );
});

test("who signed two orders is caught, and by what evidence is said", async ({ page }) => {
  await open(page, "#signed-3&t=5");
  expect(await decisions(page)).toMatchObject({ n2: "retreat", n3: "retreat" });
  await expect(page.locator(".card").nth(1).locator(".card-caught")).toContainText(
    new RegExp(saying("card.caught", { liar: "n1", evidence: SOME })),
  );
});

test("the strip is painted with what generals mean to do, in words too", async ({ page }) => {
  await open(page, "#generals-4&t=4");
  const words = await page.locator("#strip .strip-values text").allTextContents();
  expect(words).toContain(said("value.attack"));
  expect(words).toContain(said("value.retreat"));
  await expect(page.locator("#strip [role=slider]")).toHaveAttribute(
    "aria-valuetext",
    new RegExp(
      saying("believers.orders", { who: "«n\\d.*»", count: 2, order: said("order.attack") }),
    ),
  );
});
