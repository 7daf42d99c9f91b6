// What others read of a run, see of it or scan: Share's "Take away".
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import jsqr from "jsqr";
import { expect, test } from "./fixtures.js";
import { HEALTHY, TWO_GROUPS, open, openText } from "./playground.js";
import { PSEUDO, patternOf, said } from "./words.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What the command line prints.
 *
 * @param {string[]} asked
 * @param {string} input
 */
function exported(asked, input) {
  const command = ["run", "--quiet", "--locked", "--bin", "halflink", "--", "export", "-"];
  return execFileSync("cargo", [...command, ...asked], { cwd: ROOT, input, maxBuffer: 2 ** 28 });
}

/** @param {import('@playwright/test').Page} page */
async function takeAway(page) {
  await page.locator("#share-button").click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  await dialog.getByRole("button", { name: said("share.take") }).click();
  const section = dialog.getByRole("region", { name: said("take.title") });
  await expect(section).toBeVisible();
  return section;
}

/**
 * @param {import('@playwright/test').Locator} section
 * @param {string} key of a field
 */
const field = (section, key) => section.getByLabel(new RegExp(`^${patternOf(said(key))}`));

/**
 * The file that is saved, and its name.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} section
 */
async function saved(page, section) {
  const [download] = await Promise.all([
    page.waitForEvent("download", { timeout: 60_000 }),
    section
      .getByRole("button", { name: said("take.save") })
      .first()
      .click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const textOf = (/** @type {import('@playwright/test').Page} */ page) =>
  page.evaluate(() => window.halflink.session.text);

/** What each form is called as a file, by the name of the command line. */
const ENDS = {
  mermaid: "-sequence.mmd",
  shiviz: "-shiviz.log",
  history: "-history.jsonl",
  messages: "-messages.csv",
  jsonl: "-events.jsonl",
  csv: "-events.csv",
};

// The story, and runs with lies, with reads and names, with clients at a rate, and of another protocol.
for (const [name, to] of /** @type {const} */ ([
  ["cloudflare-2020", 6],
  ["pbft-equivocating-primary", 5],
  ["slow-clock", 5],
  ["resync-storm", 4],
  ["etcd-9563", 5],
])) {
  test(`${name}: every form has the bytes of the command line`, async ({ page }) => {
    test.skip(PSEUDO, "the command line speaks English");
    test.setTimeout(45_000);
    await open(page, `#${name}&t=4`);
    const section = await takeAway(page);
    await field(section, "take.from").fill("3.5");
    await field(section, "take.to").fill(`${to}`);
    const input = await textOf(page);
    for (const [form, end] of Object.entries(ENDS)) {
      await field(section, "take.what").selectOption(form);
      const file = await saved(page, section);
      expect(file.name.endsWith(end), file.name).toBe(true);
      const same = exported(["--as", form, "--from", "3.5s", "--to", `${to}s`], input);
      expect(same.length, form).toBeGreaterThan(50);
      expect(file.bytes.equals(same), form).toBe(true);
    }
  });
}

test("of several groups one is told, or all where the form says which", async ({ page }) => {
  test.skip(PSEUDO, "the command line speaks English");
  await openText(page, TWO_GROUPS, 12);
  const section = await takeAway(page);
  const input = await textOf(page);
  await field(section, "take.to").fill("11");
  await field(section, "take.what").selectOption("shiviz");
  await field(section, "take.group").selectOption({ label: "zk" });
  const log = await saved(page, section);
  const stretch = ["--to", "11s", "--as"];
  expect(log.bytes.equals(exported([...stretch, "shiviz", "--group", "zk"], input))).toBe(true);
  await field(section, "take.what").selectOption("jsonl");
  await field(section, "take.group").selectOption({ label: said("take.all-groups") });
  const lines = await saved(page, section);
  expect(lines.bytes.equals(exported([...stretch, "jsonl"], input))).toBe(true);
  expect(lines.bytes.toString()).toMatch(/"group":"etcd"[\s\S]*"group":"zk"/);
  // A form of one group has one.
  await field(section, "take.what").selectOption("mermaid");
  await expect(field(section, "take.group")).toHaveValue("0");
});

test("what is too much is taken as far as it fits, or refused with the bound", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  const section = await takeAway(page);
  const state = section.getByRole("status").last();
  const diagram = await saved(page, section);
  const lines = diagram.bytes.toString().trimEnd().split("\n");
  // The first four say what it is, and who takes part.
  expect(lines.length).toBeGreaterThan(250);
  expect(lines.length).toBeLessThanOrEqual(305);
  await expect(state).toHaveText(
    new RegExp(
      patternOf(said("take.cut", { to: "«([\\d.]+)»", what: "lines", most: 300 })).replace(
        /7,?777/,
        "[\\d,]+",
      ),
    ),
  );
  const to = Number(/([\d.]+) s:/.exec((await state.textContent()) ?? "")?.[1] ?? Number.NaN);
  if (!PSEUDO) {
    // As far as the command line goes, and not a moment further.
    const input = await textOf(page);
    expect(diagram.bytes.equals(exported(["--as", "mermaid", "--to", `${to}s`], input))).toBe(true);
    await field(section, "take.to").fill(`${Math.round(to * 1e6 + 1) / 1e6}`);
    await section
      .getByRole("button", { name: said("take.save") })
      .first()
      .click();
    await expect(state).toHaveText(
      new RegExp(
        patternOf(
          said("take-refused.fits", { what: "lines", count: "«30\\d»", most: 300, fits: to }),
        ).replace("NaN", "30\\d"),
      ),
    );
  }
  await field(section, "take.to").fill("9999");
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(state).toHaveText(said("take-refused.after", { until: "400" }));
  await field(section, "take.to").fill("1");
  await field(section, "take.from").fill("2");
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(state).toHaveText(said("take-refused.order"));
});

test("a long one shows how far it is, and is cancelled with nothing saved", async ({ page }) => {
  await open(page, "#cloudflare-full-day&t=4");
  const section = await takeAway(page);
  /** @type {string[]} */
  const files = [];
  page.on("download", (download) => void files.push(download.suggestedFilename()));
  await field(section, "take.what").selectOption("messages");
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(section.locator("progress")).toBeVisible({ timeout: 30_000 });
  // The page goes on meanwhile.
  await section.getByRole("button", { name: said("take.cancel") }).click();
  await expect(section.locator("progress")).toBeHidden();
  await expect(section.getByRole("status").last()).toHaveText(said("take.cancelled"));
  await page.waitForTimeout(1_500);
  expect(files).toEqual([]);
});

test("More folds again, and what was being made is given up", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  const section = await takeAway(page);
  const more = page.getByRole("button", { name: said("share.take") });
  await expect(more).toHaveAttribute("aria-expanded", "true");
  await field(section, "take.what").selectOption("gif");
  const save = section.getByRole("button", { name: said("take.save") }).first();
  await save.click();
  await expect(section.locator("progress")).toBeVisible();
  await more.click();
  await expect(section).toBeHidden();
  await expect(more).toHaveAttribute("aria-expanded", "false");
  await expect.poll(() => page.workers().length).toBe(0);
  await more.click();
  await expect(section).toBeVisible();
  await expect(save).toBeVisible();
});

test("the bound that is told is the one that it goes up to", async ({ page }) => {
  test.slow();
  // Of a day there are too many messages to begin with.
  await open(page, "#cloudflare-full-day");
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("mermaid");
  const state = section.getByRole("status").last();
  await saved(page, section);
  const lines = said("take.cut", { to: "«[\\d.]+»", what: "lines", most: 300 });
  await expect(state).toHaveText(new RegExp(patternOf(lines)));
  await field(section, "take.to").fill("20000");
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(state).toHaveText(/ 300:/, { timeout: 60_000 });
});

test("what is no number is told, and nothing is saved", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  const section = await takeAway(page);
  for (const wrong of ["5-", "e"]) {
    await field(section, "take.to").fill("");
    await field(section, "take.to").pressSequentially(wrong);
    await section
      .getByRole("button", { name: said("take.save") })
      .first()
      .click();
    const state = section.getByRole("status").last();
    await expect(state).toHaveText(said("take-refused.after", { until: "400" }));
  }
});

