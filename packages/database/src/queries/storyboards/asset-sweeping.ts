import { sql } from "kysely";
import type { Executor, Tx } from "../../connection.ts";
import { lockAssetFile } from "./asset-remaking.ts";

/** An upload that nobody needs any more. */
export interface SpentUpload {
  assetId: number;
  uploadKey: string;
}

/** Uploads of assets that were made anew, refused or replaced, and whose end is some time ago: nobody reads them any more. */
export async function spentUploads(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<SpentUpload[]> {
  const { rows } = await sql<SpentUpload>`
    SELECT id AS "assetId", upload_key AS "uploadKey" FROM assets
    WHERE upload_key IS NOT NULL AND (lease_until IS NULL OR lease_until < now())
      AND least(ended_at, replaced_at) < now() - ${olderThanMs}::float8 * interval '1 ms'
    ORDER BY id LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Notes that an upload's blob is gone. */
export async function forgetUpload({ query }: Executor, assetId: number): Promise<void> {
  await sql`UPDATE assets SET upload_key = NULL WHERE id = ${assetId}::bigint`.execute(query);
}

/** Of the files in a client's folder `assets`, those that one of its assets names: as its upload, or as what that became. */
export async function namedBlobs(
  { query }: Executor,
  { client, names }: { client: string; names: readonly string[] },
): Promise<Set<string>> {
  const keys = names.map((name) => `${client}/assets/${name}`);
  const files = names.filter((name) => /^[0-9a-f]{64}$/.test(name)).map((name) => Buffer.from(name, "hex"));
  const { rows } = await sql<{ name: string }>`
    SELECT substr(upload_key, ${client.length + "/assets/".length + 1}::int) AS name FROM assets
    WHERE upload_key = ANY(${keys}::text[])
    UNION SELECT encode(a.sha256, 'hex') FROM assets a JOIN clients c ON c.id = a.client_id
    WHERE c.slug = ${client} AND a.sha256 = ANY(${files}::bytea[])`.execute(query);
  return new Set(rows.map(({ name }) => name));
}

/** An asset that nothing shows any more. */
export interface ForgottenAsset {
  assetId: number;
  clientId: number;
  client: string;
  /** Hexadecimal; null where nothing came of it. */
  sha256: string | null;
}

/** Assets that were replaced or removed some time ago and that no version shows. Their uploads are gone already. */
export async function forgottenAssets(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<ForgottenAsset[]> {
  const { rows } = await sql<ForgottenAsset>`
    SELECT a.id AS "assetId", a.client_id AS "clientId", c.slug AS client, encode(a.sha256, 'hex') AS sha256
    FROM assets a JOIN clients c ON c.id = a.client_id
    WHERE a.replaced_at < now() - ${olderThanMs}::float8 * interval '1 ms' AND a.upload_key IS NULL
      AND NOT EXISTS (SELECT FROM storyboards s WHERE s.project_id = a.project_id
        AND s.assets @> jsonb_build_array(jsonb_build_object('sha256', encode(a.sha256, 'hex'))))
    ORDER BY a.replaced_at LIMIT ${limit}::int`.execute(query);
  return rows;
}

/**
 * Deletes an asset's row. Returns whether its file has to go with it, before the transaction's end: no other asset of the client
 * has the same bytes, and none can get them meanwhile.
 */
export async function deleteAsset(
  tx: Tx,
  { assetId, clientId, sha256 }: Pick<ForgottenAsset, "assetId" | "clientId" | "sha256">,
): Promise<boolean> {
  if (sha256 !== null) await lockAssetFile(tx, { clientId, sha256 });
  const { numAffectedRows } = await sql`
    DELETE FROM assets a WHERE id = ${assetId}::bigint AND replaced_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM storyboards s WHERE s.project_id = a.project_id
        AND s.assets @> jsonb_build_array(jsonb_build_object('sha256', encode(a.sha256, 'hex'))))`.execute(tx.query);
  if (numAffectedRows !== 1n || sha256 === null) return false;
  const { rows } = await sql`
    SELECT FROM assets WHERE client_id = ${clientId}::bigint AND sha256 = decode(${sha256}, 'hex') LIMIT 1`.execute(
    tx.query,
  );
  return rows.length === 0;
}
