import type { Profile, Reason } from "@inlet/contracts";
import {
  type ArrivedPull,
  batchesOfRun,
  forgetEmptyRun,
  type LockedRun,
  lockRuns,
  settlePulls,
  type Tx,
} from "@inlet/database";
import { settleRuns, type Told } from "../endings.ts";

const NOTHING: Told = { ended: new Map(), messages: [] };

/**
 * Settles a pull that ends without a batch: its run waits for it no more, so that what was held for it goes on, and a run whose
 * last pull it was is reported; one that came to nothing is gone. The caller has ended the pull after `lockPullRun`.
 */
export async function settleWithoutBatch(
  tx: Tx,
  { pullId, run, profile }: { pullId: number; run: LockedRun | undefined; profile: Profile },
): Promise<Told> {
  const openPulls = (await settlePulls(tx, { pullIds: [pullId] })).get(run?.id ?? 0);
  if (run === undefined || openPulls === undefined) return NOTHING;
  if ((await batchesOfRun(tx, run.id)).length > 0)
    return await settleRuns(tx, [{ run: { ...run, openPulls }, profile }]);
  if (openPulls === 0) await forgetEmptyRun(tx, run.id);
  return NOTHING;
}

/** Locks a pull's run: before the pull's own row. Undefined: it has none. */
export async function lockPullRun(tx: Tx, runId: number | null): Promise<LockedRun | undefined> {
  return runId === null ? undefined : (await lockRuns(tx, [runId])).get(runId);
}

/**
 * Settles the pulls that received files came of: they are batches now. `runs` are those of the files, locked; they are told how
 * many pulls they still wait for. A run of such a pull that none of the files went into, because its project went live
 * meanwhile, is settled by itself.
 */
export async function settleWithBatches(
  tx: Tx,
  { arrivalIds, runs, profile }: { arrivalIds: readonly number[]; runs: Iterable<LockedRun>; profile: Profile },
): Promise<Told> {
  const open = await settlePulls(tx, { arrivalIds });
  for (const run of runs) {
    run.openPulls = open.get(run.id) ?? run.openPulls;
    open.delete(run.id);
  }
  const told: Told = { ended: new Map(), messages: [] };
  for (const [runId, openPulls] of open) {
    const run = (await lockRuns(tx, [runId])).get(runId)!;
    if (openPulls === 0 && (await forgetEmptyRun(tx, runId))) continue;
    const settled = await settleRuns(tx, [{ run: { ...run, openPulls }, profile }]);
    told.messages.push(...settled.messages);
    for (const [batchId, ended] of settled.ended) told.ended.set(batchId, ended);
  }
  return told;
}

/** Why what a pull brought is not worked on; null: it is. */
export function pullRefusal(
  { pullId, rehearsal, stopped }: ArrivedPull,
  { isRehearsing, hasTable }: { isRehearsing: boolean; hasTable: boolean },
): Reason | null {
  if (stopped !== null) return { code: stopped.code, message: stopped.message };
  if (rehearsal !== isRehearsing) {
    return {
      code: "pull_outdated",
      message: `Pull ${pullId} began while the project ${rehearsal ? "rehearsed" : "was live"}, and came when it ${rehearsal ? "was live" : "rehearsed"}. Nothing of it was imported. Pull again.`,
    };
  }
  if (hasTable) return null;
  return {
    code: "pull_outdated",
    message: `The table of pull ${pullId} is not in the profile any more. Nothing of it was imported.`,
  };
}
