import {
  batchesOfSameFile,
  endSearch,
  type ForgetfulBatch,
  forgetfulBatch,
  holdForgetting,
  nextForgetfulBatches,
  noteSearched,
  openForgettingBatches,
  profileAt,
  type SearchedBatch,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { type ForgettingWork, OrderLost, WaitsForBatch } from "./forget-worker.ts";
import { searchBatch } from "./search-batch.ts";
import { hasFile, scanPlanOf } from "./stored-files.ts";

const BATCHES_AT_ONCE = 50;

/** Finds the batches and records that an order means, and notes them: from then on what was asked for is not needed for them. */
export async function searchRecipient(work: ForgettingWork): Promise<void> {
  const { database, order } = work;
  if (order.batchId !== null) await note(work, await asked(work, order.batchId));
  else await searchProject(work);
  for (const { batchId } of await openForgettingBatches(database, order.forgettingId)) await noteKin(work, batchId);
  await inOrder(work, (tx) => endSearch(tx, order.forgettingId));
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

/**
 * Notes the batches that hold the same bytes, or rows, as one with the recipient in it: the file sent or received again, what it
 * came packed in, and what corrects it, whose records have the same numbers. Resolves to whether any of them was new.
 */
export async function noteKin(work: ForgettingWork, batchId: number): Promise<boolean> {
  const { database, order } = work;
  const known = new Map(
    (await openForgettingBatches(database, order.forgettingId)).map((each) => [each.batchId, each.records]),
  );
  const records = known.get(batchId) ?? [];
  const { partOf } = await standing(work, batchId);
  const containers = partOf === null ? [] : [partOf, ...(await batchesOfSameFile(database, partOf))];
  const kin = [...(await batchesOfSameFile(database, batchId)), ...containers];
  let isNew = false;
  for (const id of kin) {
    const batch = await standing(work, id);
    if (batch.isUnderWay) throw new WaitsForBatch(id);
    const isCut = scanPlanOf(batch) !== undefined && hasFile(batch, "plain") && !containers.includes(id);
    // By value it was searched itself, unless it came later.
    const isNumberedAlike = isCut && (order.column === null || id > order.searchUntil);
    const own = isNumberedAlike ? records : (known.get(id) ?? []);
    if (known.has(id) || (isCut && own.length === 0)) continue;
    isNew = true;
    await note(work, { batchId: id, records: own, hasSource: true, isUnknown: false });
  }
  return isNew;
}

async function standing({ database }: ForgettingWork, batchId: number): Promise<ForgetfulBatch> {
  return (await forgetfulBatch(database, batchId))!;
}

const note = (work: ForgettingWork, searched: SearchedBatch): Promise<void> =>
  inOrder(work, (tx) => noteSearched(tx, { forgettingId: work.order.forgettingId, ...searched }));

/** Writes something of an order that is ours. @throws OrderLost when it is not: nothing was written */
export async function inOrder<T>(
  { database, order: { forgettingId, epoch } }: ForgettingWork,
  write: (tx: Parameters<Parameters<typeof transaction>[1]>[0]) => Promise<T>,
): Promise<T> {
  return await transaction(database, async (tx) => {
    if (!(await holdForgetting(tx, { forgettingId, epoch }))) throw new OrderLost();
    return await write(tx);
  });
}
