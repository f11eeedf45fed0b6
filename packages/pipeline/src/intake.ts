import { InvariantBroken, type Reason, stepPlan } from "@inlet/contracts";
import {
  type Artifact,
  findEarlierBatch,
  insertBatch,
  insertStep,
  type LiveProject,
  lockRun,
  type MessageRef,
  openRun,
  putArtifacts,
  type StepRef,
  type Tx,
} from "@inlet/database";
import { admit } from "./admission.ts";
import { announceFile, closeBatch } from "./endings.ts";

/** A file that has arrived, whole and hashed. */
export interface ReceivedFile {
  arrivalId: number | null;
  accountId: number | null;
  source: string;
  fileName: string;
  sizeBytes: number;
  sha256: Buffer;
  declared: number | null;
  /** The table that the name belongs to; null when there is none. */
  tableName: string | null;
  /** What its batch shares with others of its run: the date in its name; null makes it a run of its own. */
  runKey: string | null;
  /** Why it cannot be worked on at all, for example because its name belongs to no table. */
  refusal: Reason | null;
}

/** What a received file became. Publish `steps` and `messages` after the commit. */
export interface Reception {
  batchId: number;
  refusal: Reason | null;
  steps: StepRef[];
  messages: MessageRef[];
}

/**
 * Makes the batch of a received file: run, batch, stored source, first step and e-mails in the caller's transaction. The
 * caller holds the project's intake lock (`lockProjectIntake`), so that of two files with one name exactly one is accepted,
 * and batches are numbered in order of arrival. A duplicate and a refused file become batches too: visible, and at their
 * end. `storeSource` puts the bytes under the new batch's id; what it leaves behind after a rollback harms nothing;
 * null when there are none (a refused file that is lost).
 */
export async function receiveFile(
  tx: Tx,
  project: LiveProject,
  file: ReceivedFile,
  storeSource: (batchId: number) => Promise<Artifact | null>,
): Promise<Reception> {
  const { projectId, clientId, profile } = project;
  const duplicate = file.refusal ? null : await duplicateOf(tx, project, file);
  const runId = await openRun(tx, { projectId, key: file.runKey ?? `file:${file.arrivalId ?? file.fileName}` });
  const run = await lockRun(tx, runId);
  const batchId = await insertBatch(tx, {
    clientId,
    projectId,
    profileVersion: project.profileVersion,
    tableName: file.tableName,
    runId,
    arrivalId: file.arrivalId,
    accountId: file.accountId,
    source: file.source,
    fileName: file.fileName,
    sizeBytes: file.sizeBytes,
    sha256: file.sha256,
    declared: file.declared,
  });
  const stored = await storeSource(batchId);
  if (stored) await putArtifacts(tx, { batchId, artifacts: [stored] });
  const messages = await announceFile(tx, {
    event: "received",
    profile,
    projectId,
    batchId,
    table: file.tableName,
    fileName: file.fileName,
    sizeBytes: file.sizeBytes,
  });
  const refusal = file.refusal ?? duplicate;
  if (refusal) {
    const status = duplicate ? "duplicate" : "rejected";
    const closed = await closeBatch(tx, { run, batchId, status, reason: refusal, profile });
    return { batchId, refusal, steps: [], messages: [...messages, ...closed.messages] };
  }
  const [first] = stepPlan(profile);
  if (first === undefined) throw new InvariantBroken({ code: "empty_plan", message: "A profile has no stages." });
  await insertStep(tx, { batchId, clientId, kind: first, sizeBytes: file.sizeBytes });
  const steps = await admit(tx, first, { clientId, projectId, tableName: file.tableName });
  return { batchId, refusal: null, steps, messages };
}

/** The reason why a file is a duplicate under its project's policy; null when it is none. */
async function duplicateOf(tx: Tx, { projectId, profile }: LiveProject, file: ReceivedFile): Promise<Reason | null> {
  const byName = profile.duplicates.name === "reject";
  const byContent = profile.duplicates.content === "reject";
  if (!byName && !byContent) return null;
  const earlier = await findEarlierBatch(tx, {
    projectId,
    fileName: byName ? file.fileName : null,
    sha256: byContent ? file.sha256 : null,
  });
  return earlier ? duplicateReason(file.fileName, earlier) : null;
}

function duplicateReason(fileName: string, earlier: { id: number; receivedAt: Date; sameName: boolean }): Reason {
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
