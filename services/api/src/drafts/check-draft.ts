import type { Blobs } from "@inlet/blobs";
import {
  AppError,
  InvalidInput,
  InvariantBroken,
  matchErrorFile,
  matchFile,
  type Table,
  unknownFileName,
} from "@inlet/contracts";
import {
  type Database,
  type DraftCheckFiles,
  type DraftClaim,
  type DraftOutcome,
  type DraftRow,
  endDraftCheck,
  endDraftUnreadable,
  findDraftFiles,
  liveProject,
  noteDraftHash,
  transaction,
} from "@inlet/database";
import { recogniseReturned } from "@inlet/delimited";
import { peekedSource } from "@inlet/structural-check";
import { checkContent } from "./check-content.ts";
import type { CheckParts, Running, Subject } from "./check-parts.ts";
import { checkView, type KeptCheck } from "./check-view.ts";
import { takeFixes } from "./draft-fixes.ts";
import { draftKey } from "./draft-store.ts";
import { writeContent } from "./edited-content.ts";
import { hashUpload, openPlain } from "./open-draft.ts";
import { openReading } from "./reading.ts";

/**
 * Checks a draft that was claimed, with the code of the validator: opens it, makes the edits that were asked for, holds it
 * against its table, keeps findings, rows and error file beside it, and records what came of it. What is wrong with the file
 * is an outcome.
 * @throws what may pass (Unavailable), and what is our own fault
 */
export async function checkDraft(parts: CheckParts, claim: DraftClaim, running: Running): Promise<void> {
  const subject = await readSubject(parts.database, claim);
  if (subject === undefined) return;
  let outcome: DraftOutcome;
  try {
    outcome = await checkSubject(parts, claim, subject, running);
  } catch (error) {
    // A file with edits is as long as the upload: what broke off must not fill the disk.
    await removeMade(parts.store, subject.draft, claim.epoch);
    if (running.signal.aborted || !(error instanceof AppError) || error.retryable || error instanceof InvariantBroken) {
      throw error;
    }
    await endDraftUnreadable(parts.database, claim, { code: error.code, message: error.message });
    return;
  }
  await finish(parts, claim, subject.draft, outcome);
}

async function readSubject(database: Database, { draftId, epoch }: DraftClaim): Promise<Subject | undefined> {
  const draft = await findDraftFiles(database, { draftId, scope: null });
  if (draft === undefined || draft.epoch !== epoch || draft.state !== "checking") return undefined;
  if (draft.trialProfile !== null) {
    return { draft, profile: draft.trialProfile, profileVersion: null, rehearsal: true };
  }
  const live = await liveProject(database, draft.projectId!);
  if (live === undefined) return undefined;
  const { profile, profileVersion, state } = live;
  return { draft, profile, profileVersion, rehearsal: state === "rehearsal" };
}

async function checkSubject(
  parts: CheckParts,
  claim: DraftClaim,
  subject: Subject,
  running: Running,
): Promise<DraftOutcome> {
  const { database, store } = parts;
  const { draft } = subject;
  const startedAt = performance.now();
  if (draft.sha256 === null) {
    draft.sha256 = await hashUpload(store, draft, running);
    await noteDraftHash(database, claim, draft.sha256);
  }
  const plain = await openPlain(parts, claim, subject, running);
  try {
    const table = tableOf(subject, plain.artifact.name);
    const earlier = draft.checkFiles && (await openReading(store, draft.checkFiles));
    if (draft.pendingFix !== null) await takeFixes(parts, claim, draft, running.signal);
    const files: DraftCheckFiles = {
      plain: {
        key: plain.artifact.blobKey,
        name: plain.artifact.name,
        sizeBytes: plain.artifact.sizeBytes,
        sha256: plain.artifact.sha256.toString("hex"),
      },
      content: { key: plain.artifact.blobKey, sizeBytes: plain.artifact.sizeBytes, sha256: "" },
      errors: null,
      corrects: null,
      epoch: claim.epoch,
    };
    files.content.sha256 = files.plain.sha256;
    const returned = await recogniseReturned(peekedSource(plain.reader), table.limits, running.signal);
    if (returned.kind === "returned") {
      files.corrects = returned.batchId;
      return { tableName: table.name, files, checked: correctionView(subject, table, returned.batchId) };
    }
    if (returned.kind === "unmarked") throw unmarked(draft.fileName);
    const edited = await writeContent(parts, claim, { draft, plain, reading: earlier, running });
    if (edited !== undefined) files.content = edited.content;
    const reader = edited === undefined ? plain.reader : await store.open(edited.content.key);
    try {
      const outcome = await checkContent(parts, subject, {
        ...{ table, reader, files, running, plainName: plain.artifact.name, epoch: claim.epoch, edited },
        // Of a file without edits it is the one of this check: the profile may have another format by now.
        plainPlan: edited === undefined || edited.records < 0 ? null : (earlier?.plainPlan ?? null),
      });
      const view = checkView({
        table,
        ...outcome,
        contentVersion: draft.version,
        profileVersion: subject.profileVersion,
        rehearsal: subject.rehearsal,
        checkedAt: new Date(),
        durationMs: performance.now() - startedAt,
      });
      return { tableName: table.name, files, checked: view };
    } finally {
      if (reader !== plain.reader) await reader.close();
    }
  } finally {
    await plain.reader.close();
  }
}

