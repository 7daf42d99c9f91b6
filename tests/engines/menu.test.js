// The page's menus are the platform's popovers, and stand under their buttons by its anchors: in the
// engines that Playwright does not drive as their users have them.
import assert from "node:assert/strict";
import test from "node:test";
import { blog, plainHost } from "../support/plain-host.js";
import { firefox, until, webkit } from "../support/webdriver.js";

const ENGINES = /** @type {const} */ ([
  ["Firefox", firefox, process.env.HALFLINK_FIREFOX ?? "/usr/bin/firefox-esr"],
  ["WebKitGTK", webkit, process.env.HALFLINK_WEBKIT ?? "/usr/bin/WebKitWebDriver"],
]);

for (const [name, start, program] of ENGINES) {
  test(`${name}: a menu opens under its button, and a press elsewhere closes it`, async () => {
    const browser = await start(program);
    const host = await plainHost();
    const site = await blog(
      `<iframe src="${host.address}#one-way-from-leader" width="640" height="620"></iframe>`,
    );
    const read = (/** @type {string} */ script) => browser.read(script);
    const list = "document.querySelector('#scenario-menu .menu-list')";
    const isOpen = () => read(`${list}.matches(':popover-open')`);
    try {
      await browser.open(site.address);
      await until("the strip is drawn", () =>
        read(`document.querySelectorAll('#strip .belief').length > 0`),
      );
      await browser.click("#scenario-menu .pill");
      await until("it is open", isOpen);
      await until("its choice has the focus", () =>
        read(`${list}.contains(document.activeElement)`),
      );
      const gap = await read(
        `${list}.getBoundingClientRect().top -
          document.querySelector('#scenario-menu .pill').getBoundingClientRect().bottom`,
      );
      assert.ok(Math.abs(gap - 6) < 1.5, `${gap} px under its button`);
      await browser.click(".small-heading");
      await until("it is closed", async () => !(await isOpen()));
      // The menu of a part.
      await browser.click('[data-replica="n2"] .disc');
      await until("the menu of a part is open", () =>
        read(`Boolean(document.querySelector('.popover:popover-open button'))`),
      );
      const inside = await read(
        `(({ left, top, right, bottom }) => left >= 0 && top >= 0 && right <= innerWidth &&
          bottom <= innerHeight)(document.querySelector('.popover').getBoundingClientRect())`,
      );
      assert.equal(inside, true, "all of it is on the screen");
    } finally {
      await browser.close();
      await Promise.all([site.close(), host.close()]);
    }
  });
}
