import type { BatchStatus, Profile, Reason } from "@inlet/contracts";
import {
  answeredBatches,
  batchesOfRuns,
  type EndedBatch,
  endBatches,
  failHeld,
  gatherRun,
  holdAgain,
  insertMessages,
  type LockedRun,
  type MessageRef,
  markRunsReported,
  pulledTablesOfRun,
  pullsOfRuns,
  type RunBatch,
  recordBatchEvent,
  releaseHeld,
  setRunSettle,
  type Tx,
} from "@inlet/database";
import { replyMessage } from "./reply.ts";
import { fileMessage, isPullRun, missingTables, readiness, reportMessage, reportRecipients } from "./report.ts";
import { firstStage, judgeHolds, type Verdict } from "./schedule/holds.ts";
import { tellEnds, tellReports } from "./webhook-events.ts";

/** A batch that ends. Its run's row is locked by the caller's transaction, before any row of a batch or step. */
export interface Closing {
  run: LockedRun;
  batchId: number;
  status: BatchStatus;
  reason: Reason | null;
  /** Undefined: it cannot be read any more, and cannot word a report; the batch's end stands all the same. */
  profile: Profile | undefined;
}

/** The batches that ended, and what was written into the outbox. */
export interface Told {
  ended: Map<number, EndedBatch>;
  messages: MessageRef[];
}

/**
 * Ends a batch and writes into the outbox, in the same commit, the answer to the e-mail that it came by, what webhooks are
 * told of it, and the run's e-mails where that completes its run.
 */
export async function closeBatch(tx: Tx, closing: Closing): Promise<Told> {
  return await closeBatches(tx, [closing]);
}

/**
 * Ends batches, answers and reports, as {@link closeBatch}, with a number of statements that does not grow. `ended` has those
 * that were given up with them, too: files of their runs that were held for them.
 */
export async function closeBatches(tx: Tx, closings: readonly Closing[]): Promise<Told> {
  const { ended, messages } = await endAndTell(tx, closings);
  const settled = await settleClosings(tx, closings);
  return {
    ended: new Map([...ended, ...settled.ended]),
    messages: [...messages, ...settled.messages],
  };
}

async function endAndTell(tx: Tx, closings: readonly Closing[]): Promise<Told> {
  const ended = await endBatches(tx, closings);
  const replies = await reply(
    tx,
    closings.filter(({ batchId }) => ended.get(batchId)?.source === "email"),
  );
  return { ended, messages: [...replies, ...(await tellEnds(tx, closings, ended))] };
}

/** So many of the first findings are told in a reply; all of them are in the error file. */
const MOST_FINDINGS = 10;

/** Writes the answers to the e-mails that batches came by. One that ends again, after a retry, is answered again. */
async function reply(tx: Tx, closings: readonly Closing[]): Promise<MessageRef[]> {
  if (closings.length === 0) return [];
  const profiles = new Map(closings.map(({ batchId, profile }) => [batchId, profile]));
  const answered = await answeredBatches(tx, { batchIds: [...profiles.keys()], mostFindings: MOST_FINDINGS });
  const at = new Date();
  return await insertMessages(
    tx,
    answered.map((batch) => ({
      key: `reply:${batch.batchId}:${batch.ends}`,
      projectId: batch.projectId,
      runId: null,
      batchId: batch.batchId,
      recipient: batch.sender,
      payload: replyMessage(profiles.get(batch.batchId), batch, at),
    })),
  );
}

/** Settles the runs of batches that have just ended. */
async function settleClosings(tx: Tx, closings: readonly Closing[]): Promise<Told> {
  const judged = closings.flatMap(({ run, profile }) => (profile ? [[run.id, { run, profile }] as const] : []));
  return await settleRuns(tx, [...new Map(judged).values()]);
}

/** Lets runs' held files go on as far as they may, and reports the runs that are complete now. Their rows are locked. */
export async function settleRuns(tx: Tx, runs: readonly Pick<RunReport, "run" | "profile">[]): Promise<Told> {
  const told: Told = { ended: new Map(), messages: [] };
  if (runs.length === 0) return told;
  const batches = await batchesOfRuns(
    tx,
    runs.map(({ run }) => run.id),
  );
  const complete: RunReport[] = [];
  for (const { run, profile } of runs) {
    const held = await settleHeld(tx, { run, profile, batches: batches.get(run.id) ?? [] });
    told.messages.push(...held.messages);
    for (const [batchId, ended] of held.ended) told.ended.set(batchId, ended);
    const ready = readiness(profile.run, run, held.batches);
    if (ready.report === "later") await setRunSettle(tx, { runId: run.id, settleMs: ready.settleMs });
    if (ready.report === "now") complete.push({ run, profile, batches: held.batches });
  }
  told.messages.push(...(await reportRuns(tx, complete)));
  return told;
}

/**
 * Lets a run's held files go on, or gives them up, as far as its other files and its time say. What goes on has its first
 * step, which is to be admitted after the commit. Resolves to the run's batches as they are then. Whether files are held the
 * run's batches say, and no profile: its newest may know nothing of what its older files wait for. Where none is, nothing is
 * asked for.
 */
