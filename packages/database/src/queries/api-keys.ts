import type { ApiRole } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";

/** An API key as it is stored: the hash, never the key. */
export interface ApiKeyRow {
  id: number;
  name: string;
  prefix: string;
  role: ApiRole;
  clientId: number | null;
  client: string | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

const columns = sql`
  k.id, k.name, k.prefix, k.role, k.client_id AS "clientId", c.slug AS client, k.created_at AS "createdAt",
  k.last_used_at AS "lastUsedAt", k.revoked_at AS "revokedAt"`;

/** The key of this prefix that is not revoked, with its hash. */
export async function findApiKey(
  { query }: Executor,
  prefix: string,
): Promise<(ApiKeyRow & { sha256: Buffer }) | undefined> {
  const { rows } = await sql<ApiKeyRow & { sha256: Buffer }>`
    SELECT ${columns}, k.sha256 FROM api_keys k LEFT JOIN clients c ON c.id = k.client_id
    WHERE k.prefix = ${prefix} AND k.revoked_at IS NULL`.execute(query);
  return rows[0];
}

/** Notes that a key is in use, to the minute. */
export async function touchApiKey({ query }: Executor, id: number): Promise<void> {
  await sql`
    UPDATE api_keys SET last_used_at = now()
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
  key: { name: string; prefix: string; sha256: Buffer; role: ApiRole; clientId: number | null },
): Promise<ApiKeyRow> {
  const { rows } = await sql<ApiKeyRow>`
    WITH k AS (
      INSERT INTO api_keys (name, prefix, sha256, role, client_id)
      VALUES (${key.name}, ${key.prefix}, ${key.sha256}, ${key.role}, ${key.clientId}::bigint)
      RETURNING *
    )
    SELECT ${columns} FROM k LEFT JOIN clients c ON c.id = k.client_id`.execute(query);
  return rows[0]!;
}

/** Taken before keys are counted: of two first starts at once, one makes the first key. */
export async function lockApiKeys({ query }: Executor): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('inlet.api_keys'))`.execute(query);
}

/** How many keys there are in all, and how many admin keys that work. */
export async function countApiKeys({ query }: Executor): Promise<{ keys: number; admins: number }> {
  const { rows } = await sql<{ keys: number; admins: number }>`
    SELECT count(*) AS keys, count(*) FILTER (WHERE role = 'admin' AND revoked_at IS NULL) AS admins
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
