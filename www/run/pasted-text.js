// @ts-check
/**
 * The text between the tags of an element, as it was before blogs and editors had it: they wrap lines
 * into paragraphs, break them by `<br>`, make headings of comments and links of addresses, and put
 * letters there that nobody sees. What they make of quotes and arrows the engine reads as it is
 * (`src/scenario/spelling.rs`).
 */

/** What stands there for readers, and is no text of the scenario. */
const NOT_TEXT = ["svg", "figure", "picture", "img", "template", "style", "noscript", "[slot]"];
/** The numbers that highlighters put before lines, or into a column beside them. */
const NUMBERS = [
  ".ln",
  ".lnt",
  ".lineno",
  ".linenos",
  ".linenodiv",
  ".line-number",
  ".line-numbers-rows",
  ".hljs-ln-numbers",
  ".gutter",
  "[style*='user-select:none']",
];
const LEFT_OUT = [...NOT_TEXT, ...NUMBERS].join();
/** What begins a line, and ends one. */
const LINES =
  /^(?:p|div|pre|li|ul|ol|tr|table|blockquote|section|article|h[1-6]|dl|dt|dd|center|figure)$/;

/** Where the text stands alone, the surest first. */
const OWN = ["script[type^='text/halflink']", "textarea", "pre"];

/**
 * As much of the element as is the scenario's: a script of text or each `<pre>`, or else all of it.
 *
 * @param {Element} element
 * @returns {readonly Element[]}
 */
function written(element) {
  for (const kind of OWN) {
    const own = [...element.querySelectorAll(kind)].filter((one) => {
      const beside = one.closest([...NUMBERS, "[slot]"].join());
      return !beside || beside === element || !element.contains(beside);
    });
    if (own.length) return own;
  }
  return [element];
}

/** What Word makes of arrows: letters that a font of symbols shows as such. */
const ARROWS = /** @type {const} */ ([
  [/(?<=\s)(?:<\u00e0|[\u00f3\uf0f3])(?=\s)/g, "<->"],
  [/(?<=\s)[\u00e0\uf0e0](?=\s)/g, "->"],
]);

/**
 * Outside of quotes those letters can mean nothing else.
 *
 * @param {string} line
 */
function withArrows(line) {
  const pieces = line.split(/("[^"]*"|“[^”]*”)/);
  return pieces
    .map((piece, index) =>
      index % 2 ? piece : ARROWS.reduce((said, [sign, arrow]) => said.replace(sign, arrow), piece),
    )
    .join("");
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
    if (element.matches(LEFT_OUT)) continue;
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
  for (const one of own) {
    if (pieces.length) pieces.push(BREAK);
    read(one, pieces);
  }
  const text = pieces
    .join("")
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, "")
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000]/g, " ")
    // Around a tag that breaks a line, the lines of the page's source are none.
    .replace(/^\s*\ufdd0[\s\ufdd0]*/, "")
    .replace(/\s*\ufdd0[\s\ufdd0]*/g, "\n")
    .trimEnd();
  // The first line is the one after the tag; of a `<pre>` the browser has seen to that. What else is
  // empty stays, so that lines and columns are told as the author counts them.
  const lines = /^(?:pre|textarea)$/.test(own[0].localName)
    ? text
    : text.replace(/^[^\S\n]*\n/, "");
  return (
    lines &&
    `${lines
      .split("\n")
      .map((line) => withArrows(line).trimEnd())
      .join("\n")}\n`
  );
}
