import type { Marks, ScanLimits } from "./dialect.ts";
import { recordTexts } from "./field-text.ts";
import { scanBlocks } from "./scan-blocks.ts";
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

/** What a scan finds, as plain values. */
export interface Scanned {
  records: string[][];
  starts: number[];
  lines: number[];
  faults: { record: number; code: string; at: number; field: number }[];
  blankLines: number;
}

/** Scans a whole source. Records are numbered from 0, positions are those of the file. */
export async function scanAll(
  source: ByteSource,
  marks: Marks,
  limits: ScanLimits = WIDE_LIMITS,
  windowBytes?: number,
): Promise<Scanned> {
  const scanned: Scanned = { records: [], starts: [], lines: [], faults: [], blankLines: 0 };
  for await (const block of scanBlocks(source, { marks, limits, offset: 0, line: 1 }, undefined, windowBytes)) {
    for (const fault of block.faults) {
      const { record, code, at, field } = fault;
      scanned.faults.push({ record: scanned.records.length + record, code, at: block.baseOffset + at, field });
    }
    for (let r = 0; r < block.count; r += 1) {
      scanned.records.push(recordTexts(block, r, "utf-8", marks.quote));
      scanned.starts.push(block.baseOffset + block.starts[r]!);
      scanned.lines.push(block.baseLine + block.lines[r]!);
    }
    scanned.blankLines += block.blankLines;
  }
  return scanned;
}
