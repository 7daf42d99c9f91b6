// How long a reader waits for the first picture of the built site: from the start of navigation to
// the frame in which a replica is drawn, the median of nine, as fast as the machine is and with its
// processor slowed down four times. After `cargo xtask dist`:
//
//     node tests/node/first-picture.mjs [runs]
//
// The times are of the wall's clock: they mean something on a machine that does nothing else. What
// the page's own thread computed until then (CPU) means more on one that does.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";

const RUNS = Number(process.argv[2] ?? 9);
const DIST = new URL("../../dist/", import.meta.url);
const SYSTEM = process.env.HALFLINK_CHROMIUM ?? "/usr/bin/chromium";

/** What is opened, and what design.md allows at each slowdown. */
const PAGES = /** @type {const} */ ([
  ["page", "index.html", { 1: 200, 4: 900 }],
  ["embed", "embed.html#cloudflare-2020", { 1: 150, 4: 500 }],
]);

const TYPES = new Map(
  Object.entries({
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
  }),
);

/** As a static host serves it, each file compressed, and kept so: it is warm. */
async function serve() {
  /** @type {Map<string, Buffer>} */
  const packed = new Map();
  const server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://x").pathname.slice(1);
    try {
      const body = packed.get(path) ?? gzipSync(await readFile(new URL(path, DIST)));
      packed.set(path, body);
      const type = TYPES.get(extname(path)) ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-encoding": "gzip" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** Told by the page itself: the frame after the one in which a replica was put into the picture. */
function watch() {
  const seen = () => document.querySelector("#logic [data-replica]");
  const look = () =>
    seen()
      ? requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => Object.assign(window, { pictured_ms: performance.now() });
          channel.port2.postMessage(null);
        })
      : requestAnimationFrame(look);
  requestAnimationFrame(look);
}

/** @param {number[]} values */
const median = (values) => values.sort((one, other) => one - other)[values.length >> 1];

/**
 * @param {import("@playwright/test").Browser} browser
 * @param {string} address
 * @param {number} slowdown
 */
async function once(browser, address, slowdown) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(() => "pictured_ms" in window);
  const wall = await page.evaluate(() => /** @type {any} */ (window).pictured_ms);
  const { metrics } = await session.send("Performance.getMetrics");
  const cpu = metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
  await context.close();
  return { wall, cpu: cpu * 1e3 };
}

if (!existsSync(DIST)) throw new Error("there is no dist/: run `cargo xtask dist` first");
const { address, close } = await serve();
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
const executablePath = existsSync(SYSTEM) ? SYSTEM : undefined;
const browser = await chromium.launch({ executablePath, args });
console.log("first picture, median of", RUNS);
for (const [name, path, budget] of PAGES) {
  for (const slowdown of /** @type {const} */ ([1, 4])) {
    await once(browser, address + path, slowdown);
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) {
      runs.push(await once(browser, address + path, slowdown));
    }
    const [wall, cpu] = [runs.map((run) => run.wall), runs.map((run) => run.cpu)].map(median);
    console.log(
      `${name.padEnd(6)} ${slowdown}x  ${wall.toFixed(0).padStart(5)} ms of ${budget[slowdown]}` +
        `  (page's thread ${cpu.toFixed(0)} ms CPU)`,
    );
  }
}
await browser.close();
close();
