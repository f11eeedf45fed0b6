import { type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "../batches/batch-views.ts";

/** A client's id, if there is such a client within the scope. */
export async function findClient(
  { query }: Executor,
  { client, scope }: { client: string; scope: Scope },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    SELECT id FROM clients WHERE slug = ${client} AND (${scope}::bigint IS NULL OR id = ${scope}::bigint)`.execute(
    query,
  );
  return rows[0]?.id;
}

/** A project, if there is one within the scope, with who applied its live profile and when. */
export async function findProject(
  { query }: Executor,
  { client, project, scope }: { client: string; project: string; scope: Scope },
): Promise<
  | { projectId: number; clientId: number; version: number; appliedBy: string; appliedAt: Date; profile: Profile }
  | undefined
> {
  const { rows } = await sql<{
    projectId: number;
    clientId: number;
    version: number;
    appliedBy: string;
    appliedAt: Date;
    profile: unknown;
  }>`
    SELECT p.id AS "projectId", c.id AS "clientId", f.version, f.created_by AS "appliedBy",
      f.created_at AS "appliedAt", f.document AS profile
    FROM projects p JOIN clients c ON c.id = p.client_id
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE c.slug = ${client} AND p.slug = ${project} AND (${scope}::bigint IS NULL OR c.id = ${scope}::bigint)`.execute(
    query,
  );
  const row = rows[0];
  return row && { ...row, profile: readStoredProfile(row.profile) };
}

/** A version of a project's profile, without the document. */
export interface ProfileVersionRow {
  version: number;
  appliedBy: string;
  appliedAt: Date;
}

/** The versions of a project's profile, newest first. */
export async function profileVersions(
  { query }: Executor,
  { projectId, before, limit }: { projectId: number; before: number | undefined; limit: number },
): Promise<ProfileVersionRow[]> {
  const { rows } = await sql<ProfileVersionRow>`
    SELECT version, created_by AS "appliedBy", created_at AS "appliedAt" FROM profiles
    WHERE project_id = ${projectId}::bigint AND (${before ?? null}::int IS NULL OR version < ${before ?? null}::int)
    ORDER BY version DESC LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** One version of a project's profile. */
export async function findProfileVersion(
  { query }: Executor,
  { projectId, version }: { projectId: number; version: number },
): Promise<(ProfileVersionRow & { profile: Profile }) | undefined> {
  const { rows } = await sql<ProfileVersionRow & { profile: unknown }>`
    SELECT version, created_by AS "appliedBy", created_at AS "appliedAt", document AS profile FROM profiles
    WHERE project_id = ${projectId}::bigint AND version = ${version}::int`.execute(query);
  const row = rows[0];
  return row && { ...row, profile: readStoredProfile(row.profile) };
}

/** Whether a project's live profile is this document, as {@link applyProfile} would find it. */
export async function isLiveProfile(
  { query }: Executor,
  { projectId, profile }: { projectId: number; profile: Profile },
): Promise<boolean> {
  const { rows } = await sql<{ same: boolean }>`
    SELECT f.document = ${JSON.stringify(profile)}::jsonb AS same FROM projects p
    JOIN profiles f ON f.project_id = p.id AND f.version = p.profile_version
    WHERE p.id = ${projectId}::bigint`.execute(query);
  return rows[0]?.same ?? false;
}

/** Taken while a client's profiles are compared and one is stored, so that two that clash cannot pass side by side. */
export async function lockClientProfiles({ query }: Executor, client: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`inlet.profiles.${client}`}))`.execute(query);
}

/** The names of a client's secrets. */
export async function secretNames({ query }: Executor, client: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT s.name FROM secrets s JOIN clients c ON c.id = s.client_id WHERE c.slug = ${client}`.execute(query);
  return rows.map((row) => row.name);
}
