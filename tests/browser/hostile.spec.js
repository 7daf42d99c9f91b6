// Legal texts that ask for a great deal: the page answers all the while, and says how far it is.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import { HEALTHY, linkOf, open, openText, seek } from "./playground.js";
import { said } from "./words.js";

/** Those that the first module runs; each once froze something or filled memory. */
const HOSTILE = [
  "delay-600s",
  "hotstuff-15-hour",
  "raft-15-elections",
  "wipe-and-replay",
  "wiped-follower-storm",
  "zab-deny-leader",
];

/**
 * One task may take 100 ms, on an idle machine. A busy one is measured by the CPU time that a task
 * takes, which other work lengthens less: it shares the core's caches, and where many machines are
 * one a core is often half of one. With ten others at work on two cores it was 57 at most.
 */
const LONGEST_MS = 100;
const MEASURE = process.env.HALFLINK_IDLE ? "dur" : "tdur";

/**
 * The longest task of the page since the trace began, in milliseconds. The browser's own pages, such
 * as what hangs from its address bar, have processes of their own; and what the test itself asks of
 * the page, where things are and whether they can be seen, is no task of the page's.
 *
 * @param {import('@playwright/test').Browser} browser
 * @param {string} address of the page
 */
async function longestTask(browser, address) {
  /** @type {{traceEvents: {name: string, pid: number, tid: number, ph: string, dur: number,
   *   tdur: number, ts: number, args: {name?: string, data?: {url?: string, processId?: number},
   *   chrome_mojo_event_info?: {mojo_interface_tag?: string}}}[]}} */
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const own = new Set(
    traceEvents
      .filter(
        ({ name, args }) =>
          name === "FrameCommittedInBrowser" && args.data?.url?.startsWith(address),
      )
      .map(({ args }) => args.data?.processId),
  );
  expect(own.size, "the page has one process").toBe(1);
  const pages = new Set(
    traceEvents
      .filter(
        ({ name, args, pid }) =>
          name === "thread_name" && args.name === "CrRendererMain" && own.has(pid),
      )
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const ofPage = traceEvents.filter(({ ph, pid, tid }) => ph === "X" && pages.has(`${pid} ${tid}`));
  const asked = ofPage.filter(
    ({ args }) => args.chrome_mojo_event_info?.mojo_interface_tag === "blink.mojom.DevToolsSession",
  );
  expect(asked.length, "the trace tells what the test asks").toBeGreaterThan(10);
  const tasks = ofPage.filter(
    ({ name, ts, dur }) =>
      name === "RunTask" && !asked.some((asking) => asking.ts >= ts && asking.ts < ts + dur),
  );
  // Of a task that begins or ends with the trace it is not told how long it took.
  const took = tasks.map((task) => task[MEASURE] / 1_000).filter(Number.isFinite);
  expect(took.length, "the trace tells of the page").toBeGreaterThan(100);
  return Math.max(...took);
}

for (const name of HOSTILE) {
  test(`${name}, opened at its end, freezes nothing`, async ({ browser, page, baseURL }) => {
    test.setTimeout(180_000);
    const text = await readFile(new URL(`../hostile/${name}.halflink`, import.meta.url), "utf8");
    const link = await linkOf(text);
    await browser.startTracing(page, {
      categories: ["disabled-by-default-devtools.timeline", "toplevel"],
    });
    await page.goto(`./${link}&t=3600`);
    // It says how far it is; or it has come to its end or to a bound on its work.
    const waiting = page.locator(".waiting:not([hidden])");
    const ended = page.locator(".exhausted");
    await page.waitForFunction(
      () => window.halflink?.session.done || document.querySelector(".waiting:not([hidden])"),
      undefined,
      { timeout: 60_000 },
    );
    // Share waits for nothing.
    await page.locator("#share-button").click();
    await expect(page.locator("dialog[open] .share-link").first()).toHaveValue(/#\d\.[\w-]+/);
    await page.keyboard.press("Escape");
    await expect(page.locator("dialog[open]")).toHaveCount(0);
    await page.waitForTimeout(3_000);
    if (await waiting.isVisible()) await waiting.locator("button").click();
    else if (await ended.isVisible()) await expect(ended).toContainText("The run ends here, at");
    else expect(await page.evaluate(() => window.halflink.session.done)).toBe(true);
    await expect(waiting).toHaveCount(0);
    await expect
      .poll(() => page.evaluate(() => window.halflink.player.view?.time_us ?? 0))
      .toBeGreaterThan(0);
    await page.locator("#compare-button").click();
    await expect(page.locator(".compare-row").first()).toBeVisible({ timeout: 60_000 });
    await page.waitForTimeout(2_000);
    // What is done to one is done to all, and undone again.
    await page.evaluate(() => void setTimeout(() => window.halflink.player.act("crash r1.s1")));
    await page.waitForTimeout(1_000);
    await page.evaluate(() => void setTimeout(() => window.halflink.player.undo()));
    await page.waitForTimeout(1_000);
    const took = await longestTask(browser, `${baseURL}`);
    console.log(`${name}: the longest task took ${took.toFixed(0)} ms (${MEASURE})`);
    expect(took).toBeLessThan(LONGEST_MS);
  });
}

test("a moment that no run has is one that it has", async ({ page }) => {
  for (const [asked, at] of /** @type {[string, number][]} */ ([
    ["99999", 30],
    ["30.5", 30],
    ["12", 12],
  ])) {
    await page.goto("about:blank");
    await open(page, `${await linkOf(HEALTHY)}&t=${asked}`);
    expect(await page.evaluate(() => window.halflink.playback.time_us / 1e6), asked).toBe(at);
  }
  for (const asked of ["NaN", "-1", "1e300", "Infinity", "", "1;2", "123456"]) {
    await page.goto("about:blank");
    await page.goto(`./${await linkOf(HEALTHY)}&t=${asked}`);
    await expect(page).toHaveTitle("Nothing is wrong · Halflink");
    const at = await page.evaluate(() => window.halflink.playback.time_us);
    expect(Number.isFinite(at) && at >= 0 && at <= 30e6, `${asked}: ${at}`).toBe(true);
  }
});

test("a bug of ours is said once, with a link to send, and the page goes on", async ({
  page,
  complaints,
}) => {
  await openText(page, HEALTHY, 5);
  await page.evaluate(() => {
    // The engine that runs now traps; one that is loaded anew does not.
    const trap = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    const broken = Object.getPrototypeOf(window.halflink.run);
    for (const name of ["view", "advance", "approach", "text", "link", "free"]) broken[name] = trap;
  });
  await page.evaluate(() => window.halflink.playback.seek(6e6));
  const banner = page.locator("#banner");
  await expect(banner).toContainText("Halflink stopped at 0:06");
  await expect(banner).toContainText("seed 7: RuntimeError: unreachable");
  const field = banner.getByLabel(said("bug.link"));
  await expect(field).toHaveValue(/^http.*#\d\.[\w-]+$/);
  const link = await field.inputValue();
  expect(
    await page.evaluate((address) => window.halflink.session.engine.open_link(address).text, link),
  ).toContain("Nothing is wrong");
  await page.keyboard.press(".");
  await page.keyboard.press(" ");
  await page.locator("#scenario-menu > button").click();
  await page.locator('#scenario-menu [data-value="raid-10"]').click();
  await expect(page).toHaveTitle(/^Two disks that do not matter/);
  await seek(page, 3);
  await expect(page.locator('#logic [data-replica="n1"]')).toBeVisible();
  await page.locator('#logic [data-flow="n3->n1"] .head').click();
  await expect(page.locator('#logic [data-flow="n3->n1"]')).toHaveAttribute("data-state", "cut");
  expect(complaints.filter((words) => words.startsWith("console")).length).toBe(1);
  complaints.length = 0;
});

for (const name of ["index.html", "embed.html"]) {
  test(`the policy of ${name} lets nothing in that is not ours`, async ({ page, complaints }) => {
    await page.goto(`./${name}#one-way-from-leader`);
    await page.waitForFunction(() => window.halflink?.player.view);
    const policy = await page
      .locator('meta[http-equiv="Content-Security-Policy"]')
      .getAttribute("content");
    for (const rule of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "connect-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ])
      expect(policy).toContain(rule);
    expect(complaints).toEqual([]);
    const seen = await page.evaluate(async () => {
      const blocked = /** @type {string[]} */ ([]);
      document.addEventListener("securitypolicyviolation", (event) =>
        blocked.push(event.effectiveDirective),
      );
      const script = document.createElement("script");
      script.textContent = "window.pwned = 1";
      document.body.append(script);
      const image = document.createElement("img");
      image.src = "https://example.invalid/x.png";
      document.body.append(image);
      await fetch("https://example.invalid/").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
      return { pwned: "pwned" in window, blocked };
    });
    expect(seen.pwned).toBe(false);
    expect(seen.blocked).toEqual(
      expect.arrayContaining(["script-src-elem", "img-src", "connect-src"]),
    );
    complaints.length = 0;
  });
}
