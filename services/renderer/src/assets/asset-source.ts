import { join } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { AppError } from "@inlet/contracts";
import { assetFile, type Database } from "@inlet/database";
import type { ReadAsset } from "@inlet/drawing";
import type { FilmAsset } from "@inlet/storyboard";
import type { Ffmpeg } from "../ffmpeg/find-ffmpeg.ts";
import type { ProgramLimits } from "../ffmpeg/run-program.ts";
import { momentOfVideo } from "../video/draw-segment.ts";
import { stillOfVideo } from "../video/still-of-video.ts";
import { withWorkFolder } from "../work-folder.ts";

interface Parts {
  database: Database;
  blobs: Blobs;
  dataFolder: string;
  ffmpeg: Ffmpeg;
  limits: ProgramLimits;
}

/** More than any image has that was made anew. */
const MOST_IMAGE_BYTES = 64 * 1024 * 1024;

/** Puts assets' files into a work folder, each once. A file that is not there is left out of the film. */
export function assetFilesIn(folder: string, { database, blobs }: Pick<Parts, "database" | "blobs">) {
  const known = new Map<string, Promise<string | undefined>>();
  return ({ sha256 }: FilmAsset): Promise<string | undefined> => {
    const path = known.get(sha256) ?? copyAsset(sha256, join(folder, `asset-${sha256}.mp4`));
    known.set(sha256, path);
    return path;
  };

  async function copyAsset(sha256: string, path: string): Promise<string | undefined> {
    const file = await assetFile(database, sha256);
    if (file === undefined) return undefined;
    return await blobs.copyTo(file.blobKey, path).then(() => path, absent);
  }
}

/** Reads the bytes of images, and stills of videos (see `momentOfVideo`), for whoever draws them. */
export function assetReader({ database, blobs, dataFolder, ffmpeg, limits }: Parts): ReadAsset {
  async function read({ sha256 }: FilmAsset): Promise<Buffer | undefined> {
    const moment = momentOfVideo(sha256);
    if (moment !== undefined) return await stillOf(moment);
    const file = await assetFile(database, sha256);
    if (file === undefined || file.sizeBytes > MOST_IMAGE_BYTES) return undefined;
    const reader = await blobs.open(file.blobKey).catch(absent);
    try {
      return await reader?.read(0, file.sizeBytes);
    } finally {
      await reader?.close();
    }
  }

  async function stillOf({ sha256, atMs }: { sha256: string; atMs: number }): Promise<Buffer | undefined> {
    return await withWorkFolder(dataFolder, async (folder) => {
      const path = await assetFilesIn(folder, { database, blobs })({ sha256 } as FilmAsset);
      if (path === undefined) return undefined;
      const signal = AbortSignal.timeout(limits.timeoutMs);
      return await stillOfVideo(path, atMs, { ffmpeg, limits, folder, signal });
    });
  }
  return read;
}

function absent(error: unknown): undefined {
  if (error instanceof AppError && error.code === "blob_missing") return undefined;
  throw error;
}
