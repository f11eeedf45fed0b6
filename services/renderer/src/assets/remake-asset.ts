import { open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import type { StoredAsset } from "@inlet/contracts";
import { MAX_IMAGE_BYTES, remakeImage } from "@inlet/drawing";
import type { RemakeAsset } from "@inlet/pipeline";
import { confinement } from "../ffmpeg/confinement.ts";
import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import type { ProgramLimits } from "../ffmpeg/run-program.ts";
import { measureFile } from "../store-file.ts";
import { withWorkFolder } from "../work-folder.ts";
import { looksLikeImage, MAGIC_BYTES } from "./image-magic.ts";
import { remakeMedia } from "./remake-media.ts";

interface Deps {
  blobs: Blobs;
  dataFolder: string;
  ffmpeg: Ffmpeg;
  limits: ProgramLimits;
}

type Made = Omit<StoredAsset, "name" | "sha256" | "sizeBytes">;

/** Makes uploads anew; what a stranger sent is opened here and nowhere else. */
export function remakeAssets({ blobs, dataFolder, ffmpeg, limits }: Deps): RemakeAsset {
  return async ({ client, uploadKey, uploadBytes }, { signal, keep }) => {
    await withWorkFolder(dataFolder, async (folder) => {
      const upload = join(folder, "upload");
      await blobs.copyTo(uploadKey, upload);
      const { path, ...made } = (await isImage(upload))
        ? await remadeImage(upload, uploadBytes, { limits, folder, signal })
        : await remadeMedia(upload, { ffmpeg, limits, folder, signal });
      const { sizeBytes, sha256 } = await measureFile(path);
      const hash = sha256.toString("hex");
      await keep({
        made: { ...made, sizeBytes, sha256: hash },
        store: () => blobs.adopt(`${client}/assets/${hash}`, path),
      });
    });
  };
}

async function isImage(upload: string): Promise<boolean> {
  const file = await open(upload, "r");
  try {
    const head = Buffer.alloc(MAGIC_BYTES);
    const { bytesRead } = await file.read(head, 0, MAGIC_BYTES, 0);
    return looksLikeImage(head.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** What Node sets aside for itself. */
const NODE_BYTES = 1024 ** 3;

async function remadeImage(
  upload: string,
  uploadBytes: number,
  { limits, folder, signal }: { limits: ProgramLimits; folder: string; signal: AbortSignal },
): Promise<Made & { path: string }> {
  // What is too large is refused unread, in the words of whoever reads images.
  const source = uploadBytes > MAX_IMAGE_BYTES ? Buffer.alloc(MAX_IMAGE_BYTES + 1) : await readFile(upload);
  const within = await confinement({ ...limits, memoryBytes: limits.memoryBytes + NODE_BYTES }, "writable");
  const { bytes, width, height } = await remakeImage(source, { within, signal });
  const path = join(folder, "remade.webp");
  await writeFile(path, bytes);
  return { path, kind: "image", mediaType: "image/webp", width, height, durationMs: null };
}

async function remadeMedia(upload: string, parts: Parameters<typeof remakeMedia>[1]): Promise<Made & { path: string }> {
  const { kind, ...made } = await remakeMedia(upload, parts);
  if (kind === "audio") return { ...made, kind, mediaType: "audio/mp4", width: null, height: null };
  return { ...made, kind, mediaType: "video/mp4" };
}
