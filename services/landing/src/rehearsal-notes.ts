import { type Database, recordRehearsalView } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { Lru } from "./limits/lru.ts";

const REMEMBERED = 1_000;

/**
 * Notes that a link of a rehearsal was opened, once for each batch. Whoever opened it does not wait; what cannot be noted
 * now the next opening notes.
 */
export function openRehearsalNotes(database: Database, logger: Logger): (batchId: number) => void {
  const noted = new Lru<number, true>(REMEMBERED);
  return (batchId) => {
    if (noted.get(batchId) !== undefined) return;
    noted.set(batchId, true);
    recordRehearsalView(database, batchId).catch((err: unknown) => {
      noted.delete(batchId);
      logger.warn({ err, batchId }, "could not note that a rehearsal's link was opened; its next opening will");
    });
  };
}
