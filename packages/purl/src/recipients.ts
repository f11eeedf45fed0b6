import type { BlobReader, Blobs } from "@inlet/blobs";
import { InvariantBroken } from "@inlet/contracts";
import { type RecordIndex, readRecord } from "@inlet/delimited";

/** A stored file as its artifact row names it. */
export interface StoredFile {
  blobKey: string;
  /** Hexadecimal. A file that was written anew under the same key is another one. */
  sha256: string;
}

/** Where a batch's recipients are. */
export interface RecipientFiles {
  canonical: StoredFile;
  index: StoredFile;
  /** The names of the table's columns, in the order of the profile that the batch was received under. */
  columns: readonly string[];
}

/** A recipient's fields by column name; null for an empty cell. A Map, because `constructor` is a fine column name. */
export type Recipient = ReadonlyMap<string, string | null>;

/** Finds recipients in the canonical files of many batches. */
export interface Recipients {
  /**
   * Reads one recipient's fields: one small read at a known place, once the batch's index is in memory.
   * @returns undefined when the batch has no such record, or it was rejected
   * @throws InvariantBroken when the files are missing, or do not belong together
   */
  find(files: RecipientFiles, recordNumber: number): Promise<Recipient | undefined>;
  close(): Promise<void>;
}

interface RecipientsOptions {
  /** Batches whose files stay open. Two file handles each. Default 64. */
  maxBatches?: number;
  /**
   * Bytes of indexes kept in memory, all batches together. An index of more than an eighth of it is searched on disk: a
   * few reads more per view. Default 64 MiB: the indexes of some 150 million records of 100 bytes.
   */
  maxIndexBytes?: number;
}

interface OpenBatch {
  canonical: BlobReader;
  index: RecordIndex;
  /** In memory; 0 for an index that is searched on disk. */
  indexBytes: number;
  close(): Promise<void>;
}

interface Entry {
  opening: Promise<OpenBatch>;
  indexBytes: number;
  /** Look-ups under way: an entry that is pushed out is closed when the last of them ends. */
  users: number;
  evicted: boolean;
}

/** Opens the look-up. Files are opened on first use, and the least recently used batches give way to new ones. */
export function openRecipients(
  blobs: Blobs,
  { maxBatches = 64, maxIndexBytes = 64 * 1024 * 1024 }: RecipientsOptions = {},
): Recipients {
  // A Map keeps insertion order: the first entry is the least recently used one.
  const entries = new Map<string, Entry>();
  let indexBytes = 0;

  function evict(key: string, entry: Entry): void {
    if (entry.evicted) return;
    entry.evicted = true;
    if (entries.get(key) === entry) entries.delete(key);
    indexBytes -= entry.indexBytes;
    if (entry.users === 0) closeEntry(entry);
  }

  function makeRoom(spare: Entry): void {
    for (const [key, entry] of entries) {
      if (entries.size <= maxBatches && indexBytes <= maxIndexBytes) return;
      if (entry !== spare) evict(key, entry);
    }
  }

  function entryOf(files: RecipientFiles): [string, Entry] {
    const key = `${files.canonical.blobKey} ${files.canonical.sha256} ${files.index.sha256}`;
    const known = entries.get(key);
    if (known !== undefined) {
      entries.delete(key);
      entries.set(key, known);
      return [key, known];
    }
    const entry: Entry = {
      opening: openBatch(blobs, files, maxIndexBytes / 8),
      indexBytes: 0,
      users: 0,
      evicted: false,
    };
    entries.set(key, entry);
    entry.opening.then(
      (batch) => {
        if (entry.evicted) return;
        entry.indexBytes = batch.indexBytes;
        indexBytes += batch.indexBytes;
        makeRoom(entry);
      },
      () => evict(key, entry),
    );
    makeRoom(entry);
    return [key, entry];
  }

  return {
    async find(files, recordNumber) {
      const [key, entry] = entryOf(files);
      entry.users += 1;
      try {
        const { canonical, index } = await entry.opening;
        const cells = await readRecord(canonical.readOften, index, recordNumber);
        return cells && recipientOf(files, cells);
      } catch (error) {
        evict(key, entry);
        throw error;
      } finally {
        entry.users -= 1;
        if (entry.evicted && entry.users === 0) closeEntry(entry);
      }
    },
    async close() {
      const all = [...entries.values()];
      for (const [key, entry] of [...entries]) evict(key, entry);
      await Promise.all(all.map((entry) => entry.opening.then((batch) => batch.close()).catch(() => {})));
    },
  };
}

function closeEntry(entry: Entry): void {
  entry.opening.then((batch) => batch.close()).catch(() => {});
}

async function openBatch(blobs: Blobs, files: RecipientFiles, maxIndexBytes: number): Promise<OpenBatch> {
  const canonical = await blobs.open(files.canonical.blobKey);
  try {
    const reader = await blobs.open(files.index.blobKey);
    if (reader.sizeBytes <= maxIndexBytes) {
      const index = await reader.read(0, reader.sizeBytes).finally(() => reader.close());
      return { canonical, index, indexBytes: index.length, close: once(() => canonical.close()) };
    }
    const close = once(async () => {
      await Promise.all([canonical.close(), reader.close()]);
    });
    return { canonical, index: reader, indexBytes: 0, close };
  } catch (error) {
    await canonical.close().catch(() => {});
    throw error;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

function recipientOf({ canonical, columns }: RecipientFiles, cells: readonly (string | null)[]): Recipient {
  if (cells.length !== columns.length) {
    throw new InvariantBroken({
      code: "canonical_columns_differ",
      message: `The canonical file ${canonical.blobKey} has ${cells.length} columns, its table ${columns.length}.`,
    });
  }
  return new Map(columns.map((column, index) => [column, cells[index] ?? null]));
}
