import type { Blobs } from "@inlet/blobs";
import { AppError } from "@inlet/contracts";
import type { ReadAsset } from "@inlet/drawing";
import type { AssetFiles } from "../asset-files.ts";

/** Images that were made anew are well below; what is larger is none of ours. */
const MAX_BYTES = 30 * 1024 * 1024;
/** Whoever looks for files that posters show; visitors that guess are counted by their addresses. */
const ASKER = "thumbnails";

/** Reads the images of posters. A film behind a scene is opened by the renderer alone: its scene has the colour here. */
export const posterAssets =
  ({ assetFiles, blobs }: { assetFiles: AssetFiles; blobs: Blobs }): ReadAsset =>
  async ({ kind, sha256 }) => {
    if (kind !== "image") return undefined;
    const file = await assetFiles(sha256, ASKER).catch(unlessKnownMissing);
    if (file === undefined || file.sizeBytes > MAX_BYTES) return undefined;
    const reader = await blobs.open(file.blobKey).catch(unlessKnownMissing);
    if (reader === undefined) return undefined;
    try {
      return await reader.read(0, reader.sizeBytes);
    } finally {
      await reader.close();
    }
  };

/** Cleared away a moment ago, or looked for in vain so often that it is not looked for again now. */
function unlessKnownMissing(error: unknown): undefined {
  if (error instanceof AppError && ["blob_missing", "too_many_misses"].includes(error.code)) return undefined;
  throw error;
}
