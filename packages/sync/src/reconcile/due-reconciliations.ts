import { type Database, insertDueReconciliation, scheduledReconciliations } from "@inlet/database";
import { nextDue } from "@inlet/pipeline";

/** So many missed times are passed over one by one; of a schedule that was missed oftener the newest come later. */
const MOST_MISSED = 1_000;

/** Makes the comparisons whose time has come. Of several times that were missed, the latest alone. */
export async function makeDueReconciliations(database: Database, now: Date): Promise<void> {
  for (const { subscriptionId, at, timezone, mend, after } of await scheduledReconciliations(database)) {
    const dueAt = latestDue({ at, timezone }, after, now);
    if (dueAt !== undefined) await insertDueReconciliation(database, { subscriptionId, dueAt, mend });
  }
}

/** The latest due time after a moment that has come; undefined: none has. */
export function latestDue(timing: { at: string; timezone: string }, after: Date, now: Date): Date | undefined {
  let latest: Date | undefined;
  let due = nextDue(timing, after);
  for (let passed = 0; due !== null && due <= now && passed < MOST_MISSED; passed += 1) {
    latest = due;
    due = nextDue(timing, due);
  }
  return latest;
}
