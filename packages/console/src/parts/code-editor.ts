import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, type KeyBinding, keymap, lineNumbers } from "@codemirror/view";
import { editorTheme, highlighting } from "./code-theme.ts";

/** The page's nonce, without which its policy lets no style in. */
const nonce = () => document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

/** How an editor of a language looks. */
export const codeExtensions = (language: Extension): Extension[] => [
  EditorView.cspNonce.of(nonce()),
  lineNumbers(),
  foldGutter(),
  drawSelection(),
  bracketMatching(),
  indentUnit.of("  "),
  language,
  editorTheme,
  syntaxHighlighting(highlighting),
  EditorView.lineWrapping,
];

/** For an editor that is only looked at. */
export const lookingExtensions = (): Extension[] => [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  keymap.of(defaultKeymap),
];

/** For one that is written in: steps back, problems in the margin. Tab indents; Escape and then Tab leaves it. */
export const writingExtensions = (keys: readonly KeyBinding[] = []): Extension[] => [
  history(),
  highlightActiveLine(),
  lintGutter(),
  keymap.of([...defaultKeymap, ...historyKeymap, ...keys, indentWithTab]),
];

/** A problem and where it is, in characters from the text's begin. */
export interface MarkedProblem {
  from: number;
  to: number;
  message: string;
  severity?: "error" | "warning" | undefined;
}

/** Marks problems in a text, as far as it reaches. */
export function markProblems(view: EditorView, problems: readonly MarkedProblem[]): void {
  const { length } = view.state.doc;
  const diagnostics = problems
    .map(({ message, severity = "error", from, to }) => ({
      from: Math.min(from, length),
      to: Math.min(Math.max(from, to), length),
      severity,
      message,
    }))
    .sort((one, other) => one.from - other.from);
  view.dispatch(setDiagnostics(view.state, diagnostics));
}
