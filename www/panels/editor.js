// @ts-check
/**
 * The field that a text is written in: CodeMirror, which comes when the pane is opened, on the
 * language's own tokens.
 */
import { say } from "../draw/late-words.js";
import { completionsAt } from "./completion.js";
import { explainVerb } from "./verb-words.js";
import { declaredBy, tokensOf } from "./tokens.js";

/**
 * What is taken of the packages.
 *
 * @typedef {typeof import("halflink-editor")} CodeMirror
 * @typedef {import("@codemirror/view").EditorView} View
 * @typedef {import("@codemirror/state").Extension} Extension
 */
/** @typedef {import("../pkg/facts.js").Diagnostic} Diagnostic */
/** @typedef {{from: number, to: number, message: string}} Mark */
/** @typedef {{line: number, state: string}} Verdict how an expectation came out, at which line */

/**
 * @typedef {object} Options
 * @property {HTMLElement} parent
 * @property {string} label
 * @property {string} described the id of what describes it
 * @property {() => void} onInput
 * @property {() => void} onFormat
 * @property {(text: string) => Diagnostic[]} check
 * @property {() => readonly {name: string, kind: string}[]} parts of the run's plan
 */

/** Beyond so many characters a line is shown plain: nobody reads it, and colours cost time. */
const COLOURED_MAX = 5_000;
/** So much is compared before two texts are said to differ as a whole. */
const COMPARING = { scanLimit: 500, timeout: 100 };

/** Every end of a line as the editor has it. @param {string} text */
const withPlainEnds = (text) => text.replace(/\r\n?/g, "\n");

/**
 * Colours what is seen of a text, line by line.
 *
 * @param {CodeMirror} cm
 * @param {import("@codemirror/state").StateField<import("./tokens.js").Declared>} declared
 */
function colours({ Decoration, RangeSetBuilder, ViewPlugin }, declared) {
  /** @type {Map<string, import("@codemirror/view").Decoration>} */
  const looks = new Map();
  const look = (/** @type {string} */ kind) => {
    const known = looks.get(kind) ?? Decoration.mark({ class: `tok-${kind}` });
    looks.set(kind, known);
    return known;
  };
  const drawn = (/** @type {View} */ view) => {
    /** @type {import("@codemirror/state").RangeSetBuilder<import("@codemirror/view").Decoration>} */
    const builder = new RangeSetBuilder();
    let next = 0;
    for (const { from, to } of view.visibleRanges) {
      for (let at = Math.max(from, next); at <= to; at = next) {
        const line = view.state.doc.lineAt(at);
        next = line.to + 1;
        if (line.length > COLOURED_MAX) continue;
        for (const token of tokensOf(line.text, view.state.field(declared))) {
          builder.add(line.from + token.from, line.from + token.to, look(token.kind));
        }
      }
    }
    return builder.finish();
  };
  return ViewPlugin.define(
    (view) => ({
      decorations: drawn(view),
      update(update) {
        if (update.docChanged || update.viewportChanged) this.decorations = drawn(update.view);
      },
    }),
    { decorations: (plugin) => plugin.decorations },
  );
}

/**
 * Numbers beside lines, by what is to be said of the line.
 *
 * @param {CodeMirror} cm
 */
function numbering({
  GutterMarker,
  RangeSet,
  StateEffect,
  StateField,
  lineNumberMarkers,
  lineNumbers,
}) {
  const SIGNS = /** @type {Record<string, string>} */ ({ passed: "✓", failed: "✗", unknown: "…" });
  class LineMarker extends GutterMarker {
    /** @param {number} line @param {string} state */
    constructor(line, state) {
      super();
      this.line = line;
      this.state = state;
      this.elementClass = state === "wrong" ? "wrong" : `expect-${state}`;
    }

    /** @param {LineMarker} other @override */
    eq(other) {
      return this.line === other.line && this.state === other.state;
    }

    /** @override */
    toDOM() {
      const sign = SIGNS[this.state];
      return document.createTextNode(sign ? `${sign} ${this.line}` : String(this.line));
    }
  }
  /** @typedef {import("@codemirror/state").RangeSet<import("@codemirror/view").GutterMarker>} Markers */
  /** @type {import("@codemirror/state").StateEffectType<readonly Verdict[]>} */
  const effect = StateEffect.define();
  /** @type {import("@codemirror/state").StateField<Markers>} */
  const field = StateField.define({
    create: () => RangeSet.empty,
    update(markers, { changes, effects, state }) {
      const put = effects.find((one) => one.is(effect));
      if (!put) return markers.map(changes);
      const { doc } = state;
      const known = put.value.filter(({ line }) => line >= 1 && line <= doc.lines);
      return RangeSet.of(
        known.map(({ line, state }) => new LineMarker(line, state).range(doc.line(line).from)),
        true,
      );
    },
    provide: (markers) => lineNumberMarkers.from(markers),
  });
  return { effect, extensions: [lineNumbers(), field] };
}

