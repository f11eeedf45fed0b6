import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  arrivalOfUpload,
  endUpload,
  insertGatewayArrival,
  recordAudit,
  touchUpload,
  transaction,
  type UploadClaim,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { actorOf, audit, type Context, entryOf, type Principal } from "./context.ts";
import { checkFreeSpace, release, seize } from "./inbox.ts";
import { checkNewName, isTemporaryName } from "./paths.ts";
import { patiently } from "./patience.ts";
import { type Place, syncFolder } from "./places.ts";
import { denied, failure, noSuchFile, type Refusal } from "./status.ts";

/** What a client asks for when it opens a file for writing. */
export interface WriteMode {
  create: boolean;
  exclusive: boolean;
  truncate: boolean;
  append: boolean;
}

/** A writer says that it lives at least this often; it is a third of the shortest time for a take-over at most. */
const TOUCH_SHARE = 1 / 3;
/** With no sign of life confirmed for this share of the take-over time, nothing is written before one is. */
const FENCE_SHARE = 2 / 3;
/** Writes that follow one another go to the disk together, up to this many bytes at once. */
const MAX_GATHERED_BYTES = 4 * 2 ** 20;
const MAX_GATHERED_CHUNKS = 512;

interface PendingWrite {
  offset: number;
  data: Buffer;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Opens a file of an Uploads folder for writing: seizes its place, takes back what had arrived there, and makes or opens
 * the file. A truncated file is a new one on disk, so that a connection that was overtaken cannot write into it.
 */
export async function openUpload(
  context: Context,
  principal: Principal,
  place: Place,
  mode: WriteMode,
): Promise<Upload> {
  checkNewName(place.name);
  await checkFreeSpace(context);
  const { claim, stats, withdrawn } = await seize(context, principal, place, {
    arrived: "withdraw",
    reason: "opened for writing by its owner",
    check: (found) => {
      if (found && mode.exclusive && mode.create) throw failure("A file of this name exists already");
      if (!found && !mode.create) throw noSuchFile();
      if (found && !mode.truncate && found.nlink > 1) {
        throw failure("This is left over from a rename. Remove it, or overwrite it from the start");
      }
    },
  });
  try {
    const fresh = stats === undefined || mode.truncate;
    if (fresh && stats) await unlink(place.file);
    const flags = constants.O_RDWR | constants.O_NOFOLLOW | (fresh ? constants.O_CREAT | constants.O_EXCL : 0);
    const file = await open(place.file, flags, 0o640);
    const sizeAtOpen = fresh ? 0 : (stats?.size ?? 0);
    return new Upload({
      context,
      principal,
      place,
      claim,
      file,
      sizeAtOpen,
      created: fresh,
      append: mode.append,
      withdrawn,
    });
  } catch (error) {
    await release(context, claim);
    throw error;
  }
}

interface UploadOptions {
  context: Context;
  principal: Principal;
  place: Place;
  claim: UploadClaim;
  file: FileHandle;
  sizeAtOpen: number;
  created: boolean;
  append: boolean;
  withdrawn: boolean;
}

/** An open write handle: from the client's OPEN to its CLOSE, or to the end of its connection. */
export class Upload {
  readonly place: Place;
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #claim: UploadClaim;
  readonly #file: FileHandle;
  readonly #append: boolean;
  /** The file is new in its folder, whose entry must be synced too. */
  readonly #created: boolean;
  /** It had arrived before it was opened. */
  readonly #withdrawn: boolean;
  readonly #openedAt = performance.now();
  /** Where the file will end once all writes that were asked for are done. */
  #end: number;
  #changed = false;
  #pending: PendingWrite[] = [];
  #flushing: Promise<void> | undefined;
  #flushSoon = false;
  /** Why this upload cannot become complete any more. */
  #broken: unknown;
  /** Of the bytes in order from 0; undefined once one came out of order. */
  #hash: Hash | undefined;
  #hashed = 0;
  #confirmedAt = performance.now();
  #touching: Promise<void> | undefined;

  constructor({ context, principal, place, claim, file, sizeAtOpen, created, append, withdrawn }: UploadOptions) {
    this.#context = context;
    this.#principal = principal;
    this.place = place;
    this.#claim = claim;
    this.#file = file;
    this.#end = sizeAtOpen;
    this.#created = created;
    this.#changed = created;
    this.#append = append;
    this.#withdrawn = withdrawn;
    this.#hash = sizeAtOpen === 0 ? createHash("sha256") : undefined;
  }

  /** Takes bytes. Resolves when they are with the operating system. The buffer must not change until then. */
  write(offset: number, data: Buffer): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const at = this.#append ? this.#end : offset;
    if (at + data.length > this.#context.limits.uploadBytes) {
      return Promise.reject(this.#break(failure(`A file may have at most ${this.#context.limits.uploadBytes} bytes`)));
    }
    this.#end = Math.max(this.#end, at + data.length);
    return new Promise((resolve, reject) => {
      this.#pending.push({ offset: at, data, resolve, reject });
      this.#scheduleFlush();
    });
  }

