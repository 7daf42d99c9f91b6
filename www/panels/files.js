// @ts-check
/** Files that are dropped on the page, or chosen. */
import { late } from "../run/late.js";
import { say } from "../draw/page-words.js";

const loadFiles = late(() => import("./open-file.js"));

/**
 * Opens what is dropped on the page.
 *
 * @param {Pick<import("./acting.js").Commands, "told"|"notice">} commands
 * @param {(text: string) => Promise<unknown>} open
 * @returns {() => Promise<void>} lets the reader choose a file
 */
export function files({ told, notice }, open) {
  const page = {
    open,
    check: (/** @type {string} */ text) => told().engine.check(text),
    follow: (/** @type {string} */ hash) => {
      location.hash = hash;
    },
    notice,
  };
  const failed = (/** @type {unknown} */ error) =>
    notice(say("late.files", { error: String(error) }));
  for (const sign of ["dragover", "drop"]) {
    window.addEventListener(sign, (event) => {
      const { dataTransfer } = /** @type {DragEvent} */ (event);
      if (!dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      // Behind a dialog nobody would see what became of it.
      if (sign === "dragover" || document.querySelector("dialog[open]")) return;
      const dropped = [...dataTransfer.files];
      loadFiles()
        .then(({ openFiles }) => openFiles(dropped, page))
        .catch(failed);
    });
  }
  return () =>
    loadFiles()
      .then(async ({ chooseFile, openFiles }) => {
        const file = await chooseFile();
        if (file) await openFiles([file], page);
      })
      .catch(failed);
}
