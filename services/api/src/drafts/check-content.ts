import type { BlobReader, Blobs, BlobWriter } from "@inlet/blobs";
import type { Issue, Reason, Table } from "@inlet/contracts";
import { type DraftCheckFiles, type DraftRow, liveStoryboard } from "@inlet/database";
import { check, ErrorFile, FindingsWriter, type Report } from "@inlet/delimited";
import { openReferences, projectRules, sourceOf } from "@inlet/structural-check";
import type { CheckParts, Running, Subject } from "./check-parts.ts";
import { draftKey } from "./draft-store.ts";
import type { Edited } from "./edited-content.ts";
import { type Reading, type ReadingFacts, readingKey } from "./reading.ts";
import { watched } from "./watched-source.ts";

/** Findings about the file as a whole that are shown. */
const MOST_OF_FILE = 100;

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
export async function checkContent(
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
    // A file on trial for a profile that is still being written belongs to no project.
    const hasStoryboard = profile.links !== undefined && draft.projectId !== null;
    const storyboard = hasStoryboard ? (await liveStoryboard(database, draft.projectId!))?.document : undefined;
    const source = watched(sourceOf(reader), sizeBytes, (doneBytes) =>
      onProgress({ phase: "checking", doneBytes, totalBytes: sizeBytes }),
    );
    const report = await check(source, {
      ...projectRules(
        { profile, table },
        { references: openReferences(database, { client, project, rehearsal }), hooks, storyboard },
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
