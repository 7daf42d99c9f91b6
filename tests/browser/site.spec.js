// The site as it leaves the house, from three static hosts: one that sends no header but the type,
// one in whose folder it stands, as on GitHub Pages, and one with a strict policy on all it sends.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { library } from "../../pkg/library.js";
import { SITE, blog, siteHost } from "../support/plain-host.js";
import { expect, test } from "./fixtures.js";
import { simulated } from "./playground.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-halflink'; " +
  "style-src 'self' 'nonce-halflink'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; " +
  "base-uri 'none'; form-action 'none'";

const HOSTS = /** @type {const} */ ([
  ["no headers", {}],
  ["a folder of a host", { under: "/halflink/" }],
  ["a strict policy", { policy: POLICY }],
]);

const CHINESE = "zh-Hant";
const NAME = "raid-10";
const TITLE = library.find(({ name }) => name === NAME)?.title ?? "";

/** @param {string} path */
const read = (path) => readFileSync(join(SITE, path));
/** @param {string} path */
const pageOf = (path) => parseHTML(read(path).toString()).document;
const files = () =>
  readdirSync(SITE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(SITE.length + 1));
/** Where the site says that it stands. */
const at = () => pageOf("index.html").querySelector("link[rel=canonical]")?.getAttribute("href");

/** @param {import('@playwright/test').Page} page */
const kept = (page) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready;
    while (active?.state !== "activated" || !navigator.serviceWorker.controller)
      await new Promise((go) => setTimeout(go, 20));
    return caches.keys();
  });

for (const [what, host] of HOSTS) {
  test(`gallery and scenario lead to each other and to the run, from ${what}`, async ({ page }) => {
    const site = await siteHost(host);
    await page.goto(`${site.address}s/`);
    await expect(page.locator(".gallery > li")).toHaveCount(library.length);
    await page.getByRole("link", { name: TITLE, exact: true }).click();
    await expect(page).toHaveURL(`${site.address}s/${NAME}/`);
    await expect(page.locator("h1")).toHaveText(TITLE);
    for (const image of await page.locator("main img").all()) {
      await expect(image).toHaveJSProperty("complete", true);
      expect(await image.evaluate((one) => /** @type {any} */ (one).naturalWidth)).toBeGreaterThan(
        300,
      );
    }
    await page.locator(`.languages [hreflang="${CHINESE}"]`).click();
    await expect(page).toHaveURL(`${site.address}s/${CHINESE}/${NAME}/`);
    await expect(page.locator("html")).toHaveAttribute("lang", CHINESE);
    await page.locator(".place a").first().click();
    await expect(page).toHaveURL(`${site.address}s/${CHINESE}/`);
    await page.goBack();
    await page.locator(".open").click();
    await simulated(page);
    await expect(page.locator("html")).toHaveAttribute("lang", CHINESE);
    expect(new URL(page.url()).hash).toContain(`#${NAME}`);
    await site.close();
  });

  test(`after one visit the page works without a network, from ${what}`, async ({
    page,
    context,
    complaints,
  }) => {
    const site = await siteHost(host);
    await page.goto(site.address);
    await simulated(page);
    expect(await kept(page)).toHaveLength(1);
    await site.close();
    await context.setOffline(true);
    await page.goto(`${site.address}#${NAME}`);
    await page.reload();
    await simulated(page);
    await expect(page).toHaveTitle(new RegExp(TITLE));
    // What comes late, in another language, of production code.
    await page.goto(`${site.address}?lang=${CHINESE}#${NAME}&compare=tikv-raft`);
    await expect(page.locator(".compare-rows > [data-outcome]")).toHaveCount(2);
    await expect(page.locator("html")).toHaveAttribute("lang", CHINESE);
    expect(complaints).toEqual([]);
  });
}

test("another build takes the place of what is kept, when no window shows that", async ({
  context,
}) => {
  test.slow();
  let build = "";
  const changed = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path === "worker.js" ? body.toString().replace('"version":"', `$&${build}`) : body;
  const site = await siteHost({ changed });
  const first = await context.newPage();
  await first.goto(site.address);
  const [old] = await kept(first);
  build = "2";
  await first.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    while (!registration.waiting) await new Promise((go) => setTimeout(go, 20));
    await caches.open("of another site");
  });
  const both = await first.evaluate(() => caches.keys());
  expect(both).toHaveLength(3);
  await first.close();
  const next = await context.newPage();
  const seen = async () => {
    // The browser lets the new worker begin when the old one has been idle for a while.
    await next.goto("about:blank");
    await next.waitForTimeout(4_000);
    await next.goto(`${site.address}s/`);
    return kept(next);
  };
  await expect.poll(seen, { timeout: 60_000 }).toHaveLength(2);
  const now = await kept(next);
  expect(now).toContain("of another site");
  expect(now).not.toContain(old);
  await site.close();
});

