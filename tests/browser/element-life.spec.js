// `<half-link>` from its first run to its last: what is wrong, what is mended, and what it answers.
import { call, escaped, heard, open, policy, ready } from "./elements.js";
import { expect, test } from "./fixtures.js";
import { HEALTHY } from "./playground.js";

/** @typedef {import('@playwright/test').Page} Page */

const RUN = `<half-link id="a" t="5">${escaped(HEALTHY)}</half-link>`;
/** Files of the post's own server may be asked for. */
const files = (/** @type {string} */ site) => `${policy(site)}; connect-src 'self'`;

/** @param {Page} page @param {number} count */
const failed = (page, count) =>
  expect.poll(async () => (await heard(page, "failed")).length).toBe(count);

/** How the element stands. @param {Page} page */
const stands = (page) =>
  page.evaluate(() => {
    const { time, playing, text } = /** @type {any} */ (document.querySelector("#a"));
    return { time, playing, text };
  });

/** @param {Page} page @param {string} name @param {string} value */
const set = (page, name, value) =>
  page.evaluate(
    ([name, value]) => document.querySelector("#a")?.setAttribute(name, value),
    [name, value],
  );

test("an element with nothing in it says so, and does nothing", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, { body: '<half-link id="a"></half-link>' });
  await failed(page, 1);
  await expect(page.locator("#a #unstarted")).toContainText("halflink 1");
  for (const method of ["play", "pause", "undo", "redo"])
    expect(await call(page, method), method).toBe(false);
  // Whoever puts a text into it gets its run.
  await page.evaluate((text) => {
    const element = document.querySelector("#a");
    if (element) element.textContent = text;
  }, HEALTHY);
  await ready(page, 1);
  expect(await call(page, "seek", 7)).toBe(true);
  await close();
});

test("after a file that is missing the next one runs, and is told of as a new one", async ({
  page,
  baseURL,
  complaints,
}) => {
  const wrong = HEALTHY.replace("elect n3", "elekt n3");
  const { close } = await open(page, baseURL, {
    body: '<half-link id="a" t="5" src="/good.halflink"></half-link>',
    csp: files,
    files: { "/good.halflink": HEALTHY, "/wrong.halflink": wrong },
  });
  await expect.poll(async () => (await heard(page, "outcome")).length).toBe(1);
  await set(page, "src", "/wrong.halflink");
  await failed(page, 1);
  await set(page, "src", "/missing.halflink");
  await failed(page, 2);
  const [first, second] = await heard(page, "failed");
  expect(first.detail.errors).toHaveLength(1);
  expect(second.detail.errors, "those of the text before").toEqual([]);
  expect(second.detail.words).toContain("/missing.halflink");
  expect(second.detail.words).not.toMatch(/\s$/);
  // Nothing runs, so nothing is done.
  for (const [method, argument] of [["play"], ["seek", 9], ["apply", "cut n3 -> n1"], ["undo"]])
    expect(await call(page, `${method}`, argument), `${method}`).toBe(false);
  expect(await stands(page)).toEqual({ time: 0, playing: false, text: "" });
  await page.evaluate(() => /** @type {any} */ (window).heard.splice(0));
  await set(page, "src", "/good.halflink");
  await expect.poll(async () => (await heard(page, "outcome")).length).toBe(1);
  await expect(page.locator("#a #logic .logic")).toBeVisible();
  const told = await page.evaluate(() =>
    /** @type {any} */ (window).heard.map((/** @type {any} */ { name }) => name),
  );
  expect(told.filter((/** @type {string} */ name) => name !== "step")).toEqual([
    "ready",
    "outcome",
  ]);
  expect(await stands(page)).toMatchObject({ time: 5, text: HEALTHY });
  expect(await call(page, "apply", "cut n3 -> n1")).toBe(true);
  complaints.length = 0;
  await close();
});

test("of a link that does not open its name is told", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: '<half-link id="a" link="no-such-scenario"></half-link>',
  });
  await failed(page, 1);
  expect((await heard(page, "failed"))[0].detail.words).toContain("no-such-scenario");
  // And when it is right again, it runs.
  await set(page, "link", "raid-10");
  await ready(page, 1);
  await expect(page.locator("#a #logic .logic")).toBeVisible();
  await close();
});

