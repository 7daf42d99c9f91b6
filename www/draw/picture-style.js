// @ts-check
/**
 * Of the page's style sheets, what a still figure needs: the rules that meet something in it, with
 * the theme's colours in place of their names, so that a viewer need not know custom properties.
 */

/** @typedef {{selectors: string[], declarations: [string, string][]}} Rule */

/** What says how a shape or a word looks. All else places boxes on a page. */
export const LOOKS =
  /^(fill|stroke|opacity|paint-order|font|text-anchor|letter-spacing|display|transform)/;

/** What only a figure by itself has. */
const OWN = `
.picture { font-family: Inter, "Noto Sans", system-ui, sans-serif; }
.picture-ground { fill: var(--panel); }
.picture-title { font-size: 15px; font-weight: 700; fill: var(--ink); }
.picture-run { font-size: 12px; fill: var(--soft); }`;

/**
 * The style of a picture.
 *
 * @param {Element} root
 * @param {string} css
 * @param {"light"|"dark"|"auto"} theme
 */
export function rulesFor(root, css, theme) {
  const rules = rulesOf(css + OWN);
  const colours = (/** @type {boolean} */ dark) =>
    new Map(
      rules
        .filter(({ selectors }) => selectors.includes(":root"))
        .flatMap(({ declarations }) => declarations.filter(([name]) => name.startsWith("--")))
        .map(([name, value]) => [name, themed(value, dark)]),
    );
  const looks = rules.flatMap(({ selectors, declarations }) => {
    const wanted = declarations.filter(([name]) => LOOKS.test(name));
    const met = wanted.length ? selectors.filter((selector) => meets(root, selector)) : [];
    return met.length ? [{ selectors: met, declarations: wanted }] : [];
  });
  const sheet = (/** @type {boolean} */ dark) => {
    const named = colours(dark);
    return looks
      .map(({ selectors, declarations }) => {
        const said = declarations.map(([name, value]) => `${name}:${resolved(value, named)}`);
        return `${selectors.join(",")}{${said.join(";")}}`;
      })
      .join("\n");
  };
  if (theme !== "auto") return sheet(theme === "dark");
  // The whole sheet again: were it the colours alone, they would come after what overrides them.
  return `${sheet(false)}\n@media (prefers-color-scheme:dark){\n${sheet(true)}\n}`;
}

/**
 * A value as one theme has it: of `light-dark(#fff, #000)` the one or the other.
 *
 * @param {string} value
 * @param {boolean} dark
 */
function themed(value, dark) {
  return value.replace(/light-dark\(([^,()]+),([^,()]+)\)/g, (_, light, other) =>
    (dark ? other : light).trim(),
  );
}

/** What was read last: of a film each frame has the same sheet. @type {[string, Rule[]]} */
let last = ["", []];

/** @param {string} css */
function rulesOf(css) {
  if (last[0] !== css) last = [css, parsed(css)];
  return last[1];
}

/**
 * The rules of style sheets as ours are written: no strings with braces, and nothing in a media
 * query but rules. None of these tells how a figure looks.
 *
 * @param {string} css
 * @returns {Rule[]}
 */
export function parsed(css) {
  const text = css.replace(/\/\*.*?\*\//gs, "");
  /** @type {Rule[]} */
  const rules = [];
  for (const [, list, body] of text.matchAll(
    /@[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|([^{}@]+)\{([^{}]*)\}/g,
  )) {
    if (list !== undefined) rules.push(rule(list, body));
  }
  return rules;
}

/**
 * @param {string} list of selectors
 * @param {string} body
 * @returns {Rule}
 */
function rule(list, body) {
  const declarations = body
    .split(";")
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => {
      const [, name, value] = /^([^:]+):(.*)$/s.exec(one) ?? ["", one, ""];
      return /** @type {[string, string]} */ ([name.trim(), plain(value.trim())]);
    });
  return { selectors: separated(list), declarations };
}

/**
 * The selectors of a list, cut at its own commas and not at those in brackets.
 *
 * @param {string} list
 */
function separated(list) {
  return list.split(/,(?![^(]*\))/).map((one) => one.trim().replace(/\s+/g, " "));
}

/**
 * True if a selector is met at rest by something in the picture: nobody points at a still figure.
 *
 * @param {Element} root
 * @param {string} selector
 */
export function meets(root, selector) {
  if (/:(hover|focus|root|has|active)|::|^\*$|^(html|body)\b/.test(selector)) return false;
  return root.matches(selector) || root.querySelector(selector) !== null;
}

/**
 * How much a selector weighs, as far as ours differ.
 *
 * @param {string} selector
 */
const weight = (selector) =>
  (selector.match(/#[\w-]+/g) ?? []).length * 100 +
  (selector.match(/[.[]|:(?!is|not|where)/g) ?? []).length * 10 +
  (selector.match(/(?:^|[\s>+~])[a-z]/g) ?? []).length;

/**
 * The rules of a sheet that something in the picture meets, each for one selector, the weightiest
 * last: for who says looks on the elements themselves.
 *
 * @param {Element} root
 * @param {string} css
 */
export function met(root, css) {
  return parsed(css)
    .flatMap(({ selectors, declarations }, order) =>
      selectors.map((selector) => ({ selector, order, weight: weight(selector), declarations })),
    )
    .filter(({ selector }) => meets(root, selector))
    .sort((one, other) => one.weight - other.weight || one.order - other.order);
}

/**
 * A value as it is written whether or not the sheet was made small: "#fff" in full, ".9" for "0.9".
 *
 * @param {string} value
 */
function plain(value) {
  return value
    .replace(/#([0-9a-f])([0-9a-f])([0-9a-f])\b/gi, "#$1$1$2$2$3$3")
    .replace(/(^|[\s(,-])0\.(\d)/g, "$1.$2")
    .replace(/\s+/g, " ");
}

/**
 * @param {string} value
 * @param {Map<string, string>} colours
 */
function resolved(value, colours) {
  return value.replace(/var\((--[\w-]+)\)/g, (_, name) => {
    const colour = colours.get(name);
    if (colour === undefined) throw new Error(`the page has no colour ${name}`);
    return colour;
  });
}