/**
 * What a verb does, where the pointer rests on it.
 *
 * @param {CodeMirror} cm
 * @param {import("@codemirror/state").StateField<import("./tokens.js").Declared>} declared
 */
function hovering({ hoverTooltip }, declared) {
  return hoverTooltip(({ state }, pos) => {
    const line = state.doc.lineAt(pos);
    if (line.length > COLOURED_MAX) return null;
    const column = pos - line.from;
    const token = tokensOf(line.text, state.field(declared)).find(
      ({ from, to, kind }) => kind === "verb" && from <= column && column <= to,
    );
    if (!token) return null;
    const name = line.text.slice(token.from, token.to);
    return {
      pos: line.from + token.from,
      end: line.from + token.to,
      create: () => ({ dom: explainVerb(name) }),
    };
  });
}

/**
 * @param {CodeMirror} cm
 * @param {import("@codemirror/state").StateField<import("./tokens.js").Declared>} declared
 * @param {Options} options
 */
function completing({ autocompletion }, declared, { check, parts }) {
  return autocompletion({
    icons: false,
    override: [
      ({ state, pos, explicit }) => {
        const line = state.doc.lineAt(pos);
        if (line.length > COLOURED_MAX) return null;
        const found = completionsAt(
          state.doc.toString(),
          { line: line.text, column: pos - line.from },
          { check, declared: state.field(declared), parts: parts() },
        );
        if (!found || (!explicit && found.from === pos - line.from)) return null;
        return {
          from: line.from + found.from,
          options: found.options.map(({ label, of, verb }, index) => ({
            label,
            detail: of,
            // What comes first is likelier.
            boost: -Math.min(99, index),
            info: verb ? () => explainVerb(label) : undefined,
          })),
        };
      },
    ],
  });
}

/**
 * Where words take the place of what is chosen, Chromium and WebKit give them the looks of that, by
 * an attribute that the page's policy refuses. So they are put there without them.
 *
 * @param {CodeMirror} cm
 */
function typing({ EditorView }) {
  return EditorView.domEventHandlers({
    beforeinput({ inputType, data, cancelable }, view) {
      const { main } = view.state.selection;
      const isOurs = cancelable && inputType === "insertText" && !view.composing;
      if (!isOurs || !data || main.empty) return false;
      const how = { userEvent: "input.type", scrollIntoView: true };
      view.dispatch(view.state.replaceSelection(data), how);
      return true;
    },
    // A file is the page's, wherever it is dropped.
    drop: ({ dataTransfer }) => dataTransfer?.types.includes("Files") ?? false,
  });
}

