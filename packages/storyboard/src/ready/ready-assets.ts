// For Node alone: browsers get these files from the API.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { readyStoryboards } from "./ready-storyboards.ts";

/** A file that a ready storyboard shows. */
export interface ReadyAsset {
  /** What the storyboard calls it. */
  name: string;
  /** Where it is on disk. */
  file: string;
  sizeBytes: number;
}

const FOLDER = path.resolve(import.meta.dirname, "../../ready");

/** The files of a ready storyboard, by name; none for a name that there is no ready storyboard of. */
export async function readyAssets(name: string): Promise<ReadyAsset[]> {
  if (!readyStoryboards.some((each) => each.name === name)) return [];
  const folder = path.join(FOLDER, name, "assets");
  const names = (await readdir(folder)).filter((each) => !each.startsWith(".")).sort();
  return await Promise.all(
    names.map(async (each) => {
      const file = path.join(folder, each);
      return { name: each, file, sizeBytes: (await stat(file)).size };
    }),
  );
}
