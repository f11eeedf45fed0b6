import type { Blobs } from "@inlet/blobs";
import {
  InvalidInput,
  isEnded,
  isErrorFileName,
  matchContainer,
  matchFile,
  type Profile,
  unknownFileName,
} from "@inlet/contracts";
import {
  type Artifact,
  type AuditEntry,
  type Database,
  findResent,
  type LiveProject,
  liveProject,
  lockProjectIntake,
  profileAt,
  type RerunStanding,
  recordAudit,
  recordBatchEvent,
  rerunStanding,
  transaction,
} from "@inlet/database";
import { type FilesOver, filesOver } from "./files-over.ts";
import { receiveFiles } from "./intake.ts";
import type { Publisher } from "./queues.ts";

/** Why a stored file is not received again just now: for programs and in words. */
export interface RerunRefusal {
  code: "not_rerunnable" | "rerun_under_way" | "reason_missing" | "overtaken" | FilesOver["code"];
  message: string;
}

/** What a re-run must say to be done. */
export interface RerunTerms {
  reason: boolean;
  force: boolean;
}

/** How a batch stands, with what else decides on its re-run. */
export interface RerunCase {
  standing: RerunStanding;
  project: Pick<LiveProject, "profile" | "state"> | undefined;
  /** A later batch that is the same file, sent again and accepted. */
  resentAs: number | undefined;
}

/**
 * Whether a batch's stored file can be received again, and what must be said for it: a reason where its rows are there
 * already or it counts as a duplicate, force where a newer file of its table is imported.
 */
export function judgeRerun({ standing, project, resentAs }: RerunCase): RerunRefusal | RerunTerms {
  const { batchId, status } = standing;
  const refuse = (message: string): RerunRefusal => ({ code: "not_rerunnable", message });
  if (!isEnded(status)) return refuse(`Batch ${batchId} is under way. Wait for its end, or cancel it first.`);
  if (status === "unpacked")
    return refuse(`Batch ${batchId} is a ZIP of several files. Re-run those of them that you mean.`);
  const over = filesOver(standing);
  if (over !== undefined) return over;
  if (standing.corrects !== null || isErrorFileName(standing.fileName)) {
    return refuse(`Batch ${batchId} is a mended error file. Re-run the file that it corrects, or send it again.`);
  }
  if (!standing.files.some(({ kind }) => kind === "source")) {
    return refuse(`The file of batch ${batchId} is not kept any more. Have it sent again.`);
  }
  if (project === undefined) return refuse(`The project of batch ${batchId} is gone.`);
  if (standing.rehearsal !== (project.state === "rehearsal")) {
    const words = standing.rehearsal
      ? "was a rehearsal, and its project is live"
      : "is real, and its project is in rehearsal";
    return refuse(`Batch ${batchId} ${words} now. Have the file sent again.`);
  }
  if (standing.underWay !== null) {
    const message = `The file of batch ${batchId} is received again already: batch ${standing.underWay} is under way.`;
    return { code: "rerun_under_way", message };
  }
  const isDuplicate = ["duplicate", "superseded", "completed", "partial"].includes(status) || resentAs !== undefined;
  // What is appended overtakes nothing; but a newer pull asked once more for what was not imported.
  const isOvertaken =
    standing.overtakenBy !== null && (standing.source === "pull" || tableMode(project.profile, standing) !== "append");
  return {
    reason: !standing.rehearsal && (standing.wasImported || isDuplicate),
    force: !standing.rehearsal && isOvertaken,
  };
}

/** Reads what {@link judgeRerun} judges. Undefined: there is no such batch. */
export async function readRerunCase(
  executor: Pick<Database, "query">,
  batchId: number,
): Promise<RerunCase | undefined> {
  const standing = await rerunStanding(executor, batchId);
  if (standing === undefined) return undefined;
  const project = await liveProject(executor, standing.projectId);
  const duplicates = project?.profile.duplicates;
  const resentAs = duplicates
    ? await findResent(executor, {
        batchId,
        byName: duplicates.name === "reject",
        byContent: duplicates.content === "reject",
      })
    : undefined;
  return { standing, project, resentAs };
}

function tableMode(profile: Profile, { tableName }: RerunStanding): string | undefined {
  return profile.tables.find(({ name }) => name === tableName)?.mode;
}

/** Who wants a stored file received again, and why. */
interface RerunOrder {
  batchId: number;
  actor: string;
  reason: string | undefined;
  /** Although a newer file of its table is imported. */
  force: boolean;
  /** The audit's line on it, given the new batch: written with it, or neither is. */
  audit: (batchId: number) => AuditEntry;
}

