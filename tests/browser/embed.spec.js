// A run inside somebody else's page, in the snippet that Share gives.
import { createServer } from "node:http";
import { expect, test } from "./fixtures.js";
import {
  HEALTHY,
  clickArrowhead,
  drawn,
  lane,
  now,
  open,
  openText,
  packetsShown,
  seek,
  simulated,
  snippetOf as snippetShown,
  textOf,
} from "./playground.js";
import { capital } from "../../www/draw/format.js";
import { PSEUDO, SOME, patternOf, said, saying } from "./words.js";

/**
 * A blog post on a server of its own, with the run embedded as Share says.
 * @param {import('@playwright/test').Page} page
 * @param {string} snippet
 * @param {boolean} [seen] false if the frame is hidden at first
 */
async function post(page, snippet, seen = true) {
  const body = `<!doctype html><html lang="en"><title>A post</title>
<link rel="icon" href="data:,">
<style>body { max-width: 640px; margin: 20px auto; font: 16px serif; }</style>
<p>Words before.</p>${snippet}<p>Words after.</p>
<script>
  window.heard = [];
  addEventListener('message', ({ data, origin, source }) => heard.push({
    data, origin, own: source === document.querySelector('iframe').contentWindow,
  }));
</script>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  await page.goto(`http://127.0.0.1:${port}/post?id=7#part`);
  const element = await page.waitForSelector("iframe", { state: "attached" });
  const frame = await element.contentFrame();
  if (!frame) throw new Error("the post has no frame");
  // Where a frame is not seen, nothing is drawn or simulated.
  if (seen) await simulated(frame);
  else await expect.poll(() => frame.evaluate(() => document.body.dataset.state)).toBe("runs");
  return { frame, close: () => new Promise((resolve) => server.close(resolve)) };
}

/**
 * The snippet of a text, read off the dialog.
 * @param {import('@playwright/test').Page} page
 * @param {string} text
 */
async function snippetOf(page, text) {
  await openText(page, text, 5);
  return snippetOfRun(page);
}

/** @param {import('@playwright/test').Page} page */
async function snippetOfRun(page) {
  await page.getByRole("button", { name: said("bar.share") }).click();
  await page.getByLabel(new RegExp(saying("share.start", { at: "«.*»" }))).check();
  return snippetShown(page);
}

test("an embedded run plays in a sandbox on a foreign page", async ({ page, baseURL }) => {
  const { frame, close } = await post(page, await snippetOf(page, HEALTHY));
  const address = page.url();
  const entries = await page.evaluate(() => history.length);
  expect(new URL(address).origin).not.toBe(new URL(baseURL ?? "").origin);
  expect(await frame.evaluate(() => self.origin), "an origin of nobody").toBe("null");

  for (const view of ["#logic .logic", "#strip .strip-picture", "#caption h2", ".play"]) {
    await expect(frame.locator(view), view).toBeVisible();
  }
  await expect(frame.locator("#caption")).toContainText("Nothing is wrong");
  const leads = patternOf(capital(said("role.leader")));
  const term = saying("place.term", { number: "«\\d+»" });
  // Where words are long, the role stands alone.
  await expect(frame.locator('[data-replica="n3"] .node-role')).toHaveText(
    new RegExp(`^${leads} · ${term}$${PSEUDO ? `|^${leads}$` : ""}`),
  );
  await expect(frame.locator(".outcome")).toContainText(said("word.stable"));

  // It does what the page does: one click, one direction.
  await lane(frame, "n3->n1").locator(".head").click();
  await expect(lane(frame, "n3->n1")).toHaveAttribute("data-state", "cut");
  await expect(lane(frame, "n1->n3")).toHaveAttribute("data-state", "up");
  await expect.poll(() => textOf(frame)).toContain("cut n3 -> n1");
  await frame.locator('[data-replica="n2"]').click();
  await frame.getByRole("button", { name: said("choice.crash") }).click();
  await expect(frame.locator('[data-replica="n2"]')).toHaveAttribute("data-role", "down");
  await frame.locator(".play").click();
  await expect
    .poll(() => frame.evaluate(() => window.halflink.playback.time_us))
    .toBeGreaterThan(5.1e6);
  await frame.locator(".play").click();

  // And it leaves its host alone.
  expect(page.url()).toBe(address);
  expect(await page.evaluate(() => history.length)).toBe(entries);
  expect(await page.title()).toBe("A post");
  await close();
});

