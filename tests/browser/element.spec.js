// `<half-link>`: runs between tags, in a page of somebody else's with a strict policy.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "./fixtures.js";
import { call, escaped, heard, open, policy, ready } from "./elements.js";
import { HEALTHY, TWO_GROUPS, linkOf, openText, snippetOf as snippetShown } from "./playground.js";
import { said, saying } from "./words.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test("runs of one page share one engine, and leave nothing on the page", async ({
  page,
  baseURL,
}) => {
  const { asked, close } = await open(page, baseURL, {
    body: `<half-link id="a" t="5">${escaped(HEALTHY)}</half-link>
      <half-link id="b" link="${await linkOf(HEALTHY)}" t="3"></half-link>
      <half-link id="c" link="raid-10" t="1" view="both"></half-link>`,
    before: `window.compiles = 0; const compile = WebAssembly.compile;
      WebAssembly.compile = (...given) => { compiles += 1; return compile(...given); };`,
  });
  await page.locator("#c").scrollIntoViewIfNeeded();
  await ready(page, 3);
  for (const id of ["a", "b", "c"]) {
    await expect(page.locator(`#${id} #logic .logic`)).toBeVisible();
    await expect(page.locator(`#${id} #strip .strip-picture`)).toBeVisible();
  }
  await expect(page.locator('#c #plant [data-part="r1.tor-a"]')).toBeVisible();
  const scripts = asked.filter((name) => name.includes("halflink"));
  expect(scripts.sort()).toEqual(
    ["-late", "-run", ""].map((part) => `/pkg/halflink-element${part}.js`),
  );
  expect(await page.evaluate(() => /** @type {any} */ (window).compiles)).toBe(1);
  // What one is called, or does, is not the other's.
  const titles = (await heard(page, "ready")).map(({ detail, id }) => `${id} ${detail.title}`);
  expect(titles.sort()).toEqual([
    "a Nothing is wrong",
    "b Nothing is wrong",
    expect.stringMatching(/^c /),
  ]);
  expect(await call(page, "apply", "cut n3 -> n1", "#a")).toBe(true);
  // Out of sight nothing is drawn.
  await page.locator("#a").scrollIntoViewIfNeeded();
  await expect(page.locator('#a [data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await expect(page.locator('#b [data-flow="n3->n1"]')).toHaveAttribute("data-state", "up");
  const left = await page.evaluate(() => ({
    globals: Object.getOwnPropertyNames(window).filter(
      (name) => ![.../** @type {any} */ (window).known, "known"].includes(name),
    ),
    stored: localStorage.length + sessionStorage.length,
    head: document.head.querySelectorAll("link[rel=stylesheet], script[src]").length,
    hash: location.hash,
    title: document.title,
    attributes: [...(document.querySelector("#a")?.attributes ?? [])].map(({ name }) => name),
  }));
  expect(left).toEqual({
    globals: [],
    stored: 0,
    head: 1,
    hash: "",
    title: "A post",
    attributes: ["id", "t"],
  });
  await close();
});

test("a host plays, seeks, acts and undoes, and hears of it", async ({ page, baseURL }) => {
  const { close } = await open(page, baseURL, {
    body: `<half-link t="5" fixed>${escaped(HEALTHY)}</half-link>`,
  });
  await ready(page, 1);
  const [{ detail }] = await heard(page, "ready");
  expect(detail).toMatchObject({ protocol: "raft", seed: 7, until_us: 30e6, time_us: 5e6 });
  expect(detail.replicas).toEqual(["n1", "n2", "n3"]);
  await expect.poll(async () => (await heard(page, "outcome")).length).toBe(1);
  expect((await heard(page, "outcome"))[0].detail).toMatchObject({
    outcome: "stable",
    violations: 0,
    trace_hash: expect.stringMatching(/^[0-9a-f]{8,}$/),
  });
  expect(await call(page, "seek", "0:07")).toBe(true);
  await expect.poll(async () => (await heard(page, "step")).at(-1)?.detail.time_us).toBe(7e6);
  const before = await page.evaluate(
    () => /** @type {any} */ (document.querySelector("half-link")).text,
  );
  expect(before).toBe(HEALTHY);
  // That readers may not act does not keep its author from it.
  expect(await call(page, "apply", "isolate n3")).toBe(true);
  await call(page, "seek", 9.5);
  await expect.poll(async () => (await heard(page, "beliefs-parted")).length).toBe(1);
  expect((await heard(page, "beliefs-parted"))[0].detail.beliefs[2]).toMatchObject({
    replica: "n3",
    role: "leader",
    leader: "n3",
  });
  expect(await call(page, "undo")).toBe(true);
  await expect
    .poll(() => page.evaluate(() => /** @type {any} */ (document.querySelector("half-link")).text))
    .toBe(HEALTHY);
  expect(await call(page, "redo")).toBe(true);
  for (const [method, argument] of /** @type {const} */ ([
    ["apply", "frobnicate n1"],
    ["apply", "x".repeat(5_000)],
    ["apply", 7],
    ["seek", "soon"],
    ["seek", Number.NaN],
  ]))
    expect(await call(page, method, argument), `${method} ${argument}`).toBe(false);
  await call(page, "play");
  await expect
    .poll(() => page.evaluate(() => /** @type {any} */ (document.querySelector("half-link")).time))
    .toBeGreaterThan(9.6);
  await call(page, "pause");
  expect(
    await page.evaluate(() => /** @type {any} */ (document.querySelector("half-link")).playing),
  ).toBe(false);
  await close();
});

test("several protocols, and several groups, are seen beside each other", async ({
  page,
  baseURL,
}) => {
  const { asked, close } = await open(page, baseURL, {
    body: `<half-link id="a" link="one-way-from-leader" t="4" compare="vr,tikv-raft"></half-link>
      <half-link id="b" t="12" groups>${escaped(TWO_GROUPS)}</half-link>`,
  });
  await expect(page.locator("#a .compare-rows > [data-outcome]")).toHaveCount(3);
  expect(asked.filter((name) => name.endsWith("halflink-embed-production.js"))).toHaveLength(1);
  expect(asked.filter((name) => /wasm$|pkg\/halflink\.js$|css$/.test(name))).toEqual([]);
  await page.locator("#b").scrollIntoViewIfNeeded();
  await expect(page.locator("#b .compare-rows > *")).toHaveCount(2);
  await close();
});

test("keys belong to the run that has the focus, and to the page elsewhere", async ({
  page,
  baseURL,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<button id="other">x</button><half-link t="5">${escaped(HEALTHY)}</half-link>`,
  });
  await ready(page, 1);
  const time = () =>
    page.evaluate(() => /** @type {any} */ (document.querySelector("half-link")).time);
  await page.locator("#other").focus();
  await page.keyboard.press(".");
  await page.waitForTimeout(100);
  expect(await time()).toBe(5);
  await page.locator('half-link #logic [data-flow="n3->n2"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-flow="n3->n2"]')).toHaveAttribute("data-state", "cut");
  await page.keyboard.press(".");
  await expect.poll(time).toBeGreaterThan(5);
  await page.keyboard.press("Control+z");
  await expect(page.locator('[data-flow="n3->n2"]')).toHaveAttribute("data-state", "up");
  // The menu of a server opens over the page, and gives the focus back.
  await page.locator('half-link [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: said("choice.crash") }).click();
  await expect(page.locator('[data-replica="n2"]')).toHaveAttribute("data-role", "down");
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    // Parts are called by their whole names, and say in the picture only what is new.
    const rules = { "label-content-name-mismatch": { enabled: false } };
    // @ts-expect-error axe is there now
    const { violations } = await axe.run({ rules, preload: false });
    return violations.map((/** @type {any} */ { id, nodes }) => [id, nodes[0].html]);
  });
  expect(found).toEqual([]);
  await close();
});

test("text that a blog has mangled runs, and what is wrong with a text is said", async ({
  page,
  baseURL,
  complaints,
}) => {
  const mangled = escaped(HEALTHY)
    .trim()
    .replaceAll(/"([^"\n]*)"/g, "“$1”")
    .split("\n")
    .join("<br />\n");
  const { close } = await open(page, baseURL, {
    body: `<half-link id="a" t="5"><p>${mangled}</p></half-link>
      <half-link id="b"><pre>halflink 1
plant 3 racks of 3 servers, 4 disks each
at 1s frobnicate n1
</pre></half-link><half-link id="c" link="no-such-scenario"></half-link>
<half-link id="d" src="/missing.halflink"></half-link>`,
  });
  await ready(page, 1);
  await expect(page.locator("#a #caption")).toContainText("Nothing is wrong");
  await expect(page.locator("#b #unstarted")).toContainText(/3:7 .*frobnicate/);
  await expect(page.locator("#b pre"), "its author's text stays").toBeVisible();
  const failed = await heard(page, "failed");
  expect(failed.find(({ id }) => id === "b")?.detail.errors[0]).toMatchObject({
    line: 3,
    column: 7,
  });
  await expect(page.locator("#c #unstarted")).toContainText(
    new RegExp(saying("embed.nothing", { why: "«.*»" })),
  );
  await expect(page.locator("#d #unstarted")).toContainText("/missing.halflink");
  await expect(page.locator("#d #unstarted a")).toHaveAttribute("href", /^(\.\/|http)/);
  // Who mends it gets the run, and what was good stays undone by nobody.
  await page.evaluate(
    (text) => {
      const element = document.querySelector("#b pre");
      if (element) element.textContent = text;
    },
    HEALTHY.replace("Nothing is wrong", "Mended"),
  );
  await expect(page.locator("#b #caption")).toContainText("Mended");
  await page.evaluate(() => {
    const element = document.querySelector("#b pre");
    if (element) element.textContent = "halflink 9";
  });
  await expect(page.locator("#b #unstarted")).toContainText("1:1");
  await expect(page.locator("#b .transport")).toBeHidden();
  // Links outside of a frame lead to Halflink, and not into the host's folders.
  await page.locator("#b #unstarted a").hover();
  expect(await page.locator("#b #unstarted a").getAttribute("href")).toMatch(
    new RegExp(`^${new URL(baseURL ?? "").origin}/`),
  );
  expect(complaints.every((words) => /connect|fetch|missing/i.test(words))).toBe(true);
  complaints.length = 0;
  await close();
});

for (const [name, csp] of /** @type {const} */ ([
  ["every script is blocked", () => "script-src 'none'"],
  ["WebAssembly is blocked", (/** @type {string} */ site) => `script-src ${site} 'nonce-own'`],
])) {
  test(`where ${name}, what its author has put there stays`, async ({
    page,
    baseURL,
    complaints,
  }) => {
    const { close } = await open(page, baseURL, {
      body: `<half-link link="raid-10"><a href="https://x.example/"><svg width="100" height="50"
        role="img" aria-label="A run"><rect width="100" height="50"/></svg></a></half-link>`,
      csp,
    });
    await page.waitForTimeout(500);
    await expect(page.locator("half-link svg[role=img]")).toBeVisible();
    await expect(page.locator("half-link > a")).toBeVisible();
    if (name.startsWith("Web"))
      await expect(page.locator("half-link #unstarted")).toContainText(
        new RegExp(saying("embed.unavailable", { why: "«.*»" })),
      );
    complaints.length = 0;
    await close();
  });
}

test("a host that is loaded twice, styles everything and changes arrays does no harm", async ({
  page,
  baseURL,
  complaints,
}) => {
  const { asked, close } = await open(page, baseURL, {
    body: `<half-link t="5">${escaped(HEALTHY)}</half-link>`,
    css: "* { all: unset } half-link * { display: none } :root { --ink: red; --picture: 9px }",
    before: "Array.prototype.last = function () { return this[this.length - 1]; }",
    scripts: 2,
  });
  await ready(page, 1);
  expect(asked.filter((name) => name.endsWith("-run.js"))).toHaveLength(1);
  await expect(page.locator("#logic .logic")).toBeVisible();
  const look = await page.locator("#caption h2").evaluate((heading) => {
    const { fontSize, fontWeight, color } = getComputedStyle(heading);
    return { fontSize, fontWeight, color, width: heading.getBoundingClientRect().width > 200 };
  });
  expect(look).toEqual({
    fontSize: "16px",
    fontWeight: "700",
    color: "rgb(27, 36, 48)",
    width: true,
  });
  // Errors of the host's own are not told as the run's.
  await page.evaluate(() => void Promise.reject(new Error("the host's own")));
  await page.waitForTimeout(100);
  await expect(page.locator("half-link #banner")).toBeHidden();
  expect(complaints).toEqual(["uncaught: the host's own"]);
  complaints.length = 0;
  await close();
});

test("an element that is moved goes on, and one that is taken out lets go", async ({
  page,
  baseURL,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<div id="to"></div><half-link t="5">${escaped(HEALTHY)}</half-link>`,
  });
  await ready(page, 1);
  await call(page, "apply", "cut n3 -> n1");
  await page.evaluate(() => {
    const element = document.querySelector("half-link");
    if (element) document.querySelector("#to")?.append(element);
  });
  await expect(page.locator('#to [data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await page.evaluate(() => {
    const element = /** @type {any} */ (document.querySelector("half-link"));
    element.remove();
    /** @type {any} */ (window).kept = element;
  });
  await page.waitForTimeout(50);
  expect(
    await page.evaluate(() => /** @type {any} */ (window).kept.shadowRoot.querySelector(".room")),
  ).toBe(null);
  await page.evaluate(() => document.body.append(/** @type {any} */ (window).kept));
  await ready(page, 2);
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "up");
  // Attributes that an author changes are followed: looks as it goes on, all else anew.
  await call(page, "apply", "cut n3 -> n1");
  await page.evaluate(() => document.querySelector("half-link")?.setAttribute("theme", "dark"));
  await expect
    .poll(() =>
      page.locator("half-link .embed").evaluate((stage) => getComputedStyle(stage).backgroundColor),
    )
    .toBe("rgb(25, 31, 39)");
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await page.evaluate(() => document.querySelector("half-link")?.setAttribute("t", "8"));
  await expect
    .poll(() => page.evaluate(() => /** @type {any} */ (document.querySelector("half-link")).time))
    .toBe(8);
  await close();
});

