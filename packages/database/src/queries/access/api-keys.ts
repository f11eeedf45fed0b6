import type { AccessWord, ApiRole } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** An API key as it is stored: the hash, never the key. */
export interface ApiKeyRow {
  id: number;
  name: string;
  prefix: string;
  role: ApiRole;
  clientId: number | null;
  client: string | null;
  /** What it is narrowed to; null: all that its role may. */
  access: AccessWord[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  rotatedAt: Date | null;
  /** Until when the secret before the last rotation is taken as well. Null: it is not. */
  previousUntil: Date | null;
  lastUsedAt: Date | null;
  lastUsedFrom: string | null;
  revokedAt: Date | null;
}

const columns = sql`
  k.id, k.name, k.prefix, k.role, k.client_id AS "clientId", c.slug AS client, k.access,
  k.created_at AS "createdAt", k.expires_at AS "expiresAt", k.rotated_at AS "rotatedAt",
  CASE WHEN k.previous_until > now() THEN k.previous_until END AS "previousUntil",
  k.last_used_at AS "lastUsedAt", k.last_used_from AS "lastUsedFrom", k.revoked_at AS "revokedAt"`;

/** What is stored of a key's secrets: the present one's hash, and as long as it counts the one's before. */
export interface ApiKeyHashes {
  sha256: Buffer;
  previousSha256: Buffer | null;
}

/** The key of this prefix that is not revoked, with its hashes. It may have expired. */
export async function findApiKey({ query }: Executor, prefix: string): Promise<(ApiKeyRow & ApiKeyHashes) | undefined> {
  const { rows } = await sql<ApiKeyRow & ApiKeyHashes>`
    SELECT ${columns}, k.sha256, CASE WHEN k.previous_until > now() THEN k.previous_sha256 END AS "previousSha256"
    FROM api_keys k LEFT JOIN clients c ON c.id = k.client_id
    WHERE k.prefix = ${prefix} AND k.revoked_at IS NULL`.execute(query);
  return rows[0];
}

/** Notes that a key is in use, to the minute, and from where. */
export async function touchApiKey(
  { query }: Executor,
  { id, address }: { id: number; address: string },
): Promise<void> {
  await sql`
    UPDATE api_keys SET last_used_at = now(), last_used_from = ${address}
    WHERE id = ${id}::bigint AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`.execute(query);
}

/** All keys, revoked ones among them, newest first. */
export async function listApiKeys({ query }: Executor): Promise<ApiKeyRow[]> {
  const { rows } = await sql<ApiKeyRow>`
    SELECT ${columns} FROM api_keys k LEFT JOIN clients c ON c.id = k.client_id ORDER BY k.id DESC`.execute(query);
  return rows;
}

/** Stores a new key. */
export async function insertApiKey(
  { query }: Executor,
  key: Pick<ApiKeyRow, "name" | "prefix" | "role" | "clientId"> & {
    sha256: Buffer;
    access?: readonly AccessWord[] | null;
    expiresAt?: Date | null;
  },
): Promise<ApiKeyRow> {
  const { rows } = await sql<ApiKeyRow>`
    WITH k AS (
      INSERT INTO api_keys (name, prefix, sha256, role, client_id, access, expires_at)
      VALUES (${key.name}, ${key.prefix}, ${key.sha256}, ${key.role}, ${key.clientId}::bigint,
        ${key.access == null ? null : [...key.access]}::text[], ${key.expiresAt ?? null}::timestamptz)
      RETURNING *
    )
    SELECT ${columns} FROM k LEFT JOIN clients c ON c.id = k.client_id`.execute(query);
  return rows[0]!;
}

/** Taken before keys are counted: of two first starts at once, one makes the first key. */
export async function lockApiKeys({ query }: Executor): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet.api_keys'))`.execute(query);
}

/** How many keys there are in all, and how many admin keys that work, whole and for good. */
export async function countApiKeys({ query }: Executor): Promise<{ keys: number; admins: number }> {
  const { rows } = await sql<{ keys: number; admins: number }>`
    SELECT count(*) AS keys, count(*) FILTER (
      WHERE role = 'admin' AND revoked_at IS NULL AND expires_at IS NULL AND access IS NULL) AS admins
    FROM api_keys`.execute(query);
  return rows[0]!;
}

/** A key by its number or its prefix. */
export async function findApiKeyByName(
  { query }: Executor,
  { id, prefix }: { id: number | null; prefix: string | null },
): Promise<ApiKeyRow | undefined> {
  const { rows } = await sql<ApiKeyRow>`
    SELECT ${columns} FROM api_keys k LEFT JOIN clients c ON c.id = k.client_id
    WHERE k.id = ${id}::bigint OR k.prefix = ${prefix}::text`.execute(query);
  return rows[0];
}

/** Ends a key. A second time changes nothing. */
export async function revokeApiKey({ query }: Executor, id: number): Promise<void> {
  await sql`UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = ${id}::bigint`.execute(query);
}

/** Changes a key's name and expiry. */
export async function updateApiKey(
  { query }: Executor,
  { id, name, expiresAt }: Pick<ApiKeyRow, "id" | "name" | "expiresAt">,
): Promise<void> {
  await sql`UPDATE api_keys SET name = ${name}, expires_at = ${expiresAt}::timestamptz WHERE id = ${id}::bigint`.execute(
    query,
  );
}

/** Puts a new secret in the place of the present one, which counts for some hours more. */
export async function rotateApiKey(
  { query }: Executor,
  { id, sha256, graceHours }: { id: number; sha256: Buffer; graceHours: number },
): Promise<void> {
  await sql`
    UPDATE api_keys SET previous_sha256 = CASE WHEN ${graceHours}::float8 > 0 THEN sha256 END,
      previous_until = CASE WHEN ${graceHours}::float8 > 0 THEN now() + ${graceHours}::float8 * interval '1 hour' END,
      sha256 = ${sha256}, rotated_at = now()
    WHERE id = ${id}::bigint`.execute(query);
}
