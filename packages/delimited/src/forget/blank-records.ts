import { isTooLong } from "../edit/replace-records.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";
import { type BlankedBytes, Blanking } from "./blanked.ts";

/** What {@link blankRecords} needs. */
export interface BlankInput {
  source: ByteSource;
  /** How the file was read when its records were counted. */
  plan: ScanPlan;
  /** Numbers of the records, rising. */
  records: readonly number[];
  /** Fields that stay, by their place in the record, from 0. */
  keep?: ReadonlySet<number> | undefined;
  /** Read on after the last of them, so that the number of all records is known. */
  toEnd?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Finds where records stand, and what is to be written there so that their cells cannot be read any more: as many bytes, with
 * delimiters, quotes and line ends where they were. A scan of the changed file meets the same records, at the same places, with
 * as many fields; done twice it says the same. Records that are broken keep their spaces, too, and delimiters within cells.
 * Memory: a window of the file.
 * @returns how many records were met.
 */
export async function* blankRecords({
  source,
  plan,
  records,
  keep,
  toEnd = false,
  signal,
}: BlankInput): AsyncGenerator<BlankedBytes, number> {
  const { dialect: marks, limits, data } = plan;
  const blanking = new Blanking(plan.dialect);
  let met = 0;
  let next = 0;
  /** Where the rest of an over-long record goes on that began in the block before; -1: there is none. */
  let restAt = -1;
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    if (restAt >= 0) {
      yield stretchOf(block, blanking, restAt, block.baseOffset + block.from);
      restAt = block.count === 0 && block.from === block.to ? block.baseOffset + block.to : -1;
    }
    for (; next < records.length && records[next]! <= met + block.count; next += 1) {
      const r = records[next]! - met - 1;
      if (r < 0) continue;
      const isCut = isTooLong(block, r);
      yield isCut || block.faulty[r] !== 0
        ? stretchOf(block, blanking, block.baseOffset + block.starts[r]!, block.baseOffset + endOf(block, r, isCut))
        : soundRecord(block, r, blanking, keep);
      if (isCut && r === block.count - 1) restAt = block.baseOffset + block.to;
    }
    met += block.count;
    if (next === records.length && restAt < 0 && !toEnd) break;
  }
  return met;
}

const endOf = (block: RecordBlock, r: number, isCut: boolean) => (isCut ? block.nexts[r]! : block.ends[r]!);

/** Bytes of the file that are in the block's window. */
function stretchOf({ bytes, baseOffset }: RecordBlock, blanking: Blanking, from: number, to: number): BlankedBytes {
  const copy = Buffer.from(bytes.subarray(from - baseOffset, to - baseOffset));
  blanking.stretch(copy);
  return { offset: from, bytes: copy };
}

function soundRecord(
  block: RecordBlock,
  r: number,
  blanking: Blanking,
  keep: ReadonlySet<number> | undefined,
): BlankedBytes {
  const start = block.starts[r]!;
  const copy = Buffer.from(block.bytes.subarray(start, block.ends[r]!));
  const first = block.firstFields[r]!;
  for (let field = first; field < block.firstFields[r + 1]!; field += 1) {
    if (!keep?.has(field - first)) blanking.field(block, field, copy, start);
  }
  return { offset: block.baseOffset + start, bytes: copy };
}
