// Everything without a pointer, and told to those who do not see it.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, lane, now, open, openText, part, textOf } from "./playground.js";
import { said, saying } from "./words.js";

/** @param {import('@playwright/test').Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return (
      element?.getAttribute("data-flow") ??
      element?.getAttribute("data-replica") ??
      element?.getAttribute("data-lane") ??
      element?.getAttribute("data-part") ??
      element?.getAttribute("aria-label") ??
      element?.textContent ??
      ""
    );
  });

test("Tab goes through all of the page, and every stop is seen to have the focus", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  const stops = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    stops.push(await focused(page));
    const visible = await page.evaluate(() => {
      const element = /** @type {Element} */ (document.activeElement);
      if (!element.matches(":focus-visible")) return "not :focus-visible";
      const shown = element.closest("svg [role=button]")
        ? [...element.querySelectorAll(".hit, .disc, .body, .feed-line")].some((inner) => {
            const colour = getComputedStyle(document.documentElement).getPropertyValue("--focus");
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.setProperty("color", colour);
            const wanted = getComputedStyle(probe).color;
            probe.remove();
            return getComputedStyle(inner).stroke === wanted;
          })
        : getComputedStyle(element).outlineStyle !== "none";
      return shown ? "" : "no sign of the focus";
    });
    expect(visible, stops.at(-1)).toBe("");
  }
  const page_wide = stops.join("\n");
  for (const stop of [
    said("menu.chosen", { menu: said("menu.scenario"), chosen: "Nothing is wrong" }),
    said("menu.chosen", { menu: said("menu.protocol"), chosen: "raft" }),
    said("seed.label", { seed: 7 }),
    said("bar.text"),
    said("bar.table"),
    said("bar.share"),
    "n1->n2",
    said("transport.play"),
    said("transport.back"),
    said("transport.forward"),
    said("transport.speed"),
    said("strip.time"),
  ]) {
    expect(stops).toContain(stop);
  }
  expect(page_wide).toMatch(/->r/);
});

test("an arrowhead is reached by arrow keys, cut by Enter and healed by Enter", async ({
  page,
}) => {
  await openText(page, HEALTHY, 5);
  await lane(page, "n1->n2").focus();
  const n3n1 = lane(page, "n3->n1");
  for (const key of ["ArrowDown", "ArrowLeft", "ArrowDown", "ArrowUp", "ArrowRight"]) {
    const before = await focused(page);
    await page.keyboard.press(key);
    expect(await focused(page), "the focus stays in the picture").toMatch(/^n\d(->n\d)?$/);
    if (key === "ArrowDown" && before === "n1->n2") expect(await focused(page)).not.toBe(before);
  }
  // Page Down goes through all of it, so nothing is out of reach.
  const seen = new Set();
  for (let presses = 0; presses < 9; presses += 1) {
    await page.keyboard.press("PageDown");
    seen.add(await focused(page));
  }
  expect(seen.size).toBe(9);
  while ((await focused(page)) !== "n3->n1") await page.keyboard.press("PageDown");
  await expect(n3n1).toHaveAttribute(
    "aria-label",
    said("link.label", { from: "n3", to: "n1", state: said("flow.up") }) +
      said("link.enter", { act: "cut" }),
  );

  await page.keyboard.press("Enter");
  await expect(n3n1).toHaveAttribute("data-state", "cut");
  await expect(n3n1).toHaveAttribute("aria-pressed", "true");
  await expect(n3n1).toHaveAttribute(
    "aria-label",
    new RegExp(`${saying("link.enter", { act: "heal" })}$`),
  );
  await expect(n3n1, "the focus stays").toBeFocused();
  await page.keyboard.press("Enter");
  await expect(n3n1).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(page)).toMatch(/cut n3 -> n1\n(.*\n)*?.*heal n3 -> n1/);

  await page.keyboard.press("Shift+Enter");
  await expect(n3n1, "with Shift, both directions").toHaveAttribute("data-state", "cut");
  await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "cut");
  await page.keyboard.press("Delete");
  await expect(n3n1, "Delete heals").toHaveAttribute("data-state", "up");
  await expect(lane(page, "n1->n3")).toHaveAttribute("data-state", "cut");
});

test("in the plant, cables are cut and parts are failed by keys", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  await lane(page, "r1.s1->r1.tor-a").focus();
  await page.keyboard.press("Enter");
  await expect(lane(page, "r1.s1->r1.tor-a")).toHaveAttribute("data-state", "cut");
  await expect(lane(page, "r1.tor-a->r1.s1")).toHaveAttribute("data-state", "up");
  await part(page, "r1.tor-a").focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog", { name: said("part.tor", { side: "a", rack: 1 }) });
  await expect(
    menu.getByRole("button", { name: said("choice.fail", { part: "tor" }) }),
  ).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(menu.getByRole("button", { name: said("blast.ask") })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(part(page, "r1.tor-a")).toHaveAttribute("data-state", "failed");
  await expect(menu).toBeHidden();
  await expect(part(page, "r1.tor-a"), "the focus comes back").toBeFocused();
});

/** By what is opened, parts that are reached there, what each is called, and what lifts its fault. */
const CHAIN = /** @type {const} */ ([
  ["#power-cascade&t=8", "r1.breaker-b", "breaker", "restore"],
  ["#power-cascade&t=8", "r1.breaker-a", "breaker", ""],
  ["#power-cascade&t=8", "feed-a", "feed", "restore"],
  ["#rack-transfer-switch&t=16", "r1.ats", "ats", "restore"],
  ["#rack-transfer-switch&t=16", "r2.ats", "ats", ""],
  ["#battery-and-generator&t=14", "ups-a", "ups", ""],
  ["#battery-and-generator&t=14", "generator-b", "generator", ""],
  ["#raid-rebuild&t=10", "r3.s1.d1", "disk", ""],
]);

