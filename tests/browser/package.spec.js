// The npm package in pages of others: packed, installed into a folder of its own, and used as it is,
// by Vite without a line of configuration, and by a plain page that imports it from another origin.
import { execFile } from "node:child_process";
import { readFile, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, createLogger, createServer, preview } from "vite";
import { TYPES, serve } from "../support/plain-host.js";
import { installed, shown } from "../support/package.js";
import { halflink } from "../support/wasm.js";
import { expect, test } from "./fixtures.js";
import { openText, simulated } from "./playground.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("../../pkg/element.js").HalfLinkElement} HalfLinkElement */
/** @typedef {{id: string, name: string, detail: any}} Heard */

// One package for all of them.
test.describe.configure({ mode: "default" });

/** A text that a text editor has left alone. */
const textOf = (/** @type {string} */ html) =>
  /<half-link[^>]*>\n(.*?)<\/half-link>/s.exec(html)?.[1].replaceAll("&gt;", ">") ?? "";

/** What somebody writes who uses all of it. */
const MAIN = `
import "halflink/element";
import init, { Run } from "halflink";
import { library } from "halflink/library";
import { picture } from "halflink/picture";

await init();
const { text } = library.find(({ name }) => name === "cloudflare-2020");
const run = new Run(text);
while (!run.advance(10_000));
const svg = await picture(run, { what: "logic", theme: "light" });
window.made = { hash: run.strip().outcome.trace_hash, svg, again: (await picture(text)).length };
`;

/** What a page has besides what README.md of the package shows. */
const MORE = `<half-link id="named" link="raid-10" t="1"></half-link>
<half-link id="production" link="cloudflare-2020" compare="tikv-raft" t="1"></half-link>`;

/** @type {Awaited<ReturnType<typeof installed>>} */
let package_;
/** What README.md shows: with a bundler, and without. @type {string[]} */
let pages;
/** @type {string} */
let text;

test.beforeAll(async () => {
  [package_, pages] = await Promise.all([installed(), shown("html")]);
  text = textOf(pages[0]);
  expect(text).toContain("cut n3 -> n1");
  const main = '<script type="module" src="./main.js"></script>';
  await writeFile(join(package_.folder, "index.html"), written(pages[0] + MORE + main));
  await writeFile(join(package_.folder, "main.js"), MAIN);
});

test.afterAll(() => package_?.remove());

/** What elements tell is kept. */
const LISTEN = `<script>heard = []; for (const name of ["outcome", "failed"])
  addEventListener(name, ({ target, detail }) => heard.push({ id: target.id, name, detail }), true);
</script>`;

