// The snippet as given, in a post of somebody else's, from a host that sends no header at all, in
// the engines that Playwright does not drive as their users have them.
import assert from "node:assert/strict";
import test from "node:test";
import { embedSnippet } from "../../www/panels/snippet.js";
import { blog, plainHost } from "../support/plain-host.js";
import { firefox, until, webkit } from "../support/webdriver.js";

const ENGINES = /** @type {const} */ ([
  ["Firefox", firefox, process.env.HALFLINK_FIREFOX ?? "/usr/bin/firefox-esr"],
  ["WebKitGTK", webkit, process.env.HALFLINK_WEBKIT ?? "/usr/bin/WebKitWebDriver"],
]);

for (const [name, start, program] of ENGINES) {
  test(`${name}: a run plays in the snippet, is cut by a click, and undone`, async () => {
    const browser = await start(program);
    const opened = await post("#one-way-from-leader", "", {});
    try {
      await browser.open(opened.address);
      const read = (/** @type {string} */ script) => browser.read(script);
      await until("the strip is drawn", () =>
        read(`document.querySelectorAll('#strip .belief').length > 0`),
      );
      assert.equal(await read("self.origin"), "null", "a frame of no origin");
      assert.equal(await read("document.body.dataset.state"), "runs");
      await until("it has its looks", () =>
        read(`getComputedStyle(document.querySelector('.node-role')).fontSize === '12.5px'`),
      );
      const now = () => read("halflink.playback.time_us");
      const before = await now();
      await until("time moves", async () => (await now()) > before);
      await browser.click(".play");
      assert.equal(await read("halflink.playback.playing"), false);
      const state = (/** @type {string} */ flow) =>
        read(`document.querySelector('[data-flow="${flow}"]').dataset.state`);
      await browser.click('[data-flow="n1->n2"] .head');
      await until("it is cut", async () => (await state("n1->n2")) === "cut");
      assert.equal(await state("n2->n1"), "up");
      await browser.click('button[aria-label^="Undo"]');
      await until("it is undone", async () => (await state("n1->n2")) === "up");
      // What comes late comes as a script, too.
      await browser.click('[data-replica="n2"] .disc');
      await until("the menu is there", () =>
        read(`Boolean(document.querySelector('.popover button'))`),
      );
      assert.match(
        await read(`(document.querySelector('.open').dispatchEvent(new Event('focus')),
        document.querySelector('.open').href)`),
        /\/#2\.[\w-]+&t=\d/,
      );
    } finally {
      await browser.close();
      await opened.close();
    }
  });

  test(`${name}: where it cannot start, the frame says so`, async () => {
    const browser = await start(program);
    const opened = await post("#constrained", "production", {
      missing: "halflink-embed-production.js",
    });
    try {
      await browser.open(opened.address);
      await until("the line is there", () =>
        browser.read(`document.body.dataset.state === 'says'`),
      );
      assert.match(
        await browser.read(`document.querySelector('#unstarted').textContent`),
        /^This run could not start here: .*Open it in Halflink$/,
      );
      assert.equal(
        await browser.read(`getComputedStyle(document.querySelector('#unstarted')).visibility`),
        "visible",
      );
    } finally {
      await browser.close();
      await opened.close();
    }
  });
}

/**
 * @param {string} link
 * @param {string} module
 * @param {Parameters<typeof plainHost>[0]} flaws
 */
async function post(link, module, flaws) {
  const host = await plainHost(flaws);
  const site = await blog(
    embedSnippet(host.address, link, { title: "A run", module, height: 620 }, null),
  );
  return { address: site.address, close: () => Promise.all([site.close(), host.close()]) };
}
