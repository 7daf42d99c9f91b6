// @ts-check
/**
 * An address as it was before chats, mails, blogs and editors had it: they escape letters, spell `&`
 * as `&amp;`, break lines, put better-looking dashes, and glue on what stood around it. The command
 * line does the same in `src/scenario/link/pasted.rs`; `tests/links/forgiven.txt` is the table of
 * both. It is loaded only for addresses that need it.
 */

/** What was escaped may have been escaped again. */
const ROUNDS = 4;
/** Marks that end a sentence or dress a word, and no link. */
const GLUED = ".,;:!?*~/+%\u2026";
/** A blog's entities, as far as they can stand in an address or at its end. */
const ENTITIES = new Map(
  Object.entries({
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: " ",
    shy: "",
    zerowidthspace: "",
    lrm: "",
    rlm: "",
    zwj: "",
    zwnj: "",
    ndash: "\u2013",
    mdash: "\u2014",
    minus: "\u2212",
    hyphen: "-",
    dash: "-",
    times: "\u00d7",
    hellip: "\u2026",
    equals: "=",
    num: "#",
    lowbar: "_",
    period: ".",
    colon: ":",
    comma: ",",
    plus: "+",
    sol: "/",
    percnt: "%",
    quest: "?",
    lpar: "(",
    rpar: ")",
    lsqb: "[",
    rsqb: "]",
    bsol: "\\",
    tilde: "~",
    lsquo: "\u2018",
    rsquo: "\u2019",
    ldquo: "\u201c",
    rdquo: "\u201d",
    laquo: "\u00ab",
    raquo: "\u00bb",
  }),
);

/** @param {number} code */
const letter = (code) => (code <= 0x10ffff ? String.fromCodePoint(code) : "");

/**
 * Takes one layer of escapes off.
 *
 * @param {string} text
 */
function unescaped(text) {
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => letter(wide.charCodeAt(0) - 0xfee0))
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        // Not escaped by anybody who knew how: whoever reads it says what is wrong with it.
        return run;
      }
    })
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,14}));/gi, (all, decimal, hex, name) =>
      name
        ? (ENTITIES.get(name.toLowerCase()) ?? all)
        : letter(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, four, two) =>
      letter(Number.parseInt(four ?? two, 16)),
    );
}

/** Letters that nobody sees: soft hyphens, joiners, marks of direction, variants, and controls. */
const UNSEEN = new RegExp(
  "[\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u180e" +
    "\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\ufff9-\\ufffc]",
  "g",
);
/** Where an address ends: quotes, brackets, another `#`, and letters that no address has but dashes. */
const END = /["'<>()[\]{}|`#\u00ab\u00bb\u0590-\u200f\u2016-\u2211\u2213-\uffff]/;

/**
 * @param {string} text
 * @param {string} marks
 */
function withoutEnd(text, marks) {
  // An expression that looks for the end would look for it from every mark on.
  let end = text.length;
  while (end > 0 && marks.includes(text[end - 1])) end -= 1;
  return text.slice(0, end);
}

/**
 * The name of a shipped scenario, and not what was glued to it; or a link, of which the engine
 * knows where it ends.
 *
 * @param {string} text
 */
function tidyLink(text) {
  const link = text.trim();
  if (!/^[a-z]/i.test(link)) {
    const [format, letters] = link.replace(/\s/g, "").split(".");
    return letters === undefined ? format : `${format}.${letters.split(/[,;:!*]/)[0]}`;
  }
  // A mail breaks lines, and what comes after a space is another word.
  const [name] = link
    .replace(/[\r\n]/g, "")
    .replace(/[\u2010-\u2013\u2212]/g, "-")
    .split(/[^\w.-]/);
  return withoutEnd(name, "-_.").toLowerCase();
}

/**
 * @param {string} text "t=0:15 and so on"
 */
function tidyOption(text) {
  const [name, ...values] = text.split("=");
  const key = name.replace(/\s/g, "").toLowerCase();
  if (!values.length) return name.trim().split(/\s/)[0].toLowerCase();
  const value = values.join("").trim();
  const joined = value.replace(/\s/g, "");
  const isWhole =
    !/[ \t\u00a0]/.test(value) ||
    /^[\d.:/]+$/.test(joined) ||
    (key === "compare" && value.includes(","));
  return `${key}=${isWhole ? joined : withoutEnd(value.split(/\s/)[0], GLUED)}`;
}

/**
 * The `#` of a link and what follows it, or else of the first `#` that begins no entity. A mail's guard
 * against bad addresses escapes the whole of one: there it is `%23`.
 *
 * @param {string} pasted
 * @returns {string|null}
 */
export function hashAmong(pasted) {
  const [, after] =
    /(?<!&)[#\uff03]([12]\..*)/s.exec(pasted) ??
    /(?<!&)[#\uff03](.*)/s.exec(pasted) ??
    /%(?:25)?23(.*)/s.exec(pasted) ??
    [];
  return after === undefined ? null : `#${after}`;
}

/**
 * What comes after the `#`, as it was.
 *
 * @param {string} hash
 */
export function tidy(hash) {
  let text = hash;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = text;
    text = unescaped(before);
    if (text === before) break;
  }
  const plain = text
    .replace(/^#[!/]*/, "")
    // A mail that is quoted, and one in quoted-printable.
    .replace(/=?[\r\n][ \t]*(?:>[ \t]*)+/g, "")
    .replace(/([&?]t=)\r?\n(?!=)/g, "$1")
    .replace(/=\r?\n/g, "")
    .replace(/=3D/gi, "=")
    .replace(/<\/?wbr ?\/?>/gi, "")
    .replace(UNSEEN, "")
    .replace(/\\/g, "");
  const found = plain.search(END);
  const whole = found < 0 ? plain : plain.slice(0, found);
  const [address] = whole.split(":~:");
  const [link, ...options] = withoutEnd(address.trimEnd(), GLUED).split(/[&?]/);
  const rest = options
    .map((option) => tidyOption(withoutEnd(option.trim(), GLUED)))
    .filter(Boolean);
  const first = tidyLink(withoutEnd(link.trim(), GLUED));
  // Of what is nothing but damage, whoever reads it says so.
  if (!first && !rest.length) return hash;
  return `#${[first, ...rest].join("&")}`;
}
