import type { Blobs } from "@inlet/blobs";
import { AppError } from "@inlet/contracts";
import type { AssetFile } from "@inlet/database";
import type { FastifyInstance } from "fastify";
import type { AssetFiles } from "../asset-files.ts";
import { ASSET_EXTENSIONS } from "../page/film-assets.ts";
import { sendFile } from "./byte-range.ts";
import { hasCurrent, sendNotModified } from "./etag.ts";
import { FOR_EVER } from "./for-ever.ts";
import { sendNotFound } from "./notices.ts";

const NAME = new RegExp(`^([0-9a-f]{64})\\.(${Object.values(ASSET_EXTENSIONS).join("|")})$`);
const MEDIA_TYPES: Readonly<Record<string, AssetFile["mediaType"]>> = {
  webp: "image/webp",
  mp4: "video/mp4",
  m4a: "audio/mp4",
};

interface AssetParts {
  assetFiles: AssetFiles;
  blobs: Blobs;
}

/**
 * `GET /a/:sha256.ext`: a picture, video or sound of a storyboard, named by its bytes: who knows the name has seen them, or a
 * page that shows them.
 */
export function addAssetsRoute(app: FastifyInstance, { assetFiles, blobs }: AssetParts): void {
  app.get<{ Params: { file: string } }>("/a/:file", { config: { kind: "asset" } }, async (request, reply) => {
    const [, sha256, extension] = NAME.exec(request.params.file) ?? [];
    if (sha256 === undefined || extension === undefined) return await sendNotFound(reply);
    const asset = await assetFiles(sha256, request.ip);
    if (asset === undefined || asset.mediaType !== MEDIA_TYPES[extension]) return await sendNotFound(reply);
    const etag = `"${sha256}"`;
    const headers = { ...FOR_EVER, "cross-origin-resource-policy": "same-origin" };
    if (hasCurrent(request, etag)) return sendNotModified(reply.headers({ ...headers, etag }));
    const reader = await blobs.open(asset.blobKey).catch(absent);
    if (reader === undefined) return await sendNotFound(reply);
    return sendFile(request, reply.headers({ ...headers, "content-type": asset.mediaType }), { reader, etag });
  });
}

/** Nothing shows it any more, and it was cleared away. */
function absent(error: unknown): undefined {
  if (error instanceof AppError && error.code === "blob_missing") return undefined;
  throw error;
}
