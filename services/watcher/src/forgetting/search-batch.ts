import type { BlobReader, Blobs } from "@inlet/blobs";
import type { Profile } from "@inlet/contracts";
import type { ForgetfulBatch, SearchedBatch } from "@inlet/database";
import { encodeText, findCanonicalValue, findValue, normaliseLabel } from "@inlet/delimited";
import { hasFile, scanPlanOf, sourceOf, withFile } from "./stored-files.ts";

/** The value that is looked for. */
interface Wanted {
  column: string;
  value: string;
}

interface Parts {
  blobs: Blobs;
  profile: Profile;
  signal: AbortSignal;
}

/**
 * Looks for a value in one batch: cell by cell in the file as it was sent, and as Inlet writes it; where the file could not be cut
 * into records, anywhere in it.
 */
export async function searchBatch(batch: ForgetfulBatch, wanted: Wanted, parts: Parts): Promise<SearchedBatch> {
  const { batchId } = batch;
  const nothing = { batchId, records: [], hasSource: false, isUnknown: false };
  // Its parts are batches of their own.
  if (batch.isContainer) return nothing;
  const plan = scanPlanOf(batch);
  if (plan === undefined || !hasFile(batch, "plain")) {
    const kind = hasFile(batch, "plain") ? "plain" : "source";
    const found = await withFile(parts.blobs, batch, kind, (reader) => searchBytes(reader, wanted.value, parts));
    return { ...nothing, hasSource: found === "found", isUnknown: found === "unknown" };
  }
  const records = new Set<number>();
  const fields = fieldsOf(batch, plan.header.labels, wanted.column);
  if (fields.size > 0) {
    await withFile(parts.blobs, batch, "plain", async (reader) => {
      const input = { source: sourceOf(reader), plan, fields, value: wanted.value, signal: parts.signal };
      for await (const record of findValue(input)) records.add(record);
    });
  }
  const columns = parts.profile.tables.find(({ name }) => name === batch.tableName)?.columns ?? [];
  const column = columns.findIndex(({ name }) => name === wanted.column);
  if (column !== -1) {
    await withFile(parts.blobs, batch, "canonical", async (reader) => {
      for await (const record of findCanonicalValue(sourceOf(reader).open(), { column, value: wanted.value })) {
        parts.signal.throwIfAborted();
        records.add(record);
      }
    });
  }
  return { ...nothing, records: [...records].sort((a, b) => a - b) };
}

/** Which cells of a record may be the column: those that the check took for it, and those under a label of that name. */
function fieldsOf({ checked }: ForgetfulBatch, labels: readonly string[], column: string): Set<number> {
  const wanted = normaliseLabel(column);
  const fields = new Set<number>();
  for (const mapped of checked?.columns ?? []) if (mapped.column === column) fields.add(mapped.index);
  for (const [index, label] of labels.entries()) if (normaliseLabel(label) === wanted) fields.add(index);
  return fields;
}

const CHUNK_BYTES = 1024 * 1024;

/** Looks for a value's bytes in a file that nobody could read. `unknown`: it is encrypted or packed. */
async function searchBytes(
  reader: BlobReader,
  value: string,
  { signal }: Parts,
): Promise<"found" | "absent" | "unknown"> {
  const utf16 = Buffer.from(value, "utf16le");
  const needles: Buffer[] = [Buffer.from(value, "utf8"), utf16, Buffer.from(utf16).swap16()];
  // Not Node's own latin1: it makes other letters of those that it has not, and files would go in which nobody stands.
  const western = encodeText(value, "windows-1252");
  if (western !== undefined) needles.push(western);
  const most = Math.max(...needles.map(({ length }) => length));
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of reader.chunks({ chunkBytes: CHUNK_BYTES })) {
    signal.throwIfAborted();
    const bytes = Buffer.concat([held, chunk]);
    if (needles.some((needle) => bytes.includes(needle))) return "found";
    held = bytes.subarray(Math.max(0, bytes.length - most));
  }
  const start = await reader.read(0, 64);
  return isWrapped(start) ? "unknown" : "absent";
}

/** Armoured or binary OpenPGP (whose first byte always has its highest bit set, RFC 9580 4.2), or a ZIP. */
function isWrapped(start: Buffer): boolean {
  const text = start.toString("latin1").trimStart();
  if (text.startsWith("-----BEGIN PGP") || text.startsWith("PK")) return true;
  const isBom = start[0] === 0xef && start[1] === 0xbb;
  const isUtf16 = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  return (start[0] ?? 0) >= 0x80 && !isBom && !isUtf16;
}