test("if it does not come, Share says so, and goes on", async ({ page, complaints }) => {
  await page.route("**/takeaway.js", (route) => route.fulfill({ status: 404 }));
  await openText(page, HEALTHY, 5);
  await page.locator("#share-button").click();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  const more = dialog.getByRole("button", { name: said("share.take") });
  await more.click();
  await expect(dialog).toContainText(
    new RegExp(patternOf(said("late.dialog", { error: "«.*takeaway.*»" }))),
  );
  await expect(more).toHaveAttribute("aria-expanded", "false");
  complaints.length = 0;
});

/**
 * The points of a picture, drawn by the browser.
 *
 * @param {import('@playwright/test').Page} page
 * @param {Buffer} bytes
 */
async function points(page, bytes) {
  const drawn = await page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      pen.drawImage(image, 0, 0);
      const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
      let text = "";
      for (let at = 0; at < data.length; at += 8_192)
        text += String.fromCharCode(...data.subarray(at, at + 8_192));
      return { base64: btoa(text), width, height };
    },
    `data:image/png;base64,${bytes.toString("base64")}`,
  );
  return { ...drawn, data: new Uint8ClampedArray(Buffer.from(drawn.base64, "base64")) };
}

test("a picture is the one that Share saves as SVG, twice as large, in either theme", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openText(page, HEALTHY, 5);
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("png");
  for (const what of ["strip", "logic", "plant"]) {
    await field(section, "share.shows").selectOption(what);
    const size = await page.evaluate(async (what) => {
      const { picture } = await import(new URL("draw/picture.js", document.baseURI).href);
      const svg = await picture(window.halflink.session.run, {
        what,
        time_us: 5e6,
        theme: "light",
      });
      return [...svg.matchAll(/ width="([\d.]+)"| height="([\d.]+)"/g)]
        .slice(0, 2)
        .map(([, wide, tall]) => Number(wide ?? tall));
    }, what);
    for (const theme of /** @type {const} */ (["light", "dark"])) {
      await field(section, "share.colours").selectOption(theme);
      const file = await saved(page, section);
      expect(file.name).toMatch(new RegExp(`-${what}(-5s)?\\.png$`));
      const { data, width, height } = await points(page, file.bytes);
      const [tall, wide] = size;
      expect(Math.abs(width - 2 * wide) + Math.abs(height - 2 * tall)).toBeLessThan(4);
      // Its ground is the theme's, and there is something on it.
      expect(data[0] > 128).toBe(theme === "light");
      const colours = new Set(new Uint32Array(data.buffer));
      expect(colours.size).toBeGreaterThan(20);
    }
  }
  await section.getByRole("button", { name: said("take.copy") }).click();
  await expect(section.getByRole("status").last()).toHaveText(said("take.copied"));
  const types = await page.evaluate(async () => (await navigator.clipboard.read())[0].types);
  expect(types).toEqual(["image/png"]);
});

