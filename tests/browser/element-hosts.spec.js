// `<half-link>` in pages as they are: narrow places, other directions, dark grounds, odd scripts.
import { call, escaped, heard, open, ready } from "./elements.js";
import { expect, test } from "./fixtures.js";
import { HEALTHY } from "./playground.js";

/** @typedef {import('@playwright/test').Page} Page */

const one = (/** @type {string} */ id, more = "") =>
  `<half-link id="${id}" t="5" height="600" ${more}>${escaped(HEALTHY)}</half-link>`;

/** @param {Page} page @param {string} id */
const scheme = (page, id) =>
  page.evaluate(
    (id) =>
      /** @type {HTMLElement|null|undefined} */ (
        document.getElementById(id)?.shadowRoot?.querySelector(".embed")
      )?.style.colorScheme,
    id,
  );

for (const width of [390, 1_200]) {
  test(`it has a width where its place goes by its content, at ${width}`, async ({
    page,
    baseURL,
  }) => {
    await page.setViewportSize({ width, height: 900 });
    const places = ["flex", "column", "block", "float", "cell", "fit"];
    const { close } = await open(page, baseURL, {
      body: places.map((place) => `<div class="${place}">${one(place)}</div>`).join(""),
      css: `.flex { display: flex } .column { display: flex; flex-direction: column;
        align-items: center } .block > * { display: inline-block } .float { overflow: hidden }
        .float > * { float: left } .cell { display: table } .fit { width: fit-content }`,
    });
    for (const place of places) {
      await page.locator(`#${place}`).scrollIntoViewIfNeeded();
      await expect(page.locator(`#${place} #logic .logic`)).toBeVisible();
      const wide = await page.locator(`#${place}`).evaluate((element) => element.clientWidth);
      expect(wide, place).toBeGreaterThan(Math.min(width - 30, 600));
      expect(wide, place).toBeLessThanOrEqual(640);
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over, "nothing is wider than the page").toBeLessThanOrEqual(0);
    await close();
  });
}

test("in a page that is read from the right it is as it is, and its text, too", async ({
  page,
  baseURL,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<div dir="rtl">${one("a")}${one("b", 'load="click"')}</div>`,
  });
  await ready(page, 1);
  await expect(page.locator("#a .embed")).toHaveCSS("direction", "ltr");
  // A line that is read before it runs begins where its own letters say.
  await expect(page.locator("#b slot")).toHaveCSS("unicode-bidi", "plaintext");
  // What stands in the corners is cut to them.
  await expect(page.locator("#a .embed")).toHaveCSS("overflow", "clip");
  await close();
});

test("a dark ground is seen in whatever space its colour is given", async ({ page, baseURL }) => {
  const grounds = {
    oklch: ["background: oklch(0.2 0.02 260)", "dark"],
    lab: ["background: lab(10% 0 0)", "dark"],
    mix: ["background: color-mix(in oklab, black 90%, white)", "dark"],
    wide: ["background: color(display-p3 0.1 0.1 0.1)", "dark"],
    light: ["background: oklch(0.95 0.02 260)", "light"],
    own: ["background: oklch(0.2 0.02 260 / 0.1); color-scheme: dark", "dark"],
  };
  const { close } = await open(page, baseURL, {
    body: Object.keys(grounds)
      .map((name) => `<div class="${name}">${one(name)}</div>`)
      .join(""),
    css: Object.entries(grounds)
      .map(([name, [css]]) => `.${name} { ${css} }`)
      .join("\n"),
  });
  for (const [name, [, expected]] of Object.entries(grounds)) {
    await page.locator(`#${name}`).scrollIntoViewIfNeeded();
    await expect.poll(() => scheme(page, name), name).toBe(expected);
  }
  await close();
});

test("a switch of the page is followed: around the element, slowly, and to another place", async ({
  page,
  baseURL,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<div id="around"><section>${one("a")}</section></div><div id="there"></div>`,
    css: `#around { background: #fff } #around.dark { background: #111 }
      body { background: #fff; transition: background-color 0.3s } body.dark { background: #111 }
      #there { background: #fff }`,
  });
  await ready(page, 1);
  expect(await scheme(page, "a")).toBe("light");
  await page.evaluate(() => document.querySelector("#around")?.classList.add("dark"));
  await expect.poll(() => scheme(page, "a")).toBe("dark");
  await page.evaluate(() => {
    const element = document.querySelector("#a");
    if (element) document.querySelector("#there")?.append(element);
  });
  await expect.poll(() => scheme(page, "a")).toBe("light");
  await page.evaluate(() => {
    const element = document.querySelector("#a");
    if (element) document.body.append(element);
    document.body.classList.add("dark");
  });
  await expect.poll(() => scheme(page, "a")).toBe("dark");
  await close();
});

test("what a host has given to all objects stops nothing", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: `${one("a")}<half-link id="b" link="one-way-from-leader" compare="vr"></half-link>`,
    before: "Object.prototype.evil = 1; Object.prototype.more = function () {}",
  });
  await expect(page.locator("#a #logic .logic")).toBeVisible();
  await page.locator("#b").scrollIntoViewIfNeeded();
  await expect(page.locator("#b .compare-rows > [data-outcome]")).toHaveCount(2);
  // What comes late, too.
  await page.locator('#a [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#a .popover button").first()).toBeVisible();
  await close();
});

test("as a module it defines the element, too", async ({ page, baseURL }) => {
  const { origin } = new URL(baseURL ?? "");
  // A module comes by CORS, which the tests' own server does not speak.
  await page.route(`${origin}/pkg/halflink-element.js`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "access-control-allow-origin": "*" };
    await route.fulfill({ response, headers });
  });
  const { close } = await open(page, baseURL, { body: one("a"), kind: 'type="module"' });
  await ready(page, 1);
  await expect(page.locator("#a #logic .logic")).toBeVisible();
  await close();
});

test("what WordPress makes of a figure with a <pre> in it runs, empty lines and all", async ({
  page,
  baseURL,
}) => {
  const text = escaped(HEALTHY).replace("seed", "\nseed");
  const { close } = await open(page, baseURL, {
    body:
      `<p>Hello</p>\n<figure>\n<half-link id="a" t="5"></p>\n<pre>${text}</pre>\n` +
      `<p></half-link><br />\n</figure>\n<p>Bye</p>`,
  });
  await ready(page, 1);
  await expect(page.locator("#a #caption")).toContainText("Nothing is wrong");
  await close();
});

test("who presses its button by a key goes on from there", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: `<button id="before">x</button>${one("a", 'load="click"')}<button id="after">y</button>`,
  });
  await page.locator("#before").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await ready(page, 1);
  const focused = () =>
    page.evaluate(() => document.querySelector("#a")?.shadowRoot?.activeElement?.className ?? "");
  await expect.poll(focused).toContain("play");
  // It plays, and the same key stops it.
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.evaluate(() => /** @type {any} */ (document.querySelector("#a")).playing))
    .toBe(false);
  expect(await call(page, "seek", 7, "#a")).toBe(true);
  expect((await heard(page, "failed")).length).toBe(0);
  await close();
});
