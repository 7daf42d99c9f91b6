// Everything without a pointer, and told to those who do not see it.
import { expect, test } from "./fixtures.js";
import { HEALTHY, drawn, lane, now, openText, part, textOf } from "./playground.js";

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
    /^Scenario: Nothing is wrong$/m,
    /^Protocol: raft$/m,
    /^Seed 7/m,
    /^Text$/m,
    /^Table$/m,
    /^Share$/m,
    /^n1->n2$/m,
    /->/m,
    /^Play$/m,
    /^Back one event/m,
    /^Step one event/m,
    /^Speed$/m,
    /^Time in the run$/m,
  ]) {
    expect(page_wide).toMatch(stop);
  }
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
  await expect(n3n1).toHaveAttribute("aria-label", /^n3 to n1: up\. Press Enter to cut$/);

  await page.keyboard.press("Enter");
  await expect(n3n1).toHaveAttribute("data-state", "cut");
  await expect(n3n1).toHaveAttribute("aria-pressed", "true");
  await expect(n3n1).toHaveAttribute("aria-label", /Press Enter to heal$/);
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
  const menu = page.getByRole("dialog", { name: "ToR switch a of rack 1" });
  await expect(menu.getByRole("button", { name: "Fail it" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(menu.getByRole("button", { name: "Go gray" })).toBeFocused();
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
  await expect(play).toHaveAccessibleName("Pause");
  await lane(page, "n1->n2").focus();
  await page.keyboard.press("Space");
  await expect(play).toHaveAccessibleName("Play");
  await drawn(page);
  const stopped = await now(page);
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await expect(page.locator("#text-pane textarea")).toBeFocused();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" .,");
  await expect(play, "in a text a space is a space").toHaveAccessibleName("Play");
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
  await expect(button).toHaveAccessibleName("Protocol: raft+sticky");
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
  await expect(page.getByRole("slider", { name: "Time in the run" })).toHaveAttribute(
    "aria-valuetext",
    /^0:09\.0\. .*n1 follows nobody/,
  );
});
