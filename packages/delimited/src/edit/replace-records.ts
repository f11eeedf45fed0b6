import type { ScanPlan } from "../scan/dialect.ts";
import { faultsOf, type RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";

/** Which records are replaced, in their order. */
export interface Replacements {
  /** The number of the next one; undefined: there is none. */
  nextRecord(): number | undefined;
  /** Its new bytes, without a line end; undefined: it stays as it is. Afterwards the next one is meant. */
  replace(block: RecordBlock, r: number): Promise<Buffer | undefined>;
}

/**
 * A file's own bytes with some of its records replaced; all that is no record, line ends included, stays. The rest of a record
 * that is beyond its limit goes with it. Each chunk belongs to the caller. Memory: a window of the file.
 * @returns how many records there are.
 */
export async function* replaceRecords(
  source: ByteSource,
  plan: ScanPlan,
  replacements: Replacements,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, number> {
  yield* beginning(source, plan);
  let records = 0;
  /** Everything before this offset has been handed on, or has been replaced. */
  let at = plan.data.offset;
  let skipsRest = false;
  const { dialect: marks, limits, data } = plan;
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    if (skipsRest) at = Math.max(at, block.baseOffset + block.from);
    skipsRest &&= block.count === 0 && block.from === block.to;
    const parts: Buffer[] = [];
    for (;;) {
      const record = replacements.nextRecord();
      if (record === undefined || record > records + block.count) break;
      const r = record - records - 1;
      const bytes = await replacements.replace(block, r);
      if (bytes === undefined) continue;
      parts.push(block.bytes.subarray(at - block.baseOffset, block.starts[r]), bytes);
      const isCut = isTooLong(block, r);
      if (isCut) parts.push(Buffer.from(plan.dialect.lineEnd === "mixed" ? "\n" : plan.dialect.lineEnd));
      at = block.baseOffset + (isCut ? block.nexts[r]! : block.ends[r]!);
      // The rest of an over-long record goes with it, also where it lies beyond this block.
      skipsRest = isCut && r === block.count - 1;
    }
    parts.push(block.bytes.subarray(at - block.baseOffset, block.to));
    at = block.baseOffset + block.to;
    records += block.count;
    yield Buffer.concat(parts);
  }
  return records;
}

/** Whether a record is cut off at the limit, and goes on beyond its end. */
export function isTooLong(block: RecordBlock, r: number): boolean {
  return block.faulty[r] !== 0 && faultsOf(block, r).some(({ code }) => code === "record_too_long");
}

/** Everything before the first record. */
async function* beginning(source: ByteSource, { data }: ScanPlan): AsyncGenerator<Buffer, void> {
  let left = data.offset;
  if (left === 0) return;
  for await (const chunk of source.open()) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    yield Buffer.from(part);
    if (left === 0) return;
  }
}
