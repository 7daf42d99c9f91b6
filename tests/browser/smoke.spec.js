// The page opens, and nothing complains.
import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.js";
import { simulated } from "./playground.js";

test("the page loads without a complaint", async ({ page }) => {
  const response = await page.goto("./", { waitUntil: "load" });
  expect(response?.status()).toBe(200);
  await simulated(page);
  await expect(page).toHaveTitle(/halflink/i);
});

test("the engine is asked for once, and along with the page's own modules", async ({ page }) => {
  await page.goto("./");
  await simulated(page);
  const asked = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name, startTime }) => ({ name: name.slice(name.lastIndexOf("/") + 1), startTime })),
  );
  const of = (/** @type {string} */ file) => asked.filter(({ name }) => name === file);
  for (const file of ["halflink.js", "halflink_bg.wasm", "main.js"])
    expect(of(file)).toHaveLength(1);
  const [wasm] = of("halflink_bg.wasm");
  // What the page's modules import is asked for when they have come: the engine is not.
  expect(wasm.startTime).toBeLessThan(of("player.js")[0].startTime);
});

test("the module starts in the browser, from the bytes that Node tests", async ({ page }) => {
  await page.goto("./");
  const size = await page.evaluate(async () => {
    const glue = await import(new URL("./pkg/halflink.js", location.href).href);
    await glue.default();
    const wasm = await fetch("./pkg/halflink_bg.wasm");
    return (await wasm.arrayBuffer()).byteLength;
  });
  const built = await readFile(new URL("../../pkg/halflink_bg.wasm", import.meta.url));
  expect(size).toBe(built.byteLength);
});

test("a sandboxed frame on a foreign page can load the module", async ({ page, baseURL }) => {
  // `sandbox="allow-scripts"`: an opaque origin, no storage, and every request is cross-origin.
  const frame = `<script type="module">
    import init from '${baseURL}pkg/halflink.js';
    const outcome = await init().then(() => 'the module is up', String);
    parent.postMessage(outcome, '*');
  </script>`;
  // The same server under its other name: another origin, and loopback like the first (a page that
  // Playwright makes up counts as public, and Chromium keeps public pages off the loopback).
  const foreign = new URL("pkg/package.json", baseURL);
  foreign.hostname = "localhost";
  await page.goto(foreign.href);
  const outcome = page.evaluate(
    (srcdoc) =>
      new Promise((resolve) => {
        addEventListener("message", (message) => resolve(message.data));
        const element = document.createElement("iframe");
        element.setAttribute("sandbox", "allow-scripts");
        element.srcdoc = srcdoc;
        document.body.append(element);
      }),
    frame,
  );
  expect(await outcome).toBe("the module is up");
});
