import { randomBytes } from "node:crypto";
import type { Blobs, StoredBlob } from "@inlet/blobs";
import { ASSET_BYTES, bytes } from "@inlet/contracts";
import { Refusal } from "../requests/errors.ts";

/** The names of uploads' blobs begin so; what they become is named by its SHA-256. */
export const UPLOAD_PREFIX = "upload-";

/** A key that no other upload has. */
export const uploadKey = (client: string) => `${client}/assets/${UPLOAD_PREFIX}${randomBytes(16).toString("hex")}`;

export const assetTooLarge = () =>
  new Refusal(413, "file_too_large", `A file for a storyboard may have at most ${bytes(ASSET_BYTES)}.`);

/**
 * Writes a request's body into the blob store, byte for byte, in bounded memory. When anything goes wrong, a sender that hangs
 * up among it, nothing is left.
 * @throws Refusal `file_too_large`, `asset_empty`
 */
export async function receiveAsset(
  body: AsyncIterable<Uint8Array>,
  { blobs, client }: { blobs: Blobs; client: string },
): Promise<StoredBlob> {
  const writer = await blobs.create(uploadKey(client));
  try {
    let sizeBytes = 0;
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > ASSET_BYTES) throw assetTooLarge();
      await writer.write(chunk);
    }
    if (sizeBytes === 0) throw new Refusal(400, "asset_empty", "The upload has no bytes. Send the file as the body.");
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
