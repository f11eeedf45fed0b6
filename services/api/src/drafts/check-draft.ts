import { createHash } from "node:crypto";
import type { BlobReader, Blobs, BlobWriter } from "@inlet/blobs";
import {
  AppError,
  InvalidInput,
  InvariantBroken,
  type Issue,
  matchErrorFile,
  matchFile,
  type Profile,
  type Reason,
  type Table,
  unknownFileName,
} from "@inlet/contracts";
import {
  clearPendingFix,
  countDraftEdits,
  type Database,
  type DraftCheckFiles,
  type DraftClaim,
  type DraftRow,
  draftEditsAfter,
  endDraftCheck,
  endDraftUnreadable,
  findDraftFiles,
  liveProject,
  noteDraftHash,
  putDraftEdits,
  removeDraftEdits,
  transaction,
  WHOLE_RECORD,
} from "@inlet/database";
import {
  type ByteSource,
  check,
  type Edit,
  EditRefused,
  ErrorFile,
  FindingsWriter,
  fixesOf,
  type Hooks,
  listFindings,
  type Report,
  recogniseReturned,
  writeEdits,
} from "@inlet/delimited";
import {
  openReferences,
  openSent,
  type Plain,
  peekedSource,
  projectRules,
  type SentWork,
  sourceOf,
} from "@inlet/structural-check";
import { checkView, columnPlaces, type KeptCheck } from "./check-view.ts";
import { draftKey, sourceKey } from "./draft-store.ts";
import { openReading, type Reading, type ReadingFacts, readingKey } from "./reading.ts";

/** What checking drafts needs. */
export interface CheckParts {
  database: Database;
  /** The drafts' own. */
  store: Blobs;
  /** Opens the project's keys and passwords. */
  keyEncryptionKey: Buffer;
  /** The platform team's own rules. */
  hooks: Hooks;
}

/** How far a check is. */
export interface CheckProgress {
  phase: "opening" | "checking";
  doneBytes: number;
  totalBytes: number;
}

interface Running {
  signal: AbortSignal;
  onProgress(progress: CheckProgress): void;
}

/** Findings about the file as a whole that are shown. */
const MOST_OF_FILE = 100;
/** Edits that turn out to be impossible are taken back one by one, up to so many. */
const MOST_REFUSED_EDITS = 50;
const EDITS_AT_ONCE = 5_000;

/** A draft with the profile that it is held against. */
interface Subject {
  draft: DraftRow;
  profile: Profile;
  /** Null for a trial. */
  profileVersion: number | null;
  rehearsal: boolean;
}

/**
 * Checks a draft that was claimed, with the code of the validator: opens it, makes the edits that were asked for, holds it
 * against its table, keeps findings, rows and error file beside it, and records what came of it. What is wrong with the file
 * is an outcome.
 * @throws what may pass (Unavailable), and what is our own fault
 */
