// @ts-check
/**
 * What the text pane takes of CodeMirror; `xtask/src/borrowed.rs` makes a module of it, and
 * `www/panels/editor.js` an editor.
 */
import { StyleModule } from "style-mod";

export { autocompletion, completionKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap, isolateHistory } from "@codemirror/commands";
export { nextDiagnostic, setDiagnostics } from "@codemirror/lint";
export { diff, getChunks, unifiedMergeView } from "@codemirror/merge";
export {
  Annotation,
  Compartment,
  EditorState,
  RangeSet,
  RangeSetBuilder,
  StateEffect,
  StateField,
  Transaction,
} from "@codemirror/state";
export {
  Decoration,
  EditorView,
  GutterMarker,
  hoverTooltip,
  keymap,
  lineNumberMarkers,
  lineNumbers,
  ViewPlugin,
} from "@codemirror/view";

const sheet = new CSSStyleSheet();
/** @type {Set<StyleModule>} */
const mounted = new Set();

/**
 * The page's policy lets no style in that stands in the page, and that is where the package would
 * put its own: a sheet that a script makes is none.
 *
 * @param {Document|ShadowRoot|DocumentOrShadowRoot} _
 * @param {StyleModule|readonly StyleModule[]} modules later ones win
 */
StyleModule.mount = (_, modules) => {
  const before = mounted.size;
  for (const one of [modules].flat()) mounted.add(one);
  if (mounted.size === before) return;
  sheet.replaceSync([...mounted].map((one) => one.getRules()).join("\n"));
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
};