test("the space-time diagram is taken as it is seen, if it is open", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  let section = await takeAway(page);
  await field(section, "take.what").selectOption("png");
  const options = field(section, "share.shows").locator("option");
  await expect(options).toHaveCount(3);
  await page.keyboard.press("Escape");
  await page.locator("#diagram-button").click();
  await expect(page.locator("#diagram .diagram-counts")).toHaveText(/\d/);
  await page.locator("#share-button").click();
  section = page.getByRole("region", { name: said("take.title") });
  await field(section, "take.what").selectOption("png");
  await field(section, "share.shows").selectOption("diagram");
  const file = await saved(page, section);
  const { data, width } = await points(page, file.bytes);
  const seen = await page.locator("#diagram canvas").boundingBox();
  expect(Math.abs(width - 2 * (seen?.width ?? 0))).toBeLessThan(4);
  expect(new Set(new Uint32Array(data.buffer)).size).toBeGreaterThan(20);
});

test("a QR code leads to the link that Share shows, and says how large it is", async ({ page }) => {
  await openText(page, HEALTHY, 5);
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("qr");
  const about = section.getByRole("status").first();
  const dialog = page.getByRole("dialog", { name: said("share.title") });
  const link = dialog.getByLabel(said("share.link"), { exact: true });
  for (const level of ["low", "high"]) {
    await field(section, "take.level").selectOption(level);
    await expect(about).toHaveText(/\d/);
    const { bytes } = await saved(page, section);
    const { data, width, height } = await points(page, bytes);
    expect(jsqr(data, width, height)?.data).toBe(await link.inputValue());
  }
  // With the moment it is another link, and another code.
  await dialog.locator(".share-tick input").first().check();
  await expect(link).toHaveValue(/&t=5$/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    section.getByRole("button", { name: said("take.save-svg") }).click(),
  ]);
  const svg = await readFile(await download.path(), "utf8");
  expect(svg).toMatch(/^<svg [^>]*><rect [^>]*fill="#fff"\/><path /);
  const drawn = await page.evaluate(async (svg) => {
    const { raster, pngOf } = await import(new URL("draw/raster.js", document.baseURI).href);
    const png = await (await pngOf(await raster(svg, 1))).arrayBuffer();
    return btoa(String.fromCharCode(...new Uint8Array(png)));
  }, svg);
  const bytes = Buffer.from(drawn, "base64");
  const { data, width, height } = await points(page, bytes);
  expect(jsqr(data, width, height)?.data).toBe(await link.inputValue());
});

