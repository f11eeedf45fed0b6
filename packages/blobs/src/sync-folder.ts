import { unlinkSync } from "node:fs";
import { syncPath } from "./small-file.ts";

/** The sync of a folder that runs, and the one that those who came meanwhile wait for. */
interface FolderSync {
  current: Promise<void>;
  next: Promise<void> | undefined;
}

const syncs = new Map<string, FolderSync>();

/**
 * Puts the names in a folder on the disk. Who asks while a sync runs shares the next one with all who do, because its own
 * change may have come too late for this one: many small files in one folder do not cost a sync each.
 */
export function syncFolder(path: string): Promise<void> {
  const underWay = syncs.get(path);
  if (underWay) {
    underWay.next ??= underWay.current.catch(() => {}).then(() => syncFolder(path));
    return underWay.next;
  }
  const current = syncPath(path).finally(() => syncs.delete(path));
  syncs.set(path, { current, next: undefined });
  return current;
}

/** Removes a file; nothing there is no error. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
