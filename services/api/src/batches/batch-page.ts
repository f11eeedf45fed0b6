import type { BatchDetail } from "@inlet/contracts";
import { type Database, findBatchDetail } from "@inlet/database";
import { readRerunCase } from "@inlet/pipeline";
import type { Caller } from "../access.ts";
import { notFound } from "../requests/errors.ts";
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
  return batchDetail(row, { forClient: scope !== null, now: new Date(), actions });
}
