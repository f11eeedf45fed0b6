import { monitoringOf, type PullSource } from "@inlet/contracts";
import {
  addOpenPulls,
  forgetEmptyRun,
  hasRun,
  insertPulls,
  type LiveProject,
  openRuns,
  type PullRef,
  type PullTrigger,
  type Tx,
  tablesBeingPulled,
} from "@inlet/database";
import { pullRunName } from "./pull-timing.ts";
import { systemKeyOf } from "./system-key.ts";

/** What starts pulls. */
export interface PullStart extends PullTrigger {
  /** These tables of the project's. */
  tables: readonly string[];
  /** Everything, also where only what has changed would be pulled. */
  full: boolean;
  now: Date;
}

/** What a trigger started. Publish `pulls` after the commit. */
export interface StartedPulls {
  pulls: (PullRef & { tableName: string })[];
  /** Tables of which a pull is under way, or whose last one is being imported. */
  underWay: { table: string; pullId: number }[];
  /** Null: nothing was started. */
  runId: number | null;
}

/**
 * Starts the pulls of one trigger, and the run that they share, in the caller's transaction, which holds the project's intake
 * lock. Of a table at most one pull is under way: the schedule's trigger is noted as skipped for it.
 */
export async function startPulls(
  tx: Tx,
  { project, source }: { project: LiveProject; source: PullSource },
  { tables, full, now, ...trigger }: PullStart,
): Promise<StartedPulls> {
  const { projectId, clientId, profileVersion, profile } = project;
  const busy = await tablesBeingPulled(tx, { projectId, tables });
  const rehearsal = project.state === "rehearsal";
  const asked = source.pulls.filter(({ table }) => tables.includes(table));
  const free = asked.filter(({ table }) => !busy.has(table));
  const underWay = asked.flatMap(({ table }) => (busy.has(table) ? [{ table, pullId: busy.get(table)! }] : []));
  const common = {
    ...{ ...trigger, clientId, projectId, profileVersion, rehearsal, purpose: "import" as const },
    monitored: monitoringOf(profile).enabled,
    systemKey: systemKeyOf(clientId, source.system),
  };
  const skipped = trigger.by === "person" ? [] : asked.filter(({ table }) => busy.has(table));
  const runId = free.length === 0 ? null : await openRun(tx, project, { trigger, source, now });
  const pulls = await insertPulls(tx, [
    ...free.map(({ table, incremental }) => {
      return { ...common, tableName: table, full: full || incremental === undefined, runId, skipped: null };
    }),
    ...skipped.map(({ table, incremental }) => ({
      ...{ ...common, tableName: table, full: incremental === undefined, runId: null },
      skipped: skippedFor(busy.get(table)!),
    })),
  ]);
  if (runId === null) return { pulls, underWay, runId };
  if (pulls.length === 0) {
    // Another scheduler had this due time already.
    await forgetEmptyRun(tx, runId);
    return { pulls, underWay, runId: null };
  }
  await addOpenPulls(tx, { runId, count: pulls.length });
  return { pulls, underWay, runId };
}

const skippedFor = (pullId: number) => ({
  code: "pull_skipped",
  message: `Pull ${pullId} of the table was still under way, or its batch had not ended, when this one was due. The next due time pulls again; if this happens often, pull less often.`,
});

async function openRun(
  tx: Tx,
  { projectId, state }: LiveProject,
  { trigger, source, now }: { trigger: PullTrigger; source: PullSource; now: Date },
): Promise<number> {
  const timezone = source.schedule && "at" in source.schedule ? source.schedule.timezone : "UTC";
  const name = pullRunName({ at: trigger.dueAt ?? now, by: trigger.by }, timezone);
  const key = await freeKey(tx, projectId, state === "rehearsal" ? `rehearsal ${name}` : name);
  return (await openRuns(tx, { projectId, keys: [key] })).get(key)!.id;
}

/** A name that no run of the project has: two people may start pulls in the same second. */
async function freeKey(tx: Tx, projectId: number, name: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const key = count === 1 ? name : `${name} (${count})`;
    if (!(await hasRun(tx, { projectId, key }))) return key;
  }
}
