// @ts-check
/**
 * Keeps what the page may load, for when there is no network. A build's files belong together, so
 * they are asked for together and each is held against its digest: all of them are kept, or none.
 * What is kept is answered until no window shows it any more; then the next build's takes over.
 *
 * `xtask/src/offline.rs` writes above this what there is to keep.
 */

/** @typedef {{version: string, files: [path: string, integrity: string][]}} Kept path: "" is the page */

const worker = /** @type {any} what a worker's scope has besides a window's */ (
  /** @type {unknown} */ (self)
);
/** @type {Kept} */
const { version, files } = worker.kept;
/** @type {string} */
const scope = worker.registration.scope;
/** A host may have other sites beside this one, with caches of their own. */
const prefix = `halflink ${scope} `;
const current = prefix + version;

async function keep() {
  // Another worker of the same build may answer from it already.
  const wasThere = await caches.has(current);
  const cache = await caches.open(current);
  try {
    await Promise.all(files.map((file) => keepOne(cache, file)));
  } catch (error) {
    if (!wasThere) await caches.delete(current);
    throw error;
  }
}

/**
 * @param {Cache} cache
 * @param {Kept["files"][number]} file
 */
async function keepOne(cache, [path, integrity]) {
  const address = new URL(path, scope).href;
  const response = await fetch(address, { cache: "no-cache", integrity });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  // A page may not be answered with what a host has sent elsewhere first.
  const plain = response.redirected ? new Response(await response.blob(), response) : response;
  await cache.put(address, plain);
}

/** From now on it answers, also the page that has asked for it, which mostly is of the same build. */
async function takeOver() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(prefix) && name !== current);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request} request */
async function answer(request) {
  const { origin, pathname } = new URL(request.url);
  const cache = await caches.open(current);
  const address = origin + pathname.replace(/\/index\.html$/, "/");
  return (await cache.match(address, { ignoreVary: true })) ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(scope)) event.respondWith(answer(request));
});
