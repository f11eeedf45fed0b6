import { watch, watchFile } from "node:fs";
import { dirname, resolve } from "node:path";
import { assetFolders } from "./folder-assets.ts";

/** Editors write a file in several steps. */
const QUIET_MS = 80;
/** Where the system cannot watch folders. */
const LOOK_MS = 500;

/** Tells of changes of a storyboard's file, of what lies beside it and of its rows, until the signal aborts. */
export function watchFiles(
  file: string,
  rowsFile: string | undefined,
  onChange: () => void,
  signal: AbortSignal,
): void {
  let timer: NodeJS.Timeout | undefined;
  signal.addEventListener("abort", () => clearTimeout(timer));
  const folders = [...assetFolders(file), ...(rowsFile === undefined ? [] : [dirname(resolve(rowsFile))])];
  // The folder `assets` need not be there, and may come.
  let missing = [...new Set(folders)];
  const changed = () => {
    clearTimeout(timer);
    if (signal.aborted) return;
    missing = missing.filter((folder) => !isWatched(folder));
    timer = setTimeout(onChange, QUIET_MS);
  };
  const isWatched = (folder: string): boolean => {
    try {
      // The folder, not the file: many editors put a new file in the old one's place.
      watch(folder, { signal }, changed).on("error", () => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      const watcher = watchFile(file, { interval: LOOK_MS }, changed);
      signal.addEventListener("abort", () => watcher.removeListener("change", changed));
    }
    return true;
  };
  missing = missing.filter((folder) => !isWatched(folder));
}
