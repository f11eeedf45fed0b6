import type { BlobReader, Blobs } from "@inlet/blobs";
import { AppError, type Issue, isEnded, isErrorFileName, type Reason, Unavailable } from "@inlet/contracts";
import { type CorrectableBatch, claimCorrection, type Database, findCorrectable, transaction } from "@inlet/database";
import {
  addCanonicalRecords,
  type CorrectionFault,
  mapColumns,
  mergeCorrection,
  OnlyNew,
  type Recognition,
  RecordSet,
  type Report,
  recogniseReturned,
  type ScanPlan,
  TooManyUnsorted,
  tableInDialect,
} from "@inlet/delimited";
import { type Decision, reject, type StepWork } from "@inlet/pipeline";
import { type Plain, peekedSource, sourceOf } from "@inlet/structural-check";
import { asSent, type Subject } from "./subject.ts";

interface Deps {
  blobs: Blobs;
  database: Database;
}

/** Findings on a mended error file that are kept. */
const KEPT_FAULTS = 1_000;

/** Why a mended error file is not taken. */
class Refused extends Error {
  readonly decision: Decision;

  constructor(reason: Reason, faults: readonly CorrectionFault[] = [], totals: Record<string, number> = {}) {
    super(reason.message);
    this.decision = reject(reason, { issues: faults.map(issueOf), issueTotals: totals });
  }
}

function refuse(code: string, message: string): never {
  throw new Refused({ code, message });
}

/**
 * Opens what is to be checked. A mended error file is known by its columns, under whatever name it came: to check it as a
 * file of its own would put a handful of mended rows in the place of a whole table. A decision is the batch's end.
 * @param sent the data file as it was sent, out of what it came in; it is closed here, unless the subject has it
 * @throws Unavailable while the batch that is corrected is still under way
 */
export async function openSubject(deps: Deps, work: StepWork, sent: Plain): Promise<Subject | Decision> {
  try {
    const recognition = await recogniseReturned(peekedSource(sent.reader), work.table.limits, work.signal);
    if (recognition.kind === "returned") {
      const subject = await openCorrection(deps, work, recognition);
      await sent.reader.close();
      return subject;
    }
    if (recognition.kind === "unmarked" || (await isMarkMissing(work, sent))) {
      refuse(
        "correction_mark_missing",
        `${work.step.fileName} looks like a mended error file, but its column error_ref is missing or empty, so it is not known which rows it corrects. Mend the error file again and leave that column as it is, saved as CSV; a file that is none needs another name and no error columns. Nothing was imported.`,
      );
    }
    return asSent(sent, work);
  } catch (error) {
    await sent.reader.close();
    if (error instanceof Refused) return error.decision;
    throw error;
  }
}

/** Only its name says that it is one. What cannot be read at all the check itself explains best. */
async function isMarkMissing({ step }: StepWork, { reader }: Plain): Promise<boolean> {
  if (!isErrorFileName(step.fileName)) return false;
  const start = await reader.read(0, 2);
  const isUtf16 = start.length === 2 && (start.readUInt16BE(0) === 0xfeff || start.readUInt16BE(0) === 0xfffe);
  return start.length > 0 && !isUtf16;
}

type Returned = Extract<Recognition, { kind: "returned" }>;

async function openCorrection(deps: Deps, work: StepWork, returned: Returned): Promise<Subject> {
  const { step, table } = work;
  const batch = await findCorrectable(deps.database, { batchId: returned.batchId, projectId: step.projectId });
  if (batch === undefined || batch.id >= step.batchId) {
    return refuse(
      "correction_unknown",
      `${step.fileName} refers to batch ${returned.batchId}, which is none of project ${step.project}. Nothing was imported. Send the error file to the project that it came from.`,
    );
  }
  if (batch.tableName !== step.tableName) {
    return refuse(
      "correction_table_differs",
      `${step.fileName} corrects batch ${batch.id} of table ${batch.tableName}, but by its name it belongs to table ${step.tableName}. Nothing was imported. Send it again under the name that it had.`,
    );
  }
  if (batch.rehearsal !== step.rehearsal) {
    return refuse(
      batch.rehearsal ? "correction_of_rehearsal" : "correction_in_rehearsal",
      batch.rehearsal
        ? `Batch ${batch.id}, which ${step.fileName} corrects, was a rehearsal: nothing of it is in the table, so there is nothing to mend there. Send the whole file.`
        : `Batch ${batch.id}, which ${step.fileName} corrects, is real, and the project is in rehearsal now. Nothing was imported. Send it again once the project is live.`,
    );
  }
  if (batch.lineage.some(({ status }) => !isEnded(status))) {
    throw new Unavailable({
      code: "correction_early",
      message: `Batch ${batch.id}, which is to be corrected, is still under way.`,
    });
  }
  if (batch.lineage.some(({ isForgotten }) => isForgotten)) return refuseForgotten(batch);
  if (batch.lineage.some(({ isDeleted }) => isDeleted)) {
    return refuse(
      "correction_too_late",
      `The rows of ${batch.original.fileName} (batch ${batch.id}) are kept no longer, so they cannot be mended one by one. Mend the file itself and send it again. Nothing was imported.`,
    );
  }
  const plan = batch.checked?.scan as ScanPlan | null | undefined;
  const { plain } = batch.artifacts;
  if (plan === null || plan === undefined || plain === undefined) {
    return refuse(
      "correction_not_possible",
      `The rows of ${batch.original.fileName} (batch ${batch.id}) could not be read, so they cannot be mended one by one. Mend the file itself and send it again.`,
    );
  }
  const { missing } = mapColumns(returned.file.labels, plan.header.labels);
  if (missing.length > 0) {
    return refuse(
      "correction_columns_missing",
      `${step.fileName} has lost columns of ${batch.original.fileName}: ${missing.slice(0, 10).join(", ")}. Take them from the error file again and send it anew. Nothing was imported.`,
    );
  }
  await claim(deps.database, work, batch);
  const imported = table.mode === "append" ? await importedRecords(deps.blobs, batch) : undefined;
  const merged = await merge(deps.blobs, work, { batch, plan, plainFile: plain, returned });
  return subjectOf(work, { batch, plan, imported, ...merged });
}

