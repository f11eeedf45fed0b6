import { readSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** A read of what is not known to be in memory brings so much of the file there. */
const PIECE_BYTES = 64 * 1024;
/** What was read within this time is taken to be in the page cache still. */
const WARM_MS = 5 * 60_000;
/** Of one file, 1 GB; with more, those that were read first are forgotten. */
const MOST_PIECES = 16 * 1024;
/** A read that takes longer came from a disk, or from far away. */
const SLOW_MS = 5;
/** One that does now and then was merely interrupted, on a busy machine; so many of so many did wait for a disk. */
const MOST_SLOW = 4;
const JUDGED_READS = 100;
/** Then nothing is taken to be in memory for so long. */
const DOUBT_MS = 10_000;

/** Up to `length` bytes from `offset`; fewer at the end. */
type Read = (offset: number, length: number) => Promise<Buffer>;

/**
 * Reads of a few KB, again and again, all over an open file. By Node's thread pool one costs several times what the system call
 * does, and waits for another thread where the machine is busy; so what lies in the page cache is read on the spot. The kernel does
 * not tell what lies there (Node has no `RWF_NOWAIT`), so it is inferred: a piece that was read within the last minutes does, unless
 * memory is scarce. Where that is wrong the event loop waits for the disk a few times, 0.1 ms (flash) to 10 ms (a spinning one), and
 * then leaves all reads to the pool for a while. No content is kept here: a file that is changed in its place, as when a recipient is
 * forgotten, is read as it is now.
 * @param read by the pool
 */
export function oftenRead(
  { fd }: Pick<FileHandle, "fd">,
  read: Read,
  readNow: typeof readSync = readSync,
  clock: () => number = () => performance.now(),
): Read {
  const readAtMs = new Map<number, number>();
  let doubtUntilMs = 0;
  let [reads, slowReads] = [0, 0];

  const isWarm = (first: number, last: number, nowMs: number): boolean => {
    for (let piece = first; piece <= last; piece += 1) {
      const atMs = readAtMs.get(piece);
      if (atMs === undefined || nowMs - atMs > WARM_MS) return false;
    }
    return true;
  };

  function note(first: number, last: number, nowMs: number): void {
    for (let piece = first; piece <= last; piece += 1) {
      readAtMs.delete(piece);
      readAtMs.set(piece, nowMs);
    }
    for (const oldest of readAtMs.keys()) {
      if (readAtMs.size <= MOST_PIECES) return;
      readAtMs.delete(oldest);
    }
  }

  function readOnTheSpot(offset: number, length: number, startedMs: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    const bytesRead = readNow(fd, buffer, 0, length, offset);
    const endedMs = clock();
    reads += 1;
    if (endedMs - startedMs > SLOW_MS) slowReads += 1;
    if (slowReads > MOST_SLOW) {
      readAtMs.clear();
      doubtUntilMs = endedMs + DOUBT_MS;
    }
    if (slowReads > MOST_SLOW || reads >= JUDGED_READS) [reads, slowReads] = [0, 0];
    return buffer.subarray(0, bytesRead);
  }

  return async (offset, length) => {
    if (length > PIECE_BYTES || length <= 0) return await read(offset, length);
    const first = Math.floor(offset / PIECE_BYTES);
    const last = Math.floor((offset + length - 1) / PIECE_BYTES);
    const nowMs = clock();
    // Where memory is scarce, more than what was asked for would push other things out.
    if (nowMs < doubtUntilMs) return await read(offset, length);
    if (isWarm(first, last, nowMs)) {
      const bytes = readOnTheSpot(offset, length, nowMs);
      // Less is the file's end, or the rare read that was cut short.
      if (bytes.length === length) return bytes;
    }
    const start = first * PIECE_BYTES;
    const pieces = await read(start, (last + 1) * PIECE_BYTES - start);
    note(first, last, clock());
    // A copy: 4 KB of it should not keep 64 alive.
    return Buffer.from(pieces.subarray(offset - start, offset - start + length));
  };
}
