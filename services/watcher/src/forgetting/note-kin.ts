import {
  batchesOfSameFile,
  type ForgetfulBatch,
  forgetfulBatch,
  noteSearched,
  openForgettingBatches,
  type SearchedBatch,
} from "@inlet/database";
import { type ForgettingWork, inOrder } from "./forgetting-work.ts";
import { WaitsForBatch } from "./order-errors.ts";
import { hasFile, scanPlanOf } from "./stored-files.ts";

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

/** A batch as it stands. */
export async function standing({ database }: ForgettingWork, batchId: number): Promise<ForgetfulBatch> {
  return (await forgetfulBatch(database, batchId))!;
}

/** Notes what was found in a batch. */
export const note = (work: ForgettingWork, searched: SearchedBatch): Promise<void> =>
  inOrder(work, (tx) => noteSearched(tx, { forgettingId: work.order.forgettingId, ...searched }));
