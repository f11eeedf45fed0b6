import { configure, type FileEntry } from "@zip.js/zip.js";
import { baseName } from "../base-name.ts";
import { isBomb, type UnwrapLimits } from "../limits.ts";
import { identify, MAGIC_BYTES } from "../magic.ts";
import type { RandomAccess } from "../random-access.ts";
import { refusal } from "../refusal.ts";
import { listDataFiles } from "./entries.ts";
import { FileReader } from "./reader.ts";
import { tooLarge, translated } from "./refusals.ts";

configure({ useWebWorkers: false, chunkSize: 256 * 1024 });

/** A data file of a ZIP. */
export interface ZippedFile {
  /** The entry's base name, without any folder. Never a path to write to. */
  name: string;
  /** What the ZIP claims; `open` holds it to it. */
  sizeBytes: number;
  /**
   * Streams the data file; memory stays bounded. Checked on the way: size, ratio, CRC or, of AES, the authentication code.
   * @throws InvalidInput
   */
  open(): AsyncIterable<Uint8Array>;
}

/** The data files of a ZIP, in the ZIP's order: one or more, each name once. */
export interface Zipped {
  /** All of them, with the agreed password. A ZIP where only some are is refused. */
  isEncrypted: boolean;
  files: readonly ZippedFile[];
}

/** How the first of several parts begins (APPNOTE.TXT, section 8.5.3). */
const SPANNING = "PK\x07\x08PK\x03\x04";

interface OpenZipOptions {
  limits: UnwrapLimits;
  password?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a ZIP. Read strictly: what other programs might read differently is refused.
 * @throws InvalidInput when it is damaged, too large, holds no data file or what is not taken, or its password is not ours.
 */
export async function openZip(file: RandomAccess, { limits, password, signal }: OpenZipOptions): Promise<Zipped> {
  const reader = new FileReader(file);
  const isPart = Buffer.from(await file.read(0, SPANNING.length)).toString("latin1") === SPANNING;
  const entries = await translated({ reader, signal, isPart }, () => listDataFiles(reader, limits));
  const isEncrypted = entries.every(({ encrypted }) => encrypted);
  if (!isEncrypted && entries.some(({ encrypted }) => encrypted)) {
    throw refusal(
      "zip_mixed_encryption",
      "Only some files in the ZIP are protected with the password; make it again with all of them protected.",
    );
  }
  if (isEncrypted && password === undefined) {
    throw refusal(
      "zip_password_missing",
      "The ZIP is protected with a password, and none is known here; send it without one, or agree on one first.",
    );
  }
  const opened = { reader, limits, password: isEncrypted ? password : undefined, signal };
  for (const entry of entries) if (isEncrypted) await checkPassword(entry, opened);
  return {
    isEncrypted,
    files: entries.map((entry) => ({
      name: baseName(entry.filename),
      sizeBytes: entry.uncompressedSize,
      open: () => extract(entry, opened),
    })),
  };
}

interface OpenedZip {
  reader: FileReader;
  limits: UnwrapLimits;
  password: string | undefined;
  signal: AbortSignal | undefined;
}

async function checkPassword(entry: FileEntry, { reader, password, signal }: OpenedZip): Promise<void> {
  await translated({ reader, signal, zipCrypto: entry.zipCrypto }, () =>
    entry.getData(new WritableStream(), {
      ...(password !== undefined && { password }),
      checkPasswordOnly: true,
      strictness: "strict",
    }),
  );
}

async function* extract(
  entry: FileEntry,
  { reader, limits, password, signal }: OpenedZip,
): AsyncGenerator<Uint8Array, void> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const sink = writable.getWriter();
  const stop = new AbortController();
  const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const extraction = translated({ reader, signal, zipCrypto: entry.zipCrypto }, () =>
    entry.getData(new WritableStream({ write: (chunk) => sink.write(chunk), close: () => sink.close() }), {
      ...(password !== undefined && { password }),
      strictness: "strict",
      checkCrc32: true,
      checkAuthenticationCode: true,
      checkOverlappingEntry: true,
      signal: signals,
    }),
  );
  // A failure may come before anything was piped, when nobody but us would tell the reading side.
  extraction.catch((error: unknown) => sink.abort(error).catch(() => {}));
  let bytes = 0;
  try {
    for await (const value of readable) {
      if (bytes === 0) refuseNested(value, entry.uncompressedSize);
      bytes += value.length;
      if (bytes > limits.totalBytes) throw tooLarge(1, limits);
      if (isBomb(bytes, entry.compressedSize, limits)) {
        throw refusal("zip_bomb", "The data file is far larger than a ZIP of this size should hold; send it unzipped.");
      }
      yield value;
    }
    await extraction;
  } finally {
    stop.abort();
  }
}

function refuseNested(chunk: Uint8Array, sizeBytes: number): void {
  const container = identify(chunk.subarray(0, MAGIC_BYTES), sizeBytes);
  if (container === "plain") return;
  throw refusal("zip_nested", `The ZIP holds a ${container} file; put the data file itself into it.`);
}
