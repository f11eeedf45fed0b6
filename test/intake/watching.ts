import type { Database, LookStatus } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import type { BatchRow, IntakeHub, IntakeProject } from "./hub.ts";

const SECONDS = { timeoutMs: 30_000, what: "the watcher" };

/** What a test sees of a watcher that looks at places outside, such as remote servers or mailboxes. */
export function watching(hub: () => IntakeHub, statuses: (database: Database) => Promise<LookStatus[]>) {
  const statusOf = async ({ projectId }: IntakeProject) =>
    (await statuses(hub().database)).find((status) => status.projectId === projectId);
  return {
    batchesOf: ({ projectId }: IntakeProject, count: number): Promise<BatchRow[]> =>
      waitFor(async () => {
        const batches = await hub().batches(projectId);
        return batches.length >= count && batches;
      }, SECONDS),
    statusOf,
    failing: (project: IntakeProject, code: string): Promise<LookStatus> =>
      waitFor(async () => {
        const status = await statusOf(project);
        return status?.errorCode === code && status;
      }, SECONDS),
    well: (project: IntakeProject): Promise<LookStatus> =>
      waitFor(async () => {
        const status = await statusOf(project);
        return status !== undefined && status.failures === 0 && status.succeededAt !== null && status;
      }, SECONDS),
    /** Waits until the place was looked at so often from now on. */
    async looks(project: IntakeProject, count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const before = (await statusOf(project))?.lookedAt?.getTime() ?? 0;
        await waitFor(async () => ((await statusOf(project))?.lookedAt?.getTime() ?? 0) > before, SECONDS);
      }
    },
  };
}
