import {
  blankFindings,
  blankReason,
  closeForForgetting,
  countTableRows,
  draftsOfBatch,
  endForgetting,
  forgetDraftsOf,
  forgetfulBatch,
  forgetLinkEvents,
  forgetRenderings,
  liveProject,
  lockProjectIntake,
  noteChangedFiles,
  noteForgettingPhase,
  openForgettingBatches,
  profileAt,
  recordBatchEvent,
  recordsBlankedBefore,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { loadConflicts } from "@inlet/sync/catalogs";
import { blankFiles } from "./blank-files.ts";
import { type DeletedRows, deleteRecordRows, deleteValueRows, keysOf } from "./delete-rows.ts";
import { type ForgettingWork, inOrder } from "./forgetting-work.ts";
import { noteKin } from "./note-kin.ts";
import { WaitsForBatch } from "./order-errors.ts";

type Open = Awaited<ReturnType<typeof openForgettingBatches>>[number];

/** Removes a recipient from all that was found, batch by batch; what is done stays done when it is broken off. */
export async function removeRecipient(work: ForgettingWork): Promise<void> {
  const { database, order, signal } = work;
  const { forgettingId } = order;
  for (;;) {
    const open = await openForgettingBatches(database, forgettingId);
    if (open.length === 0) break;
    // All links and all ways to run a file again are closed before the first byte is touched.
    for (const each of open) await close(work, each);
    for (const each of open) await noteKin(work, each.batchId);
    for (const each of open) {
      signal.throwIfAborted();
      await removeFromBatch(work, each);
    }
  }
  if (!order.tablesDone) await removeByValue(work);
  await inOrder(work, (tx) => endForgetting(tx, forgettingId));
  work.logger.info("forgot a recipient");
}

async function close({ database, order }: ForgettingWork, { batchId, records }: Open): Promise<void> {
  const isClosed = await transaction(database, async (tx) => {
    // A re-run of the file goes before, and is found as kin, or comes after, and is refused.
    await lockProjectIntake(tx, order.projectId);
    return await closeForForgetting(tx, { batchId, records });
  });
  if (!isClosed) throw new WaitsForBatch(batchId);
}

async function removeFromBatch(work: ForgettingWork, { batchId, phase, records }: Open): Promise<void> {
  const { database, order, blobs, drafts, signal } = work;
  const { forgettingId } = order;
  const batch = (await forgetfulBatch(database, batchId))!;
  if (phase === "found") {
    const { catalogIds } = await removeRows(work, batch, records);
    work.publisher.catalogsWritten(catalogIds);
    failpoint("forget.rows");
  }
  const { changed, gone } = await blankFiles(batch, records, { blobs, signal });
  const kept = new Set(batch.files.filter(({ kind }) => !gone.includes(kind)).map(({ blobKey }) => blobKey));
  const keys = batch.files.map(({ blobKey }) => blobKey).filter((key) => !kept.has(key));
  const theirDrafts = await draftsOfBatch(database, batchId);
  await inOrder(work, async (tx) => {
    await noteChangedFiles(tx, { batchId, changed, gone });
    await blankFindings(tx, { batchId, records: records.length === 0 ? null : records });
    await blankReason(tx, batchId);
    await forgetLinkEvents(tx, { batchId, records });
    await forgetDraftsOf(tx, batchId);
    const videos = await forgetRenderings(tx, { batchId, records });
    await noteForgettingPhase(tx, { forgettingId, batchId, phase: "done" });
    await recordBatchEvent(tx, {
      batchId,
      event: "recipient forgotten",
      actor: order.actor,
      detail: { forgetting: forgettingId, records: records.length },
    });
    // Before the commit: what no row tells of any more would never be found again.
    for (const key of [...keys, ...videos]) await blobs.remove(key);
    for (const { client, id } of theirDrafts) await drafts.remove(`${client}/${id}`);
    failpoint("forget.removed");
  });
  work.publisher.changed({ batches: [batchId] });
}

async function removeRows(
  work: ForgettingWork,
  batch: NonNullable<Awaited<ReturnType<typeof forgetfulBatch>>>,
  records: readonly number[],
): Promise<DeletedRows> {
  const { database, order, blobs } = work;
  const { batchId, tableName, projectId, profileVersion } = batch;
  const { forgettingId } = order;
  const place = await placeOf(work);
  const table = (await profileAt(database, { projectId, version: profileVersion })).tables.find(
    ({ name }) => name === tableName,
  );
  // A rehearsal reaches no table.
  const hasRows = batch.wasImported && !batch.rehearsal && tableName !== null && records.length > 0;
  const key = place.profile.tables.find(({ name }) => name === tableName)?.key ?? table?.key ?? [];
  // A blank is nobody's key, but it may be spelled as somebody's.
  const blanks = hasRows ? await recordsBlankedBefore(database, { batchId, records }) : [];
  const readable = records.filter((record) => !blanks.includes(record));
  const keys = hasRows && table !== undefined ? await keysOf(blobs, batch, { table, key, records: readable }) : [];
  return await inOrder(work, async (tx) => {
    const deleted = hasRows
      ? await deleteRecordRows(tx, place, { batchId, tableName, records, keys })
      : { rows: 0, catalogIds: [] };
    await countTableRows(tx, { forgettingId, rows: deleted.rows, isLast: false });
    await noteForgettingPhase(tx, { forgettingId, batchId, phase: "rows" });
    return deleted;
  });
}

/** What other ways than a file's row have brought into tables, or a file that is kept no longer. */
async function removeByValue(work: ForgettingWork): Promise<void> {
  const { order, publisher } = work;
  const { forgettingId, column, value } = order;
  if (column === null || value === null) return;
  const place = await placeOf(work);
  const { catalogIds } = await inOrder(work, async (tx) => {
    const deleted = await deleteValueRows(tx, place, { column, value });
    await countTableRows(tx, { forgettingId, rows: deleted.rows, isLast: true });
    return deleted;
  });
  publisher.catalogsWritten(catalogIds);
}

async function placeOf({ database, order, conflictsModule }: ForgettingWork) {
  const { projectId, client, project, forgettingId } = order;
  const { profile } = (await liveProject(database, projectId))!;
  // A catalog is not opened without those that its profile names.
  const functions = await loadConflicts(conflictsModule);
  return { projectId, profile, client, project, functions, cause: `forgetting ${forgettingId}` };
}
