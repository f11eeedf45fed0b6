import { endSearch, nextForgetfulBatches, openForgettingBatches, profileAt, type SearchedBatch } from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { type ForgettingWork, inOrder } from "./forgetting-work.ts";
import { note, noteKin, standing } from "./note-kin.ts";
import { WaitsForBatch } from "./order-errors.ts";
import { searchBatch } from "./search-batch.ts";

const BATCHES_AT_ONCE = 50;
/** A value that more records have is a city rather than a person: nobody's records go before a person has seen how many they are. */
const MOST_RECORDS = 1_000;

/** Finds the batches and records that an order means, and notes them: from then on what was asked for is not needed for them. */
export async function searchRecipient(work: ForgettingWork): Promise<void> {
  const { database, order } = work;
  if (order.batchId !== null) await note(work, await asked(work, order.batchId));
  else await searchProject(work);
  for (const { batchId } of await openForgettingBatches(database, order.forgettingId)) await noteKin(work, batchId);
  await inOrder(work, (tx) => endSearch(tx, { forgettingId: order.forgettingId, mostRecords: MOST_RECORDS }));
}

async function asked(work: ForgettingWork, batchId: number): Promise<SearchedBatch> {
  const batch = await standing(work, batchId);
  if (batch.isUnderWay) throw new WaitsForBatch(batchId);
  return { batchId, records: [work.order.record!], hasSource: true, isUnknown: false };
}

async function searchProject(work: ForgettingWork): Promise<void> {
  const { database, order, blobs, signal } = work;
  const { projectId, searchUntil: upTo } = order;
  const wanted = { column: order.column!, value: order.value! };
  for (let after = order.searchedTo; ; ) {
    const batches = await nextForgetfulBatches(database, { projectId, after, upTo, limit: BATCHES_AT_ONCE });
    for (const batch of batches) {
      signal.throwIfAborted();
      if (batch.isUnderWay) throw new WaitsForBatch(batch.batchId);
      const profile = await profileAt(database, { projectId, version: batch.profileVersion });
      await note(work, await searchBatch(batch, wanted, { blobs, profile, signal }));
      failpoint("forget.searched");
      after = batch.batchId;
    }
    if (batches.length < BATCHES_AT_ONCE) return;
  }
}
