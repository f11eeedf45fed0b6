import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { arrivedLocations, type Database } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { uploadFolder } from "../env.ts";

/** Longer than any upload stays without a byte. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const SWEPT_EVERY_MS = 60 * 60 * 1000;

/**
 * Removes what uploads left that were cut off by a crash: files untouched for a day that no arrival names. Returns how
 * many.
 */
export async function sweepUploads(
  { database, dataFolder }: { database: Database; dataFolder: string },
  now: Date,
): Promise<number> {
  const folder = uploadFolder(dataFolder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const old: string[] = [];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() && now.getTime() - found.mtimeMs > KEPT_MS) old.push(name);
  }
  if (old.length === 0) return 0;
  const arrived = await arrivedLocations(
    database,
    old.map((name) => `uploads/${name}`),
  );
  const forgotten = old.filter((name) => !arrived.has(`uploads/${name}`));
  for (const name of forgotten) await rm(join(folder, name), { force: true });
  return forgotten.length;
}

/** Sweeps now and every hour. */
export function keepUploadsSwept(parts: { database: Database; dataFolder: string; logger: Logger }): { close(): void } {
  const sweep = () =>
    sweepUploads(parts, new Date()).then(
      (files) => files > 0 && parts.logger.info({ files }, "removed left-overs of uploads"),
      (err: unknown) => parts.logger.warn({ err }, "could not look for left-overs of uploads"),
    );
  void sweep();
  const timer = setInterval(() => void sweep(), SWEPT_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
