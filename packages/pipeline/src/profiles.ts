import type { Profile } from "@inlet/contracts";
import { type Executor, profileAt } from "@inlet/database";
import { remembered } from "./remembered.ts";

/** Profiles at their versions never change, so a worker reads each once. */
export function openProfileCache(database: Executor) {
  const once = remembered<Profile>(500);
  return (projectId: number, version: number): Promise<Profile> =>
    once(`${projectId}:${version}`, () => profileAt(database, { projectId, version }));
}