test("a link that no QR code holds is refused in words", async ({ page }) => {
  // Words that nothing foretells.
  let seed = 7;
  const word = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed.toString(36);
  };
  const notes = Array.from(
    { length: 60 },
    (_, at) => `note ${at / 2}s "${Array.from({ length: 9 }, word).join(" ")}"`,
  );
  await openText(page, HEALTHY.replace("run ", `${notes.join("\n")}\nrun `), 5);
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("qr");
  await field(section, "take.level").selectOption("low");
  const link = page
    .getByRole("dialog", { name: said("share.title") })
    .getByLabel(said("share.link"), { exact: true });
  const bytes = (await link.inputValue()).length;
  expect(bytes).toBeGreaterThan(2_953);
  const why = said("take-refused.qr", { bytes, most: 2_953 });
  await expect(section.getByRole("status").first()).toHaveText(why);
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(section.getByRole("status").last()).toHaveText(why);
});

/**
 * How many frames a GIF has, by its blocks.
 *
 * @param {Buffer} gif
 */
function framesOf(gif) {
  const table = (/** @type {number} */ flags) => (flags & 128 ? 3 << ((flags & 7) + 1) : 0);
  let at = 13 + table(gif[10]);
  const skip = () => {
    while (gif[at]) at += gif[at] + 1;
    at += 1;
  };
  let frames = 0;
  while (gif[at] !== 0x3b) {
    if (gif[at] === 0x21) {
      at += 2;
      skip();
    } else {
      expect(gif[at], `block at ${at}`).toBe(0x2c);
      frames += 1;
      at += 10 + table(gif[at + 9]) + 1;
      skip();
    }
  }
  expect(at).toBe(gif.length - 1);
  return frames;
}

