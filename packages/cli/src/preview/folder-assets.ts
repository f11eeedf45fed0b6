import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { type AssetKind, assetNameSchema, type StoredAsset } from "@inlet/contracts";
import type { StoredAssets } from "@inlet/storyboard";

/** A file that a storyboard can show, as it lies in a folder. */
export interface FolderAsset {
  path: string;
  mediaType: string;
  sizeBytes: number;
}

/** What the files of a storyboard's folder can show. */
export interface FolderAssets {
  /** By name, as the hub would know them once they are uploaded. */
  stored: StoredAssets;
  /** By the hash that `stored` calls them: of name, size and time, so that a file that was changed has another address. */
  files: ReadonlyMap<string, FolderAsset>;
}

/** By a name's end. The hub makes images, videos and sounds of many more kinds; these are what browsers show as they are. */
const MEDIA: Readonly<Record<string, readonly [AssetKind, string]>> = {
  ".webp": ["image", "image/webp"],
  ".png": ["image", "image/png"],
  ".jpg": ["image", "image/jpeg"],
  ".jpeg": ["image", "image/jpeg"],
  ".gif": ["image", "image/gif"],
  ".avif": ["image", "image/avif"],
  ".svg": ["image", "image/svg+xml"],
  ".mp4": ["video", "video/mp4"],
  ".m4v": ["video", "video/mp4"],
  ".mov": ["video", "video/mp4"],
  ".webm": ["video", "video/webm"],
  ".m4a": ["audio", "audio/mp4"],
  ".aac": ["audio", "audio/aac"],
  ".mp3": ["audio", "audio/mpeg"],
  ".wav": ["audio", "audio/wav"],
  ".ogg": ["audio", "audio/ogg"],
};
const MADE = { image: "image/webp", video: "video/mp4", audio: "audio/mp4" } as const;

/** Where a storyboard's files are looked for: beside it, and in the folder `assets` beside it. The first of a name counts. */
export const assetFolders = (file: string): string[] => {
  const folder = dirname(resolve(file));
  return [folder, join(folder, "assets")];
};

/** Finds what a storyboard's file can show. A folder that is not there holds nothing. */
export async function folderAssets(file: string): Promise<FolderAssets> {
  const stored: Record<string, StoredAsset> = {};
  const files = new Map<string, FolderAsset>();
  for (const folder of assetFolders(file)) {
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const [kind, mediaType] = MEDIA[extname(name).toLowerCase()] ?? [];
      if (kind === undefined || mediaType === undefined || Object.hasOwn(stored, name)) continue;
      if (!assetNameSchema.safeParse(name).success) continue;
      const path = join(folder, name);
      // It may be gone by now; one without a byte is being written.
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile() || found.size === 0) continue;
      const sha256 = createHash("sha256").update(`${path}\0${found.size}\0${found.mtimeMs}`).digest("hex");
      files.set(sha256, { path, mediaType, sizeBytes: found.size });
      const sizes = { sizeBytes: found.size, width: null, height: null, durationMs: null };
      stored[name] = { name, kind, sha256, mediaType: MADE[kind], ...sizes };
    }
  }
  return { stored, files };
}
