// @ts-check
/** The text between the tags, after blogs and editors had it: what is left must be the same run. */
import assert from "node:assert/strict";
import test from "node:test";
import { parseHTML } from "linkedom";
import { pastedText } from "../../www/run/pasted-text.js";
import { halflink } from "../support/wasm.js";

const engine = await halflink("production");

const PLAIN = `halflink 1
title   "A switch that half failed"
# Both ways, for a while.
plant   3 racks of 3 servers, 4 disks each
cluster etcd: raft on r1.s1 r2.s1 r3.s1
timing  heartbeat 100ms, election 1s..2s
seed    2020
write   every 300ms
at 0s   elect n3
at 10s  gray r1.tor-a drops n1 <-> n3
at 12s  cut n1 -> n2
at 20s  heal r1.tor-a
note 12s "Server 1 stops hearing. Server 2's link is fine."
run     60s
`;

/** @param {string} html */
const read = (html) =>
  pastedText(
    /** @type {Element} */ (
      parseHTML(`<body><half-link>${html}</half-link></body>`).document.querySelector("half-link")
    ),
  );

/** What a run of a text is: canonical, and down to its last packet. @param {string} text */
function runOf(text) {
  const run = new engine.Run(text);
  try {
    while (!run.advance(100_000));
    return { trace: run.strip().outcome?.trace_hash, notes: run.plan().notes.length };
  } finally {
    run.free();
  }
}

const escaped = PLAIN.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const lines = escaped.trim().split("\n");
/** Straight quotes made curly, as WordPress and phones do it. */
const curly = (/** @type {string} */ text) =>
  text.replaceAll(/"([^"\n]*)"/g, "“$1”").replaceAll("'", "’");

/** @type {Record<string, string>} */
const MANGLED = {
  "as it was typed": PLAIN,
  "with entities": escaped,
  "with entities of entities": escaped.replaceAll("&", "&amp;"),
  "in a <pre>": `<pre>${escaped}</pre>`,
  "in <pre><code>, with classes": `<pre class="x"><code class="y">${escaped}</code></pre>\n`,
  "in a script of text": `<script type="text/halflink">${PLAIN}</script>`,
  "with a poster": `<a href="x"><svg><text>n1</text></svg></a>${escaped}`,
  "by WordPress: a paragraph, breaks, curly quotes": `<p>${curly(lines.join("<br />\n"))}</p>\n`,
  "by WordPress: a paragraph a line": curly(lines.map((line) => `<p>${line}</p>`).join("\n")),
  "by an editor: a <div> a line, spaces that do not break": lines
    .map((line) => `<div>${line.replaceAll("  ", "&nbsp; ")}</div>`)
    .join(""),
  "by an editor: spans, and letters that nobody sees": lines
    .map((line) => `<p><span>\u200b${line.replace("at ", "at\u00a0")}</span>\ufeff</p>`)
    .join(""),
  "by Markdown: a comment is a heading":
    `<p>${lines.slice(0, 2).join("\n")}</p><h1>Both ways, for a while.</h1>` +
    `<p>${lines.slice(3).join("\n")}</p>`,
  "by a typographer: arrows": escaped.replaceAll("&lt;-&gt;", "↔").replaceAll("-&gt;", "→"),
  "by a typographer: dashes for arrows, an ellipsis": escaped
    .replaceAll("&lt;-&gt;", "&lt;–&gt;")
    .replaceAll("-&gt;", "—&gt;")
    .replaceAll("..", "…"),
  "with the ends of lines of another system": escaped.replaceAll("\n", "\r\n"),
  "by Word: arrows in a font of symbols": escaped
    .replaceAll("&lt;-&gt;", "<span style='font-family:Wingdings'>ó</span>")
    .replaceAll("-&gt;", "<span style='font-family:Wingdings'>à</span>"),
  "by Word: arrows of private use": escaped
    .replaceAll("&lt;-&gt;", "\uf0f3")
    .replaceAll("-&gt;", "\uf0e0"),
  "in two <pre>, where an empty line was": [lines.slice(0, 5), lines.slice(5)]
    .map((part) => `<pre>${part.join("\n")}</pre>`)
    .join("\n"),
  "with numbers before its lines": `<div class="highlight"><pre><code>${lines
    .map((line, at) => `<span class="line"><span class="ln">${at + 1}</span>${line}\n</span>`)
    .join("")}</code></pre></div>`,
  "with numbers of no class before its lines": `<pre><code>${lines
    .map((line, at) => `<span style="user-select:none;color:#777">${at + 1}</span>${line}\n`)
    .join("")}</code></pre>`,
  "with a column of numbers beside it": `<figure class="highlight"><table><tr>
    <td class="gutter"><pre>${lines.map((_, at) => at + 1).join("\n")}</pre></td>
    <td class="code"><pre>${escaped}</pre></td></tr></table></figure>`,
  "in a list": `<ul>${lines.map((line) => `<li>${line}</li>`).join("")}</ul>`,
};

for (const [how, html] of Object.entries(MANGLED)) {
  test(`the text survives ${how}`, () => {
    assert.deepEqual(runOf(read(html)), runOf(PLAIN));
  });
}

test("an address that an editor has made a link of stays an address", () => {
  const text = read(
    `<p>halflink 1<br>source "<a href="https://x.example/">https://x.example/</a>"`,
  );
  assert.equal(text, 'halflink 1\nsource "https://x.example/"\n');
});

test("what stands there for readers is no text of the scenario", () => {
  assert.equal(read("<figure>a</figure><noscript>b</noscript><style>c</style>\n  \n"), "");
  assert.equal(read('halflink 1<script>alert("x")</script><p slot="x">no</p>'), "halflink 1\n");
});

test("a letter that Word makes of an arrow is itself where words are", () => {
  const title = 'title "de n1 à n3"';
  assert.equal(read(`halflink 1\n${title}\nat 1s cut n1 à n3`).split("\n")[1], title);
});

for (const [how, html, line, column] of /** @type {const} */ ([
  ["in a paragraph", "<p>\n\nhalflink 1<br>plant 3 racks of 3 servers, 4 disks eech</p>", 2, 37],
  ["indented", "\n    halflink 1\n    plant 3 racks of 3 servers, 4 disks eech\n", 2, 41],
  ["after empty lines", "\n\n\nhalflink 1\nplant 3 racks of 3 servers, 4 disks eech\n", 4, 37],
  // A browser takes the first line's end from a `<pre>`, and this parser does not.
  ["in a <pre>", "\n<pre>\n\nhalflink 1\nplant 3 racks of 3 servers, 4 disks eech\n</pre>", 4, 37],
  [
    "in two <pre>",
    "<pre>halflink 1</pre>\n<pre>plant 3 racks of 3 servers, 4 disks eech</pre>",
    2,
    37,
  ],
  [
    "in a script of text",
    '<script type="text/halflink">\n\n  halflink 1\n  plant 3 racks of 3 servers, 4 disks eech',
    3,
    39,
  ],
])) {
  test(`an error is told where its author finds it: ${how}`, () => {
    const [error] = engine.check(read(html));
    assert.deepEqual([error.line, error.column], [line, column]);
  });
}
