import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** Whose key it is: the hub's own, or the client's. */
export type PgpKeyOwner = "ours" | "theirs";

/** An OpenPGP key of a project, without what is private of it. */
export interface PgpKeyRow {
  id: number;
  owner: PgpKeyOwner;
  /** Upper-case hexadecimal. */
  fingerprint: string;
  userId: string;
  algorithm: string;
  /** Armoured. */
  publicKey: string;
  canEncrypt: boolean;
  canSign: boolean;
  state: "active" | "retired";
  /** When the key itself was made, as it says. */
  createdAt: Date;
  /** Null: never. */
  expiresAt: Date | null;
  addedAt: Date;
  addedBy: string;
  retiredAt: Date | null;
}

const columns = sql`
  id, owner, fingerprint, user_id AS "userId", algorithm, public_key AS "publicKey", can_encrypt AS "canEncrypt",
  can_sign AS "canSign", state, created_at AS "createdAt", expires_at AS "expiresAt", added_at AS "addedAt",
  added_by AS "addedBy", retired_at AS "retiredAt"`;

/** Taken while keys of a project are changed: which one is the active one of ours is decided one at a time. */
export async function lockProjectKeys({ query }: Executor, projectId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${projectId}::int, hashtext('pgp_keys'))`.execute(query);
}

/** A project's keys: ours, then theirs; of each the active ones first, then the newest. */
export async function listPgpKeys({ query }: Executor, projectId: number): Promise<PgpKeyRow[]> {
  const { rows } = await sql<PgpKeyRow>`
    SELECT ${columns} FROM pgp_keys WHERE project_id = ${projectId}::bigint
    ORDER BY owner, state, id DESC`.execute(query);
  return rows;
}

/** A project's keys as {@link listPgpKeys} orders them, with our private ones sealed. */
export async function sealedPgpKeys(
  { query }: Executor,
  projectId: number,
): Promise<(PgpKeyRow & { sealed: Buffer | null })[]> {
  const { rows } = await sql<PgpKeyRow & { sealed: Buffer | null }>`
    SELECT ${columns}, sealed FROM pgp_keys WHERE project_id = ${projectId}::bigint
    ORDER BY owner, state, id DESC`.execute(query);
  return rows;
}

/** One key of a project. */
export async function findPgpKey(
  { query }: Executor,
  { projectId, fingerprint }: { projectId: number; fingerprint: string },
): Promise<PgpKeyRow | undefined> {
  const { rows } = await sql<PgpKeyRow>`
    SELECT ${columns} FROM pgp_keys
    WHERE project_id = ${projectId}::bigint AND fingerprint = ${fingerprint}`.execute(query);
  return rows[0];
}

/** A key to be stored. */
export interface NewPgpKey {
  projectId: number;
  owner: PgpKeyOwner;
  fingerprint: string;
  userId: string;
  algorithm: string;
  publicKey: string;
  /** Of ours alone: the private key, sealed. */
  sealed: Buffer | null;
  canEncrypt: boolean;
  canSign: boolean;
  createdAt: Date;
  expiresAt: Date | null;
  addedBy: string;
}

/**
 * Stores a key as an active one. The same key of the same owner again takes the place of what is there: its owner may have
 * given it another expiry or other names. Another active key of ours has to be retired before.
 */
export async function putPgpKey({ query }: Executor, key: NewPgpKey): Promise<PgpKeyRow> {
  const { rows } = await sql<PgpKeyRow>`
    INSERT INTO pgp_keys (project_id, owner, fingerprint, user_id, algorithm, public_key, sealed, can_encrypt, can_sign,
      created_at, expires_at, added_by)
    VALUES (${key.projectId}::bigint, ${key.owner}, ${key.fingerprint}, ${key.userId}, ${key.algorithm}, ${key.publicKey},
      ${key.sealed}::bytea, ${key.canEncrypt}::boolean, ${key.canSign}::boolean, ${key.createdAt}::timestamptz,
      ${key.expiresAt}::timestamptz, ${key.addedBy})
    ON CONFLICT (project_id, fingerprint) DO UPDATE SET user_id = excluded.user_id, public_key = excluded.public_key,
      sealed = excluded.sealed, can_encrypt = excluded.can_encrypt, can_sign = excluded.can_sign, state = 'active',
      expires_at = excluded.expires_at, added_at = now(), added_by = excluded.added_by, retired_at = NULL
    RETURNING ${columns}`.execute(query);
  return rows[0]!;
}

/** Retires the active key of ours, but for one that stays. Returns the fingerprint of the one that was. */
export async function retireOurPgpKey(
  { query }: Executor,
  { projectId, but }: { projectId: number; but: string },
): Promise<string | undefined> {
  const { rows } = await sql<{ fingerprint: string }>`
    UPDATE pgp_keys SET state = 'retired', retired_at = now()
    WHERE project_id = ${projectId}::bigint AND owner = 'ours' AND state = 'active' AND fingerprint <> ${but}
    RETURNING fingerprint`.execute(query);
  return rows[0]?.fingerprint;
}

/** Retires one key. A second time changes nothing. */
export async function retirePgpKey({ query }: Executor, id: number): Promise<void> {
  await sql`
    UPDATE pgp_keys SET state = 'retired', retired_at = now() WHERE id = ${id}::bigint AND state = 'active'`.execute(
    query,
  );
}

/** Deletes a retired key of ours: what was encrypted to it cannot be opened any more. */
export async function deletePgpKey({ query }: Executor, id: number): Promise<void> {
  await sql`DELETE FROM pgp_keys WHERE id = ${id}::bigint AND owner = 'ours' AND state = 'retired'`.execute(query);
}

/** An active key whose time runs out. */
export interface ExpiringPgpKey {
  keyId: number;
  projectId: number;
  owner: PgpKeyOwner;
  fingerprint: string;
  userId: string;
  canEncrypt: boolean;
  canSign: boolean;
  /** Another active key of the same owner outlives this one, is good now, and can encrypt. */
  hasOtherEncryptionKey: boolean;
  expiresAt: Date;
}

/** Active keys that expire before a time, or have expired; the most urgent first. */
export async function expiringPgpKeys(
  { query }: Executor,
  { now, before }: { now: Date; before: Date },
): Promise<ExpiringPgpKey[]> {
  const { rows } = await sql<ExpiringPgpKey>`
    SELECT id AS "keyId", project_id AS "projectId", owner, fingerprint, user_id AS "userId",
      can_encrypt AS "canEncrypt", can_sign AS "canSign", expires_at AS "expiresAt",
      EXISTS (
        SELECT FROM pgp_keys other
        WHERE other.project_id = expiring.project_id AND other.owner = expiring.owner AND other.id <> expiring.id
          AND other.state = 'active' AND other.can_encrypt
          AND (other.expires_at IS NULL OR other.expires_at > greatest(expiring.expires_at, ${now}::timestamptz))
      ) AS "hasOtherEncryptionKey"
    FROM pgp_keys expiring WHERE state = 'active' AND expires_at <= ${before}::timestamptz
    ORDER BY expires_at, id`.execute(query);
  return rows;
}
