// A still figure is the same, byte for byte, whether the page draws it or Node.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { halflink } from "../support/wasm.js";
import { expect, test } from "./fixtures.js";

const at = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * What the package's command line draws.
 * @param {string[]} words
 */
function drawnByNode(...words) {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", at("../support/register.js"), at("../../pkg/cli.mjs"), "picture", ...words],
    { encoding: "utf8" },
  );
  expect(stderr).toBe("");
  return stdout;
}

const MOMENTS = /** @type {const} */ ([
  ["cloudflare-2020", 15],
  ["quorum-loss", 20],
  ["generals-4", 4],
  ["rack-power", 12],
  ["raid-10", 9],
  ["tendermint-lock", 6],
]);

for (const [name, seconds] of MOMENTS) {
  test(`${name}: Chromium draws what Node draws`, async ({ page }) => {
    const engine = await halflink();
    const text = engine.library().find((one) => one.name === name)?.text;
    await page.goto("./");
    for (const what of ["strip", "logic", "plant"]) {
      const expected = drawnByNode(name, `--${what}`, "--t", String(seconds), "--width", "700");
      const drawn = await page.evaluate(
        async ([text, options]) => {
          const load = (/** @type {string} */ file) => import(new URL(file, document.baseURI).href);
          const [{ picture }, engine] = await Promise.all([
            load("draw/picture.js"),
            load("pkg/halflink.js"),
          ]);
          await engine.default();
          return picture(new engine.Run(text), options);
        },
        /** @type {const} */ ([text, { what, time_us: seconds * 1e6, width: 700 }]),
      );
      expect(drawn).toBe(expected);
    }
  });
}

test("an image shows it, in the light or the dark as the reader has it", async ({ page }) => {
  const drawn = drawnByNode("cloudflare-2020");
  await page.goto("./");
  for (const [scheme, ground] of /** @type {const} */ ([
    ["light", 255],
    ["dark", 25],
  ])) {
    await page.emulateMedia({ colorScheme: scheme });
    const red = await page.evaluate(async (source) => {
      const image = new Image();
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(source)}`;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: 10, height: 10 });
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0);
      return context?.getImageData(2, 2, 1, 1).data[0];
    }, drawn);
    expect(red).toBe(ground);
  }
});
