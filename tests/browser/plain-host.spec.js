// The snippet as given, in a post of somebody else's, from a host that sends no header at all.
import { blog, plainHost } from "../support/plain-host.js";
import { expect, test } from "./fixtures.js";
import { HEALTHY, lane, linkOf, now, simulated } from "./playground.js";
import { LANGUAGE, PSEUDO } from "../support/pseudo.js";
import { said, saying } from "./words.js";

/**
 * Opens a post with the snippet in it.
 * @param {import('@playwright/test').Page} page
 * @param {{link: string, module?: string, time_us?: number, change?: (snippet: string) => string}} what
 * @param {Parameters<typeof plainHost>[0]} [flaws]
 */
async function post(page, { link, module = "", time_us, change = (same) => same }, flaws) {
  const host = await plainHost(flaws);
  await page.goto("./icon.svg");
  const snippet = await page.evaluate(
    async ([script, ...given]) => {
      const { embedSnippet } = await import(/** @type {string} */ (script));
      return embedSnippet(...given);
    },
    [
      new URL("./panels/snippet.js", page.url()).href,
      host.address,
      link,
      { title: "A run", module, height: 600 },
      time_us ?? null,
    ],
  );
  const site = await blog(change(snippet));
  await page.goto(site.address);
  const element = await page.waitForSelector("iframe");
  const frame = await element.contentFrame();
  if (!frame) throw new Error("the post has no frame");
  return { frame, host, close: () => Promise.all([host.close(), site.close()]) };
}

test("it plays, is cut, opens menus and shows lies from a host without CORS", async ({ page }) => {
  const { frame, host, close } = await post(page, { link: await linkOf(HEALTHY) });
  await simulated(frame);
  expect(await frame.evaluate(() => self.origin)).toBe("null");
  for (const view of ["#logic .logic", "#strip .strip-picture", "#caption h2"]) {
    await expect(frame.locator(view), view).toBeVisible();
  }
  await expect(frame.locator("#unstarted")).toBeHidden();
  const before = await now(frame);
  await expect.poll(() => now(frame)).toBeGreaterThan(before);
  await frame.locator(".play").click();
  await lane(frame, "n3->n1").locator(".head").click();
  await expect(lane(frame, "n3->n1")).toHaveAttribute("data-state", "cut");
  await frame.locator('[data-replica="n2"]').click();
  await frame.getByRole("button", { name: said("choice.crash") }).click();
  await expect(frame.locator('[data-replica="n2"]')).toHaveAttribute("data-role", "down");
  expect(host.asked.sort()).toEqual([
    "/embed.html",
    "/pkg/halflink-embed-late.css",
    "/pkg/halflink-embed-late.js",
    "/pkg/halflink-embed.css",
    "/pkg/halflink-embed.js",
    ...(PSEUDO ? [`/pkg/languages/${LANGUAGE}.js`] : []),
  ]);
  // The frame's next run has liars.
  await frame.evaluate(() => (location.hash = "#pbft-equivocating-primary&t=6"));
  await expect(frame.locator("#evidence .heard h2")).toHaveText(
    said("evidence.told", { name: "n1" }),
  );
  await close();
});

test("of the shipped scenarios the one that is named comes, or whose notes a run has", async ({
  page,
}) => {
  const language = PSEUDO ? LANGUAGE : "en";
  const words = PSEUDO ? [`/pkg/languages/${LANGUAGE}.js`] : [];
  const first = ["/embed.html", "/pkg/halflink-embed.css", "/pkg/halflink-embed.js", ...words];
  const named = await post(page, { link: "#raid-10&t=1" });
  await simulated(named.frame);
  expect(named.host.asked.sort()).toEqual([...first, `/pkg/library/${language}/raid-10.js`]);
  await named.close();

  const { library } = await import("../../pkg/library.js");
  const text = library.find(({ name }) => name === "deaf-leader")?.text ?? "";
  const link = await linkOf(text.replace(/^seed .*/m, "seed 77"));
  const changed = await post(page, { link: `${link}&t=1` });
  await simulated(changed.frame);
  const shown = () =>
    changed.frame.evaluate(() => {
      const { plan, strip } = window.halflink.player.session;
      return plan.notes.length > strip.captions.filter(({ note }) => note !== null).length;
    });
  await expect.poll(shown).toBe(true);
  // Its notes are English, whatever the page speaks.
  expect(changed.host.asked).toContain("/pkg/library/en/deaf-leader.js");
  const others = PSEUDO ? changed.host.asked.filter((name) => name.includes(LANGUAGE)) : [];
  const own = ["/pkg/library/en/deaf-leader.js", "/pkg/library/en/notes.js"];
  expect(changed.host.asked.sort()).toEqual([...new Set([...first, ...own, ...others])].sort());
  await changed.close();
});

