import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** Writes that follow one another go to the disk together, up to this much at once. */
const MAX_GATHERED_BYTES = 4 * 2 ** 20;
const MAX_GATHERED_CHUNKS = 512;

interface PendingWrite {
  offset: number;
  data: Buffer;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Writes to one file in the order in which they came: one at a time, those that follow one another as one, hashed on the
 * way. After a failure everything fails with the same reason.
 */
export class WriteQueue {
  readonly #file: FileHandle;
  /** Asked before each write to the disk; when it throws, nothing is written any more. */
  readonly #mayWrite: () => Promise<void>;
  #pending: PendingWrite[] = [];
  #flushing: Promise<void> | undefined;
  #flushSoon = false;
  #broken: unknown;
  /** Of the bytes in order from 0; undefined once one came out of order. */
  #hash: Hash | undefined;
  #hashed = 0;

  constructor(file: FileHandle, { fromEmpty, mayWrite }: { fromEmpty: boolean; mayWrite: () => Promise<void> }) {
    this.#file = file;
    this.#mayWrite = mayWrite;
    this.#hash = fromEmpty ? createHash("sha256") : undefined;
  }

  /** Why nothing can be written any more; undefined while it can. */
  get broken(): unknown {
    return this.#broken;
  }

  /** Fails everything from here on. Returns the reason, which is the first one there was. */
  break(reason: unknown): unknown {
    this.#broken ??= reason;
    return this.#broken;
  }

  /** Takes bytes. Resolves when they are with the operating system. The buffer must not change until then. */
  write(offset: number, data: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ offset, data, resolve, reject });
      this.#scheduleFlush();
    });
  }

  /** Resolves when everything that was taken is written or has failed. */
  async drain(): Promise<void> {
    while (this.#pending.length > 0 || this.#flushing !== undefined) {
      this.#startFlush();
      await this.#flushing;
    }
  }

  /** The file was cut or extended to this size, after `drain`. */
  resized(sizeBytes: number): void {
    if (sizeBytes === this.#hashed) return;
    this.#hash = sizeBytes === 0 ? createHash("sha256") : undefined;
    this.#hashed = 0;
  }

  /** The hash of the whole file, when all its bytes came in order; null when they did not. Ask once, after `drain`. */
  digest(sizeBytes: number): Buffer | null {
    return this.#hash !== undefined && this.#hashed === sizeBytes ? this.#hash.digest() : null;
  }

  /** After this turn of the event loop, so that the writes that came in one packet go to the disk in one. */
  #scheduleFlush(): void {
    if (this.#flushing !== undefined || this.#flushSoon) return;
    this.#flushSoon = true;
    setImmediate(() => {
      this.#flushSoon = false;
      this.#startFlush();
    });
  }

  #startFlush(): void {
    if (this.#flushing !== undefined || this.#pending.length === 0) return;
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = undefined;
    });
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = takeAdjacent(this.#pending);
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#mayWrite();
        const writing = writeFully(this.#file, batch);
        this.#updateHash(batch);
        await writing;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const reason = this.break(error);
        for (const { reject } of batch) reject(reason);
      }
    }
  }

  #updateHash(batch: readonly PendingWrite[]): void {
    for (const { offset, data } of batch) {
      if (this.#hash === undefined) return;
      if (offset === this.#hashed) {
        this.#hash.update(data);
        this.#hashed += data.length;
      } else this.#hash = undefined;
    }
  }
}

/** The first pending writes that follow one another without a gap, removed from the list. */
function takeAdjacent(pending: PendingWrite[]): PendingWrite[] {
  let count = 0;
  let bytes = 0;
  let next = pending[0]?.offset ?? 0;
  for (const { offset, data } of pending) {
    if (offset !== next || count === MAX_GATHERED_CHUNKS || bytes + data.length > MAX_GATHERED_BYTES) break;
    count += 1;
    bytes += data.length;
    next += data.length;
  }
  return pending.splice(0, Math.max(count, 1));
}

async function writeFully(file: FileHandle, batch: readonly PendingWrite[]): Promise<void> {
  let position = batch[0]?.offset ?? 0;
  let chunks = batch.map(({ data }) => data).filter((data) => data.length > 0);
  while (chunks.length > 0) {
    let { bytesWritten } = await file.writev(chunks, position);
    position += bytesWritten;
    // A short write happens when the disk fills up: the next one then says so.
    const rest: Buffer[] = [];
    for (const chunk of chunks) {
      if (bytesWritten >= chunk.length) bytesWritten -= chunk.length;
      else {
        rest.push(bytesWritten > 0 ? chunk.subarray(bytesWritten) : chunk);
        bytesWritten = 0;
      }
    }
    chunks = rest;
  }
}