test("an embedded run of liars shows what each was told", async ({ page }) => {
  await open(page, "#pbft-equivocating-primary&t=6");
  const snippet = await snippetOfRun(page);
  const { frame, close } = await post(page, snippet);
  await expect(frame.locator("#evidence .heard h2")).toHaveText(
    said("evidence.told", { name: "n1" }),
  );
  await expect(frame.locator("#evidence .heard [data-lie]").first()).toContainText(
    new RegExp(saying("truth.other", { truth: SOME })),
  );
  await drawn(frame);
  const box = await frame
    .locator("#evidence .heard tbody tr")
    .first()
    .evaluate((row) => row.getBoundingClientRect().bottom - innerHeight);
  expect(box, "the first row stands within the height of the snippet").toBeLessThanOrEqual(0);
  await close();
});

test("an embedded run of production code brings that module along, as scripts", async ({
  page,
}) => {
  const snippet = await snippetOf(page, HEALTHY.replace(": raft on", ": tikv-raft on"));
  expect(snippet).toContain('&amp;in=production"');
  const loaded = /** @type {string[]} */ ([]);
  page.on("request", (request) =>
    loaded.push(new URL(request.url()).pathname.split("/").at(-1) ?? ""),
  );
  const { frame, close } = await post(page, snippet);
  await expect(frame.locator(".outcome")).toContainText(said("word.stable"));
  expect(loaded.filter((name) => /^halflink.*\.js$|wasm$/.test(name))).toEqual([
    "halflink-embed.js",
    "halflink-embed-production.js",
  ]);
  await close();
});

test("the way to the whole page carries the run as it is now", async ({
  page,
  context,
  baseURL,
}) => {
  const { frame, close } = await post(page, await snippetOf(page, HEALTHY));
  await lane(frame, "n3->n1").locator(".head").click();
  const link = frame.getByRole("link", { name: said("embed.open") });
  await expect(link).toHaveAttribute("target", "_blank");
  await link.hover();
  const href = await link.evaluate((anchor) => /** @type {HTMLAnchorElement} */ (anchor).href);
  expect(href.split("#")[0]).toBe(baseURL);
  const link_now = await frame.evaluate(() => window.halflink.run.link());
  expect(href.split("#")[1]).toBe(`${link_now.slice(1)}&t=5`);

  const opened = context.waitForEvent("page");
  await link.click();
  const tab = await opened;
  await simulated(tab);
  expect(tab.url()).toBe(href);
  expect(await now(tab)).toBe(5);
  expect(await tab.evaluate(() => self.origin), "it is out of the sandbox").toBe(
    new URL(href).origin,
  );
  await expect(lane(tab, "n3->n1").first()).toHaveAttribute("data-state", "cut");
  await expect.poll(() => textOf(tab)).toContain("cut n3 -> n1");
  await close();
});

