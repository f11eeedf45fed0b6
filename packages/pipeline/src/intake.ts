import type { Reason } from "@inlet/contracts";
import {
  type EarlierBatch,
  findEarlierBatches,
  insertBatches,
  insertFirstSteps,
  insertSources,
  type LiveProject,
  type MessageRef,
  openRuns,
  type StepRef,
  type Tx,
} from "@inlet/database";
import { admit } from "./admission.ts";
import { announceFile, closeBatch } from "./endings.ts";
import { settleWithBatches } from "./pulls/settle-pull.ts";
import type { IncomingFile, ReceivedFile } from "./received-file.ts";
import { isPullRun } from "./report.ts";
import { holdFiles, placeFiles, type ReceivedBatch } from "./schedule/hold-files.ts";
import { firstStage } from "./schedule/holds.ts";
import { tellReceived } from "./webhook-events.ts";

/** What received files became. Publish `steps` and `messages` after the commit. */
export interface Reception {
  /** In the order of the files. */
  batches: { batchId: number; refusal: Reason | null }[];
  steps: StepRef[];
  messages: MessageRef[];
}

/**
 * Makes the batches of received files: runs, batches, stored sources, first steps and e-mails in the caller's transaction,
 * with a number of statements that does not grow with the number of files. The caller holds the project's intake lock
 * (`lockProjectIntake`), so that of two files with one name exactly one is accepted, and batches are numbered in order of
 * arrival. A duplicate and a refused file become batches too: visible, and at their end. What `storeSource` leaves behind
 * after a rollback harms nothing.
 */
export async function receiveFiles(tx: Tx, project: LiveProject, files: readonly IncomingFile[]): Promise<Reception> {
  const { projectId, clientId, profileVersion, profile } = project;
  const rehearsal = project.state === "rehearsal";
  const arrivedPulls = files.flatMap(({ source, arrivalId }) => (source === "pull" && arrivalId ? [arrivalId] : []));
  // What is pulled is no duplicate: that a system has again what it had before is as good as anything.
  const isPulled = files.every(({ source }) => source === "pull");
  const earlier = isPulled ? new Map() : await earlierBatches(tx, project, files);
  const places = await placeFiles(tx, project, files, (place) => earlier.has(place));
  const runKeys = files.map((file, at) => places?.[at]?.key ?? runKeyOf(file, rehearsal));
  const runs = await openRuns(tx, { projectId, keys: runKeys });
  const settledPulls =
    arrivedPulls.length > 0
      ? await settleWithBatches(tx, { arrivalIds: arrivedPulls, runs: runs.values(), profile })
      : undefined;
  const batchIds = await insertBatches(
    tx,
    files.map((file, place) => ({
      ...file,
      clientId,
      projectId,
      profileVersion,
      rehearsal,
      hasLinks: profile.links !== undefined,
      runId: runs.get(runKeys[place]!)!.id,
      rerunOf: file.rerun?.of ?? null,
      forcedReason: file.rerun?.forcedReason ?? null,
    })),
  );
  const received = files.map((file, place) => ({ file, batchId: batchIds[place]!, run: runs.get(runKeys[place]!)! }));
  // All at once: their syncs to disk share one another's wait.
  const stored = await settled(
    received.map(async ({ file, batchId }) => {
      const artifacts = await settled([file.storeSource(batchId), file.storeFlag?.(batchId)]);
      return artifacts.flatMap((artifact) => (artifact ? [{ ...artifact, batchId }] : []));
    }),
  );
  await insertSources(tx, stored.flat());

  const judge = openJudge(project, earlier);
  const reception: Reception = { batches: [], steps: [], messages: await tellReceived(tx, received) };
  if (settledPulls) reception.messages.push(...settledPulls.messages);
  const accepted: ReceivedBatch[] = [];
  for (const [place, { file, batchId, run }] of received.entries()) {
    const { tableName: table, fileName, sizeBytes } = file;
    const facts = { profile, projectId, batchId, table, fileName, sizeBytes, rehearsal };
    reception.messages.push(...(await announceFile(tx, { event: "received", ...facts })));
    // A rehearsal is tried until it goes well, with the same file as often as it takes.
    const isWelcome = file.isErrorFile || file.rerun !== undefined || file.source === "pull" || rehearsal;
    const misplaced = file.refusal ?? places?.[place]?.refusal ?? null;
    const duplicate = misplaced || isWelcome ? null : judge(place, file, batchId);
    const refusal = misplaced ?? duplicate;
    reception.batches.push({ batchId, refusal });
    if (refusal === null) {
      accepted.push({ file, batchId, run });
      continue;
    }
    const status = duplicate ? "duplicate" : "rejected";
    const closed = await closeBatch(tx, { run, batchId, status, reason: refusal, profile });
    reception.messages.push(...closed.messages);
  }
  const { free, messages } = await holdFiles(tx, project, { received, places, accepted });
  reception.messages.push(...messages);
  if (accepted.length > 0) reception.steps.push(...(await setUnderWay(tx, project, free)));
  return reception;
}