export async function checkDraft(parts: CheckParts, claim: DraftClaim, running: Running): Promise<void> {
  const subject = await readSubject(parts.database, claim);
  if (subject === undefined) return;
  try {
    await checkSubject(parts, claim, subject, running);
  } catch (error) {
    if (running.signal.aborted || !(error instanceof AppError) || error.retryable || error instanceof InvariantBroken) {
      throw error;
    }
    await endDraftUnreadable(parts.database, claim, { code: error.code, message: error.message });
  }
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

async function checkSubject(parts: CheckParts, claim: DraftClaim, subject: Subject, running: Running): Promise<void> {
  const { database, store } = parts;
  const { draft } = subject;
  const startedAt = performance.now();
  if (draft.sha256 === null) {
    draft.sha256 = await hashUpload(store, draft, running);
    await noteDraftHash(database, claim, draft.sha256);
  }
  const plain = await openPlain(parts, claim, subject, running.signal);
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
      await finish(parts, claim, draft, { table, files, checked: correctionView(subject, table, returned.batchId) });
      return;
    }
    if (returned.kind === "unmarked") throw unmarked(draft.fileName);
    const edited = await writeContent(parts, claim, { draft, plain, reading: earlier, running });
    if (edited !== undefined) files.content = edited.content;
    const reader = edited === undefined ? plain.reader : await store.open(edited.content.key);
    try {
      const outcome = await checkContent(parts, subject, {
        ...{ table, reader, files, running, plainName: plain.artifact.name, epoch: claim.epoch, edited },
        plainPlan: earlier?.plainPlan ?? null,
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
      await finish(parts, claim, draft, { table, files, checked: view });
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

async function hashUpload(store: Blobs, draft: DraftRow, { signal, onProgress }: Running): Promise<Buffer> {
  const reader = await store.open(sourceKey(draft));
  const hash = createHash("sha256");
  let doneBytes = 0;
  try {
    for await (const chunk of reader.lentChunks()) {
      signal.throwIfAborted();
      hash.update(chunk);
      doneBytes += chunk.length;
      onProgress({ phase: "opening", doneBytes, totalBytes: draft.sizeBytes });
    }
  } finally {
    await reader.close();
  }
  return hash.digest();
}

/** The data file: as it was uploaded, or out of what it came in, which is opened once. */
async function openPlain(parts: CheckParts, claim: DraftClaim, subject: Subject, signal: AbortSignal): Promise<Plain> {
  const { store, database, keyEncryptionKey } = parts;
  const { draft, profile } = subject;
  const kept = draft.checkFiles?.plain;
  if (kept !== undefined) {
    const artifact = {
      ...{ kind: "plain" as const, blobKey: kept.key, name: kept.name, sizeBytes: kept.sizeBytes },
      sha256: Buffer.from(kept.sha256, "hex"),
    };
    return { reader: await store.open(kept.key), artifact };
  }
  const { client, project, fileName, sizeBytes, clientId, projectId } = draft;
  const source = {
    ...{ kind: "source" as const, blobKey: sourceKey(draft), name: fileName, sizeBytes },
    sha256: draft.sha256!.toString("hex"),
  };
  const work: SentWork = {
    step: {
      ...{ batchId: draft.id, epoch: claim.epoch, client, project, fileName, partOf: null, artifacts: { source } },
      // A trial of what is not there yet has no keys and no secrets.
      ...{ clientId: clientId ?? 0, projectId: projectId ?? 0 },
    },
    profile,
    table: profile.tables.find(({ name }) => name === draft.tableName) ?? null,
    signal,
    giveWay: () => undefined,
  };
  const sent = await openSent({ blobs: store, database, keyEncryptionKey }, work);
  if (sent.kind === "file") return sent.plain;
  const names = sent.files.slice(0, 3).map(({ name }) => name);
  await sent.close();
  throw new InvalidInput({
    code: "zip_many_files",
    message: `${fileName} holds ${sent.files.length} data files (${names.join(", ")}${sent.files.length > 3 ? ", …" : ""}). Unpack it and upload each by itself, or send the ZIP by SFTP, where its files are taken together.`,
  });
}

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

/** Makes edits of the replacements that the last check suggested and that somebody asked for. */
async function takeFixes(parts: CheckParts, claim: DraftClaim, draft: DraftRow, signal: AbortSignal): Promise<void> {
  const { database, store } = parts;
  const { code, column, by } = draft.pendingFix!;
  if (draft.checkFiles === null) return;
  const reading = await openReading(store, draft.checkFiles);
  const findings = listFindings(await reading.openFindings(), {
    codes: [code],
    ...(column === null ? {} : { column }),
    hasFix: true,
  });
  const before = new Map<string, string>();
  const noted = noteValues(findings, columnPlaces(reading.columns), before);
  try {
    let page: Edit[] = [];
    const put = async () => {
      signal.throwIfAborted();
      const edits = page.map(({ record, columnIndex, value }) => ({
        ...{ record, columnIndex: columnIndex ?? WHOLE_RECORD, value: storable(value) },
        before: storable(before.get(`${record} ${columnIndex ?? WHOLE_RECORD}`) ?? ""),
      }));
      before.clear();
      page = [];
      // Two findings of one cell suggest the same: one statement may meet a row but once.
      const last = new Map(edits.map((edit) => [`${edit.record} ${edit.columnIndex}`, edit]));
      await putDraftEdits(database, { draftId: draft.id, by, edits: [...last.values()] });
    };
    for await (const edit of fixesOf(noted, reading.columns)) {
      page.push(edit);
      if (page.length >= EDITS_AT_ONCE) await put();
    }
    if (page.length > 0) await put();
  } finally {
    await reading.close();
  }
  await clearPendingFix(database, claim);
}

/** Passes findings on and notes what their cells hold. */
async function* noteValues(
  findings: AsyncIterable<Issue>,
  places: ReadonlyMap<string, number>,
  before: Map<string, string>,
): AsyncGenerator<Issue> {
  for await (const issue of findings) {
    const place = issue.column === null ? undefined : places.get(issue.column);
    before.set(`${issue.record} ${place ?? WHOLE_RECORD}`, issue.value ?? "");
    yield issue;
  }
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
function storable(text: string): string {
  return text.replaceAll("\0", "\u2400").toWellFormed();
}

/** The mended file, and what was found on the way. */
interface Edited {
  content: DraftCheckFiles["content"];
  /** Records that the file has to have. */
  records: number;
  /** Edits that could not be made, in words. */
  refused: string[];
}

/** Writes the mended file; undefined: nothing is mended. */
async function writeContent(
  { database, store }: CheckParts,
  { draftId, epoch }: DraftClaim,
  {
    draft,
    plain,
    reading,
    running: { signal, onProgress },
  }: { draft: DraftRow; plain: Plain; reading: Reading | null; running: Running },
): Promise<Edited | undefined> {
  const plan = reading?.plainPlan;
  if (plan === undefined || plan === null) return undefined;
  const refused: string[] = [];
  for (;;) {
    if ((await countDraftEdits(database, draftId)) === 0) {
      return refused.length === 0 ? undefined : await copyOf(store, draft, plain, epoch, refused);
    }
    const writer = await store.create(`${draftKey(draft)}/content-${epoch}`);
    try {
      const source = watched(sourceOf(plain.reader), plain.reader.sizeBytes, (doneBytes) =>
        onProgress({ phase: "opening", doneBytes, totalBytes: plain.reader.sizeBytes }),
      );
      const writing = writeEdits({ source, plan, edits: editsOf(database, draftId), signal });
      let next = await writing.next();
      for (; !next.done; next = await writing.next()) await writer.write(next.value);
      const { key, sizeBytes, sha256 } = await writer.finish();
      return { content: { key, sizeBytes, sha256: sha256.toString("hex") }, records: next.value.records, refused };
    } catch (error) {
      if (!(error instanceof EditRefused) || refused.length >= MOST_REFUSED_EDITS) throw error;
      refused.push(error.message);
      const { record, columnIndex } = error.edit;
      await removeDraftEdits(database, { draftId, cell: { record, columnIndex: columnIndex ?? WHOLE_RECORD } });
    } finally {
      await writer.abort();
    }
  }
}

/** All edits were impossible: the file as it came. */
async function copyOf(store: Blobs, draft: DraftRow, plain: Plain, epoch: number, refused: string[]): Promise<Edited> {
  const writer = await store.create(`${draftKey(draft)}/content-${epoch}`);
  try {
    for await (const chunk of plain.reader.lentChunks()) await writer.write(chunk);
    const { key, sizeBytes, sha256 } = await writer.finish();
    return { content: { key, sizeBytes, sha256: sha256.toString("hex") }, records: -1, refused };
  } finally {
    await writer.abort();
  }
}

async function* editsOf(database: Database, draftId: number): AsyncGenerator<Edit> {
  let after = { record: 0, columnIndex: WHOLE_RECORD };
  for (;;) {
    const page = await draftEditsAfter(database, { draftId, after, limit: EDITS_AT_ONCE });
    for (const { record, columnIndex, value } of page) {
      yield { record, columnIndex: columnIndex === WHOLE_RECORD ? null : columnIndex, value };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < EDITS_AT_ONCE) return;
    after = last;
  }
}

/** A source that tells how much of it was read, and how often. */
function watched(source: ByteSource, sizeBytes: number, onRead: (doneBytes: number) => void): ByteSource {
  return {
    async *open(offset = 0) {
      let at = offset;
      for await (const chunk of source.open(offset)) {
        yield chunk;
        at = Math.min(sizeBytes, at + chunk.length);
        onRead(at);
      }
    },
  };
}

interface Content {
  table: Table;
  reader: BlobReader;
  files: DraftCheckFiles;
  running: Running;
  plainName: string;
  epoch: number;
  edited: Edited | undefined;
  plainPlan: Reading["plainPlan"];
}

/** Holds the file against its table, and keeps what is needed to show it. */
async function checkContent(
  { database, store, hooks }: CheckParts,
  { draft, profile, rehearsal }: Subject,
  { table, reader, files, running, epoch, edited, plainPlan }: Content,
): Promise<{
  report: Report;
  summary: Awaited<ReturnType<FindingsWriter["end"]>>;
  ofFile: Issue[];
  refusal: Reason | null;
}> {
  const { signal, onProgress } = running;
  const products = openProducts(store, draft, epoch);
  try {
    const findings = new FindingsWriter({ findings: products.sink("findings"), index: products.sink("found") });
    const errors = new ErrorFile(products.sink("errors"));
    const ofFile: Issue[] = [];
    const { client, project } = draft;
    const sizeBytes = reader.sizeBytes;
    const source = watched(sourceOf(reader), sizeBytes, (doneBytes) =>
      onProgress({ phase: "checking", doneBytes, totalBytes: sizeBytes }),
    );
    const report = await check(source, {
      ...projectRules(
        { profile, table },
        { references: openReferences(database, { client, project, rehearsal }), hooks },
      ),
      ...(draft.mapping.length > 0 && { mapping: { columns: draft.mapping } }),
      claims: {
        name: draft.fileName,
        flag: null,
        declared: draft.declaredRecords === null ? {} : { records: String(draft.declaredRecords) },
        sizeBytes: files.content.sizeBytes,
        sha256: files.content.sha256,
      },
      signal,
      sinks: { rows: products.sink("rows"), findings, failed: errors },
      onIssue: (issue) => {
        if (issue.record !== null) return;
        if (ofFile.length < MOST_OF_FILE) ofFile.push(issue);
        if (issue.severity === "error") errors.addFileIssue(issue);
      },
    });
    await errors.end();
    const summary = await findings.end();
    for (const message of edited?.refused ?? []) ofFile.unshift(refusedEdit(message));
    const reading: ReadingFacts = {
      ...{ plan: report.scan, plainPlan: plainPlan ?? report.scan },
      ...{ columns: report.columns, summary, recordCount: report.counts.records },
    };
    await store.put(readingKey(draft, epoch), Buffer.from(JSON.stringify(reading)));
    const made = await products.finish();
    files.errors = made.has("errors") ? `${draftKey(draft)}/errors-${epoch}` : null;
    return { report, summary, ofFile, refusal: shifted(report, edited) };
  } finally {
    await products.abort();
  }
}

/** An edit of a broken file can join rows that were apart: then numbers would mean others than they did. */
function shifted({ counts, issues, scan }: Report, edited: Edited | undefined): Reason | null {
  const isWhole = issues.byCode.file_too_large === undefined && issues.byCode.records_too_many === undefined;
  if (edited === undefined || edited.records < 0 || scan === null || !isWhole || counts.records === edited.records) {
    return null;
  }
  return {
    code: "edits_shift_rows",
    message: `With these edits the file would be cut into other rows than before (${counts.records} instead of ${edited.records}): a quote that is still open in another row meets one of the new ones. Take the last edit back, or mend that row as well.`,
  };
}

const refusedEdit = (message: string): Issue => ({
  ...{ line: null, record: null, offset: null, column: null, value: null, fix: null },
  ...{ code: "edit_not_made", message: `An edit was not made: ${message}`, severity: "warning" },
});

type ProductKind = "rows" | "findings" | "found" | "errors";

/** The files that a check makes, each under its own epoch: one that was given up cannot spoil those of the next. */
function openProducts(store: Blobs, draft: DraftRow, epoch: number) {
  const writers = new Map<ProductKind, Promise<BlobWriter>>();
  const writerOf = (kind: ProductKind) => {
    const writer = writers.get(kind) ?? store.create(`${draftKey(draft)}/${kind}-${epoch}`);
    writers.set(kind, writer);
    return writer;
  };
  return {
    sink: (kind: ProductKind) => async (chunk: Buffer) => {
      await (await writerOf(kind)).write(chunk);
    },
    async finish(): Promise<ReadonlySet<ProductKind>> {
      const made = new Set(writers.keys());
      for (const writer of writers.values()) await (await writer).finish();
      return made;
    },
    async abort() {
      for (const writer of writers.values()) await (await writer).abort();
    },
  };
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

/** Records the outcome, then removes what earlier checks left. */
async function finish(
  { database, store }: CheckParts,
  claim: DraftClaim,
  draft: DraftRow,
  { table, files, checked }: { table: Table; files: DraftCheckFiles; checked: KeptCheck },
): Promise<void> {
  const outcome = { tableName: table.name, checked, files };
  const isKept = await transaction(database, (tx) => endDraftCheck(tx, { ...claim, version: draft.version }, outcome));
  if (!isKept) return;
  const { checkFiles: earlier } = draft;
  if (earlier === null) return;
  const kinds = ["rows", "findings", "found", "errors", "content", "reading"];
  const isOld = earlier.epoch !== files.epoch;
  if (isOld) for (const kind of kinds) await store.remove(`${draftKey(draft)}/${kind}-${earlier.epoch}`);
}
