import { createHash } from "node:crypto";
import { finished, pipeline } from "node:stream/promises";
import type { Blobs } from "@inlet/blobs";
import { InvariantBroken } from "@inlet/contracts";
import { type ClientTable, copyCanonical, type Tx } from "@inlet/database";
import type { StepWork } from "@inlet/pipeline";

/** pg-copy-streams writes the socket twice a chunk: few, large chunks (measured: 64 KB and more make no difference). */
const CHUNK_BYTES = 256 * 1024;

interface CanonicalFile {
  blobKey: string;
  /** Hexadecimal. */
  sha256: string;
}

/**
 * Copies a canonical file into a table, as it is. Resolves to the number of rows that PostgreSQL took. The bytes are
 * hashed on their way: a file that changed on disk since the check is an error, not an import.
 * @throws InvariantBroken `blob_damaged`
 */
export async function loadCanonical(
  tx: Tx,
  {
    blobs,
    canonical,
    into,
    columns,
    isNew,
    signal,
    giveWay,
  }: Pick<StepWork, "signal" | "giveWay"> & {
    blobs: Blobs;
    canonical: CanonicalFile;
    into: ClientTable;
    columns: readonly string[];
    /** The transaction has made the table. */
    isNew: boolean;
  },
): Promise<number> {
  const reader = await blobs.open(canonical.blobKey);
  try {
    const hash = createHash("sha256");
    const isSound = () => hash.digest("hex") === canonical.sha256;
    if (reader.sizeBytes <= CHUNK_BYTES) {
      const bytes = await reader.read(0, CHUNK_BYTES);
      hash.update(bytes);
      if (!isSound()) throw damaged(canonical);
      signal.throwIfAborted();
      const copy = copyCanonical(tx, into, { columns, isNew });
      const taken = finished(copy);
      copy.end(bytes);
      await taken;
      return copy.rowCount;
    }
    const copy = copyCanonical(tx, into, { columns, isNew });
    const hashed = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
        await giveWay();
      }
    };
    await pipeline(reader.chunks({ chunkBytes: CHUNK_BYTES }), hashed, copy, { signal });
    if (!isSound()) throw damaged(canonical);
    return copy.rowCount;
  } finally {
    await reader.close();
  }
}

const damaged = ({ blobKey }: CanonicalFile) =>
  new InvariantBroken({
    code: "blob_damaged",
    message: `The stored file ${blobKey} is not what the check wrote: the disk or a person changed it. Nothing was imported; restore it, or have the file sent again.`,
  });
