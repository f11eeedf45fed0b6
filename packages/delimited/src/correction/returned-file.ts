import { type Limits, MAX_COLUMNS, type Table, tableSchema } from "@inlet/contracts";
import { inspect } from "../check/inspect.ts";
import { HEAD_BYTES } from "../detect/detect.ts";
import { judgeEncoding } from "../detect/judge-encoding.ts";
import { IssueLog } from "../issues/issue-log.ts";
import { ERROR_LABELS, type ErrorLabel } from "../returned/error-file.ts";
import { type ErrorReference, parseErrorReference } from "../returned/error-reference.ts";
import { unescapeFormula } from "../returned/formula.ts";
import type { Encoding, ScanPlan } from "../scan/dialect.ts";
import { recordTexts } from "../scan/field-text.ts";
import { faultsOf, type RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import { isSameText } from "./same-text.ts";

/** An error file that came back. */
export interface ReturnedFile {
  source: ByteSource;
  /** How it is written by now: whatever wrote it last may have changed all of that. */
  scan: ScanPlan;
  /** The labels as they were handed out. */
  labels: string[];
}

/** What a file turned out to be. */
export type Recognition =
  | { kind: "ordinary" }
  /** It has the columns of an error file, but nothing that says of which. */
  | { kind: "unmarked" }
  /** `batchId`: of its first row that names one. */
  | { kind: "returned"; file: ReturnedFile; batchId: number };

/** The most that a limit in bytes may say (see `limitsSchema`). */
const MOST_BYTES = 67_108_864;
/** In how many rows a reference is looked for. */
const ROWS_LOOKED_AT = 1000;

/**
 * Looks whether a file is an error file that comes back: by its columns and the references in them, whatever it is called
 * and whoever saved it last. An ordinary file costs one small read.
 */
export async function recogniseReturned(
  source: ByteSource,
  limits: Limits,
  signal?: AbortSignal,
): Promise<Recognition> {
  if (!(await mayBeReturned(source))) return { kind: "ordinary" };
  const read = async (encoding: Encoding) => {
    const log = new IssueLog(undefined);
    return (await inspect(source, errorTable(limits, encoding), { reservedHeaders: [], log, signal })).scan;
  };
  const scan = await read("utf-8");
  if (scan === undefined) return { kind: "ordinary" };
  // Our own labels are ASCII: only for a file that has them is the whole of it read to judge its encoding.
  const known = ERROR_LABELS.filter((label) => scan.header.labels.some((other) => other.trim() === label));
  if (known.includes("error_ref")) {
    const encoding = scan.dialect.bom ? "utf-8" : (await judgeEncoding(source, 0, signal)).encoding;
    const judged = encoding === "utf-8" ? scan : ((await read(encoding)) ?? scan);
    const file: ReturnedFile = { source, scan: judged, labels: judged.header.labels.map(unescapeFormula) };
    const reference = await firstReference(file, signal);
    if (reference !== undefined) return { kind: "returned", file, batchId: reference.batchId };
  }
  return { kind: known.length > ERROR_LABELS.length / 2 ? "unmarked" : "ordinary" };
}

const PREFIX = Buffer.from("error_");

async function mayBeReturned(source: ByteSource): Promise<boolean> {
  let tail = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of source.open()) {
    const seen = tail.length === 0 ? asBuffer(chunk) : Buffer.concat([tail, chunk]);
    if (seen.includes(PREFIX)) return true;
    length += chunk.length;
    if (length >= HEAD_BYTES) return false;
    tail = Buffer.from(seen.subarray(-PREFIX.length));
  }
  return false;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** What an error file looks like. Cells are longer than in the client's file by their escapes, rows by what is wrong. */
function errorTable(limits: Limits, encoding: Encoding): Table {
  return tableSchema.parse({
    name: "errors",
    columns: ERROR_LABELS.map((name) => ({ name, optional: true })),
    format: { quote: '"', escape: "doubled", encoding },
    limits: {
      ...limits,
      recordBytes: Math.min(MOST_BYTES, limits.recordBytes * 4 + 65_536),
      fieldBytes: Math.min(MOST_BYTES, limits.fieldBytes * 3 + 65_536),
      columns: Math.min(MAX_COLUMNS, limits.columns + ERROR_LABELS.length),
      linesInField: 1_000_000,
    },
  });
}

async function firstReference(file: ReturnedFile, signal?: AbortSignal): Promise<ErrorReference | undefined> {
  const column = file.labels.findLastIndex((label) => label.trim() === "error_ref");
  let rows = 0;
  for await (const { cells } of readRows(file, signal)) {
    const reference = parseErrorReference(cells[column] ?? "");
    if (reference !== undefined) return reference;
    rows += 1;
    if (rows >= ROWS_LOOKED_AT) break;
  }
  return undefined;
}

/** One row as it stands in the returned file, its escapes undone. */
export interface ReturnedRow {
  line: number;
  cells: string[];
  /** Its quotes are wrong, or it is beyond a limit. */
  isBroken: boolean;
}

/** The rows of a returned file, in its order. */
export async function* readRows(
  { source, scan }: ReturnedFile,
  signal?: AbortSignal,
): AsyncGenerator<ReturnedRow, void> {
  const { dialect, limits, data } = scan;
  for await (const block of scanBlocks(source, { marks: dialect, limits, ...data }, signal)) {
    for (let r = 0; r < block.count; r += 1) yield rowOf(block, r, scan);
  }
}

function rowOf(block: RecordBlock, r: number, { dialect }: ScanPlan): ReturnedRow {
  return {
    line: block.baseLine + block.lines[r]!,
    cells: recordTexts(block, r, dialect.encoding, dialect.quote).map(unescapeFormula),
    isBroken: block.faulty[r] !== 0 && faultsOf(block, r).some(({ code }) => code !== "nul_byte"),
  };
}

/** Where a returned file has the client's own columns, and those of the error file. */
export interface ReturnedColumns {
  /** For each column of the original its place in the returned file. */
  own: number[];
  /** Places of the error file's columns; -1 where one was taken out. */
  errors: Record<ErrorLabel, number>;
  /** Labels of the original that the returned file does not have any more. */
  missing: string[];
}

/**
 * Finds the original's columns by their labels, wherever they stand by now; of several with one label, in their order. A
 * client's own column may be called like one of ours: ours are those that are left over.
 */
export function mapColumns(returned: readonly string[], original: readonly string[]): ReturnedColumns {
  const isTaken = new Set<number>();
  const missing: string[] = [];
  const own = original.map((label) => {
    const place = returned.findIndex((other, index) => !isTaken.has(index) && isSameLabel(label, other));
    if (place === -1) missing.push(label);
    else isTaken.add(place);
    return place;
  });
  const placeOf = (label: ErrorLabel) =>
    returned.findLastIndex((other, index) => !isTaken.has(index) && other.trim() === label);
  const errors = Object.fromEntries(ERROR_LABELS.map((label) => [label, placeOf(label)])) as ReturnedColumns["errors"];
  return { own, errors, missing };
}

function isSameLabel(given: string, returned: string): boolean {
  return isSameText(given, returned) || isSameText(given.trim(), returned.trim());
}
