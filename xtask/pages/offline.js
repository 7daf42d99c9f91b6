// @ts-check
/**
 * After its first view the page asks for what it may load later, to work without a network from then
 * on. A page in a frame does not: it is a guest there. Where a browser refuses, nothing is lost.
 */
async function keep() {
  const { connection } = /** @type {{connection?: {saveData: boolean}}} */ (navigator);
  if (self !== top || connection?.saveData) return;
  // Else a browser may take an old worker from what it keeps.
  await navigator.serviceWorker.register("worker.js", { updateViaCache: "none" });
}

const begin = () => keep().catch(() => {});
if (document.readyState === "complete") begin();
else addEventListener("load", begin);
