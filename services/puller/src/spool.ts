import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeFile, syncFolder } from "@inlet/blobs";
import type { ItemPage } from "@inlet/connectors";
import { diskFault } from "./disk-fault.ts";
import { SeenKeys } from "./seen-keys.ts";

/** The folder of spools, relative to the data folder. */
const FOLDER = "pulls";
/** A record of the keys beside a spool: the hash of a key, and where its row begins. */
const KEY_BYTES = 24;
const COPY_BYTES = 1024 * 1024;

/** What a page brought. */
export interface TakenPage {
  /** Items whose key had not come before. */
  fresh: number;
  /** Items whose key had. `same`: with the same content, so that nothing was written. */
  duplicates: { item: number; same: boolean }[];
}

/** A pull's rows on the disk, and where in them each key's row is. */
export interface Spool {
  /** Relative to the data folder. */
  readonly location: string;
  readonly sizeBytes: number;
  /** Writes a page's rows. Of a key that came before with another content the later row counts. */
  take(page: ItemPage): Promise<TakenPage>;
  /** Puts all of it on the disk. */
  sync(): Promise<void>;
  /** Ends the file: rows that later ones have replaced are taken out of it. */
  finish(): Promise<{ location: string; sizeBytes: number; sha256: Buffer }>;
  /** Closes it; the files stay. */
  close(): Promise<void>;
  /** Closes and removes it. */
  remove(): Promise<void>;
}

/** A part of the spool that counts no more. */
interface Stretch {
  start: number;
  end: number;
}

interface SpoolTerms {
  dataFolder: string;
  /** Of this pull, epoch and round alone: a worker that was frozen may still write to its own, and to no other. */
  name: string;
  hasKey: boolean;
}

/** Begins a spool with the file's first line. @throws Unavailable `disk_full`, `data_folder_missing` */
export async function beginSpool(terms: SpoolTerms, header: Buffer): Promise<Spool> {
  return await onDisk(async () => {
    const files = await openFiles(terms);
    await files.rows.writeFile(header);
    const hash = createHash("sha256").update(header);
    return openSpool(terms, files, { hash, sizeBytes: header.length, seen: new SeenKeys(), replaced: [] });
  });
}

/**
 * Goes on with a spool that another attempt has kept up to `sizeBytes`, in files of its own. Undefined: it is not there, or not
 * whole.
 */
export async function resumeSpool(
  terms: SpoolTerms,
  from: { location: string; sizeBytes: number },
): Promise<Spool | undefined> {
  return await onDisk(async () => {
    const before = join(terms.dataFolder, from.location);
    const files = await openFiles(terms);
    const hash = createHash("sha256");
    const isWhole = await copyPart(before, files.rows, from.sizeBytes, hash);
    const known = isWhole && terms.hasKey ? await readKeys(keysOf(before), files.keys!, from.sizeBytes) : undefined;
    if (!isWhole || (terms.hasKey && known === undefined)) {
      await closeFiles(files);
      return undefined;
    }
    const { seen, replaced } = known ?? { seen: new SeenKeys(), replaced: [] };
    return openSpool(terms, files, { hash, sizeBytes: from.sizeBytes, seen, replaced });
  });
}

/** Removes a spool that nobody writes to any more; of one that has become a file the keys alone. */
export async function removeSpool(
  dataFolder: string,
  location: string,
  { keysAlone = false }: { keysAlone?: boolean } = {},
): Promise<void> {
  const path = join(dataFolder, location);
  await Promise.all([keysAlone ? undefined : rm(path, { force: true }), rm(keysOf(path), { force: true })]);
}

/** Where a spool lies, relative to the data folder. */
export const spoolLocation = (name: string) => `${FOLDER}/${name}.csv`;

const keysOf = (path: string) => path.replace(/\.csv$/, ".keys");

interface Files {
  rows: FileHandle;
  keys: FileHandle | undefined;
}

async function openFiles({ dataFolder, name, hasKey }: SpoolTerms): Promise<Files> {
  const path = join(dataFolder, spoolLocation(name));
  await mkdir(dirname(path), { recursive: true });
  const rows = await open(path, "w+");
  const keys = hasKey ? await open(keysOf(path), "w+") : undefined;
  return { rows, keys };
}

