import type { StoredBlob } from "@inlet/blobs";
import {
  type AssetRef,
  type AssetRow,
  findAsset,
  insertAsset,
  lockStoryboards,
  recordAudit,
  type Tx,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { assertAssetRoom } from "./asset-room.ts";
import type { StoryboardPlace } from "./storyboard-place.ts";

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
  await assertAssetRoom(tx, { projectId, sizeBytes: stored.sizeBytes });
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
