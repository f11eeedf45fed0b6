import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type InferredTableView, InvalidInput, tableSchema, writtenTable } from "@inlet/contracts";
import { type ByteSource, type ProposedTable, proposeTable } from "@inlet/delimited";
import { identify, MAGIC_BYTES, type RandomAccess, unwrap } from "@inlet/envelope";
import { dialectView } from "./dialect-words.ts";

const READ_BYTES = 512 * 1024;
/** Values of a column that are shown. */
const MOST_SAMPLES = 3;
const SAMPLE_CHARACTERS = 100;
/** What a ZIP of a sample may hold. */
const MOST_PLAIN_BYTES = 500_000_000;

/**
 * Makes a table for a sample file, as `inlet init` does. A sample may come in a ZIP; its content is put beside it.
 * @throws InvalidInput when it cannot be read
 */
export async function inferTableOf(
  { path, fileName }: { path: string; fileName: string },
  signal: AbortSignal,
): Promise<InferredTableView> {
  const handles: FileHandle[] = [];
  const openAt = async (file: string) => {
    const handle = await open(file, "r");
    handles.push(handle);
    return accessTo(handle);
  };
  try {
    const given = await openAt(path);
    const plain = await openInner(given, { plainPath: `${path}.plain`, openAt, signal });
    const proposed = await proposeTable({ source: sourceOf(plain), fileName, sizeBytes: plain.sizeBytes, signal });
    return inferredView(proposed);
  } finally {
    for (const handle of handles) await handle.close();
  }
}

async function openInner(
  given: RandomAccess,
  {
    plainPath,
    openAt,
    signal,
  }: { plainPath: string; openAt: (path: string) => Promise<RandomAccess>; signal: AbortSignal },
): Promise<RandomAccess> {
  if (identify(await given.read(0, MAGIC_BYTES), given.sizeBytes) === "PGP message") {
    throw new InvalidInput({
      code: "pgp_keys_missing",
      message: "The sample is an OpenPGP message. Decrypt it, and send the data file itself.",
    });
  }
  const unwrapped = await unwrap(given, { limits: { totalBytes: MOST_PLAIN_BYTES }, signal });
  if (unwrapped.kind !== "zip") return given;
  const [file, second] = unwrapped.files;
  if (file === undefined || second !== undefined) {
    throw new InvalidInput({
      code: "zip_many_files",
      message: `The ZIP holds ${unwrapped.files.length} data files; send one of them as the sample.`,
    });
  }
  await pipeline(Readable.from(file.open(), { objectMode: false }), createWriteStream(plainPath), { signal });
  return await openAt(plainPath);
}

async function accessTo(handle: FileHandle): Promise<RandomAccess> {
  const { size: sizeBytes } = await handle.stat();
  return {
    sizeBytes,
    async read(offset, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

function sourceOf(file: RandomAccess): ByteSource {
  return {
    async *open(offset = 0) {
      for (let at = offset; at < file.sizeBytes; at += READ_BYTES) yield Buffer.from(await file.read(at, READ_BYTES));
    },
  };
}

function inferredView({ table: name, pattern, scan, inferred, filled }: ProposedTable): InferredTableView {
  const { table: found, fields, sample } = inferred;
  const table = tableSchema.parse({
    ...found,
    name,
    files: [pattern],
    columns: found.columns.map((column) => ({ ...column, required: filled.has(column.name) })),
  });
  return {
    table,
    written: writtenTable(table),
    dialect: dialectView(scan),
    columns: fields.map(({ index, label, name: column, reading, filled: filledCells, examples }) => ({
      ...{ index, label, column, type: reading.type, filled: filledCells },
      samples: examples.slice(0, MOST_SAMPLES).map((text) => text.slice(0, SAMPLE_CHARACTERS)),
    })),
    records: sample.records,
    isWhole: sample.isWhole,
  };
}
