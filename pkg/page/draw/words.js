// @ts-check
/**
 * Sentences, made of facts. The engine says what is so, as objects and numbers; a catalogue says it
 * in a language. `src/words.rs` reads the same catalogue natively, by the same rules:
 *
 * - `{name}` is an argument as it is, `{n, number}` a grouped number, `{at, time}` a moment of the
 *   run and `{wait, span}` a length of time, both of microseconds;
 * - `{n, plural, =0 {none} one {# write} other {# writes}}` and `{role, select, leader {…} other {…}}`
 *   are ICU's; `#` is the number, or how long a list is;
 * - `{part, part}`, `{parts, parts}`, `{lane, lane}`, `{from, replica}` and `{who, replicas}` are
 *   numbers of the plan's, said by name;
 * - `{why, tell}` is a fact within the fact, or the name of one, told in the room of the argument's
 *   name, and `{why, tell, cause}` in that room; `{drops, list, drop}` is a list of such,
 *   `{names, or}` a list of which one is meant, and `{failed, row, fails}` one without an "and";
 *   `{rounds, each, gossip}` are facts with nothing between them but what they say themselves.
 *
 * A fact of kind `gray` in the room `cause` is told by the template `cause.gray`; one without a kind
 * by the template that bears the room's name.
 */
import en from "../../words/en.json" with { type: "json" };

/** @typedef {{parts: readonly {name: string}[], lanes: readonly {name: string}[],
 *   replicas: readonly {name: string}[]}} Names what a plan calls its things */
/** @typedef {Record<string, unknown>} Args */
/** @typedef {string|null|{name: string, form: string, detail: string, cases: Map<string, Piece[]>}} Piece
 *   `null` is `#` */

/** How a list may be joined: what stands before its last is `list.FORM`, else `list.comma`. */
const JOINED = ["list", "or", "row"];

/**
 * The key of the sentence that tells a fact in a room.
 *
 * @param {string} room
 * @param {unknown} fact
 */
function keyOf(room, fact) {
  if (typeof fact !== "object" || !fact) return `${room}.${fact}`;
  const { kind } = /** @type {Args} */ (fact);
  return kind === undefined ? room : `${room}.${kind}`;
}

export class Catalogue {
  /** @type {Intl.PluralRules|undefined} */
  #plurals;
  /** @type {Map<string, Intl.NumberFormat>} */
  #numbers = new Map();
  /** @type {Map<string, Piece[]>} */
  #parsed = new Map();

  /** @param {Record<string, string>} templates of English, or of the language that they name */
  constructor(templates) {
    this.templates = templates;
  }

  get language() {
    return this.templates["page.language"] ?? "en-GB";
  }

  // What a browser knows of a language's numbers takes 20 ms to come, so it comes when it is needed:
  // a first view in English, which is inside, does without.

  get isInside() {
    return "list.row" in this.templates && !("page.language" in this.templates);
  }

  /** @param {number} number */
  plural(number) {
    this.#plurals ??= new Intl.PluralRules(this.language);
    return this.#plurals.select(number);
  }

  /**
   * A number as the language writes it: "1,234.5".
   *
   * @param {number} number
   * @param {number} [most] digits behind the point
   * @param {number} [least] of these
   * @param {number} [whole] digits before it, at least
   */
  number(number, most = 0, least = most, whole = 1) {
    if (this.isInside && number >= 0 && number < 999) {
      const [before, after = ""] = number.toFixed(most).split(".");
      const rest = after.slice(0, least) + after.slice(least).replace(/0+$/, "");
      return before.padStart(whole, "0") + (rest && `.${rest}`);
    }
    const key = `${[most, least, whole]}`;
    const known =
      this.#numbers.get(key) ??
      new Intl.NumberFormat(this.language, {
        maximumFractionDigits: most,
        minimumFractionDigits: least,
        minimumIntegerDigits: whole,
      });
    this.#numbers.set(key, known);
    return known.format(number);
  }

  /** @param {number} at_us "1:04", or "1:04.5" where there are tenths */
  time(at_us) {
    const tenths = Math.floor(at_us / 100_000);
    return `${this.minutes(Math.floor(tenths / 600))}:${this.number((tenths % 600) / 10, 1, 0, 2)}`;
  }

  /** @param {number} minutes "4", or "1:04" where there are hours */
  minutes(minutes) {
    if (minutes < 60) return this.number(minutes);
    return `${this.number(Math.floor(minutes / 60))}:${this.number(minutes % 60, 0, 0, 2)}`;
  }

  /** @param {number} span_us "40 ms", "1.4 s" */
  span(span_us) {
    const ms = Math.floor(span_us / 1_000);
    return ms < 1_000
      ? this.say("span.ms", { n: this.number(ms) })
      : this.say("span.s", { n: this.number(Math.floor(ms / 100) / 10, 1) });
  }

  /**
   * @param {readonly string[]} items
   * @param {string} [form]
   */
  listed(items, form = "row") {
    const first = items.slice(0, -1).join(this.say("list.comma"));
    const [last = ""] = items.slice(-1);
    return first ? this.say(`list.${form}`, { first, last }) : last;
  }

  /**
   * A fact in words: by the template of its kind in that room, or of the room if it has no kind.
   *
   * @param {string} room
   * @param {unknown} fact the name of one, or an object with its arguments
   * @param {Names} [names]
   * @returns {string}
   */
  tell(room, fact, names) {
    const args = typeof fact === "object" && fact ? /** @type {Args} */ (fact) : undefined;
    return this.say(keyOf(room, fact), args, names);
  }

