// A post of somebody else's with `<half-link>` in it, for the tests of the element.
import { createServer } from "node:http";
import { expect } from "./fixtures.js";

/** The line that docs/EMBED.md gives to hosts, and as strict as can be besides. */
export const policy = (/** @type {string} */ site) =>
  `default-src 'none'; script-src ${site} 'wasm-unsafe-eval' 'nonce-own'; style-src 'nonce-own'; ` +
  "img-src data:";

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {{body: string, css?: string, before?: string, csp?: (site: string) => string,
 *   scripts?: number, kind?: string, files?: Record<string, string>}} Post
 *   kind: attributes of the script; files: what else there is on that server, by its path
 */

/**
 * Opens a post on a server of its own, which keeps what events it hears.
 *
 * @param {Page} page
 * @param {string|undefined} baseURL
 * @param {Post} post
 */
export async function open(
  page,
  baseURL,
  { body, css = "", before = "", csp = policy, scripts = 1, kind = "", files = {} },
) {
  const site = new URL(baseURL ?? "").origin;
  const script = `<script ${kind} src="${site}/pkg/halflink-element.js"></script>\n`;
  const html = `<!doctype html><html lang="en"><head><title>A post</title>
<link rel="icon" href="data:,"><style nonce="own">body { margin: 20px auto; max-width: 640px; }
${css}</style>
<script nonce="own">${before};
  window.heard = [];
  for (const name of ["ready", "step", "beliefs-parted", "outcome", "failed"])
    addEventListener(name, ({ detail, target }) => heard.push({ name, detail, id: target.id }), true);
  window.known = Object.getOwnPropertyNames(window);
</script>
${script.repeat(scripts)}</head><body><main><h1>A post</h1>${body}</main></body></html>`;
  const server = createServer(({ url = "" }, response) => {
    if (url !== "/post") {
      response.writeHead(url in files ? 200 : 404, { "content-type": "text/plain" });
      response.end(files[url]);
      return;
    }
    const headers = { "content-type": "text/html; charset=utf-8" };
    const policies = csp(site);
    response.writeHead(
      200,
      policies ? { ...headers, "content-security-policy": policies } : headers,
    );
    response.end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === site) asked.push(pathname);
  });
  await page.goto(`http://127.0.0.1:${port}/post`);
  return { asked, close: () => new Promise((resolve) => server.close(resolve)) };
}

/**
 * The events that came, of one name.
 *
 * @param {Page} page
 * @param {string} name
 * @returns {Promise<{detail: any, id: string}[]>}
 */
export const heard = (page, name) =>
  page.evaluate(
    (name) =>
      /** @type {any} */ (window).heard.filter((/** @type {any} */ one) => one.name === name),
    name,
  );

/** @param {Page} page @param {number} count */
export const ready = (page, count) =>
  expect.poll(async () => (await heard(page, "ready")).length).toBe(count);

/**
 * Does something to an element by its methods.
 *
 * @param {Page} page
 * @param {string} method
 * @param {unknown} [argument]
 * @param {string} [selector]
 */
export const call = (page, method, argument, selector = "half-link") =>
  page.evaluate(
    ([selector, method, argument]) =>
      /** @type {any} */ (document.querySelector(`${selector}`))[`${method}`](argument),
    [selector, method, argument],
  );

/** @param {string} text */
export const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
