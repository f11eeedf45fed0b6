import type { Marks, ScanLimits } from "./dialect.ts";
import { recordTexts, trailerTexts } from "./field-text.ts";
import type { Fault, RecordBlock, Trailer } from "./record-block.ts";
import { scanBlocks } from "./scan-blocks.ts";
import type { Scanner } from "./scanner.ts";
import type { ByteSource } from "./source.ts";

/** Limits that no ordinary test meets. */
export const WIDE_LIMITS: ScanLimits = {
  recordBytes: 1_048_576,
  fieldBytes: 262_144,
  columns: 1000,
  linesInField: 1000,
};

/** A source whose chunks end at the given positions. */
export function choppedSource(bytes: Uint8Array, cuts: readonly number[]): ByteSource {
  return {
    async *open(offset = 0) {
      let from = offset;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        if (cut <= from || cut >= bytes.length) continue;
        yield bytes.subarray(from, cut);
        from = cut;
      }
      if (from < bytes.length) yield bytes.subarray(from);
    },
  };
}

/** A trailer line as plain values. */
export interface ScannedTrailer {
  cells: string[];
  start: number;
  end: number;
  line: number;
  /** How many records of the file stand before it. */
  recordsBefore: number;
  faults: Fault[];
}

/** What a scan finds, as plain values. Records are numbered from 0, lines from 1, positions are those of the file. */
export interface Scanned {
  records: string[][];
  starts: number[];
  ends: number[];
  lines: number[];
  /** What `faulty` says of each record. */
  levels: number[];
  faults: Fault[];
  blankLines: number;
  firstBlankLine: number | null;
  commentLines: number;
  firstCommentLine: number | null;
  trailerLines: number;
  firstTrailer: ScannedTrailer | null;
  lastTrailer: ScannedTrailer | null;
  lineEnds: Scanner["lineEnds"];
}

/** Nothing found yet. */
export function emptyScan(): Scanned {
  return {
    records: [],
    starts: [],
    ends: [],
    lines: [],
    levels: [],
    faults: [],
    blankLines: 0,
    firstBlankLine: null,
    commentLines: 0,
    firstCommentLine: null,
    trailerLines: 0,
    firstTrailer: null,
    lastTrailer: null,
    lineEnds: { lf: 0, cr: 0, crlf: 0 },
  };
}

/** Scans a whole source. */
export async function scanAll(
  source: ByteSource,
  marks: Marks,
  limits: ScanLimits = WIDE_LIMITS,
  windowBytes?: number,
): Promise<Scanned> {
  const scanned = emptyScan();
  const blocks = scanBlocks(source, { marks, limits, offset: 0, line: 1 }, undefined, windowBytes);
  for (;;) {
    const { value, done } = await blocks.next();
    if (done) return { ...scanned, lineEnds: value };
    add(scanned, value, marks);
  }
}

function add(scanned: Scanned, block: RecordBlock, { quote }: Marks): void {
  const { baseOffset, baseLine } = block;
  const before = scanned.records.length;
  const trailerOf = (trailer: Trailer): ScannedTrailer => ({
    cells: trailerTexts(block, trailer, "utf-8", quote),
    start: baseOffset + trailer.start,
    end: baseOffset + trailer.end,
    line: baseLine + trailer.line,
    recordsBefore: before + trailer.recordsBefore,
    faults: trailer.faults.map((fault) => ({ ...fault, at: baseOffset + fault.at })),
  });
  for (const fault of block.faults) {
    scanned.faults.push({ ...fault, record: before + fault.record, at: baseOffset + fault.at });
  }
  for (let r = 0; r < block.count; r += 1) {
    scanned.records.push(recordTexts(block, r, "utf-8", quote));
    scanned.starts.push(baseOffset + block.starts[r]!);
    scanned.ends.push(baseOffset + block.ends[r]!);
    scanned.lines.push(baseLine + block.lines[r]!);
    scanned.levels.push(block.faulty[r]!);
  }
  if (block.blankLines > 0) scanned.firstBlankLine ??= baseLine + block.firstBlankLine;
  if (block.commentLines > 0) scanned.firstCommentLine ??= baseLine + block.firstCommentLine;
  if (block.firstTrailer !== null) scanned.firstTrailer ??= trailerOf(block.firstTrailer);
  if (block.lastTrailer !== null) scanned.lastTrailer = trailerOf(block.lastTrailer);
  scanned.blankLines += block.blankLines;
  scanned.commentLines += block.commentLines;
  scanned.trailerLines += block.trailerLines;
}
