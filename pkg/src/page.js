// @ts-check
/** A run as one page that needs nothing else, as the page's Share saves it: for Node, from files. */
import { readFile } from "node:fs/promises";
import { worked } from "../../www/draw/picture.js";
import { pageFile } from "../../www/panels/page-file.js";
import { embedAddress } from "../../www/panels/snippet.js";
import { lateFrom } from "../../www/run/late.js";
import { library } from "../library.js";

/** @typedef {import("../index.js").Run} Run */

const WORK = 4_000;
const LANGUAGE = "en";

/** What stands in pkg/ on a site is the package itself; its page is beside this. @param {string} name */
const read = (name) =>
  readFile(
    new URL(name.startsWith("pkg/") ? `../${name.slice(4)}` : name, import.meta.url),
    "utf8",
  );

/**
 * @param {Run} run
 * @param {{module: string, time_us: number|null, site: string}} given module: "" for the first, or
 *   "production"; site: the address of a Halflink, or ""
 * @returns {Promise<string>}
 */
export async function page(run, { module, time_us, site }) {
  // What a browser runs as a script is one value behind one sign here.
  /** @type {string[]} */
  const loaded = [];
  lateFrom(async (name) => {
    const [, value] = /\]=(.*);\n$/s.exec(await read(`pkg/${name}.js`)) ?? [];
    loaded.push(name);
    return JSON.parse(value);
  });
  document.documentElement.lang = LANGUAGE;
  document.documentElement.dataset.library = library.map(({ name }) => name).join();
  // A link has the hash of a run that is simulated.
  await worked(() => run.advance(WORK));
  const plan = run.plan();
  const address = embedAddress(site, run.link(), { module }, time_us, { view: "both" });
  const parts = () => loaded;
  return pageFile({ title: plan.title, address, plan, language: LANGUAGE, read, parts });
}