test("production code comes from a host without CORS", async ({ page }) => {
  const link = await linkOf(HEALTHY.replace(": raft on", ": tikv-raft on"));
  const { frame, close } = await post(page, { link, module: "production", time_us: 5e6 });
  await simulated(frame);
  await expect(frame.locator(".outcome")).toContainText(said("word.stable"));
  await close();
});

test("who is compared runs on the engine that is there, from a host without CORS", async ({
  page,
}) => {
  const link = "#one-way-from-leader&t=4&compare=vr,tikv-raft";
  const { frame, host, close } = await post(page, { link });
  await expect(frame.locator(".compare-rows > [data-outcome]")).toHaveCount(3);
  expect(host.asked.filter((name) => /wasm$|halflink(-production)?\.js$/.test(name))).toEqual([]);
  expect(host.asked.filter((name) => name.endsWith("halflink-embed-production.js"))).toHaveLength(
    1,
  );
  await close();
});

for (const [name, flaws, change, words] of /** @type {const} */ ([
  ["its script is missing", { missing: "halflink-embed.js" }, undefined, "has not started"],
  [
    "a policy blocks WebAssembly",
    { policy: "script-src 'self' 'nonce-halflink'" },
    undefined,
    "could not start here",
  ],
  ["a policy blocks every script", { policy: "script-src 'none'" }, undefined, "has not started"],
  ["scripts are off", {}, "allow-popups", "has not started"],
  [
    "the second module is missing",
    { missing: "halflink-embed-production.js" },
    undefined,
    "could not start here",
  ],
])) {
  test(`where ${name}, one line says so, with a link and no other picture`, async ({
    page,
    complaints,
  }) => {
    const module = flaws.missing?.includes("production") ? "production" : "";
    const { frame, host, close } = await post(
      page,
      {
        link: "#constrained",
        module,
        change: (snippet) =>
          change ? snippet.replace(/sandbox="[^"]*"/, `sandbox="${change}"`) : snippet,
      },
      flaws,
    );
    const hash = `#constrained${module && "&in=production"}`;
    const line = frame.locator("#unstarted");
    await expect(line).toBeVisible();
    await expect(line).toContainText(words);
    const scripted = !change && !flaws.policy?.includes("none");
    await expect(line.getByRole("link")).toHaveJSProperty(
      "href",
      `${host.address}${scripted ? hash : ""}`,
    );
    await expect(frame.locator("img, svg")).toHaveCount(0);
    await expect(frame.locator(".foot")).toBeHidden();
    complaints.length = 0;
    await close();
  });
}

for (const [what, link, key] of /** @type {const} */ ([
  ["the racks", "#constrained&view=plant", "embed.racks"],
  ["a comparison", "#constrained&compare=vr", "late.comparison"],
  ["what liars said", "#pbft-equivocating-primary&t=6", "late.evidence"],
])) {
  test(`without what comes late, ${what} is missed, and the run plays`, async ({
    page,
    complaints,
  }) => {
    const { frame, close } = await post(page, { link }, { missing: "halflink-embed-late.js" });
    await simulated(frame);
    const words = saying("late.failed", { what: said(key), error: "«.*did not load»" });
    await expect(frame.locator("#banner")).toContainText(new RegExp(words));
    await expect(frame.locator("#banner")).not.toContainText("our bug");
    await expect(frame.locator("#logic .logic")).toBeVisible();
    await expect(frame.locator("#strip .strip-picture")).toBeVisible();
    const before = await now(frame);
    if (link.includes("t=")) await frame.locator(".play").click();
    await expect.poll(() => now(frame)).toBeGreaterThan(before);
    complaints.length = 0;
    await close();
  });
}

test("a link that a blog has mangled plays in the frame", async ({ page }) => {
  const link = await linkOf(HEALTHY);
  for (const [mangled, seconds] of /** @type {const} */ ([
    [`${link}&amp;t=0:05`, 5],
    [`${link.replaceAll("-", "\u2011")}%26t%3D5`, 5],
    [`${link} and so on`, 0],
    ["#Raid-10&amp;amp;t=0:05)", 5],
  ])) {
    const { frame, close } = await post(page, { link: mangled });
    await simulated(frame);
    expect(await now(frame), mangled)[seconds ? "toBe" : "toBeGreaterThanOrEqual"](seconds);
    await expect(frame.locator("#banner")).toBeHidden();
    await close();
  }
});
