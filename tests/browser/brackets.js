/**
 * What the language of brackets leaves out of the browser tests: specs by name, and what they are
 * about instead of words and where they stand. `tests/page/pseudo.test.js` holds how many they are.
 *
 * @type {Record<string, string>}
 */
export const LEFT_OUT = {
  hostile: "how long one task may take; what it reads is read by other specs",
  language: "languages that it makes up itself",
  parity: "trace hashes",
  site: "the site as it leaves the house, in the languages that readers have",
  picture: "that Node, which speaks English, draws what the page draws",
  smoke: "what the host sends, and what the page loads",
};

/**
 * The specs that draw every panel and every menu, which `cargo xtask test` runs in the language of
 * brackets. All others that are not left out would take four times as long: they run with --large.
 */
export const DRAWN = [
  "compare",
  "generals",
  "groups",
  "impair",
  "names",
  "opening",
  "panel",
  "parts",
  "protocols",
  "pseudo",
  "radius",
  "readable",
  "rebuild",
  "requests",
  "databases",
  "traitors",
];
