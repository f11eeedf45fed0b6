import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** What the names of data files end with. */
const DATA_FILE = /\.(csv|tsv|txt|dat|psv|tab|zip)$/i;

/** The files that a command line names. */
export interface FoundFiles {
  files: string[];
  /** One of them stands for several: a folder, or more than one file. */
  isMany: boolean;
  /** Files in folders that are no data files by their name. */
  passedOver: string[];
}

/**
 * A file stands for itself, whatever it is called; a folder for the data files in it and in its folders, in the order of
 * their names. Hidden ones are passed over.
 */
export async function findFiles(paths: readonly string[]): Promise<FoundFiles> {
  const files: string[] = [];
  const passedOver: string[] = [];
  let isMany = paths.length > 1;
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isDirectory()) {
      files.push(path);
      continue;
    }
    isMany = true;
    for (const file of await filesIn(path)) (DATA_FILE.test(file) ? files : passedOver).push(file);
  }
  return { files, isMany, passedOver };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/(^|[/\\])\.[^/\\.]/.test(file.slice(folder.length)))
    .sort();
}
