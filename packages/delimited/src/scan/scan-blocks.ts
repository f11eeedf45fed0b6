import type { Marks, ScanLimits } from "./dialect.ts";
import { RecordBlock, SLACK_BYTES } from "./record-block.ts";
import { Scanner } from "./scanner.ts";
import type { ByteSource } from "./source.ts";

/** Where a scan begins, and in which dialect. */
export interface ScanStart {
  marks: Marks;
  limits: ScanLimits;
  /** Byte offset of the first record. */
  offset: number;
  /** Its physical line, from 1. */
  line: number;
}

/** The stretch of bytes that is looked at in one go: small enough for a core's cache. */
export const WINDOW_BYTES = 256 * 1024;
/** The first one is smaller, so that a small file costs little. */
const FIRST_WINDOW_BYTES = 16 * 1024;

/**
 * Scans a source from a record's start to its end, block by block. The block and its bytes are the same objects each time:
 * use or copy what you need before asking for the next one. Memory: one window, which grows with the longest record, to
 * the record limit plus one window at most.
 * @param windowBytes to see the edges of windows in tests.
 * @returns how the lines ended, once the source has been read to its end.
 */
export async function* scanBlocks(
  source: ByteSource,
  { marks, limits, offset, line }: ScanStart,
  signal?: AbortSignal,
  windowBytes: number = FIRST_WINDOW_BYTES,
): AsyncGenerator<RecordBlock, Scanner["lineEnds"]> {
  const scanner = new Scanner(marks, limits);
  let block = new RecordBlock(limits.columns, 0);
  block.baseOffset = offset;
  block.baseLine = line;
  let window: Buffer = Buffer.allocUnsafe(windowBytes + SLACK_BYTES);
  let length = 0;

  /** Scans what is in the window as far as it goes, and moves the rest to its beginning. */
  function* drain(final: boolean): Generator<RecordBlock> {
    let from = 0;
    block = block.forBytes(limits.columns, length);
    for (;;) {
      const before = from;
      const lines = scanner.scan(block, window, from, length, final);
      from = block.to;
      if (from > before) yield block;
      block.baseLine += lines;
      if (from === length || from === before) break;
    }
    window.copyWithin(0, from, length);
    block.baseOffset += from;
    length -= from;
  }

  for await (const chunk of source.open(offset)) {
    signal?.throwIfAborted();
    let taken = 0;
    while (taken < chunk.length) {
      const part = Math.min(chunk.length - taken, window.length - SLACK_BYTES - length);
      window.set(part === chunk.length ? chunk : chunk.subarray(taken, taken + part), length);
      taken += part;
      length += part;
      if (length < window.length - SLACK_BYTES) continue;
      yield* drain(false);
      const capacity = window.length - SLACK_BYTES;
      if (length <= capacity / 2 && capacity !== FIRST_WINDOW_BYTES) continue;
      const wanted = capacity === FIRST_WINDOW_BYTES ? WINDOW_BYTES : capacity * 2;
      window = grow(window, length, Math.min(wanted, limits.recordBytes + WINDOW_BYTES));
    }
  }
  yield* drain(true);
  return scanner.lineEnds;
}

/** Doubling keeps the work linear: a long record is looked at again only when twice as much of it is there. */
function grow(window: Buffer, length: number, bytes: number): Buffer {
  const larger = Buffer.allocUnsafe(bytes + SLACK_BYTES);
  window.copy(larger, 0, 0, length);
  return larger;
}
