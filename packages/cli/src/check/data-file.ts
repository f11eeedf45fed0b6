import { createHash } from "node:crypto";
import { type FileHandle, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInput } from "@inlet/contracts";
import type { ByteSource } from "@inlet/delimited";
import { identify, MAGIC_BYTES, type RandomAccess, unwrap, type ZippedFile } from "@inlet/envelope";

/** A file to be checked, open: its plain bytes, out of a ZIP if it came in one. */
export interface DataFile {
  /** Its own name without folders; in a ZIP still the ZIP's. */
  fileName: string;
  /** Of the file that was named, ZIP or not. */
  sizeBytes: number;
  /** Of the data. */
  plainSizeBytes: number;
  /** The data file's name in its ZIP. */
  zippedName: string | undefined;
  source: ByteSource;
  /** Up to `length` bytes of the data from `offset`; fewer at the end. */
  read(offset: number, length: number): Promise<Buffer>;
  /** Of the file that was named, hexadecimal. */
  sha256(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

/** Told of reading: which reading of the file it is (from 0), and how far it has come. */
export type OnRead = (reading: number, doneBytes: number) => void;

const READ_BYTES = 512 * 1024;

/**
 * Opens a file for checking; `-` is standard input. What is no file but a pipe, and what comes in a ZIP, is put into a temporary file first: the
 * check reads more than once.
 * @throws the file system's errors; InvalidInput for a container that is not accepted or not sound
 */
export async function openDataFile(
  path: string,
  { totalBytes, onRead, signal }: { totalBytes: number; onRead: OnRead; signal: AbortSignal },
): Promise<DataFile> {
  const given = await openGiven(path, signal);
  try {
    const zipped = await openZipped(given, { totalBytes, signal });
    const plain = zipped === undefined ? given : await spool(zipped.open(), signal);
    return {
      fileName: path.split(/[/\\]/).at(-1) ?? path,
      sizeBytes: given.sizeBytes,
      plainSizeBytes: plain.sizeBytes,
      zippedName: zipped?.name,
      source: sourceOf(plain, onRead),
      read: (offset, length) => plain.read(offset, length),
      sha256: (until) => hashOf(given, until),
      close: async () => {
        await given.close();
        if (plain !== given) await plain.close();
      },
    };
  } catch (error) {
    await given.close();
    throw error;
  }
}

/** The data file in a ZIP; undefined when the file is none. What is encrypted cannot be checked here. */
async function openZipped(
  given: RandomAccess,
  { totalBytes, signal }: { totalBytes: number; signal: AbortSignal },
): Promise<ZippedFile | undefined> {
  if (identify(await given.read(0, MAGIC_BYTES), given.sizeBytes) === "PGP message") {
    throw new InvalidInput({
      code: "pgp_keys_missing",
      message: "The file is an OpenPGP message, and the check has no keys; decrypt it (gpg --decrypt), and check that.",
    });
  }
  const unwrapped = await unwrap(given, { limits: { totalBytes }, signal });
  if (unwrapped.kind !== "zip") return undefined;
  const [file, second] = unwrapped.files;
  if (second === undefined) return file;
  const names = unwrapped.files.slice(0, 3).map(({ name }) => name);
  throw new InvalidInput({
    code: "zip_many_files",
    message: `The ZIP holds ${unwrapped.files.length} data files (${names.join(", ")}${unwrapped.files.length > 3 ? ", …" : ""}); unpack it and check each.`,
  });
}

/** A file on the disk, open for reading at any place. */
interface OpenFile {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Buffer>;
  readInto(buffer: Buffer, offset: number): Promise<number>;
  close(): Promise<void>;
}

async function openGiven(path: string, signal: AbortSignal): Promise<OpenFile> {
  if (path === "-") return await spool(process.stdin, signal);
  const found = await stat(path);
  if (found.isDirectory()) throw Object.assign(new Error("is a folder"), { code: "EISDIR", path });
  const handle = await open(path, "r");
  if (found.isFile()) return openFile(handle, found.size, async () => await handle.close());
  try {
    return await spool(handle.createReadStream({ autoClose: false, highWaterMark: READ_BYTES }), signal);
  } finally {
    await handle.close();
  }
}

function openFile(handle: FileHandle, sizeBytes: number, close: () => Promise<void>): OpenFile {
  const readInto = async (buffer: Buffer, offset: number) => {
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, offset + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length;
  };
  return {
    sizeBytes,
    readInto,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, sizeBytes - offset)));
      return buffer.subarray(0, await readInto(buffer, offset));
    },
    close,
  };
}

/** Puts bytes into a temporary file, which nobody else may read. It has no name any more while it is used, where that is possible. */
async function spool(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<OpenFile> {
  const folder = await mkdtemp(join(tmpdir(), "inlet-check-"));
  const remove = async () => await rm(folder, { recursive: true, force: true });
  let handle: FileHandle | undefined;
  try {
    handle = await open(join(folder, "plain"), "wx+", 0o600);
    if (process.platform !== "win32") await remove();
    let sizeBytes = 0;
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await handle.writeFile(chunk);
      sizeBytes += chunk.length;
    }
    const spooled = handle;
    return openFile(spooled, sizeBytes, async () => {
      await spooled.close();
      await remove();
    });
  } catch (error) {
    await handle?.close();
    await remove();
    throw error;
  }
}

function sourceOf(file: OpenFile, onRead: OnRead): ByteSource {
  let readings = 0;
  return {
    async *open(offset = 0) {
      const reading = readings;
      readings += 1;
      for await (const { chunk, end } of readAhead(file, offset)) {
        onRead(reading, end);
        yield chunk;
      }
    },
  };
}

/** Two buffers by turns: while one is looked at, the other is filled. */
async function* readAhead(file: OpenFile, from: number): AsyncGenerator<{ chunk: Buffer; end: number }> {
  const size = Math.max(1, Math.min(READ_BYTES, file.sizeBytes - from));
  const buffers = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
  const fill = (turn: number, at: number) => {
    const filled = file.readInto(buffers[turn % 2]!, at);
    // It is awaited when its turn comes; until then a failure has somebody who knows of it.
    filled.catch(() => {});
    return filled;
  };
  let offset = from;
  let next = fill(0, offset);
  try {
    for (let turn = 0; ; turn += 1) {
      const length = await next;
      if (length === 0) return;
      offset += length;
      next = fill(turn + 1, offset);
      yield { chunk: buffers[turn % 2]!.subarray(0, length), end: offset };
    }
  } finally {
    await next.catch(() => 0);
  }
}

async function hashOf(file: OpenFile, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const { chunk } of readAhead(file, 0)) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest("hex");
}