test("one that is taken out while it begins, and put in again, has one run", async ({
  page,
  baseURL,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<half-link t="5" height="600">${escaped(HEALTHY)}</half-link>`,
  });
  await page.evaluate(async () => {
    const element = /** @type {any} */ (document.querySelector("half-link"));
    for (let times = 0; times < 12; times += 1) {
      void element.start().catch(() => {});
      await new Promise((go) => setTimeout(go, times * 8));
      element.remove();
      await Promise.resolve();
      await Promise.resolve();
      document.querySelector("main")?.append(element);
    }
  });
  await expect(page.locator("half-link #logic .logic")).toBeVisible();
  await page.waitForTimeout(500);
  await expect(page.locator("half-link .room")).toHaveCount(1);
  await expect(page.locator("half-link .missing")).toHaveCount(0);
  expect(await call(page, "apply", "cut n3 -> n1")).toBe(true);
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await close();
});

test("of twenty, those begin that are seen; one that waits for a click waits", async ({
  page,
  baseURL,
}) => {
  const one = (/** @type {number} */ at) =>
    `<half-link id="e${at}" t="5" height="600">${escaped(HEALTHY)}</half-link>`;
  const { asked, close } = await open(page, baseURL, {
    body: `<half-link id="first" load="click" t="5" height="600">${escaped(HEALTHY)}</half-link>
      ${Array.from({ length: 20 }, (_, at) => one(at)).join("")}`,
  });
  await page.waitForTimeout(300);
  await ready(page, 1);
  expect((await heard(page, "ready")).map(({ id }) => id)).toEqual(["e0"]);
  await page.locator("#first").click();
  await ready(page, 2);
  const tall = await page.locator("#first").evaluate((element) => element.clientHeight);
  expect(tall, "as its author has said").toBe(600);
  for (let at = 1; at < 20; at += 1) {
    await page.locator(`#e${at}`).scrollIntoViewIfNeeded();
    await expect(page.locator(`#e${at} #logic .logic`)).toBeVisible();
  }
  expect(asked.filter((name) => name.endsWith("-run.js"))).toHaveLength(1);
  // The pointer that clicked asked for the menus.
  const seen = asked.filter((name) => !name.endsWith("-late.js"));
  const weights = seen.map(
    (name) => gzipSync(readFileSync(new URL(`../..${name}`, import.meta.url)), { level: 9 }).length,
  );
  const sum = weights.reduce((all, one) => all + one, 0);
  expect(sum, "all of them together, on the wire").toBeLessThan(350_000);
  await close();
});

