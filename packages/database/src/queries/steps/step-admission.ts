import type { StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { LAST_PLACE } from "../runs/run-files.ts";
import type { StepRef } from "./steps.ts";

/** How many steps of one kind one client may have admitted at once, per lane. */
export interface AdmissionLimits {
  small: number;
  giant: number;
}

/**
 * Admits a client's waiting steps of some kinds, oldest first, up to its limit for each kind and lane. Not for imports:
 * those go in the order of arrival, see {@link admitImport}. A statement of its own after the commit that may have made
 * room: so the later one of two always sees the other's change. Two at once may overshoot the limit.
 */
export async function admitSteps(
  { query }: Executor,
  { clientId, kinds, limits }: { clientId: number; kinds: readonly StepKind[]; limits: AdmissionLimits },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', ready_at = now()
    WHERE id IN (
      SELECT w.id FROM unnest(${kinds as StepKind[]}::text[]) AS k (kind),
      (VALUES ('small', ${limits.small}::int), ('giant', ${limits.giant}::int)) AS l (lane, most),
      LATERAL (
        SELECT id FROM steps
        WHERE client_id = ${clientId}::bigint AND kind = k.kind AND lane = l.lane AND state = 'waiting'
        ORDER BY id
        LIMIT greatest(0, l.most - (
          SELECT count(*) FROM steps
          WHERE client_id = ${clientId}::bigint AND kind = k.kind AND lane = l.lane AND state IN ('ready', 'running')))
        FOR UPDATE SKIP LOCKED
      ) AS w)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}

/**
 * Admits the import of the table's oldest batch that is under way and not imported yet, if that is what it waits for. One
 * that arrived before it and does not know its table yet may be of the same, so it waits for that one's check. A file of a
 * ZIP of several arrived with the ZIP, and one that waited for its run's trigger when it was let go. Rehearsed files have an order of their own, beside the others'. After the commit,
 * like {@link admitSteps}.
 * @param tableName null: of each of the project's tables
 */
export async function admitImport(
  { query }: Executor,
  { projectId, tableName }: { projectId: number; tableName: string | null },
): Promise<StepRef[]> {
  const tables =
    tableName === null
      ? sql`(SELECT DISTINCT table_name AS name FROM batches
          WHERE project_id = ${projectId}::bigint AND status IN ('received', 'running'))`
      : sql`(SELECT ${tableName}::text AS name)`;
  const oldest = (isRehearsal: ReturnType<typeof sql>) => {
    const waiting = sql`FROM batches
       WHERE project_id = ${projectId}::bigint AND table_name = t.name AND status IN ('received', 'running')
         AND imported_at IS NULL AND ${isRehearsal}`;
    return sql`(SELECT id, rehearsal, place FROM (
       (SELECT id, rehearsal, coalesce(part_of, id) AS place ${waiting} AND place IS NULL ORDER BY id LIMIT 1)
       UNION ALL
       (SELECT id, rehearsal, part_of ${waiting} AND place IS NULL AND part_of IS NOT NULL ORDER BY part_of, id LIMIT 1)
       UNION ALL
       (SELECT id, rehearsal, place ${waiting} AND place < ${LAST_PLACE}::bigint ORDER BY place, id LIMIT 1)
      ) AS first ORDER BY place, id LIMIT 1)`;
  };
  const { rows } = await sql<StepRef>`
    WITH oldest AS MATERIALIZED (
      SELECT o.* FROM ${tables} AS t,
      LATERAL (${oldest(sql`NOT rehearsal`)} UNION ALL ${oldest(sql`rehearsal`)}) AS o
    )
    UPDATE steps SET state = 'ready', ready_at = now() FROM oldest
    WHERE steps.kind = 'import' AND steps.state = 'waiting' AND steps.batch_id = oldest.id
      AND NOT EXISTS (
        SELECT FROM batches n WHERE n.project_id = ${projectId}::bigint AND n.table_name IS NULL
          AND n.status IN ('received', 'running') AND coalesce(n.place, n.id) < oldest.place AND n.rehearsal = oldest.rehearsal)
    RETURNING steps.id AS "stepId", steps.epoch, steps.kind`.execute(query);
  return rows;
}