/** A page, whose first element has a name. @param {string} body */
const written = (body) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Elsewhere</title>
<link rel="icon" href="data:,">${LISTEN}</head>
<body>${body.replace("<half-link", '<half-link id="own"')}</body></html>`;

/** The hash of a run, by the engine of the page. @param {string} text */
async function hashOf(text) {
  const run = new (await halflink()).Run(text);
  while (!run.advance(1e6));
  return run.trace_hash(run.plan().until_us);
}

/** What an element's run came to, as often as it was told. @param {Page} page @param {string} id */
const hashes = (page, id) =>
  page.evaluate(
    (id) =>
      /** @type {{heard?: Heard[]}} */ (/** @type {unknown} */ (window)).heard
        ?.filter((one) => one.id === id && one.name === "outcome")
        .map(({ detail }) => detail.trace_hash) ?? [],
    id,
  );

/** Does something to the first element. @param {Page} page @param {"seek"|"apply"|"play"} method */
const call = (page, method, argument = "") =>
  page.evaluate(
    ([method, argument]) => {
      const element = /** @type {any} */ (document.querySelector("half-link"));
      return element[method](argument);
    },
    [method, argument],
  );

/** @param {Page} page @param {"time"|"text"} name */
const told = (page, name) =>
  page.evaluate((name) => /** @type {any} */ (document.querySelector("half-link"))[name], name);

/**
 * A run in an element: it is the one that the page has, it plays, and it is acted on.
 *
 * @param {Page} page
 */
async function elementRuns(page) {
  await expect.poll(() => hashes(page, "own"), { timeout: 30_000 }).toEqual([await hashOf(text)]);
  await expect(page.locator("#own #logic .logic")).toBeVisible();
  await call(page, "play");
  await expect.poll(() => told(page, "time")).toBeGreaterThan(15.1);
  expect(await call(page, "seek", "0:05")).toBe(true);
  expect(await call(page, "apply", "cut n3 -> n2")).toBe(true);
  const changed = await told(page, "text");
  expect(changed).toContain("cut n3 -> n2");
  await expect.poll(() => hashes(page, "own")).toEqual([await hashOf(text), await hashOf(changed)]);
  expect(await hashOf(changed)).not.toBe(await hashOf(text));
  // No site is known, so nothing leads to one.
  await expect(page.locator("#own a.open")).toBeHidden();
}

/**
 * All of a page that Vite has made.
 *
 * @param {Page} page
 * @param {string} address
 */
async function allRuns(page, address) {
  await page.goto(address);
  await elementRuns(page);
  const { hash, svg, again } = await page
    .waitForFunction(() => /** @type {any} */ (window).made)
    .then((made) => made.jsonValue());
  const engine = await halflink();
  expect(hash).toBe(await hashOf(engine.story()));
  const cli = join(package_.home, "cli.mjs");
  const drawn = await node([cli, "picture", "cloudflare-2020", "--logic", "--theme", "light"]);
  expect(svg === drawn.stdout, "the page draws what the command line draws").toBe(true);
  expect(again).toBeGreaterThan(10_000);
  // Texts that ship, and the other module, come when they are asked for.
  await page.locator("#named").scrollIntoViewIfNeeded();
  const raid = engine.library().find(({ name }) => name === "raid-10")?.text ?? "";
  await expect.poll(() => hashes(page, "named")).toEqual([await hashOf(raid)]);
  await page.locator("#production").scrollIntoViewIfNeeded();
  await expect(page.locator("#production .compare-rows > [data-outcome]")).toHaveCount(2);
}

const node = (/** @type {string[]} */ words) =>
  promisify(execFile)(process.execPath, words, { maxBuffer: 1e8 });

/** It says so of each half megabyte; the second module of the engine is that large, and comes late. */
const LARGE = "larger than 500 kB";

/** Vite as it is, in the folder; and what it warns of. */
function vite() {
  /** @type {string[]} */
  const warned = [];
  const customLogger = createLogger("warn");
  const warn = (/** @type {string} */ words) => {
    if (!words.includes(LARGE)) warned.push(words);
  };
  Object.assign(customLogger, { warn, warnOnce: warn, error: warn });
  const host = "127.0.0.1";
  return {
    warned,
    config: /** @type {import("vite").InlineConfig} */ ({
      root: package_.folder,
      configFile: false,
      customLogger,
      logLevel: "warn",
      server: { host },
      preview: { host },
    }),
  };
}

test("a text is the run that the page has of it", async ({ page }) => {
  await openText(page, text, 5);
  const hash = await page.evaluate(() => {
    const { session } = window.halflink.player;
    return session.run?.trace_hash(session.plan.until_us);
  });
  expect(hash).toBe(await hashOf(text));
});

test("Vite's dev server serves it", async ({ page }) => {
  const { config, warned } = vite();
  const server = await createServer(config);
  try {
    await server.listen();
    await allRuns(page, server.resolvedUrls?.local[0] ?? "");
    expect(warned).toEqual([]);
  } finally {
    await server.close();
  }
});

test("Vite builds it", async ({ page }) => {
  const { config, warned } = vite();
  await build(config);
  const server = await preview(config);
  try {
    await allRuns(page, server.resolvedUrls?.local[0] ?? "");
    expect(warned).toEqual([]);
  } finally {
    await server.close();
  }
});

/** @param {string} html */
const unscripted = (html) => html.replace(/<script.*?script>/s, "");

/** The package as a CDN has it: on another origin, in a folder, with the one header. */
const cdn = () =>
  serve(async (path) => {
    const file = join(package_.home, path.replace(/^\/npm\/halflink@[\d.]+\//, ""));
    if (!(await stat(file)).isFile()) throw new Error("it is none");
    const headers = {
      "content-type": TYPES.get(extname(file)) ?? "application/octet-stream",
      "access-control-allow-origin": "*",
    };
    return { headers, body: await readFile(file) };
  });

/**
 * A page of somebody else's, as strict as README.md says that it may be.
 *
 * @param {string} body
 * @param {string} host of the package
 */
const post = (body, host) =>
  serve(async (path) => {
    if (path !== "/blog/post.html") throw new Error("it is not there");
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; script-src ${new URL(host).origin} 'wasm-unsafe-eval' 'nonce-own'; ` +
        "img-src data:",
    };
    // What stands in the page itself is its author's.
    return { headers, body: body.replace(/<script(?![^>]*\bsrc=)/g, '<script nonce="own"') };
  });

