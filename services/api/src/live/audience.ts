import type { ChangeQuery } from "@inlet/contracts";
import type { BatchState, RunState, Scope } from "@inlet/database";

/** Of what a stream is told: what its caller may see, and of that what it asked for. */
export interface Audience {
  /** The one client whose rows are seen; null: all. */
  scope: Scope;
  asked: ChangeQuery;
}

/** Streams with equal keys are told the same, which is made once for all of them. */
export function audienceKey({ scope, asked }: Audience): string {
  return JSON.stringify([scope, asked.client ?? null, asked.project ?? null, asked.batch ?? null, asked.run ?? null]);
}

/** Whether a batch's state is for an audience. The scope is judged by the row itself, never by what a message said. */
export function isBatchFor({ scope, asked }: Audience, batch: BatchState): boolean {
  return (
    isSeen(scope, asked, batch) &&
    (asked.batch === undefined || asked.batch === batch.id) &&
    (asked.run === undefined || asked.run === batch.runId)
  );
}

/** Whether a run's state is for an audience. @param batches that have changed with it */
export function isRunFor({ scope, asked }: Audience, run: RunState, batches: readonly BatchState[]): boolean {
  if (!isSeen(scope, asked, run)) return false;
  if (asked.run !== undefined && asked.run !== run.id) return false;
  return asked.batch === undefined || batches.some(({ id, runId }) => id === asked.batch && runId === run.id);
}

function isSeen(scope: Scope, asked: ChangeQuery, row: { clientId: number; client: string; project: string }): boolean {
  if (scope !== null && scope !== row.clientId) return false;
  return (
    (asked.client === undefined || asked.client === row.client) &&
    (asked.project === undefined || asked.project === row.project)
  );
}
