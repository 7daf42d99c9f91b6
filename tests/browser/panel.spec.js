// The drill of CONTRIBUTING: a new panel is a file and a line, and nothing else of the page.
import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.js";

const MAIN = new URL("../../www/main.js", import.meta.url);

/** The file, as it would stand in `www/panels/`. */
const FILE = `
import { html, setText } from "../draw/dom.js";

export function open(host) {
  const line = html("p");
  host.replaceChildren(html("h2", {}, "Under way"), line);
  return { update: ({ packets }) => setText(line, packets.length + " packets") };
}
`;

/** The line, in the list of `www/main.js`. */
const LINE = `  { id: "traffic", load: late(() => import("./panels/traffic.js")), needs: inWords },`;

test("a new panel is one file and one line", async ({ page }) => {
  const main = readFileSync(MAIN, "utf8");
  const list = "const PANELS = [";
  expect(main).toContain(list);
  const more = main.replace(list, `${list}\n${LINE}`);
  const script = { contentType: "text/javascript" };
  await page.route("**/main.js", (route) => route.fulfill({ ...script, body: more }));
  await page.route("**/traffic.js", (route) => route.fulfill({ ...script, body: FILE }));
  await page.goto("#raid-10&t=3&play=off");
  const panel = page.locator("aside.side > #traffic");
  await expect(panel.locator("h2")).toHaveText("Under way");
  const drawn = await page.evaluate(() => window.halflink.player.packets.length);
  expect(drawn).toBeGreaterThan(0);
  await expect(panel.locator("p")).toHaveText(`${drawn} packets`);
});
