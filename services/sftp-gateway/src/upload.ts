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
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import { actorOf, audit, type Context, entryOf, type Principal } from "./context.ts";
import { HeldClaim, overtaken } from "./held-claim.ts";
import { BEING_PROCESSED, checkFreeSpace, regularFile, release, seize, withdrawSeized } from "./inbox.ts";
import { checkNewName, isTemporaryName } from "./paths.ts";
import { patiently } from "./patience.ts";
import { type Place, syncFolder } from "./places.ts";
import { denied, failure, noSuchFile } from "./status.ts";
import { WriteQueue } from "./write-queue.ts";

/** What a client asks for when it opens a file for writing. */
export interface WriteMode {
  create: boolean;
  exclusive: boolean;
  truncate: boolean;
  append: boolean;
}

/**
 * Opens a file of an Uploads folder for writing: seizes its place, and makes or opens the file. What had arrived there is
 * taken back at once when the file is truncated, else at the first change: until then nobody may lose what was complete.
 * A truncated file is a new one on disk, so that a connection that was overtaken cannot write into it.
 */
export async function openUpload(
  context: Context,
  principal: Principal,
  place: Place,
  mode: WriteMode,
): Promise<Upload> {
  checkNewName(place.name);
  await checkFreeSpace(context);
  await context.quotas.checkRoom(principal);
  const { claim, claimedAt, stats, arrivedId } = await seize(context, principal, place, {
    arrived: mode.truncate ? "withdraw" : "keep",
    reason: WITHDRAWN_FOR,
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
    const file = await open(place.file, flags, 0o640).catch((error: NodeJS.ErrnoException) => {
      // The watcher began to claim it before it could see that it is open.
      throw arrivedId !== undefined && error.code === "ENOENT" ? denied(BEING_PROCESSED) : error;
    });
    const sizeAtOpen = fresh ? 0 : (stats?.size ?? 0);
    return new Upload({
      context,
      principal,
      place,
      held: new HeldClaim(context, claim, claimedAt),
      file,
      sizeAtOpen,
      created: fresh,
      append: mode.append,
      arrivedId,
    });
  } catch (error) {
    await release(context, claim);
    throw error;
  }
}

const WITHDRAWN_FOR = "opened for writing by its owner";

interface UploadOptions {
  context: Context;
  principal: Principal;
  place: Place;
  held: HeldClaim;
  file: FileHandle;
  sizeAtOpen: number;
  created: boolean;
  append: boolean;
  arrivedId: number | undefined;
}

/** An open write handle: from the client's OPEN to its CLOSE, or to the end of its connection. */
export class Upload {
  readonly place: Place;
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #held: HeldClaim;
  readonly #file: FileHandle;
  readonly #writes: WriteQueue;
  readonly #append: boolean;
  /** The file is new in its folder, whose entry must be synced too. */
  readonly #created: boolean;
  /** The arrival that the file still is, until it is changed. */
  #arrivedId: number | undefined;
  #withdrawing: Promise<void> | undefined;
  readonly #openedAt = performance.now();
  /** Where the file will end once all writes that were asked for are done. */
  #end: number;

  constructor({ context, principal, place, held, file, sizeAtOpen, created, append, arrivedId }: UploadOptions) {
    this.#context = context;
    this.#principal = principal;
    this.place = place;
    this.#held = held;
    this.#file = file;
    this.#writes = new WriteQueue(file, { fromEmpty: sizeAtOpen === 0, mayWrite: () => this.#mayChange() });
    this.#append = append;
    this.#created = created;
    this.#arrivedId = arrivedId;
    this.#end = sizeAtOpen;
  }

  /** Takes bytes. Resolves when they are with the operating system. The buffer must not change until then. */
  write(offset: number, data: Buffer): Promise<void> {
    const { broken } = this.#writes;
    if (broken !== undefined) return Promise.reject(broken);
    const at = this.#append ? this.#end : offset;
    const { uploadBytes } = this.#context.limits;
    if (at + data.length > uploadBytes) {
      return Promise.reject(this.#writes.break(failure(`A file may have at most ${uploadBytes} bytes`)));
    }
    const full = this.#context.quotas.grow(this.#principal, at + data.length - this.#end);
    if (full !== undefined) return Promise.reject(this.#writes.break(full));
    this.#end = Math.max(this.#end, at + data.length);
    return this.#writes.write(at, data);
  }

  /** Reads bytes back; resolves to fewer, or none, at the end. */
  async read(offset: number, length: number): Promise<Buffer> {
    await this.#writes.drain();
    const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  /** Cuts or extends the file. */
  async truncate(sizeBytes: number): Promise<void> {
    await this.#writes.drain();
    this.#throwIfBroken();
    if (sizeBytes === this.#end) return;
    if (sizeBytes > this.#context.limits.uploadBytes) throw failure("The file would be too large");
    const full = this.#context.quotas.grow(this.#principal, sizeBytes - this.#end);
    if (full !== undefined) throw full;
    await this.#mayChange();
    await this.#file.truncate(sizeBytes);
    this.#writes.resized(sizeBytes);
    this.#end = sizeBytes;
  }

  async setTimes(accessed: number, modified: number): Promise<void> {
    await this.#writes.drain();
    await this.#file.utimes(accessed, modified);
  }

  async attributes(): Promise<{ sizeBytes: number; modifiedMs: number }> {
    await this.#writes.drain();
    const { size, mtimeMs } = await this.#file.stat();
    return { sizeBytes: size, modifiedMs: mtimeMs };
  }

  /**
   * The client's CLOSE. When it resolves, the file is on disk and its arrival is committed: it cannot be lost any more. A
   * file under a temporary name is only put on disk; its rename is its arrival. What had arrived and was not changed stays
   * the arrival that it was.
   */
  async complete(): Promise<void> {
    try {
      await this.#writes.drain();
      this.#throwIfBroken();
      if (this.#arrivedId !== undefined) return await this.#leave(this.#arrivedId);
      const { size } = await this.#file.stat();
      await this.#held.keepDuring(async () => {
        await this.#file.sync();
        if (this.#created) await syncFolder(dirname(this.place.file));
      });
      await this.#file.close();
      if (isTemporaryName(this.place.name)) return await release(this.#context, this.#held.claim);
      await this.#arrive(size);
    } catch (error) {
      await this.#giveUp(error instanceof Error ? error.message : "unknown");
      throw error;
    }
  }

  /** The connection ended before CLOSE. The part stays, for its owner to resume. */
  async abandon(reason: string): Promise<void> {
    await this.#writes.drain();
    if (this.#arrivedId !== undefined && this.#writes.broken === undefined) return await this.#leave(this.#arrivedId);
    await this.#giveUp(reason);
  }

  /** Nothing was changed: what was told complete still is, and the watcher may have it. */
  async #leave(arrivalId: number): Promise<void> {
    await this.#file.close().catch(() => {});
    await release(this.#context, this.#held.claim);
    void this.#context.publisher.arrivals([arrivalId]);
  }

  async #giveUp(reason: string): Promise<void> {
    await this.#file.close().catch(() => {});
    await release(this.#context, this.#held.claim);
    await audit(
      this.#context,
      entryOf(this.#principal, {
        action: "upload",
        path: this.place.path,
        outcome: "partial",
        detail: { sizeBytes: this.#end, reason },
      }),
    );
    if (this.#arrivedId !== undefined) void this.#context.publisher.arrivals([this.#arrivedId]);
  }

  async #arrive(sizeBytes: number): Promise<void> {
    const { database, limits, publisher } = this.#context;
    const sha256 = this.#writes.digest(sizeBytes);
    const { claim } = this.#held;
    failpoint("gateway.before-arrival");
    const arrivalId = await patiently(limits.patienceMs, () =>
      transaction(database, async (tx) => {
        if (!(await endUpload(tx, claim))) {
          // Either the COMMIT of an attempt before came through although its answer did not, or we were overtaken.
          const actor = actorOf(this.#principal.username);
          const committed = await arrivalOfUpload(tx, { actor, upload: claim.session });
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
              upload: claim.session,
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

  async #mayChange(): Promise<void> {
    await this.#held.keep();
    if (this.#arrivedId === undefined) return;
    // A truncation and a write may both come to be the first change.
    this.#withdrawing ??= this.#withdraw().finally(() => {
      this.#withdrawing = undefined;
    });
    await this.#withdrawing;
  }

  /** Takes back the arrival that the file is. @throws Refusal when the watcher or another connection has it */
  async #withdraw(): Promise<void> {
    const { database, limits } = this.#context;
    const opened = await this.#file.stat();
    await patiently(limits.patienceMs, () =>
      transaction(database, async (tx) => {
        if (!(await touchUpload(tx, this.#held.claim))) throw overtaken();
        await withdrawSeized(tx, this.#principal, this.place, WITHDRAWN_FOR);
        // The watcher moves a file while it has the row, which is ours now: what is still here stays.
        const present = await regularFile(this.place.file);
        if (present?.ino !== opened.ino || present.dev !== opened.dev) throw denied(BEING_PROCESSED);
      }),
    );
    this.#arrivedId = undefined;
  }

  #throwIfBroken(): void {
    if (this.#writes.broken !== undefined) throw this.#writes.broken;
  }
}