for (const [name, more] of /** @type {const} */ ([
  ["requires trusted types", "require-trusted-types-for 'script'; trusted-types halflink; "],
  ["is in a sandbox itself", "sandbox allow-scripts; "],
])) {
  test(`a page that ${name} has its run`, async ({ page, baseURL }) => {
    const { close } = await open(page, baseURL, {
      body: `<half-link t="5">${escaped(HEALTHY)}</half-link>`,
      csp: (site) => more + policy(site),
    });
    await ready(page, 1);
    await expect(page.locator("#logic .logic")).toBeVisible();
    await close();
  });
}

test("without the network, what comes late is missed, and the run plays", async ({
  page,
  baseURL,
  complaints,
}) => {
  const { close } = await open(page, baseURL, {
    body: `<half-link t="5">${escaped(HEALTHY)}</half-link>`,
  });
  await ready(page, 1);
  await page.context().setOffline(true);
  await page.locator('half-link [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("half-link #banner")).toContainText(
    new RegExp(saying("late.menu", { error: "«.*did not load»" })),
  );
  expect(await call(page, "apply", "cut n3 -> n1")).toBe(true);
  await expect(page.locator('[data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  await page.context().setOffline(false);
  await page.locator('half-link [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: said("choice.crash") })).toBeVisible();
  complaints.length = 0;
  await close();
});

test("Share's snippet shows its poster first, then the run, in the post's own light", async ({
  page,
  baseURL,
  complaints,
}) => {
  await openText(page, HEALTHY, 5);
  await page.getByRole("button", { name: said("bar.share") }).click();
  await page.getByRole("radio", { name: said("share.element") }).check();
  await page.getByLabel(new RegExp(saying("share.start", { at: "«.*»" }))).check();
  await expect
    .poll(() => snippetShown(page))
    .toMatch(/^<script async src="http[^"]+\/pkg\/halflink-element\.js"><\/script>/);
  const snippet = await snippetShown(page);
  expect(snippet).toMatch(/<half-link link="2\.[\w-]+" t="5" height="\d+"><a href="[^"]+"><svg /);
  const tag = snippet.replace(/^<script.*\n/, "");
  const { close } = await open(page, baseURL, {
    body: `<p>Words before.</p>${tag.replace("<half-link", '<half-link load="click"')}`,
    css: "body { background: #15191f; color: #ddd }",
  });
  const poster = page.locator("half-link svg[role=img]");
  await expect(poster).toBeVisible();
  const before = await page.locator("half-link").evaluate((element) => element.clientHeight);
  await page.locator("half-link .start").click();
  await ready(page, 1);
  await expect(poster).toBeHidden();
  await expect(page.locator("half-link .embed")).toHaveCSS("background-color", "rgb(25, 31, 39)");
  await expect
    .poll(() => page.locator("half-link").evaluate((element) => element.clientHeight))
    .toBe(before);
  await expect(page.locator("figcaption a")).toBeVisible();
  expect(complaints).toEqual([]);
  await close();
});
