// @ts-check
/** A text or a link that was saved is opened again: chosen as a file, or dropped on the page. */
import { html } from "../draw/dom.js";
import { diagnosticsInWords } from "../draw/diagnostics.js";
import { say } from "../draw/late-words.js";

/** Bytes; a link is the longest that can be opened. What a text may have, the engine says. */
export const FILE_MAX = 131_072;

/**
 * What a file holds. Throws words that say why it cannot be read.
 *
 * @param {File} file
 * @returns {Promise<string>}
 */
export async function readText(file) {
  if (file.size > FILE_MAX) {
    throw new Error(say("file.long", { size: file.size, most: FILE_MAX }));
  }
  const bytes = await file.arrayBuffer().catch(() => {
    throw new Error(say("file.unread"));
  });
  // Some editors save in UTF-16, and say so in the first two bytes.
  const [first, second] = new Uint8Array(bytes);
  const code =
    first === 0xff && second === 0xfe
      ? "utf-16le"
      : first === 0xfe && second === 0xff
        ? "utf-16be"
        : "utf-8";
  try {
    return new TextDecoder(code, { fatal: true }).decode(bytes);
  } catch {
    throw new Error(say("file.no-text"));
  }
}

/**
 * What follows the `#`, if the text is a link or an address and nothing else. A mail may have broken
 * it into lines.
 *
 * @param {string} text
 * @returns {string|null}
 */
export function hashIn(text) {
  const content = text.trim();
  if (!/^[<(]*(?:#\d|https?:[^\s#]*#)/.test(content)) return null;
  if (content.split(/\r?\n/).some((line) => /\s/.test(line.trim()))) return null;
  return content.slice(content.indexOf("#"));
}

/**
 * Lets the reader choose a file.
 *
 * @returns {Promise<File|null>} null if none was chosen
 */
export function chooseFile() {
  return new Promise((resolve) => {
    const input = /** @type {HTMLInputElement} */ (
      html("input", {
        type: "file",
        hidden: true,
        accept: ".halflink,.txt,text/plain",
        "aria-label": say("file.label"),
      })
    );
    const done = (/** @type {File|null} */ file) => {
      input.remove();
      resolve(file);
    };
    input.addEventListener("change", () => done(input.files?.[0] ?? null));
    input.addEventListener("cancel", () => done(null));
    document.body.append(input);
    input.click();
  });
}

/**
 * Opens what a file holds. What cannot be opened is told, and what runs stays.
 *
 * @param {readonly File[]} files
 * @param {{check: (text: string) => import("../pkg/facts.js").Diagnostic[],
 *   open: (text: string) => Promise<unknown>, follow: (hash: string) => void,
 *   notice: (words: string) => void}} page open: of a text; follow: of a link
 */
export async function openFiles(files, { check, open, follow, notice }) {
  const [file] = files;
  if (!file) return;
  if (files.length > 1) {
    notice(say("file.many", { count: files.length }));
    return;
  }
  try {
    const text = await readText(file);
    const hash = hashIn(text);
    if (hash) {
      follow(hash);
      return;
    }
    const errors = check(text);
    if (errors.length) throw new Error(diagnosticsInWords(errors));
    await open(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    notice(say("file.closed", { name: file.name, why }));
  }
}
