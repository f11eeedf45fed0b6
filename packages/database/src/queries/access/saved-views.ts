import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import type { Scope } from "../batches/batch-views.ts";

/** A saved set of filters. */
export interface SavedViewRow {
  id: number;
  owner: string;
  ownerName: string;
  name: string;
  filters: string;
  shared: boolean;
  createdAt: Date;
  updatedAt: Date;
}

const columns = sql`id, owner, owner_name AS "ownerName", name, filters, shared, created_at AS "createdAt",
  updated_at AS "updatedAt"`;

/** Whose views are meant: the owner's own, and those that are shared by somebody who sees the same clients. */
export interface ViewSight {
  /** `user:7` or `key:3`. */
  owner: string;
  scope: Scope;
}

const seen = ({ owner, scope }: ViewSight) =>
  sql`(owner = ${owner} OR (shared AND client_id IS NOT DISTINCT FROM ${scope}::bigint))`;

/** The owner's views, and those shared with it, by name. */
export async function listSavedViews({ query }: Executor, sight: ViewSight): Promise<SavedViewRow[]> {
  const { rows } = await sql<SavedViewRow>`
    SELECT ${columns} FROM saved_views WHERE ${seen(sight)} ORDER BY lower(name), id LIMIT 1000`.execute(query);
  return rows;
}

/** One view that is seen. */
export async function findSavedView(
  { query }: Executor,
  { id, ...sight }: ViewSight & { id: number },
): Promise<SavedViewRow | undefined> {
  const { rows } = await sql<SavedViewRow>`
    SELECT ${columns} FROM saved_views WHERE id = ${id}::bigint AND ${seen(sight)}`.execute(query);
  return rows[0];
}

/** Saves a view. Undefined: the owner has one of that name, or as many as one may have. */
export async function insertSavedView(
  { query }: Executor,
  view: ViewSight & { ownerName: string; name: string; filters: string; shared: boolean; most: number },
): Promise<SavedViewRow | undefined> {
  const { rows } = await sql<SavedViewRow>`
    INSERT INTO saved_views (owner, owner_name, client_id, name, filters, shared)
    SELECT ${view.owner}::text, ${view.ownerName}::text, ${view.scope}::bigint, ${view.name}::text, ${view.filters}::text,
      ${view.shared}::boolean
    WHERE (SELECT count(*) FROM saved_views WHERE owner = ${view.owner}::text) < ${view.most}::int
    ON CONFLICT (owner, name) DO NOTHING
    RETURNING ${columns}`.execute(query);
  return rows[0];
}

/** Changes a view of the owner's own; what is null stays. @throws a unique violation when the name is taken */
export async function updateSavedView(
  { query }: Executor,
  view: { id: number; owner: string; name: string | null; filters: string | null; shared: boolean | null },
): Promise<SavedViewRow | undefined> {
  const { rows } = await sql<SavedViewRow>`
    UPDATE saved_views SET name = coalesce(${view.name}::text, name), filters = coalesce(${view.filters}::text, filters),
      shared = coalesce(${view.shared}::boolean, shared), updated_at = now()
    WHERE id = ${view.id}::bigint AND owner = ${view.owner} RETURNING ${columns}`.execute(query);
  return rows[0];
}

/** Deletes a view. */
export async function deleteSavedView({ query }: Executor, id: number): Promise<void> {
  await sql`DELETE FROM saved_views WHERE id = ${id}::bigint`.execute(query);
}
