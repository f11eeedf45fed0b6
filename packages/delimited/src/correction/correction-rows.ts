import { type ErrorFileMark, isGenuineReference, parseErrorReference } from "../returned/error-reference.ts";
import type { CorrectionFault } from "./correction-fault.ts";
import { type ReturnedColumns, type ReturnedFile, type ReturnedRow, readRows } from "./returned-file.ts";

/** A row of a mended error file that names a record of the original. */
export interface CorrectionRow {
  /** Physical line of the mended file. */
  line: number;
  record: number;
  /** The original's columns, in its order. */
  cells: string[];
  raw: string;
  /** The columns that had a fault, as `error_column` names them; null where the whole row had, or nobody says so any more. */
  faulty: string[] | null;
}

/** What reading the rows takes. */
interface RowsInput {
  file: ReturnedFile;
  columns: ReturnedColumns;
  mark: ErrorFileMark;
  onFault: (fault: CorrectionFault) => void;
  signal?: AbortSignal | undefined;
  /** Rows that somebody has sorted otherwise are held in memory to be put in order: so many, and so many characters. */
  mostUnsorted?: { rows: number; characters: number } | undefined;
}

const MOST_UNSORTED = { rows: 1_000_000, characters: 64 * 1024 * 1024 };

/** Thrown when rows are out of order and too many to be put in order. */
export class TooManyUnsorted extends Error {}

/**
 * The rows of a mended error file in the order of their records; each record once. Rows that are faulty are told and left
 * out. A file that is still in order, as it was handed out, is read through in bounded memory; another one is sorted.
 * @throws TooManyUnsorted
 */
export async function* correctionRows(input: RowsInput): AsyncGenerator<CorrectionRow, void> {
  yield* onceEach((await isInOrder(input)) ? genuineRows(input) : sortedRows(input), input);
}

async function isInOrder({ file, columns, mark, signal }: RowsInput): Promise<boolean> {
  let last = 0;
  for await (const { cells } of readRows(file, signal)) {
    const reference = parseErrorReference(cells[columns.errors.error_ref] ?? "");
    if (reference === undefined || reference.record === 0 || reference.batchId !== mark.batchId) continue;
    if (reference.record < last) return false;
    last = reference.record;
  }
  return true;
}

async function* sortedRows(input: RowsInput): AsyncGenerator<CorrectionRow, void> {
  const rows: CorrectionRow[] = [];
  const most = input.mostUnsorted ?? MOST_UNSORTED;
  let characters = 0;
  for await (const row of genuineRows(input)) {
    rows.push(row);
    characters += row.raw.length + row.cells.reduce((sum, cell) => sum + cell.length, 0);
    if (rows.length > most.rows || characters > most.characters) throw new TooManyUnsorted();
  }
  yield* rows.sort((a, b) => a.record - b.record || a.line - b.line);
}

async function* onceEach(
  rows: AsyncIterable<CorrectionRow>,
  { onFault }: RowsInput,
): AsyncGenerator<CorrectionRow, void> {
  let last: CorrectionRow | undefined;
  for await (const row of rows) {
    if (row.record === last?.record) {
      const message = `Record ${row.record} stands in this file twice, in lines ${last.line} and ${row.line}; keep the right one and delete the other.`;
      onFault({ ...about(row), code: "correction_record_twice", message, record: row.record, column: "error_ref" });
      continue;
    }
    last = row;
    yield row;
  }
}

const about = ({ line }: { line: number }) => ({ line, record: null, column: null, value: null });

/** The rows that name a record of this batch, as they come. */
async function* genuineRows(input: RowsInput): AsyncGenerator<CorrectionRow, void> {
  const { file, columns } = input;
  for await (const row of readRows(file, input.signal)) {
    if (row.cells.every((cell) => cell.trim() === "")) continue;
    const record = recordOf(row, input);
    if (record === undefined || record === 0) continue;
    const cells = columns.own.map((place) => row.cells[place] ?? "");
    const raw = row.cells[columns.errors.error_raw] ?? "";
    const named = row.cells[columns.errors.error_column] ?? "";
    const faulty = named.trim() === "" ? null : named.split(/ \| |,/).map((name) => name.trim());
    yield { line: row.line, record, cells, raw, faulty };
  }
}

/** The record that a row is about; undefined where that is not sure, and has been told. */
function recordOf(row: ReturnedRow, { file, columns, mark, onFault }: RowsInput): number | undefined {
  const tell = (code: CorrectionFault["code"], message: string, fault: Partial<CorrectionFault> = {}) =>
    onFault({ ...about(row), code, message, ...fault });
  if (row.isBroken) {
    tell("correction_row_broken", "A quote in this row is not closed or not doubled; mend it.");
    return undefined;
  }
  const extra = row.cells.slice(file.labels.length).find((cell) => cell.trim() !== "");
  if (extra !== undefined) {
    const message = "The row has more values than the file has columns; is there a delimiter too many?";
    tell("correction_cells_extra", message, { value: extra });
    return undefined;
  }
  const text = (row.cells[columns.errors.error_ref] ?? "").trim();
  const at = { column: "error_ref", value: text };
  if (text === "") {
    const message =
      "The row has no error_ref, so it is not known which record it corrects. Leave that column as it is; new records belong in a file of their own.";
    tell("correction_ref_missing", message, at);
    return undefined;
  }
  const reference = parseErrorReference(text);
  if (reference !== undefined && reference.batchId !== mark.batchId) {
    const message = `The row belongs to the error file of batch ${reference.batchId}, others to that of batch ${mark.batchId}. Send one file for each.`;
    tell("correction_ref_foreign", message, at);
    return undefined;
  }
  if (reference === undefined || !isGenuineReference(reference, mark)) {
    const message = "error_ref is not what it was when the file was handed out. Take it from the error file again.";
    tell("correction_ref_changed", message, at);
    return undefined;
  }
  const { record } = reference;
  const stated = (row.cells[columns.errors.error_record] ?? "").trim();
  if (/^[0-9]+$/.test(stated) && Number(stated) !== record) {
    const message = `error_record says ${stated}, but error_ref says ${record}: the columns were moved or sorted apart, so the other cells may be another record's as well.`;
    tell("correction_ref_mixed", message, { ...at, record });
    return undefined;
  }
  return record;
}
