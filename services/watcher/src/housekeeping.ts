import { type Database, forgetOldPulls, forgetWorkers, trimAudit } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { every } from "./every.ts";

/** Lines that go in one transaction: it holds nobody up. */
const LINES_AT_ONCE = 10_000;
/** How long pulls are told of that ended; their batches stay. */
const PULLS_KEPT_DAYS = 90;
const PULLS_AT_ONCE = 1_000;

interface HousekeepingOptions {
  database: Database;
  logger: Logger;
  /** 0: for ever. */
  auditKeepDays: number;
  everyMs: number;
}

/** Keeps in bounds what would grow for ever: the audit, the pulls, and the list of processes that once were. */
export function startHousekeeping(options: HousekeepingOptions): { close(): Promise<void> } {
  return every(options.everyMs, "keeping house", () => keepHouse(options), options.logger);
}

/** Once through. */
export async function keepHouse({
  database,
  logger,
  auditKeepDays,
}: Omit<HousekeepingOptions, "everyMs">): Promise<void> {
  await forgetWorkers(database);
  await forgetPulls(database, logger);
  if (auditKeepDays === 0) return;
  let lines = 0;
  for (;;) {
    const gone = await trimAudit(database, { keepDays: auditKeepDays, most: LINES_AT_ONCE, actor: "watcher" });
    lines += gone;
    if (gone < LINES_AT_ONCE) break;
  }
  if (lines > 0) logger.info({ lines, auditKeepDays }, "removed lines of the audit that are old enough");
}

async function forgetPulls(database: Database, logger: Logger): Promise<void> {
  let pulls = 0;
  for (;;) {
    const gone = await forgetOldPulls(database, { olderThanDays: PULLS_KEPT_DAYS, limit: PULLS_AT_ONCE });
    pulls += gone;
    if (gone < PULLS_AT_ONCE) break;
  }
  if (pulls > 0) logger.info({ pulls, keptDays: PULLS_KEPT_DAYS }, "forgot pulls that ended long ago");
}
