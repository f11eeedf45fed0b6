import type { BatchDetail, WaitsFor } from "@inlet/contracts";
import { type BatchDetailRow, type Database, findBatchDetail, findRuns } from "@inlet/database";
import { readRerunCase } from "@inlet/pipeline";
import type { Caller } from "../access.ts";
import { notFound } from "../requests/errors.ts";
import { openRunReader, waitsFor } from "../runs/run-view.ts";
import { batchDetail } from "../views.ts";
import { offeredActions } from "./offered-actions.ts";

/** The same words for a batch that is not there and for one of another client. */
export const noBatch = (id: number) =>
  notFound("batch_not_found", `There is no batch ${id}. GET /v1/batches lists those that you may see.`);

/** A batch with all that is known of it and all that the caller may do. @throws Refusal 404 */
export async function showBatch(database: Database, caller: Caller, batchId: number): Promise<BatchDetail> {
  const { scope } = caller;
  const row = await findBatchDetail(database, { batchId, scope });
  const around = row && (await readRerunCase(database, batchId));
  if (row === undefined || around === undefined) throw noBatch(batchId);
  const actions = offeredActions(row, around, caller);
  const wait = row.status === "received" && row.steps.length === 0 ? await waitOf(database, row) : null;
  return batchDetail(row, { forClient: scope !== null, now: new Date(), actions, waitsFor: wait });
}

/** Where a run has more, what a batch waits for is told by the newest. */
const BATCHES_READ = 1_000;

/** What a batch without a step is held for. */
async function waitOf(database: Database, { id, runId }: BatchDetailRow): Promise<WaitsFor | null> {
  const [run] = await openRunReader(database)(await findRuns(database, [runId]), BATCHES_READ);
  return (run && waitsFor(run).get(id)) ?? null;
}
