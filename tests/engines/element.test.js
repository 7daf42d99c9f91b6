// `<half-link>` in a post of somebody else's, from a host that sends no header at all, in the engines
// that Playwright does not drive as their users have them. They look into a frame, so the post is in one.
import assert from "node:assert/strict";
import test from "node:test";
import { blog, plainHost } from "../support/plain-host.js";
import { firefox, until, webkit } from "../support/webdriver.js";

const ENGINES = /** @type {const} */ ([
  ["Firefox", firefox, process.env.HALFLINK_FIREFOX ?? "/usr/bin/firefox-esr"],
  ["WebKitGTK", webkit, process.env.HALFLINK_WEBKIT ?? "/usr/bin/WebKitWebDriver"],
]);

/** As WordPress has it. */
const TEXT = `<p>halflink 1<br />
title “In a post”<br />
plant 3 racks of 3 servers, 4 disks each<br />
cluster etcd: raft on r1.s1 r2.s1 r3.s1<br />
timing heartbeat 100ms, election 1s..2s<br />
seed 7<br />
write every 300ms<br />
at 0s elect n3<br />
at 5s cut n3 –&gt; n1<br />
run 30s</p>`;

for (const [name, start, program] of ENGINES) {
  test(`${name}: elements run, are acted on and tell of it`, async () => {
    const host = await plainHost();
    const site = await blog(`<style>half-link { color: red } div { display: none }</style>
      <script>heard = []; addEventListener("ready", ({ detail }) => heard.push(detail.title), true);
      addEventListener("outcome", ({ detail }) => heard.push(detail.outcome), true)</script>
      <script src="${host.address}pkg/halflink-element.js"></script>
      <half-link t="4">${TEXT}</half-link><half-link link="raid-10" t="1"></half-link>`);
    const around = await blog(`<iframe src="${site.address}" width="700" height="1500"></iframe>`);
    const browser = await start(program);
    try {
      await browser.open(around.address);
      const read = (/** @type {string} */ script) => browser.read(script);
      const root = "document.querySelector('half-link').shadowRoot";
      await until("both are ready", () =>
        read("heard.includes('In a post') && heard.length === 4"),
      );
      await until("the strip is drawn", () =>
        read(`${root}.querySelectorAll('#strip .belief').length > 0`),
      );
      assert.equal(await read(`getComputedStyle(${root}.querySelector('.embed')).display`), "flex");
      assert.equal(
        await read(`getComputedStyle(${root}.querySelector('.node-role')).fontSize`),
        "12.5px",
      );
      const state = () => read(`${root}.querySelector('[data-flow="n3->n1"]').dataset.state`);
      assert.equal(await state(), "up");
      await read("document.querySelector('half-link').seek(6), 1");
      await until("it is cut", async () => (await state()) === "cut");
      await read("document.querySelector('half-link').apply('crash r2.s1'), 1");
      await until("it is down", () =>
        read(`${root}.querySelector('[data-replica="n2"]').dataset.role === 'down'`),
      );
      // What comes late comes as a script, too.
      await read(`${root}.querySelector('[data-replica="n1"]').dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })), 1`);
      await until("the menu is there", () =>
        read(`Boolean(${root}.querySelector('.popover button'))`),
      );
      assert.equal(await read("Object.keys(window).some((name) => /halflink/i.test(name))"), false);
    } finally {
      await browser.close();
      await Promise.all([host, site, around].map((one) => one.close()));
    }
  });
}
