import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Profile, profileSchema } from "@inlet/contracts";
import { parse } from "yaml";

const FOLDER = path.resolve(import.meta.dirname, "..");

/** The demo's own profiles: `campaign` and `retail`. */
export async function readProfile(name: string): Promise<Profile> {
  const text = await readFile(path.join(FOLDER, "profiles", `${name}.yaml`), "utf8");
  return profileSchema.parse(parse(text));
}

/** The storyboard of one of the demo's projects. */
export async function readStoryboard(name: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(FOLDER, "storyboards", `${name}.json`), "utf8"));
}

/** Where a file of the demo's clients lies. */
export function sampleFile(name: string): string {
  return path.join(FOLDER, "files", name);
}
