import { sql } from "kysely";
import type { Database, Executor, Tx } from "../../connection.ts";
import type { ClientTable } from "../client-tables/client-tables.ts";

/** A table of a project that is kept in step with other systems, as its row says. */
export interface CatalogRow {
  id: number;
  projectId: number;
  tableName: string;
  /** `left`: its table is a plain one again. */
  state: "live" | "left";
  versionFloor: number;
}

/** A project's catalogs that were made. */
export async function projectCatalogs({ query }: Executor, projectId: number): Promise<CatalogRow[]> {
  const { rows } = await sql<CatalogRow>`
    SELECT id, project_id AS "projectId", table_name AS "tableName", state, version_floor AS "versionFloor"
    FROM catalogs WHERE project_id = ${projectId}::bigint ORDER BY table_name`.execute(query);
  return rows;
}

/** One catalog; undefined: it has not been made. */
export async function findCatalog(
  { query }: Executor,
  { projectId, tableName }: { projectId: number; tableName: string },
): Promise<CatalogRow | undefined> {
  const { rows } = await sql<CatalogRow>`
    SELECT id, project_id AS "projectId", table_name AS "tableName", state, version_floor AS "versionFloor"
    FROM catalogs WHERE project_id = ${projectId}::bigint AND table_name = ${tableName}`.execute(query);
  return rows[0];
}

/** Makes a catalog's row, or says that it is one again. */
export async function keepCatalog(
  { query }: Executor,
  { projectId, tableName }: { projectId: number; tableName: string },
): Promise<CatalogRow> {
  const { rows } = await sql<CatalogRow>`
    INSERT INTO catalogs (project_id, table_name) VALUES (${projectId}::bigint, ${tableName})
    ON CONFLICT (project_id, table_name) DO UPDATE SET state = 'live'
    RETURNING id, project_id AS "projectId", table_name AS "tableName", state, version_floor AS "versionFloor"`.execute(
    query,
  );
  return rows[0]!;
}

/** Says that a catalog's table is a plain one again; whatever is made of it later has greater versions. */
export async function noteCatalogLeft(
  { query }: Executor,
  { catalogId, versionFloor }: { catalogId: number; versionFloor: number },
): Promise<void> {
  await sql`
    UPDATE catalogs SET state = 'left', version_floor = greatest(version_floor, ${versionFloor}::bigint)
    WHERE id = ${catalogId}::bigint`.execute(query);
}

/**
 * Holds a catalog for the rest of the transaction: shared, for reading and writing its items; alone, for changing its table.
 * Whoever holds it shared must not ask for it alone.
 */
export async function lockCatalog({ query }: Tx, view: ClientTable, how: "shared" | "alone"): Promise<void> {
  const name = `${view.schema}.${view.name}`;
  if (how === "shared")
    await sql`SELECT pg_advisory_xact_lock_shared(hashtext('catalog'), hashtext(${name}))`.execute(query);
  else await sql`SELECT pg_advisory_xact_lock(hashtext('catalog'), hashtext(${name}))`.execute(query);
}

/** What the numbers of a catalog are: for lists. */
export interface CatalogFigures {
  catalogId: number;
  /** The greatest number that a change of it has; null: none has one. */
  lastSeq: number | null;
  lastChangeAt: Date | null;
}

/** The newest numbered change of each of these catalogs. */
export async function catalogFigures(
  { query }: Pick<Database, "query">,
  catalogIds: readonly number[],
): Promise<CatalogFigures[]> {
  const { rows } = await sql<CatalogFigures>`
    SELECT w.id AS "catalogId", c.seq AS "lastSeq", c.at AS "lastChangeAt"
    FROM unnest(${catalogIds as number[]}::bigint[]) AS w (id) LEFT JOIN LATERAL (
      SELECT seq, at FROM catalog_changes WHERE catalog_id = w.id AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1
    ) c ON true`.execute(query);
  return rows;
}