test("a stretch is filmed as a GIF, and the page goes on meanwhile", async ({ page }) => {
  await open(page, "#cloudflare-2020&t=4");
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("gif");
  await field(section, "take.from").fill("3");
  await field(section, "take.to").fill("5");
  await field(section, "share.speed").selectOption("0.5");
  await field(section, "take.width").selectOption("640");
  await expect(section.getByRole("status").first()).toHaveText(
    new RegExp(patternOf(said("take-about.gif", { count: 41, most: 600 }))),
  );
  const { name, bytes } = await saved(page, section);
  expect(name).toMatch(/-logic\.gif$/);
  expect(bytes.subarray(0, 6).toString("latin1")).toBe("GIF89a");
  expect(framesOf(bytes)).toBe(41);
  expect(bytes.readUInt16LE(6)).toBe(640);
  const height = bytes.readUInt16LE(8);
  await expect(section.getByRole("status").last()).toHaveText(
    new RegExp(patternOf(said("take.filmed", { count: 41, width: 640, height }))),
  );
  await expect.poll(() => page.workers().length).toBe(0);
  // Too much of it is refused with the bound.
  await field(section, "take.to").fill("300");
  await section
    .getByRole("button", { name: said("take.save") })
    .first()
    .click();
  await expect(section.getByRole("status").last()).toHaveText(
    said("take-refused.frames", { count: 5_941, most: 600 }),
  );
});

test("a stretch is filmed as WebM, which a browser plays", async ({ page, context }) => {
  await openText(page, HEALTHY, 5);
  const section = await takeAway(page);
  await field(section, "take.what").selectOption("webm");
  await field(section, "share.shows").selectOption("strip");
  await field(section, "take.from").fill("1");
  await field(section, "take.to").fill("2.5");
  const { name, bytes } = await saved(page, section);
  expect(name).toMatch(/-strip\.webm$/);
  // EBML, and in it a WebM.
  expect(bytes.readUInt32BE(0)).toBe(0x1a45dfa3);
  expect(bytes.subarray(0, 64).toString("latin1")).toContain("webm");
  const player = await context.newPage();
  await player.setContent("<video muted></video>");
  const length_s = await player.evaluate(
    async (source) => {
      const video = /** @type {HTMLVideoElement} */ (document.querySelector("video"));
      const on = (/** @type {string} */ event) =>
        new Promise((resolve) => video.addEventListener(event, resolve, { once: true }));
      video.src = source;
      await on("loadedmetadata");
      // What is recorded does not say how long it is until somebody has been at its end.
      video.currentTime = 1e6;
      await on("seeked");
      return video.currentTime;
    },
    `data:video/webm;base64,${bytes.toString("base64")}`,
  );
  await player.close();
  expect(length_s).toBeGreaterThan(1);
  expect(length_s).toBeLessThan(4);
});

test("where the browser writes no WebM, that is said and not offered", async ({ page }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(window, "MediaRecorder");
  });
  await openText(page, HEALTHY, 5);
  const section = await takeAway(page);
  await expect(field(section, "take.what").locator("option[value=webm]")).toHaveCount(0);
  await field(section, "take.what").selectOption("gif");
  await expect(section.getByRole("status").first()).toContainText(said("take.no-webm"));
});

for (const form of ["gif", "webm"]) {
  test(`a ${form} that is cancelled, or left, leaves nothing`, async ({ page }) => {
    await open(page, "#cloudflare-2020&t=4");
    const section = await takeAway(page);
    /** @type {string[]} */
    const files = [];
    page.on("download", (download) => void files.push(download.suggestedFilename()));
    await field(section, "take.what").selectOption(form);
    await field(section, "share.shows").selectOption("plant");
    for (const leave of [
      () => section.getByRole("button", { name: said("take.cancel") }).click(),
      () => page.keyboard.press("Escape"),
    ]) {
      await section
        .getByRole("button", { name: said("take.save") })
        .first()
        .click();
      await expect(section.locator("progress")).toBeVisible();
      await expect(section.getByRole("status").last()).toHaveText(/600/);
      await leave();
      await expect(section.locator("progress")).toBeHidden();
      await expect.poll(() => page.workers().length).toBe(0);
    }
    await page.waitForTimeout(1_000);
    expect(files).toEqual([]);
  });
}
