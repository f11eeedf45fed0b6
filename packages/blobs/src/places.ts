import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Temporary names begin with a dot: no key has one. */
export function temporaryPath(target: string): string {
  return join(dirname(target), `.${randomBytes(9).toString("hex")}`);
}

/** Most of a batch's files find its folder there. */
export async function inFolderOf<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true });
    return await work();
  }
}