async function closeFiles({ rows, keys }: Files): Promise<void> {
  await rows.close();
  await keys?.close();
}

interface Held {
  hash: Hash;
  sizeBytes: number;
  seen: SeenKeys;
  replaced: Stretch[];
}

function openSpool({ dataFolder, name, hasKey }: SpoolTerms, files: Files, held: Held): Spool {
  const { hash, seen, replaced } = held;
  const location = spoolLocation(name);
  const path = join(dataFolder, location);
  let { sizeBytes } = held;
  let isFolderSynced = false;
  let isClosed = false;

  async function append(rows: Buffer): Promise<void> {
    for (let at = 0; at < rows.length; ) {
      at += (await files.rows.write(rows, at, rows.length - at, sizeBytes + at)).bytesWritten;
    }
    hash.update(rows);
    sizeBytes += rows.length;
  }

  async function appendKeys(records: Buffer): Promise<void> {
    const from = (seen.count - records.length / KEY_BYTES) * KEY_BYTES;
    for (let at = 0; at < records.length; ) {
      at += (await files.keys!.write(records, at, records.length - at, from + at)).bytesWritten;
    }
  }

  /** Whether an entry's row is this one. Rows end at a line's end, and none is the beginning of another. */
  async function hasRow(entry: number, row: Buffer): Promise<boolean> {
    const there = Buffer.alloc(row.length);
    const { bytesRead } = await files.rows.read(there, 0, row.length, seen.startOf(entry));
    return bytesRead === row.length && there.equals(row);
  }

  /** Where an entry's row ends: where the next one begins. */
  const endOf = (entry: number) => (entry + 1 < seen.count ? seen.startOf(entry + 1) : sizeBytes);

  async function takeKeyed(page: ItemPage): Promise<TakenPage> {
    const { rows, rowEnds, keyHashes } = page;
    const taken: TakenPage = { fresh: 0, duplicates: [] };
    const records = Buffer.alloc(rowEnds.length * KEY_BYTES);
    let recordBytes = 0;
    // Rows from here to `rowStart` are to be written.
    let unwritten = 0;
    let rowStart = 0;
    for (let item = 0; item < rowEnds.length; item += 1) {
      const rowEnd = rowEnds[item]!;
      const entry = seen.find(keyHashes, item * 4);
      if (entry !== -1 && isNameless(page, item)) {
        nameApart(keyHashes, item, sizeBytes + rowStart - unwritten);
        taken.fresh += 1;
      } else if (entry !== -1) {
        await append(rows.subarray(unwritten, rowStart));
        unwritten = rowStart;
        const same = await hasRow(entry, rows.subarray(rowStart, rowEnd));
        taken.duplicates.push({ item, same });
        if (same) {
          unwritten = rowEnd;
          rowStart = rowEnd;
          continue;
        }
        replaced.push({ start: seen.startOf(entry), end: endOf(entry) });
      } else taken.fresh += 1;
      const start = sizeBytes + rowStart - unwritten;
      seen.add(keyHashes, item * 4, start);
      for (let word = 0; word < 4; word += 1)
        records.writeUInt32LE(keyHashes[item * 4 + word]!, recordBytes + word * 4);
      records.writeDoubleLE(start, recordBytes + 16);
      recordBytes += KEY_BYTES;
      rowStart = rowEnd;
    }
    await append(rows.subarray(unwritten, rowStart));
    await appendKeys(records.subarray(0, recordBytes));
    return taken;
  }

  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    await closeFiles(files);
  };

  return {
    location,
    get sizeBytes() {
      return sizeBytes;
    },
    take: (page) =>
      onDisk(async () => {
        if (hasKey) return await takeKeyed(page);
        await append(page.rows);
        return { fresh: page.rowEnds.length, duplicates: [] };
      }),
    sync: () =>
      onDisk(async () => {
        await Promise.all([files.rows.datasync(), files.keys?.datasync()]);
        if (!isFolderSynced) await syncFolder(dirname(path));
        isFolderSynced = true;
      }),
    finish: () =>
      onDisk(async () => {
        if (replaced.length === 0) {
          await files.rows.datasync();
          if (!isFolderSynced) await syncFolder(dirname(path));
          await close();
          return { location, sizeBytes, sha256: hash.digest() };
        }
        const finished = await writeWithout(files.rows, { path, sizeBytes, replaced });
        await close();
        return { ...finished, location: location.replace(/\.csv$/, "-whole.csv") };
      }),
    close,
    async remove() {
      await close();
      removeFile(path);
      removeFile(keysOf(path));
    },
  };
}

