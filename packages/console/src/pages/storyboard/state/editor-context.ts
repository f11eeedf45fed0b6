import type { Problem, Storyboard, StoryboardColumn } from "@inlet/contracts";
import { createContext, useContext } from "react";
import type { Draft, Selection } from "./draft.ts";

export interface Change {
  /** Edits of the same key that follow at once are one step back. Left out: a step of its own. */
  key?: string;
  /** One movement of the hand, under a key of its own: one step however long it takes. */
  held?: boolean;
  /** What is selected after it. Left out: what was. */
  selection?: Selection;
}

/** What is wrong. An `error` keeps the storyboard from being published. */
export interface DraftProblem extends Problem {
  severity: "error" | "warning";
}

/** A storyboard while it is edited: every part of the page reads it here, and changes it here. */
export interface Editor {
  draft: Draft;
  /** As it is shown; while something about its form is wrong, as it was before that. */
  storyboard: Storyboard;
  problems: readonly DraftProblem[];
  selection: Selection;
  /** Whoever may not configure looks, and changes nothing. */
  isReadOnly: boolean;
  columns: readonly StoryboardColumn[];
  /** The language whose words are written and shown. */
  language: string;
  languages: readonly string[];
  setLanguage: (language: string) => void;
  addLanguage: (language: string) => void;
  change: (draft: Draft, change?: Change) => void;
  select: (selection: Selection) => void;
  /** The last change was one of many small ones, as typing is. */
  isTyped: boolean;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
}

export const EditorContext = createContext<Editor | undefined>(undefined);

/** The storyboard that is edited here. */
export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (editor === undefined) throw new Error("this part stands outside the storyboard editor");
  return editor;
}
