import { type Database, type LookStatus, mailboxStatuses, sourceStatuses } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import type { BatchRow, IntakeHub, IntakeProject } from "./hub.ts";

const SECONDS = { timeoutMs: 30_000, what: "the watcher" };

type LooksTable = "source_looks" | "mailbox_looks";

/**
 * Where a place is looked at every second, which is the least that a profile can ask for, its next look comes after a tenth of that;
 * pauses after failures stay. The places of projects that are not the newest rest: their tests are over.
 */
export async function lookOften({ pool }: Database, table: LooksTable): Promise<void> {
  await pool.query(`
    CREATE FUNCTION look_often() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.project_id < (SELECT max(id) FROM projects) THEN NEW.next_look_at := now() + interval '1 day';
        ELSIF NEW.next_look_at <= now() + interval '1 s' THEN NEW.next_look_at := now() + interval '100 ms';
        END IF;
        RETURN NEW;
      END $$;
    CREATE TRIGGER look_often BEFORE INSERT OR UPDATE OF next_look_at ON ${table} FOR EACH ROW EXECUTE FUNCTION look_often()`);
}

/** What a test sees of a watcher that looks at places outside, such as remote servers or mailboxes. */
export function watching(hub: () => IntakeHub, table: LooksTable) {
  const statuses = { source_looks: sourceStatuses, mailbox_looks: mailboxStatuses }[table];
  const statusOf = async ({ projectId }: IntakeProject) =>
    (await statuses(hub().database)).find((status) => status.projectId === projectId);
  /** Its pause is over; that after the look of a `status`, where another watcher may have looked once more by now. */
  async function lookNow({ projectId }: IntakeProject, status?: LookStatus): Promise<void> {
    await hub().database.pool.query(
      `UPDATE ${table} SET next_look_at = now() WHERE project_id = $1 AND failures = coalesce($2, failures)`,
      [projectId, status?.failures],
    );
  }
  return {
    lookNow,
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
    /** Waits until the place was looked at so often from now on, also where it fails. */
    async looks(project: IntakeProject, count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        const before = (await statusOf(project))?.lookedAt?.getTime() ?? 0;
        await lookNow(project);
        await waitFor(async () => ((await statusOf(project))?.lookedAt?.getTime() ?? 0) > before, SECONDS);
      }
    },
  };
}
