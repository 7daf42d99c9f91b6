// @ts-check
/**
 * The text between the tags of an element, as it was before blogs and editors had it: they wrap lines
 * into paragraphs, break them by `<br>`, make headings of comments and links of addresses, and put
 * letters there that nobody sees. What they make of quotes and arrows the engine reads as it is
 * (`src/scenario/spelling.rs`).
 */

/** What stands there for readers, and is no text of the scenario. */
const NOT_TEXT = ["svg", "figure", "picture", "img", "template", "style", "noscript", "[slot]"];
/** What begins a line, and ends one. */
const LINES =
  /^(?:p|div|pre|li|ul|ol|tr|table|blockquote|section|article|h[1-6]|dl|dt|dd|center|figure)$/;

/**
 * As much of the element as is the scenario's: a `<pre>` or a script of text, or else all of it.
 *
 * @param {Element} element
 */
function written(element) {
  const own = element.querySelector("script[type^='text/halflink'], pre, textarea");
  return own ?? element;
}

/** Where a tag breaks a line. It is no letter of any text. */
const BREAK = "\ufdd0";

/** @param {Node} node @param {string[]} pieces */
function read(node, pieces) {
  for (const child of node.childNodes) {
    if (child.nodeType === 3) pieces.push(child.textContent ?? "");
    if (child.nodeType !== 1) continue;
    const element = /** @type {Element} */ (child);
    const name = element.localName;
    if (element.matches(NOT_TEXT.join())) continue;
    if (name === "script" && !element.getAttribute("type")?.startsWith("text/halflink")) continue;
    const ends = name === "br" || LINES.test(name) ? BREAK : "";
    pieces.push(ends);
    // A line that begins with `#` is a heading to Markdown.
    if (/^h[1-6]$/.test(name)) pieces.push("# ");
    read(element, pieces);
    pieces.push(ends);
  }
}

/**
 * @param {Element} element
 * @returns {string} "" if there is none
 */
export function pastedText(element) {
  /** @type {string[]} */
  const pieces = [];
  const own = written(element);
  read(own, pieces);
  return (
    pieces
      .join("")
      .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
      .replace(/\r\n?|[\u2028\u2029]/g, "\n")
      .replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, " ")
      // Around a tag that breaks a line, the lines of the page's source are none.
      .replace(/\s*\ufdd0[\s\ufdd0]*/g, "\n")
      .split("\n")
      .map((line) => line.trim())
      .join("\n")
      .trim()
      .replace(/.$/s, "$&\n")
  );
}