export async function settleHeld(
  tx: Tx,
  { run, profile, batches: given }: RunReport,
): Promise<Told & { batches: readonly RunBatch[] }> {
  const told: Told = { ended: new Map(), messages: [] };
  let batches = given;
  const isHolding = given.some(({ held }) => held);
  const pulling = isHolding && run.openPulls > 0 ? await pulledTablesOfRun(tx, run.id) : [];
  // Each round ends files, or holds some again, after which others may end or go on: at most a round for each of them.
  for (let round = 0; round <= given.length && batches.some(({ held }) => held); round += 1) {
    const verdict = judgeHolds(profile, run, batches, null, pulling);
    await gatherForDate(tx, run, profile, verdict);
    await letGo(tx, profile, verdict);
    if (verdict.fail.length > 0) {
      const { ended, messages } = await giveUpHeld(tx, { run, profile, verdict });
      told.messages.push(...messages);
      for (const [batchId, end] of ended) told.ended.set(batchId, end);
    }
    if (verdict.fail.length === 0 && verdict.revive.length === 0) break;
    batches = (await batchesOfRuns(tx, [run.id])).get(run.id) ?? [];
  }
  return { ...told, batches };
}

/** A file in a run of a date waits for what is expected before it, but not for ever. */
async function gatherForDate(tx: Tx, run: LockedRun, { run: grouping }: Profile, { waits }: Verdict): Promise<void> {
  if (grouping.group !== "date" || isPullRun(run.key) || run.gatherUntil !== null || waits.size === 0) return;
  const gatherMs = grouping.settleSeconds * 1000;
  await gatherRun(tx, { runId: run.id, gatherMs });
  run.gatherUntil = new Date(Date.now() + gatherMs);
  run.isGathering = true;
}

async function letGo(tx: Tx, profile: Profile, { release, revive }: Verdict): Promise<void> {
  if (release.length > 0) await releaseHeld(tx, { batchIds: release, kind: firstStage(profile) });
  if (revive.length === 0) return;
  // Not under way at once: their tables have an order, as they had before.
  await holdAgain(tx, revive);
  for (const batchId of revive) {
    await recordBatchEvent(tx, { batchId, event: "retried", actor: "schedule", detail: { step: firstStage(profile) } });
  }
}

async function giveUpHeld(
  tx: Tx,
  { run, profile, verdict }: Pick<RunReport, "run" | "profile"> & { verdict: Verdict },
): Promise<Told> {
  await failHeld(tx, { files: verdict.fail, kind: firstStage(profile) });
  const closings = verdict.fail.map(({ batchId, reason }) => {
    return { run, batchId, status: "failed" as const, reason, profile };
  });
  return await endAndTell(tx, closings);
}

/** A run to report. Its row is locked by the caller. */
export interface RunReport {
  run: LockedRun;
  profile: Profile;
  batches: readonly RunBatch[];
}

/** Reports runs, each under its next revision. */
export async function reportRuns(tx: Tx, reports: readonly RunReport[]): Promise<MessageRef[]> {
  if (reports.length === 0) return [];
  const revisions = await markRunsReported(
    tx,
    reports.map(({ run }) => run.id),
  );
  const at = new Date();
  // A trigger at which nothing came, and nothing was expected, is no news.
  const mailed = reports.filter(
    ({ run, profile, batches }) => batches.length > 0 || missingTables(profile.run, batches, run.key).length > 0,
  );
  const ofPulls = mailed.filter(({ run }) => isPullRun(run.key)).map(({ run }) => run.id);
  const pulls = ofPulls.length > 0 ? await pullsOfRuns(tx, ofPulls) : undefined;
  const mails = await insertMessages(
    tx,
    mailed.flatMap(({ run, profile, batches }) => {
      const revision = revisions.get(run.id)!;
      const recipients = reportRecipients(profile, batches);
      if (recipients.length === 0) return [];
      const payload = reportMessage(profile, { id: run.id, key: run.key, revision, at }, batches, pulls);
      return recipients.map((recipient) => ({
        key: `run:${run.id}:${revision}:${recipient.toLowerCase()}`,
        projectId: run.projectId,
        runId: run.id,
        batchId: null,
        recipient,
        payload,
      }));
    }),
  );
  return [...mails, ...(await tellReports(tx, reports, { revisions, at }))];
}

/** Writes the e-mails on one file's reception or start, where the project wants them. */
export async function announceFile(
  tx: Tx,
  {
    event,
    profile,
    projectId,
    batchId,
    table,
    fileName,
    sizeBytes,
    rehearsal,
  }: {
    event: "received" | "started";
    profile: Profile;
    projectId: number;
    batchId: number;
    table: string | null;
    fileName: string;
    sizeBytes: number;
    rehearsal: boolean;
  },
): Promise<MessageRef[]> {
  if (!profile.notify.on.includes(event)) return [];
  const payload = fileMessage(profile, { event, batchId, table, fileName, sizeBytes, rehearsal, at: new Date() });
  return await insertMessages(
    tx,
    profile.notify.recipients.map((recipient) => ({
      key: `batch:${batchId}:${event}:${recipient.toLowerCase()}`,
      projectId,
      runId: null,
      batchId,
      recipient,
      payload,
    })),
  );
}
