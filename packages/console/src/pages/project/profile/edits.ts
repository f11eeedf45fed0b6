/** A profile that somebody edits and has not saved. */
export interface Edits {
  /** The version that it began as. */
  baseVersion: number;
  baseText: string;
  text: string;
}

/** Who edits which project's profile: what is unsaved is nobody else's. */
export const editsKey = (userId: number, client: string, project: string): string =>
  `inlet-profile-edits:${userId}:${client}/${project}`;

/** What was not saved when this window's page was left or loaded anew. */
export function readEdits(key: string): Edits | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "null") as Partial<Edits> | null;
    const { baseVersion, baseText, text } = kept ?? {};
    if (typeof baseVersion !== "number" || typeof baseText !== "string" || typeof text !== "string") return undefined;
    return { baseVersion, baseText, text };
  } catch {
    return undefined;
  }
}

/** Keeps them for as long as the window is open. A browser that keeps nothing is no reason not to edit. */
export function keepEdits(key: string, edits: Edits | undefined): void {
  try {
    if (edits === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(edits));
  } catch {
    // The room is full, or there is none in a private window.
  }
}
