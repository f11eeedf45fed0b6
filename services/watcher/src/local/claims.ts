import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { removeFile } from "@inlet/blobs";
import { Misconfigured, Unavailable } from "@inlet/contracts";
import { diskError } from "../disk-error.ts";

/** A file that nobody but the watcher can reach any more. */
export interface ClaimedFile {
  path: string;
  sizeBytes: number;
}

/** The folder of claimed files, each named after its arrival, on the volume that senders write to. */
export interface Claims {
  /**
   * Moves an arrival's file here. The claim that a crash left half done is found again. Undefined when the file is in
   * neither place.
   */
  claim(arrival: { id: number; location: string }): Promise<ClaimedFile | undefined>;
  /** Removes the name: the bytes live on in the blob store. */
  release(arrivalId: number): Promise<void>;
  /** The arrivals whose files are here. */
  list(): Promise<number[]>;
}

const FOLDER = "claimed";

/** Opens the folder of claims. `dataFolder` is shared with the gateways. */
export async function openClaims(dataFolder: string): Promise<Claims> {
  const folder = join(dataFolder, FOLDER);
  await mkdir(folder, { recursive: true });
  const pathOf = (arrivalId: number) => join(folder, String(arrivalId));

  async function claim({ id, location }: { id: number; location: string }): Promise<ClaimedFile | undefined> {
    const path = pathOf(id);
    // Here first: the place it came from may hold the sender's next file by now.
    const before = await sizeOf(path);
    if (before !== undefined) return { path, sizeBytes: before };
    try {
      await rename(join(dataFolder, location), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EXDEV") {
        throw new Misconfigured({
          code: "volumes_differ",
          message: `${location} and ${FOLDER} are on different volumes. All of INLET_DATA must be one volume.`,
          cause: error,
        });
      }
      if (code !== "ENOENT") throw diskError(error);
      await assertFolder(folder);
      return undefined;
    }
    return { path, sizeBytes: (await sizeOf(path)) ?? 0 };
  }

  return {
    claim,
    release: async (arrivalId) => removeFile(pathOf(arrivalId)),
    async list() {
      const names = await readdir(folder);
      return names.filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number);
    },
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw diskError(error);
  }
}

/** A volume that is not mounted must not make every arrival look lost. */
async function assertFolder(folder: string): Promise<void> {
  if ((await sizeOf(folder)) !== undefined) return;
  throw new Unavailable({
    code: "data_folder_missing",
    message: `${folder} is gone. Is the data volume mounted? Arrivals wait until it is back.`,
  });
}