async function claim(database: Database, { step, profile }: StepWork, batch: CorrectableBatch): Promise<void> {
  const outcome = await transaction(database, (tx) =>
    claimCorrection(tx, {
      batchId: step.batchId,
      corrects: batch.id,
      byName: profile.duplicates.name === "reject",
    }),
  );
  if (outcome.claimed) return;
  if ("isForgotten" in outcome) return refuseForgotten(batch);
  refuse(
    "correction_repeated",
    `${batch.original.fileName} was corrected or sent again before, as batch ${outcome.by}. To take this correction as well would undo or double its rows, so nothing was imported. What is still wrong stands in the error file of batch ${outcome.by}: mend that one.`,
  );
}

function refuseForgotten({ id, original }: CorrectableBatch): never {
  refuse(
    "correction_of_forgotten",
    `A recipient in the rows of ${original.fileName} (batch ${id}) was forgotten, so they are never imported again. Send the rows that you mend as a file of their own, without that recipient. Nothing was imported.`,
  );
}

/** The records that this file, or one that it corrects, has brought into the table; undefined when there are none. */
async function importedRecords(blobs: Blobs, batch: CorrectableBatch): Promise<RecordSet | undefined> {
  const imported = batch.lineage.filter(({ isImported }) => isImported);
  if (imported.length === 0) return undefined;
  const records = new RecordSet();
  for (const { canonical } of imported) {
    const reader = await openKept(blobs, batch, canonical);
    try {
      await addCanonicalRecords(sourceOf(reader).open(), records);
    } finally {
      await reader.close();
    }
  }
  return records;
}

/** Opens a file of the batch that is corrected. Files are kept for a while, not for ever. */
async function openKept(blobs: Blobs, { id, original }: CorrectableBatch, key: string | null): Promise<BlobReader> {
  try {
    if (key !== null) return await blobs.open(key);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "blob_missing") throw error;
  }
  return refuse(
    "correction_too_late",
    `${original.fileName} (batch ${id}) is not kept any more, so its rows cannot be corrected one by one. Mend the file itself and send it again. Nothing was imported.`,
  );
}

interface Merged {
  plain: Plain;
  /** Records of the file. */
  records: number;
}

async function merge(
  blobs: Blobs,
  { step, signal }: StepWork,
  parts: {
    batch: CorrectableBatch;
    plan: ScanPlan;
    plainFile: { blobKey: string; name: string; sha256: string };
    returned: Returned;
  },
): Promise<Merged> {
  const { batch, plan, plainFile, returned } = parts;
  const original = await openKept(blobs, batch, plainFile.blobKey);
  const writer = await blobs.create(`${step.client}/${step.batchId}/plain`);
  const faults = new FaultLog();
  try {
    const merging = mergeCorrection({
      original: sourceOf(original),
      plan,
      columns: (batch.checked?.columns ?? []) as Report["columns"],
      mark: { batchId: batch.id, sha256: plainFile.sha256 },
      returned: returned.file,
      onFault: (fault) => faults.add(fault),
      signal,
    });
    let next = await merging.next();
    for (; !next.done; next = await merging.next()) {
      signal.throwIfAborted();
      await writer.write(next.value);
    }
    const { records, rows, changed } = next.value;
    faults.assertNone(step.fileName);
    assertSense(step, { rows, changed });
    const { key: blobKey, sizeBytes, sha256 } = await writer.finish();
    const artifact = { kind: "plain", blobKey, name: plainFile.name, sizeBytes, sha256 } as const;
    return { records, plain: { artifact, reader: await blobs.open(blobKey) } };
  } catch (error) {
    if (!(error instanceof TooManyUnsorted)) throw error;
    return refuse(
      "correction_unsorted",
      `${step.fileName} is too large to be put in order. Sort its rows by error_record and send it again. Nothing was imported.`,
    );
  } finally {
    await writer.abort();
    await original.close();
  }
}

