import { InvariantBroken } from "@inlet/contracts";

/**
 * The canonical file: every valid record as one line of PostgreSQL's COPY text format, UTF-8,
 * `<record number>\t<column 1>\t…<column n>\n`, the table's columns in the profile's order, NULL as `\N`.
 * The index: 16 bytes per entry, two unsigned 64-bit big-endian numbers: a record number, and the offset of its line in
 * the canonical file. It holds the first record, and as many of the others that at most {@link INDEX_SPACING_BYTES} of
 * canonical bytes, or one line where that is longer, lie between two entries.
 */
export const INDEX_ENTRY_BYTES = 16;
/** The canonical bytes between two entries of the index, at most, unless one line is longer. */
export const INDEX_SPACING_BYTES = 4096;

/** Reads `length` bytes at `offset` of a file; fewer only at its end. */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;
/** An index in memory, or one that is read page by page. */
export type RecordIndex = Uint8Array | { sizeBytes: number; read: ReadAt };

/** Writes an index entry at `position` of `target`. */
export function writeIndexEntry(target: Buffer, position: number, record: number, offset: number): void {
  target.writeUInt32BE(Math.floor(record / 0x1_0000_0000), position);
  target.writeUInt32BE(record >>> 0, position + 4);
  target.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), position + 8);
  target.writeUInt32BE(offset >>> 0, position + 12);
}

/**
 * Finds a record in a canonical file: a binary search in the index and one small read.
 * @returns the cells in the table's column order, null for NULL; undefined when the record is not there (it was rejected,
 * or the file never had it).
 * @throws InvariantBroken when index and file do not belong together.
 */
export async function readRecord(
  read: ReadAt,
  index: RecordIndex,
  recordNumber: number,
): Promise<(string | null)[] | undefined> {
  const span = await findSpan(index, recordNumber);
  if (span === undefined) return undefined;
  const bytes = asBuffer(await readSpan(read, span));
  let start = 0;
  while (start < bytes.length) {
    const lineEnd = bytes.indexOf(NEWLINE, start);
    if (lineEnd === -1) break;
    const tab = bytes.indexOf(TAB, start);
    const number = Number(bytes.toString("latin1", start, tab));
    if (number === recordNumber) return parseCells(bytes, tab + 1, lineEnd);
    if (number > recordNumber) return undefined;
    if (!(number > 0)) break;
    start = lineEnd + 1;
  }
  if (start === bytes.length) return undefined;
  throw new InvariantBroken({
    code: "canonical_damaged",
    message: "The canonical file and its index do not belong together.",
    context: { recordNumber, offset: span.start + start },
  });
}

/**
 * The cells of one canonical line, between `start` (after the record number's tab) and `end` (before the line feed).
 */
export function parseCells(line: Buffer, start: number, end: number): (string | null)[] {
  const cells: (string | null)[] = [];
  let from = start;
  while (from <= end) {
    let to = line.indexOf(TAB, from);
    if (to === -1 || to > end) to = end;
    cells.push(unescapeCell(line.toString("utf8", from, to)));
    from = to + 1;
  }
  return cells;
}

/** The value of one cell in COPY text format: null for `\N`, else the text with its escapes undone. */
export function unescapeCell(text: string): string | null {
  if (text === "\\N") return null;
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
const NEWLINE = 10;
const TAB = 9;
/** An index that is not in memory is read in pages of this many entries once the search has come that close. */
const PAGE_ENTRIES = 256;

interface Span {
  start: number;
  /** undefined: to the file's end. */
  end: number | undefined;
}

/** The stretch of the canonical file in which the record must lie if it is there. */
async function findSpan(index: RecordIndex, recordNumber: number): Promise<Span | undefined> {
  const sizeBytes = index instanceof Uint8Array ? index.length : index.sizeBytes;
  let low = 0;
  let high = Math.floor(sizeBytes / INDEX_ENTRY_BYTES);
  let page: Buffer;
  if (index instanceof Uint8Array) {
    page = asBuffer(index);
  } else {
    while (high - low > PAGE_ENTRIES) {
      const middle = (low + high) >>> 1;
      const entry = asBuffer(await index.read(middle * INDEX_ENTRY_BYTES, INDEX_ENTRY_BYTES));
      if (readNumber(entry, 0) <= recordNumber) low = middle;
      else high = middle;
    }
    // One entry more than the search needs: the end of the span.
    page = asBuffer(await index.read(low * INDEX_ENTRY_BYTES, (high - low + 1) * INDEX_ENTRY_BYTES));
    high -= low;
    low = 0;
  }
  const entries = Math.floor(page.length / INDEX_ENTRY_BYTES);
  high = Math.min(high, entries);
  // Invariant: entry `low - 1` is not after the record, entry `high` is.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (readNumber(page, middle * INDEX_ENTRY_BYTES) <= recordNumber) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return undefined;
  const start = readNumber(page, (low - 1) * INDEX_ENTRY_BYTES + 8);
  return { start, end: low < entries ? readNumber(page, low * INDEX_ENTRY_BYTES + 8) : undefined };
}

async function readSpan(read: ReadAt, { start, end }: Span): Promise<Uint8Array> {
  if (end !== undefined) return read(start, end - start);
  // The last span ends with the file: at most one spacing, unless a line is longer than that.
  let length = INDEX_SPACING_BYTES * 2;
  for (;;) {
    const bytes = await read(start, length);
    if (bytes.length < length) return bytes;
    length *= 4;
  }
}

function readNumber(bytes: Buffer, position: number): number {
  return bytes.readUInt32BE(position) * 0x1_0000_0000 + bytes.readUInt32BE(position + 4);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
