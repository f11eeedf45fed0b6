import { type Entry, type FileEntry, ZipReader } from "@zip.js/zip.js";
import { baseName } from "../base-name.ts";
import { DEFAULT_FILES, isBomb, type UnwrapLimits } from "../limits.ts";
import { refusal } from "../refusal.ts";
import type { FileReader } from "./reader.ts";
import { tooLarge } from "./refusals.ts";

/** Entries that are looked at, files that operating systems add included. */
const MOST_ENTRIES = 1000;
/** A local header without name and extra field. */
const LOCAL_HEADER_BYTES = 30;

/**
 * The data files that a ZIP lists, in its order. Judged by the list alone, before anything is unpacked: names, kinds, number,
 * sizes, ratios, overlaps.
 * @throws InvalidInput
 */
export async function listDataFiles(reader: FileReader, limits: UnwrapLimits): Promise<readonly FileEntry[]> {
  const zip = new ZipReader(reader, { strictness: "strict" });
  const all: Entry[] = [];
  try {
    for await (const entry of zip.getEntriesGenerator({ filenameValidation: "tolerant" })) {
      if (all.length === MOST_ENTRIES) {
        throw refusal("zip_many_entries", `The ZIP has more than ${MOST_ENTRIES} entries; send fewer files in it.`);
      }
      refuseEntry(entry);
      all.push(entry);
    }
  } finally {
    await zip.close();
  }
  refuseOverlaps(all);
  const files = all.filter(isDataFile);
  if (files.length === 0) throw refusal("zip_empty", "The ZIP holds no data file; send it again with one.");
  const most = limits.files ?? DEFAULT_FILES;
  if (files.length > most) {
    throw refusal("zip_many_files", `The ZIP holds ${files.length} data files; send at most ${most} in one.`);
  }
  refuseDuplicates(files);
  refuseSizes(files, limits);
  return files;
}

function refuseEntry(entry: Entry): void {
  const name = entry.filename;
  if (name === "[Content_Types].xml") {
    throw refusal(
      "excel_workbook",
      "The file is an Excel workbook or another Office document; save it as CSV and send that.",
    );
  }
  const parts = name.split(/[/\\]/);
  if (/^([/\\]|[A-Za-z]:)/.test(name) || parts.includes("..") || name.includes("\0")) {
    throw refusal(
      "zip_unsafe_name",
      `The ZIP holds an entry whose name leads out of its folder (${baseName(name)}); make the ZIP again from the files themselves.`,
    );
  }
  if (entry.symlink) {
    throw refusal("zip_symlink", `The ZIP holds a symbolic link (${baseName(name)}); put the file itself into it.`);
  }
}

/** Entries that share bytes are how a small ZIP unpacks to petabytes (Fifield, "A better zip bomb", 2019). */
function refuseOverlaps(entries: readonly Entry[]): void {
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [index, entry] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next !== undefined && entry.offset + LOCAL_HEADER_BYTES + entry.compressedSize > next.offset) {
      throw refusal(
        "zip_overlapping",
        "The ZIP holds entries that overlap; make it again with an ordinary ZIP program.",
      );
    }
  }
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

/** By base name and without regard to case: that is what the batches are called, and what a client's disk tells apart. */
function refuseDuplicates(files: readonly FileEntry[]): void {
  const seen = new Set<string>();
  for (const { filename } of files) {
    const name = baseName(filename);
    const key = name.normalize("NFC").toLowerCase();
    if (seen.has(key)) {
      throw refusal(
        "zip_duplicate_name",
        `The ZIP holds two files with the name ${name}; give each a name of its own.`,
      );
    }
    seen.add(key);
  }
}

function refuseSizes(files: readonly FileEntry[], limits: UnwrapLimits): void {
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const totalBytes = sum(files.map(({ uncompressedSize }) => uncompressedSize));
  if (totalBytes > limits.totalBytes) throw tooLarge(files.length, limits);
  if (isBomb(totalBytes, sum(files.map(({ compressedSize }) => compressedSize)), limits)) {
    throw refusal(
      "zip_bomb",
      "What the ZIP holds is far larger than a ZIP of this size should hold; send it unzipped.",
    );
  }
}
