import { createHash, randomBytes } from "node:crypto";
import type { Blobs } from "@inlet/blobs";
import {
  type BatchStatus,
  type ProfileInput,
  profileSchema,
  type StoredAsset,
  type StoryboardInput,
  storyboardSchema,
} from "@inlet/contracts";
import {
  applyProfile,
  type Database,
  ensureClient,
  insertBatches,
  insertLinkKey,
  insertStoryboard,
  openRuns,
  putArtifacts,
  setLiveStoryboard,
  transaction,
} from "@inlet/database";
import { check, memorySource } from "@inlet/delimited";
import { issueToken } from "@inlet/purl";
import { seal } from "@inlet/runtime";

interface LinkedBatchInput {
  database: Database;
  blobs: Blobs;
  keyEncryptionKey: Buffer;
  /** The client's file. */
  csv: string;
  client?: string;
  title?: string;
  columns?: string[];
  page?: NonNullable<ProfileInput["links"]>["page"];
  /** More of the profile's part on links. */
  links?: ProfileInput["links"];
  /** Published, live, and kept by the batch's links. */
  storyboard?: StoryboardInput;
  /** The files that the storyboard shows, with their bytes. */
  assets?: readonly NewAsset[];
  status?: BatchStatus;
  imported?: boolean;
  delivered?: boolean;
  expiresAt?: Date;
  /** False: the links are not made yet. */
  linked?: boolean;
}

/** A file that is ready to be shown. */
export type NewAsset = Omit<StoredAsset, "sha256" | "sizeBytes"> & { bytes: Buffer };

let batches = 0;

/** A batch as the stages leave it, for tests: its canonical file and index by the real check, its links under a new key. */
export async function buildLinkedBatch({
  database,
  blobs,
  keyEncryptionKey,
  csv,
  client = "acme",
  title = "Acme",
  columns = csv.split("\n")[0]!.split(","),
  page = {},
  links = {},
  storyboard,
  assets = [],
  status = "completed",
  imported = true,
  delivered = false,
  expiresAt = new Date(Date.now() + 3_600_000),
  linked = true,
}: LinkedBatchInput) {
  const number = ++batches;
  const profile = profileSchema.parse({
    client,
    project: `p${number}`,
    title,
    folders: { uploads: "/Uploads", downloads: "/Downloads" },
    links: { page, ...links },
    tables: [
      {
        name: "rows",
        files: ["*"],
        columns: columns.map((name) => ({ name })),
        invalid: { policy: "skip", maxPercent: 90 },
      },
    ],
  });
  const clientId = await ensureClient(database, client);
  const { projectId, version } = await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  const stored = await Promise.all(
    assets.map((asset) => storeAsset({ database, blobs, clientId, client, projectId }, asset)),
  );
  const publish = async (input: StoryboardInput) => {
    const document = storyboardSchema.parse(input);
    const fresh = { projectId, document, assets: stored, note: null, createdBy: "test" };
    return await transaction(database, async (tx) => {
      const { version } = await insertStoryboard(tx, fresh);
      await setLiveStoryboard(tx, { projectId, version });
      return version;
    });
  };
  const runId = (await openRuns(database, { projectId, keys: ["run"] })).get("run")!.id;
  const file = { fileName: "rows.csv", sizeBytes: csv.length, sha256: createHash("sha256").update(csv).digest() };
  const [batchId] = (await insertBatches(database, [
    {
      ...{ clientId, projectId, profileVersion: version, tableName: "rows", runId, arrivalId: null, accountId: null },
      ...{ ...file, source: "gateway", declared: null },
    },
  ])) as [number];
  const chunks: Record<"canonical" | "index", Buffer[]> = { canonical: [], index: [] };
  const report = await check(memorySource(Buffer.from(csv)), {
    table: profile.tables[0]!,
    sinks: {
      canonical: (chunk) => void chunks.canonical.push(Buffer.from(chunk)),
      index: (chunk) => void chunks.index.push(Buffer.from(chunk)),
    },
  });
  const store = async (kind: "canonical" | "index") => {
    const blob = await blobs.put(`${client}/${batchId}/${kind}`, Buffer.concat(chunks[kind]));
    await putArtifacts(database, { batchId, artifacts: [{ ...blob, kind, blobKey: blob.key, name: kind }] });
  };
  await store("canonical");
  await store("index");
  const key = randomBytes(32);
  const sealed = seal(keyEncryptionKey, key, `link-key:${clientId}`);
  const linkKeyId = await insertLinkKey(database, { clientId, sealed });
  const change = (values: object) =>
    database.query.updateTable("batches").set(values).where("id", "=", batchId).execute();
  await change({
    ...report.counts,
    status,
    imported_at: imported ? new Date() : null,
    link_key_id: linked ? linkKeyId : null,
    links_expire_at: linked ? expiresAt : null,
    storyboard_version: storyboard === undefined ? null : await publish(storyboard),
  });
  if (delivered) {
    const place = {
      ...{ batch_id: batchId, artifact: "result" as const, destination: "downloads:acme" },
      ...{ path: "/Downloads/PURL_rows.csv", size_bytes: 1, sha256: key },
    };
    await database.query.insertInto("deliveries").values(place).execute();
  }
  return {
    batchId,
    linkKeyId,
    profile,
    assets: stored,
    /** Makes another storyboard the live one. Returns its version. */
    publish,
    token: (recordNumber: number) => issueToken(key, { batchId, recordNumber }),
    /** Changes the batch's row. */
    change,
  };
}

interface AssetPlace {
  database: Database;
  blobs: Blobs;
  clientId: number;
  client: string;
  projectId: number;
}

/** An asset as the renderer leaves it. */
async function storeAsset(
  { database, blobs, clientId, client, projectId }: AssetPlace,
  { bytes, ...made }: NewAsset,
): Promise<StoredAsset> {
  const sha256 = createHash("sha256").update(bytes).digest();
  await blobs.put(`${client}/assets/${sha256.toString("hex")}`, bytes);
  const upload = { upload_key: null, upload_bytes: bytes.length, upload_sha256: sha256, upload_name: made.name };
  const { kind, mediaType, width, height, durationMs } = made;
  await database.query
    .insertInto("assets")
    .values({
      ...{ client_id: clientId, project_id: projectId, name: made.name, state: "ready", ...upload },
      ...{ kind, sha256, media_type: mediaType, size_bytes: bytes.length, width, height, duration_ms: durationMs },
      created_by: "test",
    })
    .execute();
  return { ...made, sha256: sha256.toString("hex"), sizeBytes: bytes.length };
}
