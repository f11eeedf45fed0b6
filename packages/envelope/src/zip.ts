import { InvalidInput, Misconfigured } from "@inlet/contracts";
import { configure, type Entry, type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { identify, MAGIC_BYTES } from "./magic.ts";
import type { RandomAccess } from "./random-access.ts";

configure({ useWebWorkers: false, chunkSize: 256 * 1024 });

/** Bounds for what a ZIP may turn out to be. */
export interface UnwrapLimits {
  /** The data file's bytes, at most. */
  totalBytes: number;
  /**
   * How many times larger than its compressed form the data file may be. Deflate itself ends at 1,032. Looked at only
   * beyond {@link RATIO_FROM_BYTES}, because small repetitive files do compress well.
   */
  ratio?: number;
}

/** The one data file of a ZIP. */
export interface ZippedFile {
  /** The entry's base name, without any folder. Never a path to write to. */
  name: string;
  /** What the ZIP claims; `open` holds it to it. */
  sizeBytes: number;
  /**
   * Streams the data file; memory stays bounded. Checked on the way: size, ratio, CRC.
   * @throws InvalidInput
   */
  open(): AsyncIterable<Uint8Array>;
}

const DEFAULT_RATIO = 500;
/** Below this size the ratio is not looked at. */
export const RATIO_FROM_BYTES = 64 * 1024 * 1024;
/** Entries that are looked at, files that operating systems add included. */
const MOST_ENTRIES = 1000;
/** The largest piece that an honest ZIP makes the reader ask for at once: a central directory of 1,000 entries. */
const MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

/**
 * Opens a ZIP that holds one data file. Read strictly: what other programs might read differently is refused.
 * @throws InvalidInput when it is damaged, encrypted, too large, or holds none or several data files.
 */
export async function openZip(file: RandomAccess, limits: UnwrapLimits, signal?: AbortSignal): Promise<ZippedFile> {
  const reader = new FileReader(file);
  const entry = await translated(reader, signal, () => findDataFile(reader));
  if (entry.encrypted) {
    throw refusal("zip_encrypted", "The ZIP is protected with a password; send it without one.");
  }
  if (entry.uncompressedSize > limits.totalBytes) throw tooLarge(limits);
  return {
    name: baseName(entry.filename),
    sizeBytes: entry.uncompressedSize,
    open: () => extract(entry, reader, limits, signal),
  };
}

async function findDataFile(reader: FileReader): Promise<FileEntry> {
  const zip = new ZipReader(reader, { strictness: "strict" });
  const found: FileEntry[] = [];
  let seen = 0;
  try {
    for await (const entry of zip.getEntriesGenerator()) {
      seen += 1;
      if (seen > MOST_ENTRIES)
        throw refusal("zip_many_entries", `The ZIP has more than ${MOST_ENTRIES} entries; send one data file in it.`);
      if (entry.filename === "[Content_Types].xml") {
        throw refusal(
          "excel_workbook",
          "The file is an Excel workbook or another Office document; save it as CSV and send that.",
        );
      }
      if (isDataFile(entry)) found.push(entry);
    }
  } finally {
    await zip.close();
  }
  const [entry, second] = found;
  if (entry === undefined) throw refusal("zip_empty", "The ZIP holds no data file; send it again with one.");
  if (second !== undefined) {
    const names = found
      .slice(0, 3)
      .map(({ filename }) => baseName(filename))
      .join(", ");
    throw refusal(
      "zip_many_files",
      `The ZIP holds ${found.length} data files (${names}${found.length > 3 ? ", …" : ""}); send each in a ZIP of its own.`,
    );
  }
  return entry;
}

/** Everything but folders and what operating systems put beside a file unasked. */
function isDataFile(entry: Entry): entry is FileEntry {
  if (entry.directory) return false;
  const name = baseName(entry.filename);
  return !(
    /(^|[/\\])__MACOSX[/\\]/.test(entry.filename) ||
    name.startsWith("._") ||
    /^(\.DS_Store|Thumbs\.db|desktop\.ini)$/i.test(name)
  );
}

/** The last part of an entry's name, without control characters. */
function baseName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(/\p{Cc}/gu, "").slice(0, 255);
  return clean === "" || clean === "." || clean === ".." ? "unnamed" : clean;
}

async function* extract(
  entry: FileEntry,
  reader: FileReader,
  limits: UnwrapLimits,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const sink = writable.getWriter();
  const stop = new AbortController();
  const signals = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const extraction = translated(reader, signal, () =>
    entry.getData(new WritableStream({ write: (chunk) => sink.write(chunk), close: () => sink.close() }), {
      strictness: "strict",
      checkSignature: true,
      checkOverlappingEntry: true,
      signal: signals,
    }),
  );
  // A failure may come before anything was piped, when nobody but us would tell the reading side.
  extraction.catch((error: unknown) => sink.abort(error).catch(() => {}));
  let bytes = 0;
  try {
    for await (const value of readable) {
      if (bytes === 0) refuseNested(value);
      bytes += value.length;
      if (bytes > limits.totalBytes) throw tooLarge(limits);
      if (bytes > RATIO_FROM_BYTES && bytes > entry.compressedSize * (limits.ratio ?? DEFAULT_RATIO)) {
        throw refusal("zip_bomb", "The data file is far larger than a ZIP of this size should hold; send it unzipped.");
      }
      yield value;
    }
    await extraction;
  } finally {
    stop.abort();
  }
}

function refuseNested(chunk: Uint8Array): void {
  const container = identify(chunk.subarray(0, MAGIC_BYTES));
  if (container === "plain") return;
  throw refusal("zip_nested", `The ZIP holds a ${container} file; put the data file itself into it.`);
}

/** Runs something of the ZIP library, and says in our words what went wrong. */
async function translated<T>(reader: FileReader, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (reader.failure !== undefined) throw reader.failure;
    if (error instanceof InvalidInput || error instanceof Misconfigured) throw error;
    const cause = error as Error;
    if (/encrypt|password/i.test(cause.message)) {
      throw refusal("zip_encrypted", "The ZIP is protected with a password; send it without one.", cause);
    }
    if (/unsupported/i.test(cause.message)) {
      throw refusal("zip_unsupported", "The ZIP uses a method that is not supported; use Store or Deflate.", cause);
    }
    throw refusal("zip_damaged", "The ZIP is damaged or incomplete; make it again and send it again.", cause);
  }
}

function tooLarge({ totalBytes }: UnwrapLimits): InvalidInput {
  return refusal("file_too_large", `The data file in the ZIP is larger than ${totalBytes} bytes; send it in parts.`);
}

function refusal(code: string, message: string, cause?: unknown): InvalidInput {
  return new InvalidInput({ code, message, cause });
}

/** Lets the ZIP library read our file, and remembers when that failed, which is no fault of the ZIP. */
class FileReader extends Reader<RandomAccess> {
  readonly #file: RandomAccess;
  failure: unknown;

  constructor(file: RandomAccess) {
    super(file);
    this.#file = file;
    this.size = file.sizeBytes;
  }

  override async init(): Promise<void> {
    await super.init?.();
    this.size = this.#file.sizeBytes;
  }

  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    if (length > MOST_BYTES_AT_ONCE) {
      throw refusal("zip_many_entries", "The ZIP's list of contents is too long; send one data file in it.");
    }
    try {
      return await this.#file.read(index, length);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