test("a plain page imports it from another origin", async ({ page }) => {
  const own = await cdn();
  const element = pages[1].replace("https://cdn.jsdelivr.net/", own.address);
  const [, home] = /src="(.*?)lib\/element.js"/.exec(element) ?? [];
  const { version } = JSON.parse(await readFile(join(package_.home, "package.json"), "utf8"));
  expect(home).toBe(`${own.address}npm/halflink@${version}/`);
  const main = MAIN.replace(/"halflink\/library"/, `"${home}library.js"`)
    .replace(/"halflink\/(\w+)"/g, `"${home}lib/$1.js"`)
    .replace('"halflink"', `"${home}lib/engine.js"`);
  const blog = await post(
    written(`${element}<script type="module">${main}</script>${unscripted(pages[0])}${MORE}`),
    own.address,
  );
  await allRuns(page, `${blog.address}blog/post.html`);
  await Promise.all([own.close(), blog.close()]);
});

test("a plain page has it by the classic script, too, and it leads where its author says", async ({
  page,
}) => {
  const own = await cdn();
  const script = `<script src="${own.address}npm/halflink@0.1.0/halflink-element.js"></script>`;
  const blog = await post(written(script + unscripted(pages[0])), own.address);
  await page.goto(`${blog.address}blog/post.html`);
  await elementRuns(page);
  await page.evaluate(() =>
    document.querySelector("half-link")?.setAttribute("site", "https://halflink.example/play/"),
  );
  const way = page.locator("#own a.open");
  await way.focus();
  expect(await way.getAttribute("href")).toMatch(/^https:\/\/halflink\.example\/play\/#2\./);
  await Promise.all([own.close(), blog.close()]);
});

for (const [source, module] of [
  ["cloudflare-2020", ""],
  ["text", "production"],
]) {
  test(`the command line writes a page that plays from a disk: ${source}`, async ({ browser }) => {
    const { story, with_protocol } = await halflink("production");
    const run_text = module ? with_protocol(story(), "tikv-raft") : story();
    const given = join(package_.folder, "run.halflink");
    await writeFile(given, run_text);
    const file = join(package_.folder, `${source}.html`);
    const cli = join(package_.home, "cli.mjs");
    const { stderr } = await node([
      cli,
      "page",
      module ? given : source,
      "--t",
      "0:20",
      "-o",
      file,
    ]);
    expect(stderr).toBe("");
    const context = await browser.newContext({ offline: true });
    const alone = await context.newPage();
    /** @type {string[]} */
    const told = [];
    alone.on("request", (request) => void told.push(request.url()));
    alone.on("console", (message) => void told.push(message.text()));
    alone.on("pageerror", (error) => void told.push(String(error)));
    const address = pathToFileURL(file).href;
    await alone.goto(address);
    await simulated(alone);
    const hash = await alone.evaluate(() => {
      const { session } = window.halflink.player;
      return session.run?.trace_hash(session.plan.until_us);
    });
    const run = new (await halflink("production")).Run(run_text);
    while (!run.advance(1e6));
    expect(hash).toBe(run.trace_hash(run.plan().until_us));
    expect(await alone.evaluate(() => window.halflink.player.playback.time_us)).toBe(20e6);
    await expect(alone.locator("a.open")).toBeHidden();
    await alone.locator('[data-flow="n1->n2"] .head').first().click();
    await expect
      .poll(() => alone.evaluate(() => window.halflink.player.session.text))
      .toMatch(/cut n1 -> n2/);
    const others = told.filter((one) => !one.startsWith("data:") && !one.startsWith(address));
    expect(others).toEqual([]);
    await context.close();
  });
}