test("who is compared goes along to the whole page, too", async ({ page }) => {
  await page.goto("./embed.html#one-way-from-leader&t=4&compare=vr,raft+prevote");
  await simulated(page);
  const link = page.getByRole("link", { name: said("embed.open") });
  await link.hover();
  await expect(link).toHaveAttribute("href", /#2\.[\w-]+&t=4&compare=vr,raft\+prevote$/);
});

test("where the sandbox allows no tab, the address is shown to copy", async ({
  page,
  complaints,
}) => {
  const snippet = await snippetOf(page, HEALTHY);
  const { frame, close } = await post(
    page,
    snippet.replace(/sandbox="[^"]*"/, 'sandbox="allow-scripts"'),
  );
  const before = page.url();
  await frame.getByRole("link", { name: said("embed.open") }).click();
  await expect(frame.getByLabel(said("embed.address"))).toHaveValue(/#2\.[\w-]+&t=5$/);
  expect(page.url()).toBe(before);
  const blocked = complaints.filter((words) => /allow-popups/.test(words));
  expect(complaints, "the browser tells of the tab it did not open, and of nothing else").toEqual(
    blocked,
  );
  complaints.length = 0;
  await close();
});

test("an embed tells its host how tall it is, and fits the height in the snippet", async ({
  page,
}) => {
  const snippet = await snippetOf(page, HEALTHY);
  const promised = Number(/height="(\d+)"/.exec(snippet)?.[1]);
  const { frame, close } = await post(page, snippet);
  const told = () => page.evaluate(() => /** @type {any} */ (window).heard);
  await expect.poll(async () => (await told()).length).toBeGreaterThan(0);
  for (const { data, origin, own } of await told()) {
    expect(own).toBe(true);
    expect(origin).toBe("null");
    expect(data).toMatchObject({ context: "iframe.resize", src: frame.url() });
    expect(data.height).toBeGreaterThan(200);
  }
  const tallest = async () => (await told()).at(-1).data.height;
  expect(await tallest()).toBeLessThanOrEqual(promised);
  // In a narrower column it asks for no more.
  await page.setViewportSize({ width: 390, height: 844 });
  await drawn(frame);
  expect(await tallest()).toBeLessThanOrEqual(promised);
  // It is laid out anew a moment after its window has changed.
  await expect
    .poll(() => frame.evaluate(() => document.documentElement.scrollWidth - innerWidth))
    .toBeLessThanOrEqual(0);
  // In a frame that is too low it asks for all that it needs, and is content with that.
  await page.evaluate(() => document.querySelector("iframe")?.setAttribute("height", "200"));
  await expect.poll(tallest).toBeGreaterThan(400);
  // (Without its scroll bar it is wider, and may need a pixel more or less.)
  await page.evaluate(() =>
    addEventListener("message", ({ data }) =>
      document.querySelector("iframe")?.setAttribute("height", data.height),
    ),
  );
  await page.evaluate(
    (height) => document.querySelector("iframe")?.setAttribute("height", height),
    String(await tallest()),
  );
  const cut = () => frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  await expect.poll(cut).toBe(0);
  let before = 0;
  await expect(async () => {
    before = (await told()).length;
    await page.waitForTimeout(300);
    expect((await told()).length, "it has said all that it has to say").toBe(before);
  }).toPass();
  for (const seconds of [1, 20, 5]) await seek(frame, seconds);
  expect(await cut()).toBe(0);
  expect((await told()).length).toBe(before);
  await close();
});

test("in a closed fold an embed tells no height, and the right one when it is opened", async ({
  page,
}) => {
  const snippet = (await snippetOf(page, HEALTHY)).replace(' loading="lazy"', "");
  const promised = Number(/height="(\d+)"/.exec(snippet)?.[1]);
  const { frame, close } = await post(
    page,
    `<details><summary>More</summary>${snippet}</details>`,
    false,
  );
  const told = () =>
    page.evaluate(() =>
      /** @type {any} */ (window).heard.map((/** @type {any} */ { data }) => data.height),
    );
  expect(await frame.evaluate(() => innerWidth)).toBe(0);
  // Longer than it waits for the run before it tells what it knows.
  await page.waitForTimeout(3_500);
  expect(await told()).toEqual([]);
  await page.getByText("More").click();
  await expect.poll(async () => (await told()).length).toBeGreaterThan(0);
  await drawn(frame);
  for (const height of await told()) {
    expect(height).toBeGreaterThan(promised - 60);
    expect(height).toBeLessThanOrEqual(promised);
  }
  await close();
});

test("an embed with a damaged link says so, and plays no other story", async ({ page }) => {
  for (const [hash, words] of [
    ["#1.AAAA", said("session.closed", { link: "«.*»", why: "«.*»" })],
    ["#no-such-scenario", said("session.closed", { link: "«.*»", why: "«.*»" })],
    ["", said("player.nothing")],
  ]) {
    await page.goto("about:blank");
    await page.goto(`./embed.html${hash}`);
    await expect(page.locator("#unstarted")).toContainText(
      new RegExp(patternOf(said("embed.nothing", { why: words }))),
    );
    await expect(page.getByRole("link", { name: said("embed.halflink") })).toBeVisible();
    expect(await page.evaluate(() => window.halflink.run)).toBe(null);
    await expect(page.locator("[data-replica]")).toHaveCount(0);
    await expect(page.locator(".transport .play")).toBeHidden();
  }
  // Whoever mends the address gets the run.
  await page.evaluate(() => (location.hash = "#one-way-from-leader"));
  await expect(page.locator("[data-replica]")).toHaveCount(3);
  await expect(page.locator("#unstarted")).toBeHidden();
  await expect(page.locator(".transport .play")).toBeVisible();
  // And whoever spoils it, none.
  await page.evaluate(() => (location.hash = "#1.AAAA"));
  await expect(page.locator("#unstarted")).toContainText(
    new RegExp(saying("embed.nothing", { why: "«.*»" })),
  );
  await expect(page.locator(".transport .play")).toBeHidden();
  expect(await page.evaluate(() => window.halflink.playback.playing)).toBe(false);
});

test("an embed opened by itself works as well", async ({ page }) => {
  await page.goto("./embed.html#one-way-from-leader&t=1");
  await simulated(page);
  await clickArrowhead(page, "n3->n2");
  const { dying } = await packetsShown(page, "#logic", { from: 1.1, to: 1.7, every: 0.2 });
  expect([...dying]).toEqual(["n3->n2"]);
});

/** @param {import('@playwright/test').Page} page */
const playing = (page) => page.evaluate(() => window.halflink.playback.playing);

test("an author says where and how it begins", async ({ page }) => {
  for (const [options, at, plays, speed] of /** @type {const} */ ([
    ["", 0, true, "1×"],
    ["&t=0:05", 5, false, "1×"],
    ["&t=5&play=off", 5, false, "1×"],
    ["&play=off&speed=1/10", 0, false, "1/10×"],
    ["&t=2&play=visible&speed=0.5", 2, true, "1/2×"],
    ["&t=2&play=now&speed=2", 2, true, "2×"],
  ])) {
    await page.goto("about:blank");
    await page.goto(`./embed.html#one-way-from-leader${options}`);
    await simulated(page);
    expect(await playing(page), options).toBe(plays);
    expect(await now(page), options)[plays ? "toBeGreaterThanOrEqual" : "toBe"](at);
    await expect(page.locator(".speed-text"), options).toHaveText(speed);
  }
  await page.goto("about:blank");
  await page.goto("./embed.html#one-way-from-leader&play=visible&t=3&loop&speed=100");
  await simulated(page);
  await expect
    .poll(
      async () => {
        const before = await now(page);
        return (await now(page)) < before;
      },
      { intervals: [20] },
    )
    .toBe(true);
  expect(await now(page)).toBeGreaterThanOrEqual(3);
  expect(await playing(page)).toBe(true);
});

test("where less motion is asked for, no author makes it move", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("./embed.html#one-way-from-leader&t=3&play=now&loop");
  await simulated(page);
  expect(await playing(page)).toBe(false);
  expect(await now(page)).toBe(3);
});

test("an option that says nothing is told", async ({ page }) => {
  await page.goto("./embed.html#one-way-from-leader&play=never");
  await expect(page.locator("#banner")).toHaveText(
    new RegExp(saying("player.asks", { what: "play=never" })),
  );
});

test("an author chooses the theme and the view, in the link or in the name of the frame", async ({
  page,
}) => {
  const ground = (
    /** @type {import('@playwright/test').Page | import('@playwright/test').Frame} */ place,
  ) => place.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [light, dark] = ["rgb(255, 255, 255)", "rgb(25, 31, 39)"];
  for (const [scheme, theme, colour] of /** @type {const} */ ([
    ["light", "dark", dark],
    ["dark", "light", light],
    ["dark", "auto", dark],
    ["light", "auto", light],
  ])) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto("about:blank");
    await page.goto(`./embed.html#one-way-from-leader&t=5&theme=${theme}`);
    await simulated(page);
    expect(await ground(page), `${theme} in ${scheme}`).toBe(colour);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "#one-way-from-leader&t=5");
  const snippet = await snippetOfRun(page);
  const { frame, close } = await post(
    page,
    snippet.replace("<iframe ", '<iframe name="halflink theme=dark view=plant t=7" '),
  );
  expect(await ground(frame)).toBe(dark);
  expect(await frame.evaluate(() => window.halflink.playback.time_us)).toBe(7e6);
  await expect(frame.locator("#logic")).toBeHidden();
  await expect(frame.locator('#plant [data-part="r1.tor-a"]')).toBeVisible();
  // The plant is no picture only: a lane of it is cut.
  await lane(frame, "r1.s1->r1.tor-a").locator(".head").dispatchEvent("click");
  await expect(lane(frame, "r1.s1->r1.tor-a")).toHaveAttribute("data-state", "cut");
  await close();
  await page.goto("./embed.html#one-way-from-leader&t=5&view=both");
  await expect(page.locator('#plant [data-part="r1.tor-a"]')).toBeVisible();
  await expect(page.locator('#logic [data-replica="n1"]')).toBeVisible();
});

