import { unescapeCell } from "../canonical/canonical.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { fieldText } from "../scan/field-text.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import { wholeLines } from "./canonical-lines.ts";

const NEWLINE = 10;
const TAB = 9;

/** What {@link findValue} needs. */
export interface ValueInput {
  source: ByteSource;
  plan: ScanPlan;
  /** The places in a record, from 0, in which the value is looked for. */
  fields: ReadonlySet<number>;
  /** Without spaces round it. */
  value: string;
  signal?: AbortSignal | undefined;
}

/**
 * Finds the records that have a value in a column of a plain file: the whole cell, spaces round it aside, letter by letter. In
 * records that are broken, or have too few or too many cells, it is looked for in every cell, because nobody knows which is which.
 * Yields their numbers, rising. One pass; memory: a window of the file.
 */
export async function* findValue({ source, plan, fields, value, signal }: ValueInput): AsyncGenerator<number, void> {
  const { dialect, limits, data } = plan;
  const needle = encodeText(value, dialect.encoding);
  // The file has a character less than the value: no cell of it can be the value.
  if (needle === undefined) return;
  const isWritten = isWrittenAsItIs(value, plan);
  let met = 0;
  for await (const block of scanBlocks(source, { marks: dialect, limits, ...data }, signal)) {
    if (!isWritten) {
      for (let r = 0; r < block.count; r += 1) if (hasValue(block, r, plan, fields, value)) yield met + r + 1;
    } else {
      let at = block.from;
      for (;;) {
        at = block.bytes.indexOf(needle, at);
        if (at === -1 || at >= block.to) break;
        const r = recordAt(block, at);
        if (r >= 0 && hasValue(block, r, plan, fields, value)) yield met + r + 1;
        // Once is enough for each record.
        at = r >= 0 ? Math.max(at + 1, block.nexts[r]!) : at + 1;
      }
    }
    met += block.count;
  }
}

/** Whether a cell that is the value holds its very bytes, however it is quoted. */
function isWrittenAsItIs(value: string, { dialect }: ScanPlan): boolean {
  if (dialect.quote !== null && value.includes(dialect.quote)) return false;
  if (dialect.escape !== "backslash") return true;
  return !value.includes(dialect.delimiter) && !/[\\\r\n\t\b\v\f]/.test(value);
}

function hasValue(
  block: RecordBlock,
  r: number,
  { dialect, header }: ScanPlan,
  fields: ReadonlySet<number>,
  value: string,
): boolean {
  const first = block.firstFields[r]!;
  const last = block.firstFields[r + 1]!;
  const isSound = block.faulty[r] === 0 && last - first === header.labels.length;
  for (let field = first; field < last; field += 1) {
    if (isSound && !fields.has(field - first)) continue;
    if (fieldText(block, field, dialect.encoding, dialect.quote).trim() === value) return true;
  }
  return false;
}

/** The record at a place of the block's bytes; -1: none. */
function recordAt({ starts, nexts, count }: RecordBlock, at: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at < nexts[low - 1]! ? low - 1 : -1;
}

/**
 * The same in a canonical file, where numbers, dates and truth values are written as Inlet writes them.
 * @param column place of the column in the table, from 0
 */
export async function* findCanonicalValue(
  chunks: AsyncIterable<Uint8Array>,
  { column, value }: { column: number; value: string },
): AsyncGenerator<number, void> {
  const needle = Buffer.from(escapeCell(value), "utf8");
  for await (const { bytes } of wholeLines(chunks)) {
    for (let at = bytes.indexOf(needle); at !== -1; ) {
      const start = bytes.lastIndexOf(NEWLINE, at) + 1;
      const end = bytes.indexOf(NEWLINE, at);
      if (cellAt(bytes, { start, end, column })?.trim() === value) {
        yield Number(bytes.toString("latin1", start, bytes.indexOf(TAB, start)));
      }
      at = bytes.indexOf(needle, end);
    }
  }
}

function cellAt(
  bytes: Buffer,
  { start, end, column }: { start: number; end: number; column: number },
): string | null | undefined {
  let from = bytes.indexOf(TAB, start) + 1;
  for (let skipped = 0; skipped < column; skipped += 1) {
    from = bytes.indexOf(TAB, from) + 1;
    if (from === 0 || from > end) return undefined;
  }
  const tab = bytes.indexOf(TAB, from);
  return unescapeCell(bytes.toString("utf8", from, tab === -1 || tab > end ? end : tab));
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A value as COPY's text format has it. */
const escapeCell = (value: string) => value.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character]!);
