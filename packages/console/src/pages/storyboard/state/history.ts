import type { Draft, Selection } from "./draft.ts";

/** A storyboard at one step of its making, and what was being changed then. */
export interface Step {
  draft: Draft;
  selection: Selection;
}

/** All steps that can be gone back to, and those that were gone back from. */
export interface History {
  past: readonly Step[];
  present: Step;
  future: readonly Step[];
  /** What the last edit was of, and when: edits of the same thing that follow at once are one step. */
  last: { key: string; atMs: number; held: boolean } | undefined;
}

export interface Edit {
  draft: Draft;
  /** Left out: what was selected stays. */
  selection?: Selection | undefined;
  /** Names what is edited, such as `scenes.0.caption`. Left out: a step of its own. */
  key?: string | undefined;
  /** One movement of the hand, under a key of its own: one step however long it takes. */
  held?: boolean | undefined;
  atMs: number;
}

/** Longer than the pauses within a word or a drag. */
const ONE_STEP_MS = 1_200;
/** More than anybody goes back; each step shares what did not change with the one before. */
const MOST_STEPS = 300;

export const beginHistory = (draft: Draft): History => ({
  past: [],
  present: { draft, selection: { scene: 0 } },
  future: [],
  last: undefined,
});

/** Takes an edit in. Edits of the same key that follow one another at once are one step back. */
export function edited(history: History, { draft, selection, key, held, atMs }: Edit): History {
  if (draft === history.present.draft) return selection === undefined ? history : selected(history, selection);
  const present = { draft, selection: selection ?? history.present.selection };
  const goesOn = key !== undefined && key === history.last?.key && (held || atMs - history.last.atMs < ONE_STEP_MS);
  return {
    past: goesOn ? history.past : [...history.past, history.present].slice(-MOST_STEPS),
    present,
    future: [],
    last: key === undefined ? undefined : { key, atMs, held: held === true },
  };
}

/** Selecting is no step of its own, and ends the edit before it. */
export function selected(history: History, selection: Selection): History {
  return { ...history, present: { ...history.present, selection }, last: undefined };
}

export function undone(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    // What the step changed is what is looked at now.
    present: { draft: before.draft, selection: before.selection },
    future: [history.present, ...history.future],
    last: undefined,
  };
}

export function redone(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, last: undefined };
}
