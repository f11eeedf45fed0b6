import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import type { PlacedProblem } from "../use-editing.ts";
import classes from "./yaml-editor.module.css";
import { editorTheme, highlighting } from "./yaml-theme.ts";

interface YamlEditorProps {
  text: string;
  problems: readonly PlacedProblem[];
  /** Undefined: it is only looked at. */
  onChange: ((text: string) => void) | undefined;
  /** A place to go to; another object goes there again. */
  place: { line: number } | undefined;
  /** The id of what says how it is used. */
  describedBy?: string;
}

/** The page's nonce, without which its policy lets no style in. */
const nonce = () => document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";

/** A text editor for YAML. Tab indents; Escape and then Tab leaves it. */
export function YamlEditor({ text, problems, onChange, place, describedBy }: YamlEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(undefined);
  const first = useRef(text);
  const changed = useRef(onChange);
  changed.current = onChange;
  const isReadOnly = onChange === undefined;

  useEffect(() => {
    const view = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          foldGutter(),
          drawSelection(),
          bracketMatching(),
          indentUnit.of("  "),
          yaml(),
          editorTheme,
          syntaxHighlighting(highlighting),
          EditorView.lineWrapping,
          // The bar of unsaved changes stands over the page's foot.
          EditorView.scrollMargins.of(() => ({ top: 16, bottom: 110 })),
          EditorView.contentAttributes.of({
            "aria-label": "Profile as YAML",
            tabindex: "0",
            ...(describedBy !== undefined && { "aria-describedby": describedBy }),
          }),
          ...(isReadOnly
            ? [EditorState.readOnly.of(true), EditorView.editable.of(false), keymap.of(defaultKeymap)]
            : [
                history(),
                highlightActiveLine(),
                lintGutter(),
                keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
                EditorView.updateListener.of(({ docChanged, state }) => {
                  if (docChanged) changed.current?.(state.doc.toString());
                }),
              ]),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [isReadOnly, describedBy]);

  useEffect(() => {
    first.current = text;
    const view = editor.current;
    if (view === undefined || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const view = editor.current;
    if (view === undefined || isReadOnly) return;
    const { length } = view.state.doc;
    const diagnostics = problems
      .map(({ message, place: { from, to } }) => ({
        from: Math.min(from, length),
        to: Math.min(Math.max(from, to), length),
        severity: "error" as const,
        message,
      }))
      .sort((one, other) => one.from - other.from);
    view.dispatch(setDiagnostics(view.state, diagnostics));
  }, [problems, isReadOnly]);

  useEffect(() => {
    const view = editor.current;
    if (view === undefined || place === undefined) return;
    const line = view.state.doc.line(Math.min(Math.max(1, place.line), view.state.doc.lines));
    view.dispatch({
      selection: { anchor: line.from },
      effects: EditorView.scrollIntoView(line.from, { y: "center" }),
    });
    view.focus();
  }, [place]);

  return <div ref={box} className={classes.editor} data-read-only={isReadOnly || undefined} />;
}
