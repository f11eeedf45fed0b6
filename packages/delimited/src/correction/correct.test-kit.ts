import { createHash } from "node:crypto";
import type { Table } from "@inlet/contracts";
import { parseString, writeToString } from "fast-csv";
import { check } from "../check/check.ts";
import { ERROR_LABELS, ErrorFile } from "../returned/error-file.ts";
import type { ErrorFileMark } from "../returned/error-reference.ts";
import { escapeFormula } from "../returned/formula.ts";
import { encodeText } from "../scan/encoding.ts";
import { memorySource } from "../scan/source.ts";
import type { CorrectionFault } from "./correction-fault.ts";
import { type Merged, mergeCorrection } from "./merge.ts";
import { recogniseReturned } from "./returned-file.ts";

/** A file that was checked, and the error file that its sender got. */
interface Handed {
  original: Buffer;
  report: Awaited<ReturnType<typeof check>>;
  errors: Buffer;
  mark: ErrorFileMark;
}

/** Checks a file and makes its error file. */
export async function handOut(input: string | Buffer, table: Table, batchId = 42): Promise<Handed> {
  const original = Buffer.from(input);
  const mark = { batchId, sha256: createHash("sha256").update(original).digest("hex") };
  const chunks: Buffer[] = [];
  const file = new ErrorFile((chunk) => void chunks.push(Buffer.from(chunk)), mark);
  const report = await check(memorySource(original), {
    table,
    sinks: { failed: file },
    onIssue: (issue) => {
      if (issue.record === null && issue.severity === "error") file.addFileIssue(issue);
    },
  });
  await file.end();
  return { original, report, errors: Buffer.concat(chunks), mark };
}

/** The rows of an error file as a person sees them in a spreadsheet, header first. */
export async function openSheet({ errors, report }: Handed): Promise<string[][]> {
  const delimiter = report.scan?.dialect.delimiter ?? ",";
  return await new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString<string[], string[]>(errors.toString(), { delimiter, headers: false })
      .on("data", (row: string[]) => rows.push(row))
      .on("error", reject)
      .on("end", () => resolve(rows));
  });
}

/** How a spreadsheet saves a sheet. */
export interface SavedAs {
  delimiter?: string;
  rowDelimiter?: string;
  encoding?: "utf-8" | "windows-1252";
  bom?: boolean;
  quoteColumns?: boolean;
}

/** Saves a sheet. In Windows-1252 a spreadsheet writes a question mark for what that does not have. */
export async function saveSheet(sheet: string[][], saved: SavedAs = {}): Promise<Buffer> {
  const { delimiter = ",", rowDelimiter = "\r\n", encoding = "utf-8", bom = false, quoteColumns = false } = saved;
  const text = await writeToString(sheet, { headers: false, delimiter, rowDelimiter, quoteColumns });
  if (encoding === "utf-8") return Buffer.from((bom ? "\ufeff" : "") + text);
  const known = Array.from(text, (c) => (encodeText(c, "windows-1252") === undefined ? "?" : c)).join("");
  return encodeText(known, "windows-1252")!;
}

/** The place of a cell in a sheet: by its label, in the row of a record. */
function cellOf(sheet: string[][], record: number, label: string): { row: string[]; column: number } {
  const reference = sheet[0]!.lastIndexOf("error_ref");
  const row = sheet.find((candidate) => candidate[reference]?.includes(`-R${record}-`));
  if (row === undefined) throw new Error(`record ${record} is not in the error file`);
  const isOurs = (ERROR_LABELS as readonly string[]).includes(label);
  return { row, column: isOurs ? sheet[0]!.lastIndexOf(label) : sheet[0]!.indexOf(escapeFormula(label)) };
}

/** Types a value into a cell. */
export function type(sheet: string[][], record: number, label: string, value: string): void {
  const { row, column } = cellOf(sheet, record, label);
  row[column] = value;
}

/** Merges a mended error file into the file that it is about. */
export async function correct(
  { original, report, mark }: Handed,
  returned: Buffer,
  mostUnsorted = { rows: 1000, characters: 100_000 },
): Promise<{ bytes: Buffer; merged: Merged; faults: CorrectionFault[] }> {
  const recognition = await recogniseReturned(memorySource(returned), {
    ...{ recordBytes: 1_048_576, fieldBytes: 262_144, columns: 1000, linesInField: 1000 },
    ...{ records: 1_000_000, totalBytes: 1e9 },
  });
  if (recognition.kind !== "returned") throw new Error(`taken for ${recognition.kind}`);
  const faults: CorrectionFault[] = [];
  const chunks: Buffer[] = [];
  const merging = mergeCorrection({
    original: memorySource(original),
    plan: report.scan!,
    columns: report.columns,
    mark,
    returned: recognition.file,
    mostUnsorted,
    onFault: (fault) => void faults.push(fault),
  });
  for (;;) {
    const { value, done } = await merging.next();
    if (done) return { bytes: Buffer.concat(chunks), merged: value, faults };
    chunks.push(value);
  }
}