  /**
   * A template in words.
   *
   * @param {string} key
   * @param {Args} [args]
   * @param {Names} [names]
   * @returns {string}
   */
  say(key, args = {}, names) {
    let pieces = this.#parsed.get(key);
    if (!pieces) {
      pieces = parse(this.templates[key] ?? key);
      this.#parsed.set(key, pieces);
    }
    return this.render(pieces, args, names, "");
  }

  /**
   * @param {readonly Piece[]} pieces
   * @param {Args} args
   * @param {Names|undefined} names
   * @param {string} number what `#` stands for
   * @returns {string}
   */
  render(pieces, args, names, number) {
    return pieces
      .map((piece) => {
        if (typeof piece === "string") return piece;
        if (piece === null) return number;
        const { name, form, detail, cases } = piece;
        const value = args[name];
        if (form === "plural") {
          const count = Number(Array.isArray(value) ? value.length : value);
          const chosen = cases.get(`=${count}`) ?? cases.get(this.plural(count));
          return this.render(chosen ?? cases.get("other") ?? [], args, names, this.number(count));
        }
        if (form === "select") {
          return this.render(
            cases.get(`${value}`) ?? cases.get("other") ?? [],
            args,
            names,
            number,
          );
        }
        if (form === "tell") {
          const room = detail || name;
          // What comes late is left out until it is there.
          return keyOf(room, value) in this.templates ? this.tell(room, value, names) : "…";
        }
        if (form === "time" && typeof value === "number") return this.time(value);
        if (form === "span" && typeof value === "number") return this.span(value);
        if (form === "number") return this.number(Number(value));
        const one = (/** @type {unknown} */ part) => {
          const kind = /** @type {keyof Names} */ (form.endsWith("s") ? form : `${form}s`);
          if (JOINED.includes(form)) return detail ? this.tell(detail, part, names) : `${part}`;
          return names?.[kind]?.[Number(part)]?.name ?? `${part}`;
        };
        if (form === "each")
          return /** @type {unknown[]} */ (value)
            .map((part) => this.tell(detail, part, names))
            .join("");
        return Array.isArray(value)
          ? this.listed(value.map(one), JOINED.includes(form) ? form : "list")
          : form
            ? one(value)
            : `${value}`;
      })
      .join("");
  }
}

/**
 * @param {string} template
 * @returns {Piece[]}
 */
function parse(template) {
  let at = 0;
  /** @param {boolean} inner within the braces of a case */
  const pieces = (inner, counted = false) => {
    /** @type {Piece[]} */
    const found = [];
    let text = "";
    const flush = () => {
      if (text) found.push(text);
      text = "";
    };
    for (; at < template.length && !(inner && template[at] === "}"); at += 1) {
      if (template[at] === "{") {
        flush();
        at += 1;
        found.push(argument());
      } else if (counted && template[at] === "#") {
        flush();
        found.push(null);
      } else {
        text += template[at];
      }
    }
    flush();
    return found;
  };
  const word = () => {
    const start = at;
    while (!/[,{}]/.test(template[at] ?? "}")) at += 1;
    return template.slice(start, at).trim();
  };
  const argument = () => {
    /** @type {Exclude<Piece, string|null>} */
    const piece = { name: word(), form: "", detail: "", cases: new Map() };
    const next = () => {
      const more = template[at] === ",";
      if (more) at += 1;
      return more;
    };
    if (next()) piece.form = word();
    const has_cases = piece.form === "plural" || piece.form === "select";
    if (next()) {
      if (!has_cases) piece.detail = word();
      while (has_cases && template[at] !== "}" && at < template.length) {
        const name = word();
        if (template[at] !== "{") break;
        at += 1;
        piece.cases.set(name, pieces(true, piece.form === "plural"));
        at += 1;
        while (template[at] === " ") at += 1;
      }
    }
    return piece;
  };
  return pieces(false);
}

/**
 * The packed embed has this module twice, in its first script and in the one that comes late: what
 * one of them learns, both know.
 */
const shared = /** @type {{halflinkWords?: Record<string, string>}} */ (globalThis);
shared.halflinkWords ??= { ...en };
const spoken = new Catalogue(shared.halflinkWords);

/**
 * What is known already stays: in another language, English stands only where that says nothing.
 *
 * @param {Record<string, string>} late sentences in English that no first view needs
 */
export const learn = (late) =>
  void Object.assign(spoken.templates, { ...late, ...spoken.templates });

/** @param {Record<string, string>} words of another language, before anything is said */
export const speakBy = (words) => void Object.assign(spoken.templates, words);

/** @type {Catalogue["say"]} */
export const say = (key, args, names) => spoken.say(key, args, names);

/** @type {Catalogue["tell"]} */
export const tell = (room, fact, names) => spoken.tell(room, fact, names);

/** @type {Catalogue["number"]} */
export const number = (value, most, least, whole) => spoken.number(value, most, least, whole);

/** @type {Catalogue["minutes"]} */
export const minutes = (count) => spoken.minutes(count);

/** @param {readonly string[]} names "n1, n2 and n3" */
export const listed = (names) => spoken.listed(names, "list");

/** @param {readonly string[]} names "n1, n2, n3" */
export const inRow = (names) => spoken.listed(names);

/** @param {readonly string[]} sentences one after the other */
export const sentences = (sentences) => sentences.join(say("list.gap"));

/** True in English, which needs nothing to be loaded. */
export const isInside = () => spoken.isInside;

/** @param {string} key */
export const isSaid = (key) => key in spoken.templates;
