import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { identityOf, isAlive } from "./processes.ts";

/** Runs `work` while no other process holds the lock. The lock of a process that was killed does not count. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while ((await takeLock(file)) !== undefined) await pause(100);
  try {
    return await work();
  } finally {
    await releaseLock(file);
  }
}

/**
 * Takes a lock file.
 * @returns undefined when it is ours now, else the pid of the process that holds it
 */
export async function takeLock(file: string): Promise<number | undefined> {
  const own = `${file}.${process.pid}-${randomBytes(3).toString("hex")}`;
  // Linked into place, so that a lock is never seen half written.
  await writeFile(own, identityOf(process.pid));
  try {
    for (;;) {
      const taken = await link(own, file).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (taken) return undefined;
      const holder = await read(file);
      if (holder !== "" && isAlive(holder)) return Number.parseInt(holder, 10);
      await removeStale(file, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Gives a lock back, if it is still ours. */
export async function releaseLock(file: string): Promise<void> {
  if ((await read(file)) === identityOf(process.pid)) await rm(file, { force: true });
}

async function removeStale(file: string, seen: string): Promise<void> {
  const aside = `${file}.stale-${process.pid}-${randomBytes(3).toString("hex")}`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  // Somebody may have taken it between our look and our rename: then it goes back.
  if ((await read(aside)) !== seen) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

const read = (file: string) => readFile(file, "utf8").catch(() => "");
