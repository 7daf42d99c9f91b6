// @ts-check
/** Saved texts and links, opened again. */
import assert from "node:assert/strict";
import test from "node:test";
import { FILE_MAX, hashIn, openFiles, readText } from "../../www/panels/open-file.js";

/**
 * What a page does with a file.
 *
 * @param {File[]} files
 */
async function opened(files) {
  /** @type {string[]} */
  const done = [];
  const say = (/** @type {string} */ what) => (/** @type {string} */ words) =>
    void done.push(`${what}: ${words}`);
  await openFiles(files, {
    check: (text) =>
      text.startsWith("halflink 1")
        ? []
        : [
            {
              line: 1,
              column: 1,
              length: 1,
              fact: { kind: "expected", what: "first-statement", found: "end", guess: "none" },
            },
          ],
    open: async (text) => say("open")(text),
    follow: say("follow"),
    notice: say("notice"),
  });
  return done;
}

test("a text is opened, a link is followed, anything else is told", async () => {
  const file = (/** @type {BlobPart} */ content) => new File([content], "a.halflink");
  assert.deepEqual(await opened([file("halflink 1\n")]), ["open: halflink 1\n"]);
  assert.deepEqual(await opened([file("#2.ab&t=3\n")]), ["follow: #2.ab&t=3"]);
  assert.deepEqual(await opened([file("a diary")]), [
    "notice: a.halflink does not open: 1:1 expected `halflink 1` as the first statement, " +
      "found the end of the line",
  ]);
  assert.deepEqual(await opened([file(new Uint8Array([0xff, 0xd8, 0xff]))]), [
    "notice: a.halflink does not open: it is no text in UTF-8 or UTF-16",
  ]);
  // As the editors of some systems save it.
  for (const [mark, at] of /** @type {const} */ ([
    [[0xff, 0xfe], 0],
    [[0xfe, 0xff], 1],
  ])) {
    const units = [..."halflink 1\n→"].flatMap((one) => {
      const code = one.charCodeAt(0);
      return at ? [code >> 8, code & 255] : [code & 255, code >> 8];
    });
    assert.deepEqual(await opened([file(new Uint8Array([...mark, ...units]))]), [
      "open: halflink 1\n→",
    ]);
  }
  assert.deepEqual(await opened([file("a"), file("b")]), [
    "notice: 2 files at once: one at a time can be opened.",
  ]);
  assert.deepEqual(await opened([]), []);
});

test("a file that is too large is not read", async () => {
  let read = false;
  const huge = /** @type {File} */ (
    /** @type {unknown} */ ({
      name: "huge.iso",
      size: FILE_MAX + 1,
      arrayBuffer: async () => (read = true),
    })
  );
  assert.deepEqual(await opened([huge]), [
    "notice: huge.iso does not open: it has 131,073 bytes, " +
      "and no scenario has more than 131,072",
  ]);
  assert.equal(read, false);
  const gone = /** @type {File} */ (
    /** @type {unknown} */ ({
      name: "folder",
      size: 0,
      arrayBuffer: () => Promise.reject(new Error("NotFoundError")),
    })
  );
  await assert.rejects(readText(gone), /it cannot be read/);
});

test("a link alone is a link, and a text with one in it is not", () => {
  for (const [text, hash] of /** @type {const} */ ([
    ["#2.ab", "#2.ab"],
    ["https://x.org/h/?a=1#raid-10&t=3\n", "#raid-10&t=3"],
    ["<https://x.org/#2.ab\r\ncd>\n", "#2.ab\r\ncd>"],
    ["# 2 comments", null],
    ["#2.ab is a link", null],
    ['halflink 1\nsource "https://x.org/#2.ab"', null],
    ["", null],
  ]))
    assert.equal(hashIn(text), hash, text);
});
