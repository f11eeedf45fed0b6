import { InvariantBroken } from "@inlet/contracts";
import { type Executor, type PublishedStoryboard, storyboardAt } from "@inlet/database";
import { remembered } from "./remembered.ts";

/** The published storyboards of projects. Versions never change, so a worker reads each once. */
export function openStoryboards(database: Executor) {
  const once = remembered<PublishedStoryboard>(200);
  /** @throws InvariantBroken when there is no such version */
  return (projectId: number, version: number): Promise<PublishedStoryboard> =>
    once(`${projectId}:${version}`, async () => {
      const found = await storyboardAt(database, { projectId, version });
      if (found !== undefined) return found;
      throw new InvariantBroken({
        code: "storyboard_missing",
        message: `Project ${projectId} has no version ${version} of its storyboard.`,
      });
    });
}
