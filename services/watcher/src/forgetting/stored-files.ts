import type { BlobReader, Blobs } from "@inlet/blobs";
import type { ForgetfulBatch } from "@inlet/database";
import type { ByteSource, ScanPlan } from "@inlet/delimited";

const READ_BYTES = 256 * 1024;

/** A stored file as the delimited engine reads it; others have their turn between two pieces. */
export function sourceOf(reader: BlobReader): ByteSource {
  return {
    async *open(offset = 0) {
      for await (const chunk of reader.lentChunks({ start: offset, chunkBytes: READ_BYTES })) {
        yield chunk;
        await new Promise(setImmediate);
      }
    },
  };
}

/** Does something with one of a batch's files, open; undefined where it has none of the kind. */
export async function withFile<T>(
  blobs: Blobs,
  { files }: Pick<ForgetfulBatch, "files">,
  kind: string,
  work: (reader: BlobReader) => Promise<T>,
): Promise<T | undefined> {
  const file = files.find((each) => each.kind === kind);
  if (file === undefined) return undefined;
  const reader = await blobs.open(file.blobKey);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}

/** How the batch's check read its file; undefined: it could not. */
export const scanPlanOf = ({ checked }: Pick<ForgetfulBatch, "checked">): ScanPlan | undefined =>
  (checked?.scan as ScanPlan | null | undefined) ?? undefined;

export const hasFile = ({ files }: Pick<ForgetfulBatch, "files">, kind: string): boolean =>
  files.some((file) => file.kind === kind);