test("where a file is not the one that was built nothing is kept, and the page plays", async ({
  page,
  complaints,
}) => {
  const changed = (/** @type {string} */ path, /** @type {Buffer} */ body) =>
    path === "icon.svg" ? `${body}\n` : body;
  const site = await siteHost({ changed });
  await page.goto(site.address);
  await simulated(page);
  const state = await page.evaluate(async () => {
    for (;;) {
      const registration = await navigator.serviceWorker.getRegistration();
      if (registration === undefined || registration.active) return [registration?.active?.state];
      await new Promise((go) => setTimeout(go, 20));
    }
  });
  expect(state).toEqual([undefined]);
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  // The browser says why.
  complaints.length = 0;
  await site.close();
});

test("embeds ask for no worker, and come from their host where the page has one", async ({
  page,
  context,
}) => {
  const site = await siteHost();
  const { html } = JSON.parse(read(`s/${NAME}/oembed.json`).toString());
  const post = await blog(html.replace(at(), site.address));
  await page.goto(post.address);
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  if (!frame) throw new Error("the post has no frame");
  await simulated(frame);
  const tall = await frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  expect(tall, "the frame has room for all of it").toBeLessThanOrEqual(0);
  expect(site.asked).not.toContain("/worker.js");
  expect(context.serviceWorkers()).toEqual([]);

  await page.goto(site.address);
  await kept(page);
  site.asked.length = 0;
  await page.goto(`${site.address}post/`);
  const inside = page.locator("iframe").first();
  await inside.scrollIntoViewIfNeeded();
  await expect(inside.contentFrame().locator("[data-replica]:visible").first()).toBeVisible();
  expect(site.asked).toContain("/embed.html");
  expect(site.asked).toContain("/pkg/halflink-embed.js");
  await Promise.all([post.close(), site.close()]);
});

/**
 * What a page refers to: its links, files and tags, as they are written.
 *
 * @param {Document} page
 */
function references(page) {
  const named = page.querySelectorAll("[href], [src], [srcset]");
  const written = [...named].flatMap((one) =>
    ["href", "src", "srcset"].flatMap((name) => one.getAttribute(name) ?? []),
  );
  const tags = page.querySelectorAll('meta[property="og:image"], meta[property="og:url"]');
  return [...written, ...[...tags].flatMap((one) => one.getAttribute("content") ?? [])];
}

