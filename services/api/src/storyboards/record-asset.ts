import type { StoredBlob } from "@inlet/blobs";
import {
  type AssetRef,
  type AssetRow,
  countAssets,
  findAsset,
  insertAsset,
  lockStoryboards,
  recordAudit,
  type Tx,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { Refusal } from "../requests/errors.ts";
import type { StoryboardPlace } from "./storyboard-place.ts";

/** Files of one project. */
export const MOST_ASSETS = 500;

interface ReceivedAsset {
  name: string;
  fileName: string;
  /** As the sender said. */
  mediaType: string | undefined;
  stored: StoredBlob;
}

/** Records an upload, with a line of the audit. In the caller's transaction. @throws Refusal `assets_too_many` */
export async function recordAsset(
  tx: Tx,
  request: FastifyRequest,
  { place, asset }: { place: StoryboardPlace; asset: ReceivedAsset },
): Promise<{ ref: AssetRef; row: AssetRow }> {
  const { clientId, projectId, client, project } = place;
  const { name, fileName, mediaType, stored } = asset;
  await lockStoryboards(tx, projectId);
  if ((await countAssets(tx, projectId)) >= MOST_ASSETS) {
    const advice = "Remove those that no storyboard shows.";
    throw new Refusal(409, "assets_too_many", `A project may have ${MOST_ASSETS} assets, and has as many. ${advice}`);
  }
  const ref = await insertAsset(tx, {
    ...{ clientId, projectId, name },
    uploadKey: stored.key,
    uploadBytes: stored.sizeBytes,
    uploadSha256: stored.sha256,
    uploadType: mediaType?.slice(0, 200) ?? null,
    uploadName: fileName,
    createdBy: callerOf(request).name,
  });
  const detail = { assetId: ref.assetId, name, sizeBytes: stored.sizeBytes };
  const path = `${client}/${project}/${name}`;
  await recordAudit(tx, auditOf(request, "asset.upload", { path, sha256: stored.sha256, detail }));
  return { ref, row: (await findAsset(tx, { projectId, assetId: ref.assetId }))! };
}