/**
 * Receives a batch's stored file again as a new batch, under its project's live profile and in the run of the first one.
 * It is no duplicate of anything; in the order of arrival it stands where its file does. One re-run of a file is under way
 * at a time. Resolves to the new batch.
 * @throws InvalidInput `batch_unknown`, or what {@link judgeRerun} says
 */
export async function rerunBatch(
  { database, publisher, blobs }: { database: Database; publisher: Publisher; blobs: Pick<Blobs, "share"> },
  { batchId, actor, reason, force, audit }: RerunOrder,
): Promise<number> {
  const { received, steps, messages } = await transaction(database, async (tx) => {
    const before = await rerunStanding(tx, batchId);
    if (before === undefined)
      throw new InvalidInput({ code: "batch_unknown", message: `There is no batch ${batchId}.` });
    // One at a time: two orders at once are one batch and one refusal.
    await lockProjectIntake(tx, before.projectId);
    const standing = (await readRerunCase(tx, batchId))!;
    const { standing: file, project } = { ...standing, project: await liveProject(tx, before.projectId) };
    const judged = judgeRerun({ ...standing, project });
    if ("code" in judged) throw new InvalidInput(judged);
    assertTerms(judged, standing, { reason, force });
    const { profile } = project!;
    const first = await profileAt(tx, { projectId: file.projectId, version: file.profileVersion });
    const match = tableAgain(file, { before: first, now: profile });
    const stored = (kind: "source" | "flag") => {
      const from = file.files.find((each) => each.kind === kind);
      return (
        from &&
        (async (id: number): Promise<Artifact> => {
          const blobKey = `${file.client}/${id}/${kind}`;
          await blobs.share(from.blobKey, blobKey);
          return { ...from, blobKey, sha256: Buffer.from(from.sha256, "hex") };
        })
      );
    };
    const storeFlag = stored("flag");
    const reception = await receiveFiles(tx, project!, [
      {
        arrivalId: null,
        accountId: file.accountId,
        source: file.source,
        fileName: file.fileName,
        sizeBytes: file.sizeBytes,
        sha256: file.sha256,
        declared: file.declared,
        mapping: file.mapping,
        tableName: match?.table ?? null,
        runKey: file.runKey,
        refusal: match ? null : unknownFileName(profile, file.fileName),
        rerun: { of: file.firstId, forcedReason: force ? (reason ?? null) : null },
        storeSource: stored("source")!,
        ...(storeFlag && { storeFlag }),
      },
    ]);
    const received = reception.batches[0]!.batchId;
    await recordBatchEvent(tx, { batchId, event: "rerun", actor, detail: { as: received, reason } });
    await recordBatchEvent(tx, { batchId: received, event: "rerun of", actor, detail: { of: batchId, reason, force } });
    await recordAudit(tx, audit(received));
    return { ...reception, received };
  });
  publisher.changed({ batches: [batchId, received] });
  await publisher.steps(steps);
  await publisher.messages(messages);
  return received;
}

/**
 * The table that a file is received for again: as its name says today; where a person chose the table under a name that told
 * none or another one, that one, as long as it is there.
 */
function tableAgain(
  { fileName, tableName }: RerunStanding,
  { before, now }: { before: Profile; now: Profile },
): { table: string | null } | undefined {
  const wasChosen = tableName !== null && matchFile(before, fileName)?.table !== tableName && !matchContainer(fileName);
  if (wasChosen && now.tables.some(({ name }) => name === tableName)) return { table: tableName };
  return matchFile(now, fileName) ?? matchContainer(fileName);
}

function assertTerms(
  terms: RerunTerms,
  { standing, resentAs }: RerunCase,
  { reason, force }: Pick<RerunOrder, "reason" | "force">,
): void {
  const { batchId, overtakenBy } = standing;
  if (terms.force && !(force && reason !== undefined)) {
    throw new InvalidInput({
      code: "overtaken",
      message: `Batch ${overtakenBy} of the same table arrived later and is imported, so the older file of batch ${batchId} would put old rows over new ones. To import it all the same, force the re-run and give a reason.`,
    });
  }
  if (terms.reason && reason === undefined) {
    const why = standing.wasImported
      ? "is imported already"
      : resentAs === undefined
        ? `is ${standing.status}`
        : `was sent again and accepted as batch ${resentAs}`;
    throw new InvalidInput({
      code: "reason_missing",
      message: `The file of batch ${batchId} ${why}. To receive it once more, give a reason: it goes into the history.`,
    });
  }
}
