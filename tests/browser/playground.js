// What the tests do to the page and read off it, in a reader's words.
import { halflink as loadEngine } from "../support/wasm.js";
import { expect } from "./fixtures.js";
import { said } from "./words.js";

/** @typedef {import('@playwright/test').Page | import('@playwright/test').Frame} Place */

/** Raft and Zab under one half-failed switch, as tests/golden/two-groups.txt tells it. */
export const TWO_GROUPS = `halflink 1
title   "One switch, two groups"
plant   3 racks of 2 servers, 2 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    7
write   every 200ms
cluster zk: zab on r1.s2 r2.s2 r3.s2
timing  heartbeat 100ms, election 1s..2s
write   every 200ms
at 0s   in etcd elect n2
at 0s   in zk elect n2
at 10s  cut spine-a -> r1.tor-b
note 25s "In etcd n3 leads, and everybody follows. In zk n1 still looks for a leader."
run     40s
`;

/** A plant in which nothing is wrong: n3 leads, n1 and n2 follow, and n2 is patient. */
export const HEALTHY = `halflink 1
title   "Nothing is wrong"
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
timing  n2 election 3s..4s
seed    7
write   every 300ms
at 0s elect n3
run     30s
`;

/**
 * The link of a text, from the same engine under Node.
 * @param {string} text
 */
export async function linkOf(text) {
  // This module has the code of every protocol.
  const { Run } = await loadEngine("production");
  const run = new Run(text);
  const link = run.link();
  run.free();
  return link;
}

/**
 * Opens the page at an address after the `#`, and waits until its run is simulated and drawn.
 * @param {import('@playwright/test').Page} page
 * @param {string} hash "#1.…", "#raid-10&t=4", or "" for what a newcomer sees
 */
export async function open(page, hash) {
  await page.goto(`./${hash}`);
  await simulated(page);
}

/**
 * Opens a text, paused at a moment.
 * @param {import('@playwright/test').Page} page
 * @param {string} text
 * @param {number} seconds
 */
export async function openText(page, text, seconds) {
  await open(page, `${await linkOf(text)}&t=${seconds}`);
}

/**
 * Waits until the run is simulated to its end, and drawn.
 * @param {Place} place
 */
export async function simulated(place) {
  await place.waitForFunction(() => window.halflink?.player.session.done);
  await drawn(place);
}

/**
 * Waits until the picture shows what is the case.
 * @param {Place} place
 */
export async function drawn(place) {
  await place.waitForFunction(() => {
    const { player, playback } = window.halflink;
    if (player.dirty || player.building.steps.length) return false;
    return player.view?.time_us === Math.floor(playback.time_us);
  });
}

/**
 * Moves the playhead, as a click on the strip would, but to the microsecond.
 * @param {Place} place
 * @param {number} seconds
 */
export async function seek(place, seconds) {
  await place.evaluate((time_us) => window.halflink.playback.seek(time_us), seconds * 1e6);
  await drawn(place);
}

/**
 * Where the playhead stands, in seconds.
 * @param {Place} place
 */
export const now = (place) => place.evaluate(() => window.halflink.playback.time_us / 1e6);

/**
 * The trace hash of all that happened by then.
 * @param {Place} place
 * @param {number} seconds
 */
export const hashAt = (place, seconds) =>
  place.evaluate((time_us) => window.halflink.run.trace_hash(time_us), seconds * 1e6);

/**
 * The run as text.
 * @param {Place} place
 */
export const textOf = (place) => place.evaluate(() => window.halflink.run.text());

/**
 * Who leads according to each replica, as the logical view shows it: "" is nobody.
 * @param {Place} place
 * @returns {Promise<Record<string, string | null>>}
 */
export const beliefs = (place) =>
  place
    .locator("[data-replica]")
    .evaluateAll((nodes) =>
      Object.fromEntries(
        nodes.map((node) => [node.getAttribute("data-replica"), node.getAttribute("data-leader")]),
      ),
    );

