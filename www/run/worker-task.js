// @ts-check
/** What is played apart from the page, in a worker: begun, told of, and ended when nobody wants it. */

/** @typedef {import("../worker.js").SetsTask | import("../worker.js").ShrinkTask} Task */

export class WorkerTask {
  /** @param {(message: any) => void} told what the worker tells; see `worker.js` */
  constructor(told) {
    this.told = told;
    /** @type {Worker|null} */
    this.worker = null;
  }

  get isRunning() {
    return this.worker !== null;
  }

  /** @param {Task} task */
  begin(task) {
    this.end();
    // Beside the page, wherever this module is put.
    const worker = new Worker(new URL("worker.js", document.baseURI), { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }) => {
      if (worker !== this.worker) return;
      if (data.kind === "done" || data.kind === "failed") this.end();
      this.told(data);
    };
    worker.onerror = (event) => {
      if (worker !== this.worker) return;
      this.end();
      this.told({ kind: "failed", why: null, error: event.message ?? "" });
    };
    worker.postMessage(task);
  }

  /** Whatever it has not told is gone. */
  end() {
    this.worker?.terminate();
    this.worker = null;
  }
}