/** The editor, as the pane knows it; `plain-editor.js` is another. */
export class Editor {
  /**
   * @param {CodeMirror} cm
   * @param {Options} options
   */
  constructor(cm, options) {
    this.cm = cm;
    const { Annotation, Compartment, EditorState, EditorView, StateField } = cm;
    /** What did not come of the reader's keys. @type {import("@codemirror/state").AnnotationType<boolean>} */
    this.ours = Annotation.define();
    this.attributes = new Compartment();
    this.comparison = new Compartment();
    this.numbers = numbering(cm);
    this.described = options.described;
    const format = () => {
      options.onFormat();
      return true;
    };
    const declared = StateField.define({
      create: ({ doc }) => declaredBy(doc.toString()),
      update: (known, { docChanged, newDoc }) =>
        docChanged ? declaredBy(newDoc.toString()) : known,
    });
    this.view = new EditorView({
      parent: options.parent,
      state: EditorState.create({
        extensions: [
          declared,
          cm.history(),
          this.numbers.extensions,
          EditorView.lineWrapping,
          typing(cm),
          EditorView.contentAttributes.of({
            "aria-label": options.label,
            autocapitalize: "off",
            autocomplete: "off",
            spellcheck: "false",
            // It has the focus anyhow; what looks for keys to scroll by goes by this.
            tabindex: "0",
          }),
          this.attributes.of([]),
          this.comparison.of([]),
          EditorState.phrases.of({
            Completions: say("text.completions"),
            "Selection deleted": say("text.deleted"),
          }),
          colours(cm, declared),
          hovering(cm, declared),
          completing(cm, declared, options),
          // Tab is not among them: it leads on, as anywhere on the page.
          cm.keymap.of([
            { key: "Shift-Alt-f", run: format },
            { key: "F8", run: cm.nextDiagnostic },
            ...cm.completionKeymap,
            ...cm.historyKeymap,
            ...cm.defaultKeymap,
          ]),
          EditorView.updateListener.of(({ docChanged, transactions }) => {
            const isOurs = transactions.some((one) => one.annotation(this.ours));
            if (docChanged && !isOurs) options.onInput();
          }),
        ],
      }),
    });
    this.describe(true);
    // What is written is no key of the page's.
    this.view.dom.addEventListener("keydown", (event) => event.stopPropagation());
  }

  get text() {
    return this.view.state.doc.toString();
  }

  /** True if that is the text, whatever its lines end with. @param {string} text */
  has(text) {
    return this.text === withPlainEnds(text);
  }

  /**
   * Puts another text in place, by as few changes as it takes: so a place in the text stays where
   * it is. To undo it is one step.
   *
   * @param {string} text
   * @param {boolean} [typed] as if the reader had written it
   */
  replace(text, typed = false) {
    const { diff, isolateHistory, Transaction } = this.cm;
    const [before, after] = [this.text, withPlainEnds(text)];
    const changes = this.view.state.changes(
      diff(before, after, COMPARING).map(({ fromA, toA, fromB, toB }) => ({
        from: fromA,
        to: toA,
        insert: after.slice(fromB, toB),
      })),
    );
    // What is seen stays where it is: of itself it does so for one change a frame, and marks follow.
    const seen = this.view.scrollSnapshot().map(changes);
    const annotations = [
      isolateHistory.of("full"),
      // What is put into an empty field at first is no change.
      ...(before || typed ? [] : [Transaction.addToHistory.of(false)]),
      ...(typed ? [] : [this.ours.of(true)]),
    ];
    this.view.dispatch({ changes, annotations, effects: seen && before ? [seen] : [] });
  }

  focus() {
    this.view.focus();
  }

  /** @param {number} from @param {number} to */
  select(from, to) {
    this.view.focus();
    this.view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
  }

  /** @param {boolean} valid */
  describe(valid) {
    const attributes = { "aria-describedby": this.described, "aria-invalid": String(!valid) };
    this.view.dispatch({
      effects: this.attributes.reconfigure(this.cm.EditorView.contentAttributes.of(attributes)),
    });
  }

  /**
   * @param {readonly Mark[]} marks
   * @param {readonly Verdict[]} lines
   */
  mark(marks, lines) {
    const errors = marks.map((one) => ({ ...one, severity: /** @type {const} */ ("error") }));
    this.view.dispatch(this.cm.setDiagnostics(this.view.state, errors));
    this.view.dispatch({ effects: this.numbers.effect.of(lines) });
    this.describe(!marks.length);
  }

  /**
   * Shows what differs from a text, or nothing of that kind.
   *
   * @param {string|null} original
   */
  compare(original) {
    const { unifiedMergeView } = this.cm;
    /** @type {Extension} */
    const shown =
      original === null
        ? []
        : unifiedMergeView({
            original: withPlainEnds(original),
            mergeControls: false,
            syntaxHighlightDeletions: false,
            diffConfig: COMPARING,
          });
    this.view.dispatch({ effects: this.comparison.reconfigure(shown) });
  }

  /** Where it differs from the text that it is compared with. */
  get differences() {
    return this.cm.getChunks(this.view.state)?.chunks.map(({ fromB }) => fromB) ?? [];
  }

  /** @param {number} place in the text, which is to be seen */
  show(place) {
    this.view.dispatch({ effects: this.cm.EditorView.scrollIntoView(place, { y: "center" }) });
  }
}