/** An item without any key is none that came before: the check finds that it has no key. */
const isNameless = (page: ItemPage, item: number) => page.keyOf(item).every((cell) => cell === "");

/** Gives such an item a name of its own, by where its row begins. */
function nameApart(hashes: Uint32Array, item: number, start: number): void {
  hashes.set([start >>> 0, Math.floor(start / 2 ** 32), 0xffff_ffff, 0xffff_fffe], item * 4);
}

/** Copies a spool without the rows that later ones have replaced. */
async function writeWithout(
  rows: FileHandle,
  { path, sizeBytes, replaced }: { path: string; sizeBytes: number; replaced: readonly Stretch[] },
): Promise<{ sizeBytes: number; sha256: Buffer }> {
  const to = await open(path.replace(/\.csv$/, "-whole.csv"), "w");
  const hash = createHash("sha256");
  let written = 0;
  try {
    let from = 0;
    const gaps = [...replaced].sort((a, b) => a.start - b.start);
    for (const { start, end } of [...gaps, { start: sizeBytes, end: sizeBytes }]) {
      written += await copyRange(rows, to, { from, to: start, hash });
      from = Math.max(from, end);
    }
    await to.datasync();
  } finally {
    await to.close();
  }
  await syncFolder(dirname(path));
  return { sizeBytes: written, sha256: hash.digest() };
}

async function copyRange(
  source: FileHandle,
  target: FileHandle,
  { from, to, hash }: { from: number; to: number; hash: Hash },
): Promise<number> {
  const buffer = Buffer.alloc(Math.max(0, Math.min(COPY_BYTES, to - from)));
  let at = from;
  while (at < to) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, to - at), at);
    if (bytesRead === 0) break;
    const part = buffer.subarray(0, bytesRead);
    hash.update(part);
    await target.appendFile(part);
    at += bytesRead;
  }
  return Math.max(0, at - from);
}

/** Copies the beginning of a file. False: it is not there, or shorter. */
async function copyPart(path: string, target: FileHandle, sizeBytes: number, hash: Hash): Promise<boolean> {
  const source = await openIfThere(path);
  if (source === undefined) return false;
  try {
    return (await copyRange(source, target, { from: 0, to: sizeBytes, hash })) === sizeBytes;
  } finally {
    await source.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Reads the keys of the rows that count, and copies them. Undefined: they are not there, or not in order. */
async function readKeys(
  path: string,
  target: FileHandle,
  sizeBytes: number,
): Promise<{ seen: SeenKeys; replaced: Stretch[] } | undefined> {
  const source = await openIfThere(path);
  if (source === undefined) return undefined;
  const seen = new SeenKeys();
  const earlier: number[] = [];
  const buffer = Buffer.alloc(KEY_BYTES * 4096);
  const hash = new Uint32Array(4);
  let lastStart = -1;
  try {
    for (let at = 0; ; ) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length, at);
      const whole = bytesRead - (bytesRead % KEY_BYTES);
      let used = 0;
      for (; used < whole; used += KEY_BYTES) {
        const start = buffer.readDoubleLE(used + 16);
        // What is behind was written, and not kept.
        if (start >= sizeBytes) break;
        if (!(start > lastStart)) return undefined;
        lastStart = start;
        for (let word = 0; word < 4; word += 1) hash[word] = buffer.readUInt32LE(used + word * 4);
        const entry = seen.find(hash, 0);
        if (entry !== -1) earlier.push(entry);
        seen.add(hash, 0, start);
      }
      await target.appendFile(buffer.subarray(0, used));
      at += used;
      if (used === 0 || used < whole) break;
    }
  } finally {
    await source.close();
  }
  const endOf = (entry: number) => (entry + 1 < seen.count ? seen.startOf(entry + 1) : sizeBytes);
  return { seen, replaced: earlier.map((entry) => ({ start: seen.startOf(entry), end: endOf(entry) })) };
}

async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskFault(error);
  }
}