/** The run that a file belongs to. What is rehearsed is never reported together with what is real. */
function runKeyOf({ runKey, arrivalId, fileName, partOf, rerun }: ReceivedFile, rehearsal: boolean): string {
  if (runKey !== null && isPullRun(runKey)) return runKey;
  if ((partOf !== undefined || rerun !== undefined) && runKey !== null) return runKey;
  const key = runKey ?? `file:${arrivalId ?? fileName}`;
  return rehearsal ? `rehearsal ${key}` : key;
}

/** Waits for all, also when one fails: nothing of them may go on once the transaction is over. */
async function settled<T>(work: readonly (Promise<T> | T)[]): Promise<T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

async function setUnderWay(
  tx: Tx,
  { clientId, projectId, profile }: LiveProject,
  batches: readonly ReceivedBatch[],
): Promise<StepRef[]> {
  const first = firstStage(profile);
  if (batches.length > 0) {
    const given = batches.map(({ batchId, file: { sizeBytes } }) => ({ batchId, sizeBytes }));
    await insertFirstSteps(tx, { clientId, kind: first, batches: given });
  }
  // Inside the transaction, unlike elsewhere: it sees the new rows, and the first stage is no import.
  return await admit(tx, [first], { clientId, projectId, tableName: null });
}

async function earlierBatches(
  tx: Tx,
  { projectId, profile, state }: LiveProject,
  files: readonly ReceivedFile[],
): Promise<Map<number, EarlierBatch>> {
  if (state === "rehearsal") return new Map();
  const byName = profile.duplicates.name === "reject";
  const byContent = profile.duplicates.content === "reject";
  if (!byName && !byContent) return new Map();
  return await findEarlierBatches(tx, { projectId, files, byName, byContent });
}

/** Says why a file is a duplicate under its project's policy, of an earlier batch or of one received with it; else null. */
function openJudge({ profile }: LiveProject, earlier: ReadonlyMap<number, EarlierBatch>) {
  const names = new Map<string, EarlierBatch>();
  const contents = new Map<string, EarlierBatch>();
  return (place: number, file: ReceivedFile, batchId: number): Reason | null => {
    const name = file.fileName.toLowerCase();
    const content = file.sha256.toString("hex");
    const found =
      (profile.duplicates.name === "reject" && file.partOf === undefined ? names.get(name) : undefined) ??
      (profile.duplicates.content === "reject" ? contents.get(content) : undefined) ??
      earlier.get(place);
    if (found) return duplicateReason(file.fileName, found);
    const receivedAt = new Date();
    names.set(name, { id: batchId, receivedAt, sameName: true });
    contents.set(content, { id: batchId, receivedAt, sameName: false });
    return null;
  };
}

function duplicateReason(fileName: string, earlier: EarlierBatch): Reason {
  const when = earlier.receivedAt.toISOString().replace("T", " ").slice(0, 16);
  return earlier.sameName
    ? {
        code: "duplicate_name",
        message: `A file named ${fileName} was accepted before (batch ${earlier.id}, ${when} UTC). Nothing was imported. Send new data under a new name.`,
      }
    : {
        code: "duplicate_content",
        message: `${fileName} holds exactly the same bytes as batch ${earlier.id} of ${when} UTC. Nothing was imported.`,
      };
}
