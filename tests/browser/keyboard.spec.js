// Everything without a pointer, and told to those who do not see it.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, lane, now, openText, part, textOf } from "./playground.js";
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
  await expect(page.locator("#text-pane textarea")).toBeFocused();
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
