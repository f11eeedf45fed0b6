import { createHash, randomBytes } from "node:crypto";
import type { StoryboardInput } from "@inlet/contracts";
import { claimAsset, finishAsset, transaction } from "@inlet/database";
import type { TestHub } from "./hub.ts";

/** A storyboard with one scene, which shows words. */
export function buildStoryboard(overrides: Partial<StoryboardInput> = {}): StoryboardInput {
  return {
    title: "Hello",
    scenes: [
      {
        name: "greeting",
        durationMs: 4_000,
        layers: [{ kind: "text", text: "Hello, {{email|you}}", box: { x: 100, y: 260, width: 1_080, height: 200 } }],
      },
    ],
    ...overrides,
  };
}

/** What an image became. */
export const A_FILE = { mediaType: "image/webp", kind: "image", width: 4, height: 3, durationMs: null } as const;

/** Makes an upload ready, as the renderer does, out of these bytes. Returns their SHA-256. */
export async function makeReady(
  hub: TestHub,
  { assetId, client, bytes }: { assetId: number; client: string; bytes: Buffer },
): Promise<string> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await hub.blobs.put(`${client}/assets/${sha256}`, bytes);
  await transaction(hub.database, async (tx) => {
    const claimed = await claimAsset(tx, { assetId, epoch: 1, worker: "test", leaseMs: 60_000 });
    if (claimed === undefined) throw new Error(`asset ${assetId} is not to be made anew`);
    await finishAsset(tx, { assetId, epoch: 1, made: { ...A_FILE, sha256, sizeBytes: bytes.length } });
  });
  return sha256;
}

/** An asset of the client's that is ready; its bytes are nobody else's. */
export async function givenAsset(hub: TestHub, client: string, name = `${randomBytes(6).toString("hex")}.webp`) {
  const [row] = await hub.sql<{ id: number }>`
    INSERT INTO inlet.assets (client_id, project_id, name, upload_key, upload_bytes, upload_sha256, upload_name, created_by)
    SELECT c.id, p.id, ${name}, ${`${client}/assets/upload-${name.replaceAll(".", "-")}`}, 1,
      ${randomBytes(32)}, ${client}, ${client}
    FROM inlet.clients c JOIN inlet.projects p ON p.client_id = c.id WHERE c.slug = ${client} AND p.slug = 'video'
    RETURNING id`;
  const asset = row!.id;
  return {
    asset,
    assetFile: await makeReady(hub, { assetId: asset, client, bytes: Buffer.from(`${client} ${name}`) }),
  };
}
