import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import { check, memorySource, parseCells, proposeTable } from "@inlet/delimited";
import { usageFailure } from "../failure.ts";

/** A row to look at the film with. */
export interface PreviewRow {
  name: string;
  values: Readonly<Record<string, string | null>>;
}

/** More rows than anybody steps through. */
const MOST_ROWS = 1_000;
/** Of a longer file the beginning is read. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * The first rows of a file: JSON, a list of objects, or what a client sends (CSV and the like), its columns named and its dates
 * and numbers read as a profile made of the file would.
 */
export async function readRows(file: string): Promise<PreviewRow[]> {
  const bytes = await beginningOf(file);
  const rows =
    extname(file).toLowerCase() === ".json" ? jsonRows(bytes, file) : await delimitedRows(bytes, basename(file));
  if (rows.length === 0) throw usageFailure(`There is no row in ${file}.`);
  return rows.slice(0, MOST_ROWS).map((values, index) => ({ name: `Row ${index + 1}`, values }));
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    error.path ??= file;
    throw error;
  });
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, MOST_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const bytes = buffer.subarray(0, bytesRead);
    // Cut where a line ends; a record that goes over lines may be cut, and is one that is not read.
    return size > MOST_BYTES ? bytes.subarray(0, bytes.lastIndexOf("\n") + 1) : bytes;
  } finally {
    await handle.close();
  }
}

function jsonRows(bytes: Buffer, file: string): PreviewRow["values"][] {
  let rows: unknown;
  try {
    rows = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw usageFailure(`${file} is no JSON: ${(error as Error).message}`);
  }
  const list = Array.isArray(rows) ? rows : [rows];
  if (!list.every((row) => typeof row === "object" && row !== null && !Array.isArray(row)))
    throw usageFailure(`${file} holds no rows; they are objects such as [{"first_name": "…"}].`);
  return list.map((row: object) =>
    Object.fromEntries(Object.entries(row).map(([column, value]) => [column, cellOf(value)])),
  );
}

/** As the canonical file writes it. */
function cellOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? "t" : "f";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

async function delimitedRows(bytes: Buffer, fileName: string): Promise<PreviewRow["values"][]> {
  const source = memorySource(bytes);
  const { inferred } = await proposeTable({ source, fileName, sizeBytes: bytes.length });
  const { table } = inferred;
  const chunks: Buffer[] = [];
  const canonical = (chunk: Buffer) => void chunks.push(Buffer.from(chunk));
  // A record with a fault is left out, the others are shown all the same.
  const tolerant = { ...table, invalid: { ...table.invalid, policy: "skip" as const } };
  await check(source, { table: tolerant, notStored: true, sinks: { canonical } });
  const written = Buffer.concat(chunks);
  const rows: PreviewRow["values"][] = [];
  for (let start = 0; start < written.length && rows.length < MOST_ROWS; ) {
    const end = written.indexOf("\n", start);
    const cells = parseCells(written, written.indexOf("\t", start) + 1, end);
    rows.push(Object.fromEntries(table.columns.map(({ name }, index) => [name, cells[index] ?? null])));
    start = end + 1;
  }
  return rows;
}
