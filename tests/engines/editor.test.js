// The editor of the text pane in the engines that Playwright does not drive as their users have them:
// its looks come past the page's policy, and what is written runs.
import assert from "node:assert/strict";
import test from "node:test";
import { blog, plainHost } from "../support/plain-host.js";
import { firefox, until, webkit } from "../support/webdriver.js";

const ENGINES = /** @type {const} */ ([
  ["Firefox", firefox, process.env.HALFLINK_FIREFOX ?? "/usr/bin/firefox-esr"],
  ["WebKitGTK", webkit, process.env.HALFLINK_WEBKIT ?? "/usr/bin/WebKitWebDriver"],
]);

for (const [name, start, program] of ENGINES) {
  test(`${name}: a text is coloured and written, and nothing is refused`, async () => {
    const browser = await start(program);
    const host = await plainHost();
    const site = await blog(
      `<iframe src="${host.address}#raid-10&t=1" width="900" height="800"></iframe>`,
    );
    const read = (/** @type {string} */ script) => browser.read(script);
    const pane = "window.halflink.player.panels.get('text-button').pane";
    try {
      await browser.open(site.address);
      await until("the run is simulated", () =>
        read("Boolean(window.halflink?.player.session.done)"),
      );
      await read(`(() => {
        window.blocked = [];
        document.addEventListener("securitypolicyviolation", (event) =>
          window.blocked.push(event.effectiveDirective + " " + event.blockedURI));
        return true;
      })()`);
      await browser.click("#text-button");
      await until("the field has the focus", () =>
        read("Boolean(document.activeElement?.matches('.cm-content[role=textbox]'))"),
      );
      const [gutter, verb, ink] = await read(
        `[getComputedStyle(document.querySelector(".cm-scroller")).display,
          getComputedStyle(document.querySelector(".tok-verb")).color,
          getComputedStyle(document.querySelector(".cm-content")).color]`,
      );
      assert.equal(gutter, "flex", "the package's own looks are there");
      assert.notEqual(verb, ink, "and ours");
      const choose = async (/** @type {string} */ words) => {
        await read(`(() => {
          const { editor } = ${pane};
          const at = editor.text.indexOf("${words}");
          editor.select(at, at + ${words.length});
          return true;
        })()`);
        await until("it is chosen", () => read(`String(getSelection()) === "${words}"`));
      };
      await choose("elect n3");
      await browser.type("frob n3");
      await until("it is wrong there", () =>
        read("document.querySelector('.cm-lintRange-error')?.textContent === 'frob'"),
      );
      await choose("frob n3");
      await browser.type("elect n1");
      await until("it runs", () => read(`/^at 0s +elect n1$/m.test(window.halflink.run.text())`));
      assert.deepEqual(await read("window.blocked"), []);
    } finally {
      await browser.close();
      await Promise.all([site.close(), host.close()]);
    }
  });
}
