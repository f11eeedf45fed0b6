import { json } from "@codemirror/lang-json";
import { foldKeymap } from "@codemirror/language";
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { codeExtensions, lookingExtensions, markProblems, writingExtensions } from "../../../parts/code-editor.ts";
import type { Place } from "../state/json-text.ts";
import classes from "./json-tab.module.css";

interface JsonEditorProps {
  text: string;
  problems: readonly (Place & { message: string; severity?: "error" | "warning" })[];
  /** Undefined: it is only looked at. */
  onChange: ((text: string) => void) | undefined;
  /** A place to go to, with the keyboard where it was asked for; another object goes there again. */
  place: { from: number; isAsked: boolean } | undefined;
}

/** A text editor for JSON. Tab indents; Escape and then Tab leaves it. */
export function JsonEditor({ text, problems, onChange, place }: JsonEditorProps) {
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
          ...codeExtensions(json()),
          EditorView.contentAttributes.of({
            "aria-label": "Storyboard as JSON. To leave the editor, press Escape and then Tab",
            tabindex: "0",
          }),
          ...(isReadOnly
            ? lookingExtensions()
            : [
                ...writingExtensions(foldKeymap),
                EditorView.updateListener.of(({ docChanged, state, transactions }) => {
                  const isOwn = transactions.some((each) => each.annotation(Transaction.remote) === true);
                  if (docChanged && !isOwn) changed.current?.(state.doc.toString());
                }),
              ]),
        ],
      }),
    });
    editor.current = view;
    return () => view.destroy();
  }, [isReadOnly]);

  useEffect(() => {
    first.current = text;
    const view = editor.current;
    if (view === undefined || view.state.doc.toString() === text) return;
    view.dispatch({
      changes: differenceOf(view.state.doc.toString(), text),
      annotations: [Transaction.remote.of(true)],
    });
  }, [text]);

  useEffect(() => {
    const view = editor.current;
    if (view !== undefined && !isReadOnly) markProblems(view, problems);
  }, [problems, isReadOnly]);

  useEffect(() => {
    const view = editor.current;
    if (view === undefined || place === undefined) return;
    const at = Math.min(place.from, view.state.doc.length);
    // Whoever is typing there selects by it.
    if (!place.isAsked && view.hasFocus) return;
    view.dispatch({
      ...(place.isAsked && { selection: { anchor: at } }),
      effects: EditorView.scrollIntoView(at, { y: place.isAsked ? "center" : "start", yMargin: 24 }),
    });
    if (place.isAsked) view.focus();
  }, [place]);

  return <div ref={box} className={classes.editor} />;
}

/** What is between the same begin and the same end, so that the cursor stays where it is. */
function differenceOf(before: string, after: string) {
  const shorter = Math.min(before.length, after.length);
  let begin = 0;
  while (begin < shorter && before[begin] === after[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return { from: begin, to: before.length - end, insert: after.slice(begin, after.length - end) };
}
