import { type Profile, readStoredProfile } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { noteWebhookEvents } from "../messages/webhooks.ts";

/** A project with the profile that new batches are received under. */
export interface LiveProject {
  projectId: number;
  clientId: number;
  client: string;
  project: string;
  profileVersion: number;
  profile: Profile;
  /** Files of a project in `rehearsal` go through every stage, and nothing of them reaches a client's table. */
  state: ProjectState;
}

/** Whether a project's files are a rehearsal, or real. */
export type ProjectState = "rehearsal" | "live";

/** Ensures that a client exists. Returns its id. */
export async function ensureClient({ query }: Executor, slug: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO clients (slug) VALUES (${slug}) ON CONFLICT (slug) DO UPDATE SET slug = excluded.slug
    RETURNING id`.execute(query);
  return rows[0]!.id;
}

/**
 * Stores a profile as the live one of its project: a new version when it differs from the live one, else the same. Call
 * in a transaction.
 * @param firstState of a project that is new; one that is there stays in its state
 */
export async function applyProfile(
  executor: Executor,
  { profile, appliedBy, firstState = "live" }: { profile: Profile; appliedBy: string; firstState?: ProjectState },
): Promise<{ projectId: number; version: number; changed: boolean; state: ProjectState }> {
  const { query } = executor;
  const clientId = await ensureClient(executor, profile.client);
  const document = JSON.stringify(profile);
  const { rows } = await sql<{ id: number; version: number; state: ProjectState; same: boolean }>`
    INSERT INTO projects (client_id, slug, profile_version, state, live_at, rehearsal_at)
    VALUES (${clientId}::bigint, ${profile.project}, 0, ${firstState},
      CASE WHEN ${firstState} = 'live' THEN now() END, CASE WHEN ${firstState} = 'rehearsal' THEN now() END)
    ON CONFLICT (client_id, slug) DO UPDATE SET slug = excluded.slug
    RETURNING id, profile_version AS version, state, coalesce((SELECT document = ${document}::jsonb FROM profiles
      WHERE project_id = projects.id AND version = projects.profile_version), false) AS same`.execute(query);
  const { id: projectId, version, state, same } = rows[0]!;
  if (same) return { projectId, version, changed: false, state };
  const { rows: inserted } = await sql<{ version: number }>`
    INSERT INTO profiles (project_id, version, document, created_by)
    SELECT ${projectId}::bigint, coalesce(max(version), 0) + 1, ${document}::jsonb, ${appliedBy}
    FROM profiles WHERE project_id = ${projectId}::bigint
    RETURNING version`.execute(query);
  const next = inserted[0]!.version;
  await query.updateTable("projects").set({ profile_version: next }).where("id", "=", projectId).execute();
  if (next === 1) await noteWebhookEvents(executor, clientId);
  return { projectId, version: next, changed: true, state };
}

/** Projects joined with their live profiles. */
const withLiveProfile = ({ query }: Executor) =>
  query
    .selectFrom("projects")
    .innerJoin("clients", "clients.id", "projects.client_id")
    .innerJoin("profiles", (join) =>
      join.onRef("profiles.project_id", "=", "projects.id").onRef("profiles.version", "=", "projects.profile_version"),
    )
    .select([
      "projects.id as projectId",
      "projects.client_id as clientId",
      "clients.slug as client",
      "projects.slug as project",
      "projects.profile_version as profileVersion",
      "projects.state",
      "profiles.document as profile",
    ]);

/** All projects with their live profiles. */
export async function liveProjects(executor: Executor): Promise<LiveProject[]> {
  const rows = await withLiveProfile(executor).orderBy("projects.id").execute();
  return rows.map((row) => ({ ...row, profile: readStoredProfile(row.profile) }));
}

/** One project with its live profile. */
export async function liveProject(executor: Executor, projectId: number): Promise<LiveProject | undefined> {
  const row = await withLiveProfile(executor).where("projects.id", "=", projectId).executeTakeFirst();
  return row && { ...row, profile: readStoredProfile(row.profile) };
}

/** A profile at one version. It never changes: cache it. */
export async function profileAt(
  { query }: Executor,
  { projectId, version }: { projectId: number; version: number },
): Promise<Profile> {
  const row = await query
    .selectFrom("profiles")
    .select("document")
    .where("project_id", "=", projectId)
    .where("version", "=", version)
    .executeTakeFirstOrThrow();
  return readStoredProfile(row.document);
}

/** The columns that a table has in the versions of a project's profile after a given one. */
export async function laterColumns(
  { query }: Executor,
  { projectId, version, table }: { projectId: number; version: number; table: string },
): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    SELECT DISTINCT c ->> 'name' AS name
    FROM profiles p, jsonb_array_elements(p.document -> 'tables') t, jsonb_array_elements(t -> 'columns') c
    WHERE p.project_id = ${projectId}::bigint AND p.version > ${version}::int AND t ->> 'name' = ${table}`.execute(
    query,
  );
  return new Set(rows.map(({ name }) => name));
}

/** Taken while a batch of the project is made: names, duplicates and the order of arrival are decided one at a time. */
export async function lockProjectIntake({ query }: Executor, projectId: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${projectId}::int, hashtext('intake'))`.execute(query);
}