const unmarked = (fileName: string) =>
  new InvalidInput({
    code: "correction_mark_missing",
    message: `${fileName} has the columns of an error file, but nothing in it tells of which batch (its column error_ref is missing or empty). The error file of a batch comes back with that column as it was, saved as CSV. That of a file which was only looked at here does not come back: mend the file itself, or its cells here.`,
  });

/** @throws InvalidInput when nothing tells the table, or the profile has it no more */
function tableOf({ draft, profile }: Subject, plainName: string): Table {
  const { fileName, tableName } = draft;
  const match = matchErrorFile(profile, plainName) ?? matchFile(profile, plainName);
  const name = tableName ?? match?.table;
  const table = profile.tables.find((candidate) => candidate.name === name);
  if (table !== undefined) return table;
  if (tableName === null) {
    const { code, message } = unknownFileName(profile, plainName);
    throw new InvalidInput({ code, message: plainName === fileName ? message : `In ${fileName}: ${message}` });
  }
  throw new InvalidInput({
    code: "table_unknown",
    message: `Project ${profile.project} has no table ${tableName} any more. Discard this file and begin again with one of: ${profile.tables.map((each) => each.name).join(", ")}.`,
  });
}

/** A mended error file is no file of its own: it is merged when it is submitted, and checked with the rows that it mends. */
function correctionView({ draft, profileVersion }: Subject, table: Table, batchId: number): KeptCheck {
  return {
    ...{ verdict: "pass", reason: null, dialect: null, columns: [], targets: [], missing: [] },
    counts: { records: 0, valid: 0, rejected: 0 },
    findings: { errors: 0, warnings: 0, byCode: [], byColumn: [], ofFile: [], kept: 0 },
    policy: {
      policy: table.invalid.policy,
      text: `This is the mended error file of batch ${batchId}.`,
      outcome: `Its rows are put into the file of batch ${batchId} when it is submitted, and checked there.`,
    },
    canSubmit: profileVersion !== null,
    contentVersion: draft.version,
    profileVersion,
    checkedAt: new Date().toISOString(),
    durationMs: 0,
  };
}

/** Records the outcome, then removes what the earlier check left; or what this one made, where nobody wants it any more. */
async function finish(
  { database, store }: CheckParts,
  claim: DraftClaim,
  draft: DraftRow,
  outcome: DraftOutcome,
): Promise<void> {
  const isKept = await transaction(database, (tx) => endDraftCheck(tx, { ...claim, version: draft.version }, outcome));
  if (!isKept) await removeMade(store, draft, claim.epoch);
  else if (draft.checkFiles !== null) await removeMade(store, draft, draft.checkFiles.epoch);
}

/** Removes the files that a check makes. */
async function removeMade(store: Blobs, draft: DraftRow, epoch: number): Promise<void> {
  const kinds = ["rows", "findings", "found", "errors", "content", "reading"];
  for (const kind of kinds) await store.remove(`${draftKey(draft)}/${kind}-${epoch}`);
}
