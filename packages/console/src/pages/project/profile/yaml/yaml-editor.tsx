import { yaml } from "@codemirror/lang-yaml";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { codeExtensions, lookingExtensions, markProblems, writingExtensions } from "../../../../parts/code-editor.ts";
import type { PlacedProblem } from "../use-editing.ts";
import classes from "./yaml-editor.module.css";

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
          ...codeExtensions(yaml()),
          // The bar of unsaved changes stands over the page's foot.
          EditorView.scrollMargins.of(() => ({ top: 16, bottom: 110 })),
          EditorView.contentAttributes.of({
            "aria-label": "Profile as YAML",
            tabindex: "0",
            ...(describedBy !== undefined && { "aria-describedby": describedBy }),
          }),
          ...(isReadOnly
            ? lookingExtensions()
            : [
                ...writingExtensions(),
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
    markProblems(
      view,
      problems.map(({ message, place: { from, to } }) => ({ message, from, to })),
    );
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
