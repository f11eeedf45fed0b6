import type { BlobReader, Blobs } from "@inlet/blobs";
import type { Artifact } from "@inlet/database";
import { giveWayByPiece } from "@inlet/pipeline";
import type { SentWork } from "./sent-work.ts";

/** A file's plain bytes, open, and where they are stored. */
export interface Plain {
  reader: BlobReader;
  artifact: Artifact;
}

/** A file out of a container, and where it is to be stored. */
interface Inner {
  key: string;
  name: string;
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Stores a file out of a container. Nobody can read it before its container was followed to the end and found sound; else
 * nothing of it stays. A second attempt writes it again.
 * @throws what its container throws
 */
export async function storeInner(
  blobs: Blobs,
  { key, name, chunks }: Inner,
  { signal, giveWay }: Pick<SentWork, "signal" | "giveWay">,
): Promise<Artifact> {
  const writer = await blobs.create(key);
  try {
    const mayGiveWay = giveWayByPiece(giveWay);
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await writer.write(chunk);
      await mayGiveWay(chunk);
    }
    const { key: blobKey, sizeBytes, sha256 } = await writer.finish();
    return { kind: "plain", blobKey, name, sizeBytes, sha256 };
  } finally {
    await writer.abort();
  }
}
