import type { Blobs } from "@inlet/blobs";
import {
  type Database,
  discardUntouchedDrafts,
  draftsToRemove,
  forgetDrafts,
  markDraftsRemoved,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { draftKey } from "./draft-store.ts";

/** A draft that nobody touched for so long is discarded. */
export const KEPT_MS = 24 * 60 * 60 * 1000;
/** That there was one is remembered so long. */
const REMEMBERED_MS = 30 * KEPT_MS;
const SWEPT_EVERY_MS = 10 * 60 * 1000;
const REMOVED_AT_ONCE = 200;

/** What a sweep did. */
interface Swept {
  discarded: number;
  /** Drafts whose files went. */
  removed: number;
}

/**
 * Discards drafts that nobody touched for a day, and removes the files of those that are submitted or discarded. Several
 * instances may do it at once: each change is one statement, and removing what is gone harms nothing.
 */
export async function sweepDrafts(
  { database, store }: { database: Database; store: Blobs },
  untouchedForMs = KEPT_MS,
): Promise<Swept> {
  const discarded = await discardUntouchedDrafts(database, { untouchedForMs });
  let removed = 0;
  for (;;) {
    const drafts = await draftsToRemove(database, { limit: REMOVED_AT_ONCE });
    for (const draft of drafts) await store.remove(draftKey(draft));
    if (drafts.length > 0) {
      await markDraftsRemoved(
        database,
        drafts.map(({ id }) => id),
      );
    }
    removed += drafts.length;
    if (drafts.length < REMOVED_AT_ONCE) break;
  }
  await forgetDrafts(database, { endedForMs: REMEMBERED_MS });
  return { discarded: discarded.length, removed };
}

/** Sweeps now and every ten minutes. */
export function keepDraftsSwept(parts: { database: Database; store: Blobs; logger: Logger }): { close(): void } {
  const sweep = () =>
    sweepDrafts(parts).then(
      (swept) => (swept.discarded > 0 || swept.removed > 0) && parts.logger.info(swept, "swept drafts"),
      (err: unknown) => parts.logger.warn({ err }, "could not sweep drafts"),
    );
  void sweep();
  const timer = setInterval(() => void sweep(), SWEPT_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