/**
 * The packets that the picture shows at some moments, each once.
 * @param {import('@playwright/test').Page} page
 * @param {string} picture a selector: "#logic" or "#plant"
 * @param {{from: number, to: number, every: number}} seconds
 */
export async function packetsShown(page, picture, { from, to, every }) {
  /** @type {Map<string, {way: string, died: string | null}>} */
  const seen = new Map();
  for (let at = from; at <= to; at += every) {
    await seek(page, at);
    const packets = await page
      .locator(`${picture} [data-packet]`)
      .evaluateAll((elements) =>
        elements.map((element) => ({
          id: element.getAttribute("data-packet") ?? "",
          way: `${element.getAttribute("data-from")}->${element.getAttribute("data-to")}`,
          died: element.getAttribute("data-died"),
        })),
      );
    for (const { id, way, died } of packets) seen.set(id, { way, died });
  }
  const all = [...seen.values()];
  const ways = (/** @type {typeof all} */ some) => new Set(some.map(({ way }) => way));
  return {
    dying: ways(all.filter(({ died }) => died !== null)),
    living: ways(all.filter(({ died }) => died === null)),
  };
}

/**
 * The lane of a flow or a cable, by its name "n3->n1" or "r1.s1->r1.tor-a".
 * @param {Place | import('@playwright/test').FrameLocator} place
 * @param {string} name
 */
export const lane = (place, name) => place.locator(`[data-flow="${name}"], [data-lane="${name}"]`);

/**
 * Clicks the arrowhead of a flow or a cable.
 * @param {import('@playwright/test').Page} page
 * @param {string} name
 */
export async function clickArrowhead(page, name) {
  await lane(page, name).locator(".head").click();
  await drawn(page);
}

/**
 * A part in the picture of the plant.
 * @param {import('@playwright/test').Page} page
 * @param {string} name "r1.tor-a"
 */
export const part = (page, name) => page.locator(`[data-part="${name}"]`);

/**
 * Clicks a part, and gives the menu of its faults.
 * @param {import('@playwright/test').Page} page
 * @param {string} name "r1.tor-a"
 */
export async function openMenu(page, name) {
  await part(page, name).locator(".hit, .body").first().click();
  const menu = page.locator(".popover");
  await expect(menu).toBeVisible();
  return menu;
}

/**
 * Chooses a statement in the menu of a part.
 * @param {import('@playwright/test').Page} page
 * @param {string} name "r1.tor-a"
 * @param {string} statement "fail r1.tor-a"
 */
export async function choose(page, name, statement) {
  const menu = await openMenu(page, name);
  await menu.locator(`[data-statement="${statement}"]`).click();
  await expect(menu).toBeHidden();
  await drawn(page);
}

/**
 * Pastes a text in place of all that is in the editor: in one event, however long.
 * @param {import('@playwright/test').Locator} field
 * @param {string} text
 */
export const paste = (field, text) =>
  field.evaluate((element, value) => {
    const { editor } = window.halflink.player.panels.get("text-button").pane;
    editor.select(0, editor.text.length);
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", value);
    const how = { clipboardData, bubbles: true, cancelable: true };
    element.dispatchEvent(new ClipboardEvent("paste", how));
  }, text);

/**
 * What stands in the editor. Of a long text it draws no more than is seen.
 * @param {Place} place
 * @returns {Promise<string>}
 */
export const written = (place) =>
  place.evaluate(() => window.halflink.player.panels.get("text-button").pane?.text ?? "");

/**
 * The snippet of the dialog that is open, once it is made.
 *
 * @param {import('@playwright/test').Page} page
 */
export const snippetOf = (page) =>
  page.locator(`[aria-label="${said("share.snippet")}"]:not([aria-busy])`).inputValue();

/** Opens the text, and gives the field that it is written in. @param {import('@playwright/test').Page} page */
export async function openPane(page) {
  await page.getByRole("button", { name: said("bar.text"), exact: true }).click();
  const area = page.getByRole("textbox", { name: said("text.label") });
  await expect(area).toBeFocused();
  return area;
}