test("how long a text is that is too long is told of all of it", async ({ page, baseURL }) => {
  const long = `${HEALTHY}${`# ${"x".repeat(97)}\n`.repeat(1_500)}`;
  const { close } = await open(page, baseURL, {
    body: `<half-link id="a"><pre>${escaped(long)}</pre></half-link>`,
  });
  await failed(page, 1);
  const [{ detail }] = await heard(page, "failed");
  expect(detail.words).toContain(`${long.length}`);
  await close();
});

test("looks that are set while it begins are those that it has", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: RUN,
    before: `(function look() {
      const element = document.querySelector("#a");
      if (!element?.shadowRoot?.querySelector(".embed")) return setTimeout(look);
      for (const [name, value] of [["view", "both"], ["theme", "dark"], ["fixed", ""]])
        element.setAttribute(name, value);
    })()`,
  });
  await ready(page, 1);
  const stage = page.locator("#a .embed");
  await expect(stage).toHaveAttribute("data-view", "both");
  await expect(stage).toHaveAttribute("data-theme", "dark");
  await expect(stage).toHaveAttribute("data-fixed", "");
  await expect(page.locator('#a #plant [data-part="r1.tor-a"]')).toBeVisible();
  await close();
});

test("who hears that it is ready can ask at once how it stands", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: RUN,
    before: `addEventListener("ready", ({ target }) => {
      window.first = { time: target.time, playing: target.playing, text: target.text };
    }, true)`,
  });
  await ready(page, 1);
  expect(await page.evaluate(() => /** @type {any} */ (window).first)).toEqual({
    time: 5,
    playing: false,
    text: HEALTHY,
  });
  await close();
});

test("methods answer and never throw, whatever they are given, and wherever it is", async ({
  page,
  baseURL,
  complaints,
}) => {
  const { close } = await open(page, baseURL, { body: RUN });
  await ready(page, 1);
  const answers = await page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("#a"));
    const odd = [Symbol("x"), { toString: 1 }, [15], 20n, null, true, () => 1];
    return Promise.all([
      ...odd.map((at) => element.seek(at)),
      ...odd.map((statement) => element.apply(statement)),
      /** @type {any} */ (document.createElement("half-link")).play(),
    ]);
  });
  expect(answers).toEqual(Array(15).fill(false));
  // One that is taken out as it is asked.
  const gone = await page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector("#a")?.cloneNode(true));
    document.body.append(element);
    const answer = element.play();
    element.remove();
    return answer;
  });
  expect(gone).toBe(false);
  await page.route("**/halflink-element-run.js", (route) => route.abort());
  await page.reload();
  await failed(page, 1);
  expect(await call(page, "play")).toBe(false);
  complaints.length = 0;
  await close();
});

test("one that is taken out while it begins is heard of no more", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, { body: RUN });
  await ready(page, 1);
  // The page must not complain.
  await page.evaluate(async () => {
    const rest = (/** @type {number} */ ms) => new Promise((go) => setTimeout(go, ms));
    for (let times = 0; times < 24; times += 1) {
      const element = /** @type {any} */ (document.querySelector("#a")?.cloneNode(true));
      element.id = "";
      document.body.prepend(element);
      await rest(times * 4);
      element.remove();
      await rest(times % 3);
    }
    await rest(500);
  });
  expect((await heard(page, "failed")).length).toBe(0);
  await expect(page.locator("half-link .room")).toHaveCount(1);
  await close();
});

test("at its end it is told that it plays no more", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, { body: RUN });
  await ready(page, 1);
  await call(page, "seek", 29.5);
  await call(page, "play");
  await expect.poll(async () => (await stands(page)).playing).toBe(false);
  await expect
    .poll(async () => {
      const { time_us, playing } = (await heard(page, "step")).at(-1)?.detail ?? {};
      return { time_us, playing };
    })
    .toEqual({ time_us: 30e6, playing: false });
  await close();
});

test("an error in a <pre> is told at the line that its author counts", async ({
  page,
  baseURL,
}) => {
  const text = `\n\n  ${HEALTHY.replace("elect n3", "elekt n3").replaceAll("\n", "\n  ")}`;
  const { close } = await open(page, baseURL, {
    body: `<half-link id="a"><pre>${escaped(text)}</pre></half-link>`,
  });
  await failed(page, 1);
  const lines = text.split("\n").slice(1);
  const line = lines.findIndex((one) => one.includes("elekt"));
  const [error] = (await heard(page, "failed"))[0].detail.errors;
  expect(error).toMatchObject({ line: line + 1, column: lines[line].indexOf("elekt") + 1 });
  await close();
});
