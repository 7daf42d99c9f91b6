// The site as the plainest of hosts serves it: the right types, and no other header. And a post of
// somebody else's that embeds a run of it, on an origin of its own.
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LANGUAGE, PSEUDO, filled } from "./pseudo.js";

export const TYPES = new Map(
  Object.entries({
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
  }),
);

/**
 * @param {(path: string) => Promise<{status?: number, headers?: Record<string, string>,
 *   body: string | Buffer}>} answer
 */
export async function serve(answer) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://x").pathname;
    asked.push(path);
    const {
      status = 200,
      headers,
      body,
    } = await answer(path).catch(() => ({ status: 404, headers: {}, body: "Not found" }));
    response.writeHead(status, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { address: `http://127.0.0.1:${port}/`, asked, close };
}

/**
 * @param {{missing?: string, policy?: string}} [flaws] missing: a file that is not there; policy: a
 *   Content-Security-Policy that the host sends with pages
 */
export function plainHost({ missing, policy } = {}) {
  return serve(async (path) => {
    const name = path === "/" ? "/index.html" : path;
    if (missing && name.endsWith(missing)) throw new Error("it is missing");
    const folder = /^\/(pkg|words)\//.test(name) ? "../.." : "../../www";
    const file = await readFile(new URL(`${folder}${name}`, import.meta.url));
    const words = new URL("../../words/en.html.json", import.meta.url);
    const body = name.endsWith(".html")
      ? filled(file.toString(), JSON.parse(await readFile(words, "utf8")), PSEUDO ? LANGUAGE : "")
      : file;
    /** @type {Record<string, string>} */
    const headers = { "content-type": TYPES.get(extname(name)) ?? "application/octet-stream" };
    if (policy && name.endsWith(".html")) headers["content-security-policy"] = policy;
    return { headers, body };
  });
}

/** The site as it leaves the house: `cargo xtask test` makes one, and so does `cargo xtask dist`. */
export const SITE =
  process.env.HALFLINK_SITE ?? fileURLToPath(new URL("../../dist", import.meta.url));

/**
 * That site. Its folders are answered with their page, and without a slash with the way there, as
 * all static hosts do.
 *
 * @param {{under?: string, policy?: string, missing?: string,
 *   changed?: (path: string, body: Buffer) => Buffer|string}} [host] under: the folder in which it
 *   stands, "/halflink/"; policy: of all that is sent; missing: a file that is not there; changed:
 *   what is sent in place of a file
 */
export async function siteHost({ under = "/", policy, missing, changed } = {}) {
  const host = await serve(async (path) => {
    const inside = path.startsWith(under) ? path.slice(under.length) : null;
    if (inside === null || (missing && inside.endsWith(missing))) throw new Error("no such file");
    const file = join(SITE, decodeURIComponent(inside));
    const is_folder = (await stat(file)).isDirectory();
    if (is_folder && !path.endsWith("/")) {
      return { status: 301, headers: { location: `${path}/` }, body: "" };
    }
    const name = is_folder ? join(file, "index.html") : file;
    /** @type {Record<string, string>} */
    const headers = { "content-type": TYPES.get(extname(name)) ?? "application/octet-stream" };
    if (policy) headers["content-security-policy"] = policy;
    const body = await readFile(name);
    return { headers, body: changed?.(inside, body) ?? body };
  });
  return { ...host, address: host.address + under.slice(1) };
}

/** @param {string} snippet */
export function blog(snippet) {
  const body = `<!doctype html><html lang="en"><title>A post</title><link rel="icon" href="data:,">
<style>body { max-width: 640px; margin: 20px auto; font: 16px serif; }</style>
<p>Words before.</p>${snippet}<p>Words after.</p>`;
  return serve(async () => ({ headers: { "content-type": "text/html; charset=utf-8" }, body }));
}