test("undo and reset come to light once a reader has acted", async ({ page }) => {
  await page.goto("./embed.html#one-way-from-leader&t=1");
  await simulated(page);
  const [undo, reset] = ["transport.undo", "transport.reset"].map((key) =>
    page.getByRole("button", { name: said(key) }),
  );
  await expect(undo).toBeHidden();
  await expect(reset).toBeHidden();
  const before = await textOf(page);
  await clickArrowhead(page, "n3->n2");
  await expect(undo).toBeVisible();
  await expect(reset).toBeVisible();
  await clickArrowhead(page, "n1->n2");
  await undo.click();
  await expect(lane(page, "n1->n2")).toHaveAttribute("data-state", "up");
  await expect(lane(page, "n3->n2")).toHaveAttribute("data-state", "cut");
  await clickArrowhead(page, "n2->n1");
  await reset.click();
  await expect.poll(() => textOf(page)).toBe(before);
  await expect(lane(page, "n3->n2")).toHaveAttribute("data-state", "up");
  // Whoever did not mean it gets it back.
  await page.getByRole("button", { name: said("transport.redo") }).click();
  await expect(lane(page, "n3->n2")).toHaveAttribute("data-state", "cut");
});

test("in a fixed embed readers look and do not act", async ({ page }) => {
  await page.goto("./embed.html#one-way-from-leader&t=1&fixed&view=both");
  await simulated(page);
  const before = await textOf(page);
  await lane(page, "n3->n2").locator(".head").click({ force: true });
  await lane(page, "n3->n2").locator(".head").dispatchEvent("click");
  await page.locator('#logic [data-replica="n2"]').dispatchEvent("click");
  await page.locator('#logic [data-flow="n3->n2"]').focus();
  await page.keyboard.press("Enter");
  await page.locator('#logic [data-replica="n2"]').focus();
  await page.keyboard.press("Enter");
  await expect(page.locator('#plant [data-part="r1.tor-a"]')).toBeVisible();
  await page.locator('#plant [data-part="r1.tor-a"]').dispatchEvent("click");
  await drawn(page);
  expect(await textOf(page)).toBe(before);
  await expect(page.locator(".popover")).toHaveCount(0);
  await expect(page.getByRole("button", { name: said("transport.undo") })).toBeHidden();
  const heard = await page
    .locator("#logic [aria-label], #plant [aria-label]")
    .evaluateAll((elements) =>
      elements.map((element) => element.getAttribute("aria-label")).join(),
    );
  for (const key of ["link.enter", "replica.enter"])
    expect(heard).not.toMatch(new RegExp(saying(key, { act: SOME })));
  // Time is theirs.
  await page.locator(".play").click();
  await expect.poll(() => now(page)).toBeGreaterThan(1.1);
});

