import { open, unlink } from "node:fs/promises";

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

/** Puts a file or a folder on the disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes a file; nothing there is no error. (`rm` looks at it first, which costs as much again.) */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