test("no link of the site is broken", () => {
  const site = at() ?? "";
  const all = files();
  const named = all.filter((path) => path.endsWith(".html"));
  const pages = new Map(named.map((path) => [path, pageOf(path)]));
  /** @type {string[]} */
  const broken = [];
  let followed = 0;
  for (const [path, page] of pages) {
    for (const reference of new Set(references(page))) {
      const url = new URL(reference, site + path);
      if (!url.href.startsWith(site)) continue;
      followed += 1;
      const inside = url.href.slice(site.length).split(/[?#]/)[0];
      const file = /^$|\/$/.test(inside) ? `${inside}index.html` : inside;
      // Behind a `#` page and embed have a run, and every other page a place.
      const place = ["index.html", "embed.html"].includes(file) ? "" : url.hash.slice(1);
      const is_there = !place || pages.get(file)?.getElementById(decodeURIComponent(place));
      if (!all.includes(file) || !is_there) broken.push(`${path}: ${reference}`);
    }
  }
  expect(broken).toEqual([]);
  expect(followed).toBeGreaterThan(2_000);
});

test("every scenario has a card, and what a post asks for", async () => {
  for (const { name, title } of library) {
    const card = read(`s/${name}/card.png`);
    expect(card.subarray(1, 4).toString()).toBe("PNG");
    expect([card.readUInt32BE(16), card.readUInt32BE(20)], name).toEqual([1_200, 630]);
    expect(card.length, name).toBeLessThan(80_000);
    for (const folder of [`s/${name}/`, `s/${CHINESE}/${name}/`]) {
      const page = pageOf(`${folder}index.html`);
      const asked = page.querySelector('link[type="application/json+oembed"]');
      expect(asked?.getAttribute("href")).toBe(`${at()}${folder}oembed.json`);
      // The specification's, 2.3.4, for all and for those that are rich.
      const told = JSON.parse(read(`${folder}oembed.json`).toString());
      expect(told).toMatchObject({ version: "1.0", type: "rich", provider_name: "Halflink" });
      expect(told.title).toBe(asked?.getAttribute("title"));
      const frame = parseHTML(`<html><body>${told.html}</body></html>`).document.body;
      const element = /** @type {HTMLIFrameElement} */ (frame.firstElementChild);
      for (const side of /** @type {const} */ (["width", "height"])) {
        expect(told[side]).toBeGreaterThan(300);
        expect(element.getAttribute(side)).toBe(`${told[side]}`);
      }
      expect(element.getAttribute("src")).toContain(`${at()}embed.html#${name}`);
      expect(told.thumbnail_url).toBe(`${at()}s/${name}/card.png`);
      const meta = (/** @type {string} */ key) =>
        page.querySelector(`meta[property="${key}"]`)?.getAttribute("content");
      expect(meta("og:image")).toBe(told.thumbnail_url);
      expect(meta("og:url")).toBe(`${at()}${folder}`);
      expect(meta("og:title")).toBe(told.title);
      expect(meta("og:description")?.length).toBeGreaterThan(3);
    }
    const page = pageOf(`s/${name}/index.html`);
    expect(page.querySelector("h1")?.textContent).toBe(title);
  }
});

test("a count of the table of cuts opens a run that comes out so", async ({ page }) => {
  const site = await siteHost();
  await page.goto(`${site.address}s/`);
  await page.getByRole("link", { name: "Every small set of one-way cuts" }).click();
  await expect(page).toHaveURL(`${site.address}s/one-way-cuts/`);
  const protocols = await page.locator(".cuts tbody").count();
  expect(protocols).toBe(28);
  for (const outcome of ["unsafe", "stalled", "flapping", "recovered", "parted", "stable"]) {
    const count = page.locator(`.cuts [data-word="${outcome}"]`).first();
    const rows = count.locator("xpath=ancestor::tbody");
    const protocol = await rows.locator("[scope=rowgroup]").textContent();
    const cuts = Number(await count.locator("xpath=ancestor::tr/th").textContent());
    await count.click();
    await simulated(page);
    await expect
      .poll(() => page.evaluate(() => window.halflink.session.strip.outcome?.name))
      .toBe(outcome);
    const text = await page.evaluate(() => window.halflink.run.text());
    expect(text).toContain(`five: ${protocol} on`);
    expect(text.match(/^at \d+s cut /gm)).toHaveLength(cuts);
    await page.goBack();
  }
  await site.close();
});

test("the list of files names each of them, as large as it is", () => {
  const listed = JSON.parse(read("files.json").toString());
  const beside = [".nojekyll", "files.json"];
  expect(listed.map((/** @type {any} */ { path }) => path).sort()).toEqual(
    files()
      .filter((path) => !beside.includes(path))
      .sort(),
  );
  for (const { path, bytes } of listed) expect(read(path).length, path).toBe(bytes);
  expect(files()).toContain(".nojekyll");
  expect(listed.map((/** @type {any} */ { path }) => path)).toContain("_headers");
});

for (const [width, colorScheme] of /** @type {const} */ ([
  [1_440, "light"],
  [768, "dark"],
  [390, "light"],
])) {
  test(`the library's pages are for everybody at ${width}, ${colorScheme}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const site = await siteHost();
    const cuts = ["s/one-way-cuts/", `s/${CHINESE}/one-way-cuts/`];
    const scenarios = ["s/cloudflare-2020/", `s/${CHINESE}/generals-7/`];
    for (const path of ["s/", `s/${CHINESE}/`, ...cuts, ...scenarios]) {
      await page.goto(site.address + path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wide, "nothing is wider than the page").toBeLessThanOrEqual(0);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        // @ts-expect-error axe is there now
        const { violations } = await axe.run({ preload: false });
        return violations.map((/** @type {any} */ { id, nodes }) => [id, nodes[0].html]);
      });
      expect(found, path).toEqual([]);
      await page.keyboard.press("Tab");
      await expect(page.locator(".logo")).toBeFocused();
    }
    await site.close();
  });
}
