import type { Draft } from "./draft.ts";
import { isDraft } from "./read-draft.ts";

/** Edits that have not reached the hub. */
export interface KeptEdits {
  /** The revision that they go on from; null: there was no draft. */
  revision: number | null;
  draft: Draft;
}

/** Who edits which project's storyboard: what is unsaved is nobody else's. */
export const keptEditsKey = (userId: number, client: string, project: string): string =>
  `inlet-storyboard-edits:${userId}:${client}/${project}`;

/** What had not reached the hub when this window's page was left or loaded anew. */
export function readKeptEdits(key: string): KeptEdits | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<KeptEdits> | null;
    const { revision, draft } = kept ?? {};
    if ((typeof revision !== "number" && revision !== null) || !isDraft(draft)) return undefined;
    return { revision, draft };
  } catch {
    return undefined;
  }
}

/** Keeps them for as long as the window is open. A browser that keeps nothing is no reason not to edit. */
export function keepEdits(key: string, edits: KeptEdits | undefined): void {
  try {
    if (edits === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(edits));
  } catch {
    // The room is full, or there is none in a private window.
  }
}
