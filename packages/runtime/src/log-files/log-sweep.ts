import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openedMsOf } from "./log-file-name.ts";

const DAY_MS = 86_400_000;

/** How much log is kept. */
export interface LogKeeping {
  keepDays: number;
  /** Of all services together, in this folder. */
  keepBytes: number;
}

/**
 * Removes log files that were last written before the time that is kept, and then the oldest until the rest is small enough.
 * Every process does it for all; that another one is faster is no error.
 * @param current a file that stays in any case
 */
export async function sweepLogs(folder: string, { keepDays, keepBytes }: LogKeeping, current: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => openedMsOf(name) !== undefined && name !== current);
  const files: { path: string; sizeBytes: number; writtenMs: number }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found) files.push({ path, sizeBytes: found.size, writtenMs: found.mtimeMs });
  }
  files.sort((a, b) => b.writtenMs - a.writtenMs);
  const oldestMs = Date.now() - keepDays * DAY_MS;
  let keptBytes = 0;
  for (const { path, sizeBytes, writtenMs } of files) {
    keptBytes += sizeBytes;
    if (writtenMs < oldestMs || keptBytes > keepBytes) await rm(path, { force: true }).catch(() => {});
  }
}
