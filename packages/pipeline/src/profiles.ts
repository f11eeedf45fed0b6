import type { Profile } from "@inlet/contracts";
import { type Executor, profileAt } from "@inlet/database";

/** Profiles at their versions never change, so a worker reads each once. */
export function openProfileCache(database: Executor) {
  const MOST = 500;
  const cache = new Map<string, Promise<Profile>>();
  return (projectId: number, version: number): Promise<Profile> => {
    const key = `${projectId}:${version}`;
    let profile = cache.get(key);
    if (profile === undefined) {
      profile = profileAt(database, { projectId, version });
      profile.catch(() => cache.delete(key));
      if (cache.size >= MOST) cache.delete(cache.keys().next().value!);
      cache.set(key, profile);
    }
    return profile;
  };
}
