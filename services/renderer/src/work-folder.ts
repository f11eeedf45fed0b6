import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "@inlet/contracts";

/** Below the data folder: its disk has room for what is in the making, and a finished video is there by a link. */
const FOLDER = "rendering";

/** Nobody's fault: what was at work is tried again in a while. */
export const diskFull = (cause?: unknown): Unavailable =>
  new Unavailable({
    code: "disk_full",
    message: "The data folder's disk is full. Free some space, and the work goes on.",
    cause,
  });

/** Runs `work` with an empty folder of its own, which is gone afterwards, whatever happens. @throws Unavailable `disk_full` */
export async function withWorkFolder<T>(dataFolder: string, work: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(dataFolder, FOLDER);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, "work-"));
  try {
    return await work(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOSPC" || code === "EDQUOT" ? diskFull(error) : error;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the folders of processes that were killed in the middle of their work. Returns how many. */
export async function sweepWorkFolders(dataFolder: string, olderThanMs: number): Promise<number> {
  const parent = join(dataFolder, FOLDER);
  let removed = 0;
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = join(parent, name);
    const age = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age < olderThanMs) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    removed += 1;
  }
  return removed;
}
