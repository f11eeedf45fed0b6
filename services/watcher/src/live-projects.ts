import { InvariantBroken } from "@inlet/contracts";
import { type Executor, type LiveProject, liveProject } from "@inlet/database";

const MOST = 500;

/** Reads projects with their live profiles, each version once. `version` is the live one as just read. */
export function openLiveProjects(): (executor: Executor, projectId: number, version: number) => Promise<LiveProject> {
  const cache = new Map<number, LiveProject>();
  return async (executor, projectId, version) => {
    const known = cache.get(projectId);
    if (known?.profileVersion === version) return known;
    const project = await liveProject(executor, projectId);
    if (project === undefined) {
      throw new InvariantBroken({ code: "project_missing", message: `There is no project ${projectId}.` });
    }
    if (cache.size >= MOST) cache.delete(cache.keys().next().value!);
    cache.set(projectId, project);
    return project;
  };
}
