import type { Storyboard, StoryboardColumn } from "@inlet/contracts";
import { useCallback, useMemo, useRef, useState } from "react";
import { type Draft, type Selection, withinDraft } from "./draft.ts";
import type { Change, DraftProblem, Editor } from "./editor-context.ts";
import { beginHistory, edited, redone, selected, undone } from "./history.ts";
import { readDraft } from "./read-draft.ts";
import { languagesOf } from "./words.ts";

interface EditingParts {
  first: Draft;
  columns: readonly StoryboardColumn[];
  isReadOnly: boolean;
  /** What of the storyboard does not fit together, or names what is not there. */
  problemsOf: (storyboard: Storyboard) => readonly DraftProblem[];
}

/** What is shown where not even the first text could be read. */
const EMPTY: Draft = { title: "Untitled", scenes: [{ name: "scene", durationMs: 3_000 }] };

/** The steps of an editing, and what is to be known of the storyboard as it is now. */
export function useEditing({ first, columns, isReadOnly, problemsOf }: EditingParts): Editor {
  const [history, setHistory] = useState(() => beginHistory(first));
  const [wanted, setWanted] = useState<string>();
  const [added, setAdded] = useState<readonly string[]>([]);
  const { draft, selection: chosen } = history.present;
  const read = useMemo(() => readDraft(draft), [draft]);
  const lastReadable = useRef<Storyboard>(undefined);
  const storyboard = read.storyboard ?? lastReadable.current ?? readDraft(EMPTY).storyboard!;
  lastReadable.current = storyboard;
  const problems = useMemo(
    () =>
      read.storyboard === undefined
        ? read.problems.map((problem) => ({ ...problem, severity: "error" as const }))
        : problemsOf(read.storyboard),
    [read, problemsOf],
  );
  const spoken = useMemo(() => languagesOf(draft), [draft]);
  const languages = useMemo(() => [...new Set([...spoken, ...added])], [spoken, added]);
  const change = useCallback(
    (next: Draft, { key, held, selection }: Change = {}) => {
      if (!isReadOnly) setHistory((before) => edited(before, { draft: next, key, held, selection, atMs: Date.now() }));
    },
    [isReadOnly],
  );
  const select = useCallback((selection: Selection) => setHistory((before) => selected(before, selection)), []);
  const undo = useCallback(() => setHistory(undone), []);
  const redo = useCallback(() => setHistory(redone), []);
  const addLanguage = useCallback((language: string) => {
    setAdded((before) => [...before, language]);
    setWanted(language);
  }, []);
  const selection = useMemo(() => withinDraft(draft, chosen), [draft, chosen]);
  const spokenNow = wanted !== undefined && languages.includes(wanted) ? wanted : languages[0]!;
  const { last, past, future } = history;
  const isTyped = last !== undefined && !last.held;
  const canUndo = past.length > 0;
  const canRedo = future.length > 0;
  // One object for as long as it says the same: parts that are drawn later know by it whether they have to be.
  return useMemo(
    () => ({
      ...{ draft, storyboard, problems, selection, isReadOnly, columns, languages, language: spokenNow, isTyped },
      ...{ setLanguage: setWanted, addLanguage, change, select, canUndo, canRedo, undo, redo },
    }),
    [
      draft,
      storyboard,
      problems,
      selection,
      isReadOnly,
      columns,
      languages,
      spokenNow,
      isTyped,
      addLanguage,
      change,
      select,
      canUndo,
      canRedo,
      undo,
      redo,
    ],
  );
}