for (const hash of new Set(CHAIN.map(([place]) => place))) {
  test(`every part of ${hash} is reached by keys, named, and has a menu`, async ({ page }) => {
    await open(page, hash);
    const all = await page
      .locator("#plant [data-part]")
      .evaluateAll((elements) =>
        elements.map((element) => element.getAttribute("data-part") ?? ""),
      );
    await part(page, all[0]).focus();
    /** By part, what is read out. @type {Map<string, string>} */
    const heard = new Map();
    for (let presses = 0; presses < 400; presses += 1) {
      const [name, label] = await page.evaluate(() => {
        const { activeElement: at } = document;
        return [at?.getAttribute("data-part"), at?.getAttribute("aria-label")];
      });
      if (name && heard.has(name)) break;
      if (name) heard.set(name, label ?? "");
      await page.keyboard.press("PageDown");
    }
    expect([...heard.keys()].sort()).toEqual([...all].sort());
    for (const [, name, kind, lift] of CHAIN.filter(([place]) => place === hash)) {
      const {
        state,
        server = "",
        side,
        rack,
        disk,
      } = await page.evaluate((wanted) => {
        const { plan } = window.halflink.session;
        const index = plan.parts.findIndex((one) => one.name === wanted);
        const one = plan.parts[index];
        return {
          state: window.halflink.player.view?.parts[index].state,
          server: wanted.replace(/\.[^.]+$/, ""),
          side: one.side === null ? "" : "ab"[one.side],
          rack: (one.rack ?? 0) + 1,
          disk: (one.disk ?? 0) + 1,
        };
      }, name);
      const called = said(`part.${kind}`, { server, side, rack, disk });
      expect(heard.get(name), name).toContain(`${called}: `);
      expect(state === "failed" || state === "tripped", name).toBe(lift !== "");
      await part(page, name).focus();
      await page.keyboard.press("Enter");
      const menu = page.getByRole("dialog", { name: called });
      const verb = lift || "fail";
      const choice = menu.locator(`[data-statement="${verb} ${name}"]`);
      await expect(choice).toBeFocused();
      await expect(choice).toContainText(said(`choice.${verb}`, { part: kind }));
      await page.keyboard.press("Escape");
      await expect(part(page, name), "the focus comes back").toBeFocused();
      await page.keyboard.press("Enter");
      await expect(choice).toBeFocused();
      await page.keyboard.press("Enter");
      await expect(menu).toBeHidden();
      await expect.poll(() => textOf(page)).toContain(`${verb} ${name}`);
      await expect(part(page, name)).toBeFocused();
      await page.keyboard.press("Control+z");
      await drawn(page);
    }
  });
}

test("space plays and pauses, wherever nothing else wants it", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const play = page.locator(".play");
  await page.keyboard.press("Space");
  await expect(play).toHaveAccessibleName(said("transport.pause"));
  await lane(page, "n1->n2").focus();
  await page.keyboard.press("Space");
  await expect(play).toHaveAccessibleName(said("transport.play"));
  await drawn(page);
  const stopped = await now(page);
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  await expect(page.locator("#text-pane").getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" .,");
  await expect(play, "in a text a space is a space").toHaveAccessibleName(said("transport.play"));
  expect(await now(page)).toBe(stopped);
});

test("menus are opened, walked and closed by keys", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const button = page.locator("#protocol-menu > button");
  await button.focus();
  await page.keyboard.press("ArrowDown");
  const items = page.locator("#protocol-menu").getByRole("menuitemradio");
  await expect(items.first()).toBeFocused();
  await page.keyboard.press("End");
  await expect(items.last()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  await expect(items.first()).toBeHidden();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(button).toHaveAccessibleName(
    said("menu.chosen", { menu: said("menu.protocol"), chosen: "raft+sticky" }),
  );
});

test("acts and beliefs are announced, politely", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const live = page.getByRole("status").and(page.locator("#live"));
  await expect(live).toHaveAttribute("aria-live", "polite");
  await lane(page, "n3->n1").focus();
  await page.keyboard.press("Enter");
  await expect(live).toHaveText("0:05.0: cut n3 -> n1");
  await page.evaluate(() => window.halflink.playback.seek(9e6));
  await expect(live).toHaveText(/^0:09\.0: .*n1 follows nobody/);
  await expect(page.getByRole("slider", { name: said("strip.time") })).toHaveAttribute(
    "aria-valuetext",
    /^0:09\.0\. .*n1 follows nobody/,
  );
});

test("what is loaded opens, and has the focus, before another key can come", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  /** By what is pressed, where the focus is then. */
  const opened = {
    "#share-button": "dialog",
    "#text-button": "#text-pane",
    "#scenario-menu > button": "[popover]",
    "#protocol-menu > button": "[popover]",
    '#plant [data-part="r1.tor-a"]': "[popover]",
  };
  for (const [pressed, where] of Object.entries(opened)) {
    const at = page.locator(pressed);
    const close = async () => {
      if (pressed === "#text-button") await at.click();
      else await page.keyboard.press("Escape");
      await expect(page.locator(`${where}:focus-within`)).toHaveCount(0);
    };
    await at.focus();
    await page.keyboard.press("Enter");
    await expect(page.locator(`${where}:focus-within`)).toBeVisible();
    await close();
    const inside = await at.evaluate(async (element, host) => {
      /** @type {HTMLElement} */ (element).focus();
      if (element instanceof HTMLElement) element.click();
      else element.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
      // As long as nothing is waited for that takes a task.
      for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
      return document.activeElement?.closest(host) !== null;
    }, where);
    expect(inside, pressed).toBe(true);
    await close();
  }
});
