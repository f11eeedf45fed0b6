import { lstat, mkdir, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { RoleFolder } from "./view.ts";

/** A place for one file of an account. */
export interface Place {
  readonly folder: RoleFolder;
  readonly name: string;
  /** As the client sees it, such as /spring/Uploads/a.csv. */
  readonly path: string;
  /** Relative to the data folder; what `arrivals.location` holds. */
  readonly location: string;
  /** On this machine's disk. */
  readonly file: string;
}

/** The folder of an account on disk, relative to the data folder. */
const jailOf = (jail: string): string => join("accounts", jail);

/** Where a folder of the virtual tree is, relative to the data folder. */
export const folderLocation = (jail: string, segments: readonly string[]): string => join(jailOf(jail), ...segments);

/** The place of a file in a folder. `name` is one segment: see `segmentsOf`. */
export function placeOf(dataFolder: string, jail: string, folder: RoleFolder, name: string): Place {
  const location = join(folderLocation(jail, folder.segments), name);
  return { folder, name, path: `${folder.path}/${name}`, location, file: join(dataFolder, location) };
}

/**
 * Makes a folder of a jail and checks that it really is where it should be: nobody but us makes links there, and if
 * somebody did, we would not follow.
 * @throws {Error} when a file or a link is in the way
 */
export async function ensureFolder(dataFolder: string, location: string): Promise<void> {
  const wanted = join(await realpath(dataFolder), location);
  await mkdir(wanted, { recursive: true, mode: 0o750 });
  if ((await realpath(wanted)) !== wanted || !(await lstat(wanted)).isDirectory()) {
    throw new Error(`${location} is not a folder of its own: a link is in its way`);
  }
}

/** Makes a new or removed name in a folder survive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
