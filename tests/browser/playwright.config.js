// End-to-end tests in Chromium. `cargo xtask test browser` sets everything up, serves the page on
// a free port, and names it in HALFLINK_URL; without it, the config serves the page itself.
import { existsSync } from "node:fs";
import { defineConfig, devices } from "@playwright/test";
// The tests say what the page says, by its own modules.
import "../support/register.js";
import { LANGUAGE, PSEUDO } from "../support/pseudo.js";
import { DRAWN, LEFT_OUT } from "./brackets.js";

const url = process.env.HALFLINK_URL ?? "http://127.0.0.1:8123/";
const system = process.env.HALFLINK_CHROMIUM ?? "/usr/bin/chromium";
const isRoot = process.getuid?.() === 0;
const onCi = process.env.CI === "true";

export default defineConfig({
  testDir: ".",
  testMatch:
    PSEUDO && !process.env.HALFLINK_LARGE ? DRAWN.map((name) => `${name}.spec.js`) : "*.spec.js",
  // Either all that is in English, or, in the language of brackets, what looks at words and layout.
  testIgnore: (PSEUDO ? Object.keys(LEFT_OUT) : ["pseudo"]).map((name) => `${name}.spec.js`),
  // Runs at the same time, each with its own server, keep out of each other's way.
  outputDir: `../results/${new URL(url).port}`,
  forbidOnly: onCi,
  // A test that needs a second try is a bug in the test or in the page.
  retries: 0,
  workers: onCi ? 1 : 2,
  fullyParallel: true,
  reporter: [["list"]],
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    ...devices["Desktop Chrome"],
    baseURL: url,
    ...(PSEUDO ? { locale: LANGUAGE } : {}),
    viewport: { width: 1440, height: 900 },
    // Without its snapshots of the document, which take longer than the tests do.
    trace: { mode: "retain-on-failure", snapshots: false, screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: existsSync(system) ? system : undefined,
      // Chromium refuses to start its sandbox as root.
      args: isRoot ? ["--no-sandbox"] : [],
    },
  },
  webServer: process.env.HALFLINK_URL
    ? undefined
    : {
        command: `cargo xtask serve --exact --port 8123${PSEUDO ? " --pseudo" : ""}`,
        cwd: "../..",
        url: `${url}index.html`,
        reuseExistingServer: !onCi,
        timeout: 300_000,
      },
});