test("a comparison survives in the snippet, and on the way to the page", async ({ page }) => {
  await open(page, "#one-way-from-leader&t=4&compare=vr,tikv-raft");
  await expect(page.locator(".compare-rows > *")).toHaveCount(3);
  const { frame, close } = await post(page, await snippetOfRun(page));
  await expect(frame.locator(".compare-rows > *")).toHaveCount(3);
  await expect(frame.locator(".compare-rows > [data-outcome]")).toHaveCount(3);
  await expect(frame.locator("#strip")).toBeHidden();
  await expect
    .poll(() => frame.evaluate(() => document.documentElement.scrollWidth - innerWidth))
    .toBeLessThanOrEqual(0);
  const tall = await frame.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  expect(tall, "what is too tall scrolls in its own room").toBeLessThanOrEqual(0);
  // One cut is a cut in all.
  const lanes = frame.locator('.compare-rows [data-flow="n1->n2"]');
  await lanes.first().locator(".head").click();
  await expect
    .poll(() => lanes.evaluateAll((lanes) => lanes.map((one) => one.getAttribute("data-state"))))
    .toEqual(["cut", "cut", "cut"]);
  const link = frame.getByRole("link", { name: said("embed.open") });
  await link.hover();
  expect(await link.evaluate((anchor) => /** @type {HTMLAnchorElement} */ (anchor).hash)).toMatch(
    /^#2\.[\w-]+&t=4&compare=vr,tikv-raft$/,
  );
  await frame.getByRole("button", { name: said("compare.stop") }).click();
  await expect(frame.locator("#strip .strip-picture")).toBeVisible();
  await expect(frame.locator("#compare")).toBeHidden();
  await close();
});