function assertSense(
  { fileName, declared }: StepWork["step"],
  { rows, changed }: { rows: number; changed: number },
): void {
  if (rows === 0) {
    refuse(
      "correction_empty",
      `${fileName} is an error file without rows to mend. What is wrong with the file as a whole has to be mended in the file itself. Nothing was imported.`,
    );
  }
  if (declared !== null && declared !== rows) {
    refuse(
      "declared_count_differs",
      `${declared} records were declared, but ${fileName} holds ${rows}. Nothing was imported. Send the whole file again.`,
    );
  }
  if (changed === 0) {
    refuse(
      "correction_unchanged",
      `${fileName} is the error file as it was handed out: no cell of it was changed. Nothing was imported. Mend it, save it, and send it again.`,
    );
  }
}

/** Counts all faults of a mended file, and keeps the first of them. */
class FaultLog {
  readonly #kept: CorrectionFault[] = [];
  readonly #totals: Record<string, number> = {};
  #count = 0;

  add(fault: CorrectionFault): void {
    this.#count += 1;
    this.#totals[fault.code] = (this.#totals[fault.code] ?? 0) + 1;
    if (this.#kept.length < KEPT_FAULTS) this.#kept.push(fault);
  }

  assertNone(fileName: string): void {
    const [first] = this.#kept;
    if (first === undefined) return;
    const count = `${this.#count} ${this.#count === 1 ? "row" : "rows"} of ${fileName} cannot be taken`;
    const message = `${count}, so nothing was corrected and nothing imported. Mend them and send the error file again. The first: line ${first.line}: ${first.message}`;
    throw new Refused({ code: "correction_invalid", message }, this.#kept, this.#totals);
  }
}

function issueOf({ code, message, line, record, column, value }: CorrectionFault): Issue {
  return {
    ...{ code, message, line, record, column, offset: null, fix: null, severity: "error" },
    value: value === null ? null : value.slice(0, 100),
  };
}

function subjectOf(
  work: StepWork,
  parts: Merged & { batch: CorrectableBatch; plan: ScanPlan; imported: RecordSet | undefined },
): Subject {
  const { batch, plan, imported, plain, records } = parts;
  const { fileName, declared, mapping, flag } = batch.original;
  let onlyNew: OnlyNew | undefined;
  const table = tableInDialect(work.table, plan);
  return {
    plain,
    work: {
      ...work,
      // What a sender said of the very bytes holds no more.
      table: { ...table, controls: table.controls.filter(({ total }) => total !== "bytes" && total !== "sha256") },
      step: { ...work.step, fileName, declared, mapping, artifacts: { ...work.step.artifacts, ...(flag && { flag }) } },
    },
    correction: { corrects: batch.id, fileName },
    through(sinks) {
      if (imported === undefined) return sinks;
      onlyNew = new OnlyNew(imported, sinks);
      return onlyNew.sinks as typeof sinks;
    },
    async judge(report) {
      if (isShifted(report, records, plan)) {
        return failed(report, {
          code: "correction_shifted",
          message: `With these corrections ${fileName} would be cut into other records than before (${report.counts.records} instead of ${records}): a quote that is still open in another row meets one of the new ones. Mend that row as well. Nothing was imported.`,
        });
      }
      if (report.verdict === "fail" || onlyNew === undefined || imported === undefined) return report;
      const { conflict } = await onlyNew.finish(records);
      return conflict === null
        ? withoutImported(report, imported.size)
        : failed(report, {
            code: "correction_conflicts",
            message: `Record ${conflict} of ${fileName} is imported already, and would be wrong beside a corrected one: two records with one key, or one group. Nothing of the correction was imported. Mend the error file of batch ${batch.id} again.`,
          });
    },
  };
}

/** Whether the corrected file is cut into other records than the original: all numbers would name others. */
function isShifted({ counts, scan, issues }: Report, records: number, plan: ScanPlan): boolean {
  const isWhole = issues.byCode.file_too_large === undefined && issues.byCode.records_too_many === undefined;
  return scan !== null && isWhole && (counts.records !== records || scan.data.offset !== plan.data.offset);
}

const failed = (report: Report, reason: Reason): Report => ({ ...report, verdict: "fail", reason });

/** Counts the records that are not imported yet: they are what this batch is about. */
function withoutImported(report: Report, imported: number): Report {
  const { records, valid, rejected } = report.counts;
  const counts = { records: records - imported, valid: valid - imported, rejected };
  if (counts.valid > 0) return { ...report, counts };
  const message = `None of the ${counts.records} records that are not imported yet is valid. Mend them in this batch's error file and send it back.`;
  return failed({ ...report, counts }, { code: "rows_invalid", message });
}
