import type { Blobs } from "@inlet/blobs";
import {
  blankFindings,
  blankReason,
  type Database,
  deleteBatchFiles,
  foldersToRemove,
  forgetLateRenderings,
  forgetRenderings,
  type KeptProject,
  keptProjects,
  noteFoldersRemoved,
  noteSwept,
  recordBatchEvent,
  spentBatches,
  transaction,
} from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import { failpoint, type Logger } from "@inlet/runtime";
import { every } from "./every.ts";

/** Batches that are looked up at once, and folders. */
const AT_ONCE = 200;

interface RetentionOptions {
  database: Database;
  publisher: Publisher;
  blobs: Blobs;
  logger: Logger;
  everyMs: number;
}

/** Deletes the files of batches that are kept no longer, as their projects' newest profiles say. */
export function startRetention(options: RetentionOptions): { close(): Promise<void> } {
  return every(options.everyMs, "deleting files that are kept no longer", () => deleteSpent(options), options.logger);
}

/** Once through. */
export async function deleteSpent(parts: Omit<RetentionOptions, "everyMs">): Promise<void> {
  // What an earlier turn has begun.
  await removeFolders(parts);
  for (const key of await forgetLateRenderings(parts.database)) await parts.blobs.remove(key);
  for (const project of await keptProjects(parts.database)) await sweepProject(parts, project);
}

async function sweepProject(parts: Omit<RetentionOptions, "everyMs">, project: KeptProject): Promise<void> {
  const { database, publisher, logger } = parts;
  const { projectId, batchDays: olderThanDays } = project;
  let batches = 0;
  for (let after = project.sweptTo; ; ) {
    const spent = await spentBatches(database, { projectId, after, olderThanDays, limit: AT_ONCE });
    for (const batchId of spent) {
      const isDeleted = await transaction(database, async (tx) => {
        if (!(await deleteBatchFiles(tx, { batchId, olderThanDays }))) return false;
        await blankFindings(tx, { batchId, records: null });
        await blankReason(tx, batchId);
        await forgetRenderings(tx, { batchId });
        const detail = { days: olderThanDays };
        await recordBatchEvent(tx, { batchId, event: "files deleted", actor: "watcher", detail });
        return true;
      });
      if (isDeleted) batches += 1;
      after = batchId;
    }
    failpoint("retention.deleted");
    await removeFolders(parts);
    publisher.changed({ batches: spent });
    if (spent.length < AT_ONCE) break;
  }
  await noteSwept(database, projectId);
  if (batches > 0) logger.info({ ...project, batches }, "deleted files that are kept no longer");
}

/** No row tells of these files any more: their links, downloads and renderings are gone. */
async function removeFolders({ database, blobs }: Pick<RetentionOptions, "database" | "blobs">): Promise<void> {
  for (;;) {
    const folders = await foldersToRemove(database, { limit: AT_ONCE });
    for (const { client, batchId } of folders) await blobs.remove(`${client}/${batchId}`);
    if (folders.length > 0) {
      await noteFoldersRemoved(
        database,
        folders.map(({ batchId }) => batchId),
      );
    }
    if (folders.length < AT_ONCE) return;
  }
}
