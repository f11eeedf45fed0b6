import { constants } from "node:fs";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { audit, type Context, entryOf, type Principal } from "./context.ts";
import { BEING_PROCESSED, look, regularFile } from "./inbox.ts";
import { type Place, syncFolder } from "./places.ts";
import { denied, noSuchFile } from "./status.ts";

/** Read from the disk at once: clients ask for 32 KB pieces in order, many at a time. */
const BLOCK_BYTES = 512 * 1024;
/** The blocks that are kept: clients' requests overlap two of them. */
const BLOCKS_KEPT = 3;

/** Whether a name of a Downloads folder is there for clients: what the courier is still writing begins with a dot. */
export const isDelivered = (name: string): boolean => !name.startsWith(".");

/**
 * Opens a file for reading: of Downloads, or an own one of Uploads until it is claimed.
 * @throws Refusal when it is not there, or is being processed
 */
export async function openDownload(context: Context, principal: Principal, place: Place): Promise<Download> {
  if (place.folder.role === "downloads" && !isDelivered(place.name)) throw noSuchFile();
  let file: FileHandle;
  try {
    file = await open(place.file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const isGone = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (isGone && place.folder.role === "uploads" && (await look(context, principal, place)))
      throw denied(BEING_PROCESSED);
    throw error;
  }
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw noSuchFile();
  }
  return new Download({ context, principal, place, file, sizeBytes: stats.size });
}

interface Block {
  offset: number;
  length: number;
  bytes: Promise<Buffer>;
}

interface DownloadOptions {
  context: Context;
  principal: Principal;
  place: Place;
  file: FileHandle;
  sizeBytes: number;
}

/** An open read handle. */
export class Download {
  readonly place: Place;
  readonly #context: Context;
  readonly #principal: Principal;
  readonly #file: FileHandle;
  readonly #sizeBytes: number;
  #blocks: Block[] = [];
  /** How far the client has read. */
  #reached = 0;

  constructor({ context, principal, place, file, sizeBytes }: DownloadOptions) {
    this.#context = context;
    this.#principal = principal;
    this.place = place;
    this.#file = file;
    this.#sizeBytes = sizeBytes;
  }

  /** Reads bytes; resolves to fewer, or none, at the end. */
  async read(offset: number, length: number): Promise<Buffer> {
    const block = this.#blocks.find((one) => offset >= one.offset && offset + length <= one.offset + one.length);
    const { offset: start, bytes } = block ?? this.#fetch(offset, length);
    const from = offset - start;
    const piece = (await bytes).subarray(from, from + length);
    this.#reached = Math.max(this.#reached, offset + piece.length);
    return piece;
  }

  async attributes(): Promise<{ sizeBytes: number; modifiedMs: number }> {
    const { size, mtimeMs } = await this.#file.stat();
    return { sizeBytes: size, modifiedMs: mtimeMs };
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#blocks.map(({ bytes }) => bytes));
    await this.#file.close();
    if (this.place.folder.role !== "downloads") return;
    await audit(
      this.#context,
      entryOf(this.#principal, {
        action: "download",
        path: this.place.path,
        outcome: this.#reached >= this.#sizeBytes ? "ok" : "partial",
        detail: { sizeBytes: this.#sizeBytes, readToByte: this.#reached },
      }),
    );
  }

  #fetch(offset: number, length: number): Block {
    const rest = Math.max(0, this.#sizeBytes - offset);
    const wanted = Math.max(length, Math.min(BLOCK_BYTES, rest));
    const block = { offset, length: wanted, bytes: this.#readBlock(offset, wanted) };
    this.#blocks = [...this.#blocks.slice(1 - BLOCKS_KEPT), block];
    // A block that came short ends where the file ended then; a file may have grown since.
    block.bytes.then(
      (bytes) => {
        if (bytes.length < block.length) this.#blocks = this.#blocks.filter((one) => one !== block);
      },
      () => {
        this.#blocks = this.#blocks.filter((one) => one !== block);
      },
    );
    return block;
  }

  async #readBlock(offset: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }
}

/** Deletes a delivered file. */
export async function removeDownload(context: Context, principal: Principal, place: Place): Promise<void> {
  const stats = isDelivered(place.name) ? await regularFile(place.file) : undefined;
  if (!stats) throw noSuchFile();
  await unlink(place.file);
  await syncFolder(dirname(place.file));
  await audit(
    context,
    entryOf(principal, { action: "delete", path: place.path, outcome: "ok", detail: { sizeBytes: stats.size } }),
  );
}