  /** Reads bytes back; resolves to fewer, or none, at the end. */
  async read(offset: number, length: number): Promise<Buffer> {
    await this.#drain();
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Cuts or extends the file. */
  async truncate(sizeBytes: number): Promise<void> {
    await this.#drain();
    if (this.#broken !== undefined) throw this.#broken;
    if (sizeBytes === this.#end) return;
    if (sizeBytes > this.#context.limits.uploadBytes) throw failure("The file would be too large");
    await this.#keepClaim();
    this.#changed = true;
    await this.#file.truncate(sizeBytes);
    if (sizeBytes < this.#hashed || sizeBytes > this.#end) this.#hash = undefined;
    if (sizeBytes === 0) {
      this.#hash = createHash("sha256");
      this.#hashed = 0;
    }
    this.#end = sizeBytes;
  }

  async setTimes(accessed: number, modified: number): Promise<void> {
    await this.#drain();
    await this.#file.utimes(accessed, modified);
  }

  async attributes(): Promise<{ sizeBytes: number; modifiedMs: number }> {
    await this.#drain();
    const { size, mtimeMs } = await this.#file.stat();
    return { sizeBytes: size, modifiedMs: mtimeMs };
  }

  /**
   * The client's CLOSE. When it resolves, the file is on disk and its arrival is committed: it cannot be lost any more. A
   * file under a temporary name is only put on disk; its rename is its arrival.
   */
  async complete(): Promise<void> {
    try {
      await this.#drain();
      if (this.#broken !== undefined) throw this.#broken;
      const { size } = await this.#file.stat();
      await this.#staysAlive(async () => {
        await this.#file.sync();
        if (this.#created) await syncFolder(dirname(this.place.file));
      });
      await this.#file.close();
      if (isTemporaryName(this.place.name)) return await release(this.#context, this.#claim);
      await this.#arrive(size);
    } catch (error) {
      await this.#giveUp(error instanceof Error ? error.message : "unknown");
      throw error;
    }
  }

  /** The connection ended before CLOSE. The part stays, for its owner to resume. */
  async abandon(reason: string): Promise<void> {
    await this.#drain().catch(() => {});
    // Nothing was changed, so what had been told complete still is.
    if (this.#withdrawn && !this.#changed && this.#broken === undefined) return await this.complete().catch(() => {});
    await this.#giveUp(reason);
  }

  async #giveUp(reason: string): Promise<void> {
    await this.#file.close().catch(() => {});
    await release(this.#context, this.#claim);
    await audit(
      this.#context,
      entryOf(this.#principal, {
        action: "upload",
        path: this.place.path,
        outcome: "partial",
        detail: { sizeBytes: this.#end, reason },
      }),
    );
  }

  async #arrive(sizeBytes: number): Promise<void> {
    const { database, limits, publisher } = this.#context;
    const sha256 = this.#hash && this.#hashed === sizeBytes ? this.#hash.digest() : null;
    failpoint("gateway.before-arrival");
    const arrivalId = await patiently(limits.patienceMs, () =>
      transaction(database, async (tx) => {
        if (!(await endUpload(tx, this.#claim))) {
          // Either the COMMIT of an attempt before came through although its answer did not, or we were overtaken.
          const actor = actorOf(this.#principal.username);
          const committed = await arrivalOfUpload(tx, { actor, upload: this.#claim.session });
          if (committed !== undefined) return committed;
          throw overtaken();
        }
        const { accountId } = this.#principal;
        const { folder, path, name, location } = this.place;
        const id = await insertGatewayArrival(tx, {
          projectId: folder.projectId,
          accountId,
          path,
          fileName: name,
          sizeBytes,
          location,
          sha256,
        });
        await recordAudit(
          tx,
          entryOf(this.#principal, {
            action: "upload",
            path,
            sha256,
            outcome: "ok",
            detail: {
              arrivalId: id,
              upload: this.#claim.session,
              sizeBytes,
              durationMs: Math.round(performance.now() - this.#openedAt),
            },
          }),
        );
        return id;
      }),
    );
    failpoint("gateway.after-arrival");
    // What is lost on this way the watcher finds by itself, so the client need not wait for it.
    void publisher.arrivals([arrivalId]);
  }

  #break(reason: unknown): unknown {
    this.#broken ??= reason;
    return this.#broken;
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

  async #drain(): Promise<void> {
    while (this.#pending.length > 0 || this.#flushing !== undefined) {
      this.#startFlush();
      await this.#flushing;
    }
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = takeAdjacent(this.#pending);
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#keepClaim();
        this.#changed = true;
        const writing = writeFully(this.#file, batch);
        this.#updateHash(batch);
        await writing;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const reason = this.#break(error);
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

  /**
   * Makes sure that no other connection may have taken this path over. A write goes out only within a time in which, after
   * the last confirmed sign of life, nobody could.
   */
  async #keepClaim(): Promise<void> {
    const { takeOverMs } = this.#context.limits;
    const silentMs = performance.now() - this.#confirmedAt;
    if (silentMs < takeOverMs * TOUCH_SHARE) return;
    this.#touching ??= this.#touch().finally(() => {
      this.#touching = undefined;
    });
    if (silentMs < takeOverMs * FENCE_SHARE) {
      this.#touching.catch((error: unknown) => this.#break(error));
      return;
    }
    await this.#touching;
  }

  /** Keeps the claim through a work that may take longer than a take-over needs. */
  async #staysAlive(work: () => Promise<void>): Promise<void> {
    const timer = setInterval(() => {
      this.#keepClaim().catch((error: unknown) => this.#break(error));
    }, this.#context.limits.takeOverMs * TOUCH_SHARE);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
  }

  async #touch(): Promise<void> {
    const { database, limits } = this.#context;
    await patiently(limits.patienceMs, async () => {
      const asked = performance.now();
      if (!(await touchUpload(database, this.#claim))) throw overtaken();
      this.#confirmedAt = asked;
    });
  }
}

const overtaken = (): Refusal => denied("Another connection has taken this upload over");

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