test("a frame does what its host says, tells what happens, and hears nobody else", async ({
  page,
}) => {
  const snippet = await snippetOf(page, HEALTHY);
  const { frame, close } = await post(
    page,
    `${snippet}<iframe id="other" srcdoc="<p>Somebody else</p>"></iframe>`,
  );
  const said_by = (/** @type {string} */ event) =>
    page.evaluate(
      (event) =>
        /** @type {any} */ (window).heard
          .filter((/** @type {any} */ { data }) => data.halflink === 1 && data.event === event)
          .map((/** @type {any} */ { data }) => data.detail),
      event,
    );
  const tell = (/** @type {unknown} */ message) =>
    page.evaluate(
      (message) =>
        document
          .querySelector("iframe")
          ?.contentWindow?.postMessage(/** @type {any} */ (message), "*"),
      message,
    );
  expect(await said_by("ready"), "to a host that says nothing nothing is told").toEqual([]);
  await tell({ halflink: 1, do: "listen" });
  await expect.poll(() => said_by("ready")).toHaveLength(1);
  expect((await said_by("ready"))[0]).toMatchObject({ title: "Nothing is wrong", time_us: 5e6 });
  expect((await said_by("outcome"))[0]).toMatchObject({ outcome: "stable", violations: 0 });
  await tell({ halflink: 1, do: "apply", statement: "isolate n3" });
  await expect(lane(frame, "n3->n1")).toHaveAttribute("data-state", "cut");
  await tell({ halflink: 1, do: "seek", at: 9.5 });
  await expect.poll(() => said_by("beliefs-parted")).toHaveLength(1);
  await tell({ halflink: 1, do: "undo" });
  await expect(lane(frame, "n3->n1")).toHaveAttribute("data-state", "up");
  await tell({ halflink: 1, do: "play" });
  await expect.poll(() => now(frame)).toBeGreaterThan(9.6);
  await tell({ halflink: 1, do: "pause" });
  await expect
    .poll(() => said_by("done"))
    .toEqual(
      ["apply", "seek", "undo", "play", "pause"].map((command) => ({ do: command, done: true })),
    );
  const before = await textOf(frame);
  for (const nonsense of [
    { halflink: 1, do: "eval", statement: "alert(1)" },
    { halflink: 2, do: "undo" },
    { halflink: 1, do: "apply", statement: "cut n1 -> n2".padEnd(2_000) },
    { halflink: 1, do: "apply", statement: { length: 3 } },
    { halflink: 1, do: "seek", at: Number.NaN },
    { halflink: 1 },
    "undo",
  ])
    await tell(nonsense);
  // Another frame of the page may post to it, too.
  await page.evaluate(() => {
    const other = /** @type {HTMLIFrameElement} */ (document.querySelector("#other"));
    const target = document.querySelector("iframe")?.contentWindow;
    const script = other.contentDocument?.createElement("script");
    if (!script) throw new Error("no other frame");
    Object.assign(/** @type {any} */ (other.contentWindow), { target });
    const said = '{ halflink: 1, do: "apply", statement: "cut n1 -> n2" }';
    script.textContent = `target.postMessage(${said}, "*")`;
    other.contentDocument?.body.append(script);
  });
  await expect.poll(async () => (await said_by("done")).length).toBe(8);
  expect(
    (await said_by("done")).slice(5).every((/** @type {any} */ { done }) => done === false),
  ).toBe(true);
  await page.waitForTimeout(200);
  expect(await textOf(frame)).toBe(before);
  await close();
});
