import type { ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";

/** The file's first records that are looked at, and the bytes in which they are looked for. */
const FIRST_RECORDS = 20_000;
const FIRST_BYTES = 16 * 1024 * 1024;
/** A file of up to this size is looked at to its end. */
const WHOLE_BYTES = 8 * 1024 * 1024;
/** Of a longer file some stretches further on are looked at as well: files are often sorted. */
const STRETCHES = 6;
const STRETCH_BYTES = 192 * 1024;

/** What a sample is taken of. */
export interface Sampled {
  source: ByteSource;
  scan: ScanPlan;
  /** The plain file's, where it is known: then stretches further on are looked at, too. */
  sizeBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Hands on blocks of records out of a file: its first ones, and some from further on. The records of a stretch may be cut
 * wrongly at its beginning, where a quoted cell may be open; look only at those that have the usual number of cells.
 * @returns whether that was the whole file.
 */
export async function lookAtSample(
  { source, scan, sizeBytes, signal }: Sampled,
  look: (block: RecordBlock) => void,
): Promise<boolean> {
  const start = scan.data.offset;
  const records = sizeBytes !== undefined && sizeBytes <= WHOLE_BYTES ? Number.POSITIVE_INFINITY : FIRST_RECORDS;
  const first = await lookAt(source, scan, start, { records, bytes: FIRST_BYTES }, look, signal);
  if (first === undefined) return true;
  if (sizeBytes === undefined) return false;
  let reached = first;
  for (let index = 1; index <= STRETCHES; index += 1) {
    const offset = Math.floor(first + ((sizeBytes - first) * index) / STRETCHES) - STRETCH_BYTES;
    if (offset <= reached) continue;
    const lineStart = await nextLine(source, offset);
    if (lineStart === undefined) continue;
    const most = { records: Number.POSITIVE_INFINITY, bytes: STRETCH_BYTES };
    reached = (await lookAt(source, scan, lineStart, most, look, signal)) ?? sizeBytes;
  }
  return false;
}

/** Returns where it came to, or undefined at the file's end. */
async function lookAt(
  source: ByteSource,
  { dialect, limits }: ScanPlan,
  offset: number,
  most: { records: number; bytes: number },
  look: (block: RecordBlock) => void,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  let records = 0;
  for await (const block of scanBlocks(source, { marks: dialect, limits, offset, line: 1 }, signal)) {
    look(block);
    records += block.count;
    const reached = block.baseOffset + block.to;
    if (records >= most.records || reached - offset >= most.bytes) return reached;
  }
  return undefined;
}

/** Where a line begins after an offset; undefined where none does nearby. */
async function nextLine(source: ByteSource, offset: number): Promise<number | undefined> {
  let at = offset;
  for await (const chunk of source.open(offset)) {
    const index = chunk.findIndex((byte) => byte === 10 || byte === 13);
    if (index >= 0) return at + index + 1;
    at += chunk.length;
    if (at - offset > STRETCH_BYTES) return undefined;
  }
  return undefined;
}
