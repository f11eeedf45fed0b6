import type { Blobs } from "@inlet/blobs";
import type {
  DraftFinding,
  DraftRows,
  draftFindingQuerySchema,
  draftRowQuerySchema,
  DraftRow as Row,
} from "@inlet/contracts";
import { type Database, type DraftEdit, type DraftRow, draftEditsOf, WHOLE_RECORD } from "@inlet/database";
import {
  type FindingsFilter,
  findLine,
  readFindingRecords,
  readFindings,
  readWindow,
  type StoredFindings,
  type WindowRow,
} from "@inlet/delimited";
import type { z } from "zod";
import { decodeCursor, encodeCursor } from "../requests/cursor.ts";
import { findingView } from "./check-view.ts";
import { openReading, type Reading } from "./reading.ts";

/** Findings that are shown with one window of rows at most: a file may have as many as it has cells. */
const MOST_SHOWN = 5_000;
/** Of a file with long cells fewer rows are shown at once than were asked for: then the next ones are asked for. */
const MOST_BYTES = 4 * 1024 * 1024;

interface Parts {
  database: Database;
  store: Blobs;
}

type RowQuery = z.output<typeof draftRowQuerySchema>;

/** A part of a draft's rows, each with its findings. */
export async function readRows(parts: Parts, draft: DraftRow, query: RowQuery): Promise<DraftRows> {
  const reading = await openReading(parts.store, draft.checkFiles!);
  try {
    const { fromColumn } = query;
    const columnCount = reading.plan?.header.labels.length ?? 0;
    const contentVersion = draft.checkedVersion ?? 1;
    if (reading.plan === null) {
      return { rows: [], recordCount: 0, fromColumn, columnCount, contentVersion, next: null };
    }
    const stored = await reading.openFindings();
    const { windows, next } = await windowsOf(reading, stored, query);
    const rows = await describeRows(parts.database, draft, { reading, stored, windows });
    return { rows, recordCount: reading.recordCount, fromColumn, columnCount, contentVersion, next };
  } finally {
    await reading.close();
  }
}

/** The rows that are asked for, and where the next page of them begins. */
async function windowsOf(
  reading: Reading,
  stored: StoredFindings,
  query: RowQuery,
): Promise<{ windows: WindowRow[]; next: string | null }> {
  const { count, fromColumn, columnCount, cellChars: maxCellChars } = query;
  const { read, index } = await reading.openRows();
  const plan = reading.plan!;
  const range = { fromColumn, columnCount, maxCellChars, maxBytes: MOST_BYTES };
  if (query.only === undefined && query.finding === undefined) {
    const place = query.line === undefined ? undefined : await findLine(read, plan, index, query.line);
    const fromRecord = query.line === undefined ? (query.from ?? 1) : (place?.record ?? 1);
    return { windows: await readWindow(read, plan, index, { ...range, fromRecord, count }), next: null };
  }
  const filter: FindingsFilter = {
    codes: query.finding === undefined ? undefined : [query.finding],
    column: query.column,
    severity: query.severity,
    fromRecord: decodeCursor(query.cursor) ?? query.from,
  };
  const { records, next } = await readFindingRecords(stored, filter, { limit: count });
  const windows: WindowRow[] = [];
  let characters = 0;
  for (const { fromRecord, count: together } of stretchesOf(records)) {
    const stretch = await readWindow(read, plan, index, { ...range, fromRecord, count: together });
    windows.push(...stretch);
    characters += stretch.reduce((sum, { cells }) => cells.reduce((all, { length }) => all + length, sum), 0);
    const isCut = stretch.length < together || characters > MOST_BYTES;
    const rest = isCut ? records.find((record) => record > (windows.at(-1)?.record ?? 0)) : undefined;
    if (rest !== undefined) return { windows, next: encodeCursor(rest) };
  }
  return { windows, next: next === null ? null : encodeCursor(next) };
}

/** Neighbours are read together. */
function stretchesOf(records: readonly number[]): { fromRecord: number; count: number }[] {
  const stretches: { fromRecord: number; count: number }[] = [];
  for (const record of records) {
    const last = stretches.at(-1);
    if (last !== undefined && last.fromRecord + last.count === record) last.count += 1;
    else stretches.push({ fromRecord: record, count: 1 });
  }
  return stretches;
}

async function describeRows(
  database: Database,
  draft: DraftRow,
  { reading, stored, windows }: { reading: Reading; stored: StoredFindings; windows: readonly WindowRow[] },
): Promise<Row[]> {
  const records = windows.map(({ record }) => record);
  const [findings, edits] = await Promise.all([
    findingsOf(reading, stored, records),
    draft.editCount === 0 ? [] : draftEditsOf(database, { draftId: draft.id, records }),
  ]);
  const edited = Map.groupBy(edits, ({ record }: DraftEdit) => record);
  return windows.map(({ record, line, cells, cellCount, cutColumns }) => {
    const own = findings.get(record) ?? [];
    return {
      ...{ record, line, cells, cellCount, cut: cutColumns },
      edited: (edited.get(record) ?? []).flatMap(({ columnIndex }) =>
        columnIndex === WHOLE_RECORD ? [] : columnIndex,
      ),
      invalid: own.some(({ severity }) => severity === "error"),
      findings: own,
    };
  });
}

async function findingsOf(
  reading: Reading,
  stored: StoredFindings,
  records: readonly number[],
): Promise<Map<number, DraftFinding[]>> {
  const found = new Map<number, DraftFinding[]>();
  let left = MOST_SHOWN;
  for (const { fromRecord, count } of stretchesOf(records)) {
    if (left <= 0) break;
    const range = { fromRecord, toRecord: fromRecord + count - 1 };
    const { findings } = await readFindings(stored, range, { limit: left });
    left -= findings.length;
    for (const finding of findings) {
      const list = found.get(finding.record!) ?? [];
      list.push(findingView(finding, reading.places));
      found.set(finding.record!, list);
    }
  }
  return found;
}

/** A page of a draft's findings. */
export async function readDraftFindings(
  { store }: Parts,
  draft: DraftRow,
  query: z.output<typeof draftFindingQuerySchema>,
): Promise<{ findings: DraftFinding[]; next: string | null; total: number; kept: number }> {
  const reading = await openReading(store, draft.checkFiles!);
  try {
    const { total, kept } = reading.summary;
    const stored = await reading.openFindings();
    const filter: FindingsFilter = {
      codes: query.code === undefined ? undefined : [query.code],
      column: query.column,
      severity: query.severity,
    };
    const after = decodeCursor(query.cursor);
    const page = await readFindings(stored, filter, { limit: query.limit, after });
    return {
      findings: page.findings.map((finding) => findingView(finding, reading.places)),
      next: page.next === null ? null : encodeCursor(page.next),
      ...{ total, kept },
    };
  } finally {
    await reading.close();
  }
}
