import type { Blobs } from "@inlet/blobs";
import {
  InvalidInput,
  isErrorFileName,
  matchErrorFile,
  matchFile,
  type Profile,
  type Table,
  unknownFileName,
} from "@inlet/contracts";
import { type Artifact, type ClaimedStep, type LiveProject, lockProjectIntake, lockRun } from "@inlet/database";
import type { ZippedFile } from "@inlet/envelope";
import { type IncomingFile, receiveFiles, type StepWork, type Transaction } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { type CameIn, storeInner } from "@inlet/structural-check";

/**
 * Takes the data files of a ZIP apart: each becomes a batch of its own, in the ZIP's run, in the very transaction that ends
 * the ZIP's batch. Their bytes are stored before, under the ZIP's batch, so that a crash leaves no half; a second attempt
 * stores them again.
 * @throws InvalidInput when one of them is not sound: then nothing of the ZIP is taken
 */
export async function unpack(
  blobs: Blobs,
  work: StepWork<Table | null>,
  { files, cameIn }: { files: readonly ZippedFile[]; cameIn: CameIn },
): Promise<Transaction> {
  const { step, profile } = work;
  if (step.declared !== null) {
    throw new InvalidInput({
      code: "declared_count_ambiguous",
      message: `${step.declared} records were declared for ${step.fileName}, but it holds ${files.length} data files, and each is a file of its own. Nothing was imported. Send them one by one, or declare nothing.`,
    });
  }
  if (step.mapping !== null) {
    throw new InvalidInput({
      code: "mapping_differs",
      message: `Columns were chosen by hand for ${step.fileName}, but it holds ${files.length} data files, and each has columns of its own. Nothing was imported. Send them one by one, or choose nothing.`,
    });
  }
  const stored = await storeParts(blobs, work, files);
  return {
    async transact(tx) {
      await lockProjectIntake(tx, step.projectId);
      const { key: runKey } = await lockRun(tx, step.runId);
      const parts = stored.map((artifact) => partOf(step, profile, runKey, artifact));
      const { batches, steps, messages } = await receiveFiles(tx, projectOf(step, profile), parts);
      failpoint("validate.unpacked");
      const made = batches.map(({ batchId }) => batchId);
      const ids = made.join(", ");
      const message = `The ZIP held ${files.length} data files; each is a batch of its own: ${ids}.`;
      const reason = { code: "unpacked", message };
      const due = { batches: made, steps, messages };
      return { verdict: "end", status: "unpacked", reason, due, result: { wrapping: cameIn } };
    },
  };
}

/** Stores the files, all or, when one is not sound, none: that one would be refused by any attempt. */
async function storeParts(
  blobs: Blobs,
  work: StepWork<Table | null>,
  files: readonly ZippedFile[],
): Promise<Artifact[]> {
  const { client, batchId } = work.step;
  const stored: Artifact[] = [];
  try {
    for (const [place, file] of files.entries()) {
      const key = `${client}/${batchId}/part-${place + 1}`;
      stored.push(await storeInner(blobs, { key, name: file.name, chunks: file.open() }, work));
    }
    return stored;
  } catch (error) {
    if (error instanceof InvalidInput) for (const { blobKey } of stored) await blobs.remove(blobKey);
    throw error;
  }
}

function partOf(step: ClaimedStep, profile: Profile, runKey: string, artifact: Artifact): IncomingFile {
  const { name: fileName, sizeBytes, sha256 } = artifact;
  const match = matchErrorFile(profile, fileName) ?? matchFile(profile, fileName);
  return {
    ...{ arrivalId: null, accountId: step.accountId, source: step.source, declared: null },
    ...{ fileName, sizeBytes, sha256, runKey, partOf: step.batchId },
    tableName: match?.table ?? null,
    isErrorFile: isErrorFileName(fileName),
    refusal: match ? null : unknownFileName(profile, fileName),
    storeSource: async () => ({ ...artifact, kind: "source" }),
    ...flagOf(step),
  };
}

/** The ZIP's flag file may tell of each file in it, so each has it; they share what is stored. */
function flagOf({ artifacts: { flag } }: ClaimedStep): Pick<IncomingFile, "storeFlag"> {
  if (flag === undefined) return {};
  return { storeFlag: async () => ({ ...flag, kind: "flag", sha256: Buffer.from(flag.sha256, "hex") }) };
}

/** The project as it was when the ZIP was received: its files are received under the same. */
const projectOf = (
  { projectId, clientId, client, project, profileVersion, rehearsal }: ClaimedStep,
  profile: Profile,
): LiveProject => ({
  ...{ projectId, clientId, client, project, profileVersion, profile },
  state: rehearsal ? "rehearsal" : "live",
});
