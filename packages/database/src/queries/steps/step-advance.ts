import type { StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { ARTIFACT_RECORD, type Artifact, artifactRow, KEEP_ARTIFACT } from "../batches/artifacts.ts";
import { type BatchProgress, PROGRESS_COLUMNS, PROGRESS_UPDATE, progressRow } from "../batches/batches.ts";
import type { AdmissionLimits } from "./step-admission.ts";
import { GIANT_BYTES, type StepRef } from "./steps.ts";

/** What a stage leaves behind as its batch goes on to the next one. */
export interface Advance {
  stepId: number;
  epoch: number;
  batchId: number;
  next: StepKind;
  result: Record<string, unknown> | null;
  progress: BatchProgress;
  artifacts: readonly Artifact[];
}

/** A step that was ended, and the one that follows: `ready` where there was room for it, else to be admitted. */
export interface Advanced {
  stepId: number;
  next: (StepRef & { state: "waiting" | "ready" }) | undefined;
}

/**
 * Ends steps and sets their batches' next ones, with all that their stages found: one statement, because small files are
 * paid for by the round trip and the commit. What is left out of the answer was not ours any more, and nothing of it was
 * changed. A next step is admitted at once within the client's limits, but for imports, which have an order: see
 * {@link admitSteps}. Batches' rows are locked before the steps', as everywhere, and each in the order of their ids.
 */
export async function advanceSteps(
  { query }: Executor,
  { advances, limits }: { advances: readonly Advance[]; limits: AdmissionLimits },
): Promise<Advanced[]> {
  const { rows } = await sql<{ stepId: number; nextId: number | null } & Omit<StepRef, "stepId"> & { state: "ready" }>`
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(advances.map(advanceRow))}::jsonb) AS g (step_id bigint,
        epoch int, batch_id bigint, next text, is_giant boolean, result jsonb, artifacts jsonb, ${PROGRESS_COLUMNS})
    ), held AS (
      SELECT id FROM batches WHERE id = ANY(${advances.map(({ batchId }) => batchId)}::bigint[]) ORDER BY id FOR UPDATE
    ), owned AS (
      SELECT id, epoch, batch_id FROM steps
      WHERE id = ANY(${advances.map(({ stepId }) => stepId)}::bigint[]) AND state = 'running'
        AND batch_id IN (SELECT id FROM held)
      ORDER BY id FOR UPDATE
    ), ended AS (
      UPDATE steps SET state = 'done', result = g.result, finished_at = clock_timestamp(), lease_until = NULL, error = NULL
      FROM owned o JOIN given g ON g.step_id = o.id AND g.epoch = o.epoch AND g.batch_id = o.batch_id
      WHERE steps.id = o.id
      RETURNING steps.id, steps.batch_id, client_id, next, CASE WHEN g.is_giant THEN 'giant' ELSE lane END AS lane
    ), noted AS (
      UPDATE batches SET ${PROGRESS_UPDATE} FROM ended e JOIN given g ON g.step_id = e.id
      WHERE batches.id = e.batch_id AND batches.id = ANY(${advances.map(({ batchId }) => batchId)}::bigint[])
    ), kept AS (
      INSERT INTO artifacts (batch_id, kind, blob_key, name, size_bytes, sha256)
      SELECT e.batch_id, a.kind, a.blob_key, a.name, a.size_bytes, decode(a.sha256, 'hex')
      FROM ended e JOIN given g ON g.step_id = e.id, jsonb_to_recordset(g.artifacts) AS ${ARTIFACT_RECORD}
      ${KEEP_ARTIFACT}
    ), room AS MATERIALIZED (
      SELECT client_id, next, lane, CASE lane WHEN 'giant' THEN ${limits.giant}::int ELSE ${limits.small}::int END - (
        SELECT count(*) FROM steps s
        WHERE s.client_id = p.client_id AND s.kind = p.next AND s.lane = p.lane AND s.state IN ('ready', 'running')
      ) AS places
      FROM (SELECT DISTINCT client_id, next, lane FROM ended WHERE next <> 'import') AS p
    ), following AS (
      INSERT INTO steps (batch_id, client_id, kind, lane, state, ready_at)
      SELECT e.batch_id, e.client_id, e.next, e.lane, CASE WHEN e.place <= r.places THEN 'ready' ELSE 'waiting' END,
        CASE WHEN e.place <= r.places THEN now() END
      FROM (SELECT *, row_number() OVER (PARTITION BY client_id, next, lane ORDER BY batch_id) AS place FROM ended) AS e
      LEFT JOIN room r ON r.client_id = e.client_id AND r.next = e.next AND r.lane = e.lane
      ORDER BY e.batch_id
      ON CONFLICT (batch_id, kind) DO NOTHING
      RETURNING id, epoch, kind, state, batch_id
    )
    SELECT e.id AS "stepId", f.id AS "nextId", f.epoch, f.kind, f.state
    FROM ended e LEFT JOIN following f ON f.batch_id = e.batch_id`.execute(query);
  return rows.map(({ stepId, nextId, ...next }) => ({
    stepId,
    next: nextId === null ? undefined : { stepId: nextId, ...next },
  }));
}

function advanceRow({ stepId, epoch, batchId, next, result, progress, artifacts }: Advance) {
  return {
    step_id: stepId,
    epoch,
    batch_id: batchId,
    next,
    // A small ZIP may hold a large file.
    is_giant: artifacts.some(({ sizeBytes }) => sizeBytes >= GIANT_BYTES),
    result,
    ...progressRow(progress),
    artifacts: artifacts.map(artifactRow),
  };
}
