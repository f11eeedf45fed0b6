import type { ArtifactKind, BatchStatus, Mapping, StepKind } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";
import { LAST_PLACE } from "../runs/run-files.ts";

interface StoredArtifact {
  blobKey: string;
  name: string;
  sizeBytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** All that a stage needs to know of the step it was given, read in the statement that claims it. */
export interface ClaimedStep {
  stepId: number;
  epoch: number;
  kind: StepKind;
  /** Large files, as they came or as they turned out to be, have a lane of their own. */
  lane: "small" | "giant";
  attempts: number;
  /** How often its workers vanished. */
  losses: number;
  batchId: number;
  /** The batch's, as of the claim. One that has ended stays as it is, whatever becomes of the step. */
  status: BatchStatus;
  runId: number;
  clientId: number;
  client: string;
  projectId: number;
  project: string;
  profileVersion: number;
  tableName: string | null;
  accountId: number | null;
  source: string;
  /** The batch of the ZIP that the file came in with others. */
  partOf: number | null;
  /** Received before its project went live: nothing of it may reach a client's table. */
  rehearsal: boolean;
  fileName: string;
  sizeBytes: number;
  declared: number | null;
  /** Which label of its file means which column, as its sender chose it; null: nobody did. */
  mapping: Mapping | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  links: number | null;
  withheld: number | null;
  linkKeyId: number | null;
  linksExpireAt: Date | null;
  /** The version of the project's storyboard that its links show, decided by its check; null: none, or not decided yet. */
  storyboardVersion: number | null;
  /** The version that is live now. */
  liveStoryboard: number | null;
  forcedReason: string | null;
  receivedAt: Date;
  importedAt: Date | null;
  artifacts: Partial<Record<ArtifactKind, StoredArtifact>>;
  /** What earlier steps of the batch left for later ones. */
  results: Partial<Record<StepKind, Record<string, unknown>>>;
}

/** All that is read of steps together with their claim: what was `claimed`, with its batch, client and project. */
const CLAIMED_STEPS = sql`
    SELECT s.id AS "stepId", s.epoch, s.kind, s.lane, s.attempts, s.losses, b.id AS "batchId", b.status, b.run_id AS "runId",
      b.client_id AS "clientId", c.slug AS client, b.project_id AS "projectId", p.slug AS project,
      b.profile_version AS "profileVersion", b.table_name AS "tableName", b.account_id AS "accountId", b.source,
      b.part_of AS "partOf", b.rehearsal,
      b.file_name AS "fileName", b.size_bytes AS "sizeBytes", b.declared, b.mapping, b.records, b.valid, b.rejected, b.links,
      b.withheld, b.link_key_id AS "linkKeyId", b.links_expire_at AS "linksExpireAt",
      b.storyboard_version AS "storyboardVersion", p.live_storyboard AS "liveStoryboard",
      b.forced_reason AS "forcedReason", b.received_at AS "receivedAt", b.imported_at AS "importedAt",
      (SELECT coalesce(jsonb_object_agg(a.kind, jsonb_build_object('blobKey', a.blob_key, 'name', a.name,
         'sizeBytes', a.size_bytes, 'sha256', encode(a.sha256, 'hex'))), '{}')
       FROM artifacts a WHERE a.batch_id = b.id) AS artifacts,
      (SELECT coalesce(jsonb_object_agg(e.kind, e.result), '{}')
       FROM steps e WHERE e.batch_id = b.id AND e.state = 'done' AND e.result IS NOT NULL) AS results
    FROM claimed s
    JOIN batches b ON b.id = s.batch_id
    JOIN clients c ON c.id = b.client_id
    JOIN projects p ON p.id = b.project_id`;

interface Claim {
  /** Who claims: host and process. */
  worker: string;
  leaseMs: number;
}

/**
 * Claims steps for one attempt each, all in one statement: ready → running at the job's epoch, under a lease. One that
 * another worker holds, whose time has not come, or whose epoch has moved on is left out: its job is to be dropped. Of giants
 * as many are claimed as there is room for; the others stay ready, for whoever has room.
 */
export async function claimSteps(
  { query }: Executor,
  {
    refs,
    worker,
    leaseMs,
    giants = refs.length,
  }: Claim & { refs: readonly { stepId: number; epoch: number }[]; giants?: number },
): Promise<ClaimedStep[]> {
  const { rows } = await sql<ClaimedStep>`
    WITH due AS (
      SELECT s.id, s.lane FROM unnest(${refs.map(({ stepId }) => stepId)}::bigint[], ${refs.map(({ epoch }) => epoch)}::int[])
        AS w (id, epoch) JOIN steps s ON s.id = w.id AND s.epoch = w.epoch
      WHERE s.state = 'ready' AND s.not_before <= now()
      ORDER BY s.id FOR UPDATE OF s
    ), free AS (
      SELECT id FROM (SELECT id, lane, row_number() OVER (PARTITION BY lane ORDER BY id) AS place FROM due) AS d
      WHERE lane = 'small' OR place <= ${giants}::int
    ), claimed AS (
      UPDATE steps SET state = 'running', attempts = attempts + 1, worker = ${worker},
        started_at = now(), lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      FROM free WHERE steps.id = free.id
      RETURNING steps.id, epoch, kind, lane, attempts, losses, batch_id
    )
    ${CLAIMED_STEPS}`.execute(query);
  return rows;
}

/**
 * Claims the imports that wait right behind a running one in their table's order of arrival, for one attempt each: waiting →
 * running; rehearsed files behind a rehearsed one, others behind others. The holder of the first is the only one who may,
 * and works on them in this order. They end before the first batch that is not waiting for its import yet, that once took
 * its worker with it, or that would make more than `limit` or `sizeBytes` in all, and before one that does not know its
 * table yet. Files of a ZIP of several are taken one by one: their numbers do not tell their place in the order.
 */
export async function claimImportsBehind(
  { query }: Executor,
  {
    first,
    limit,
    sizeBytes,
    worker,
    leaseMs,
  }: Claim & {
    first: Pick<ClaimedStep, "stepId" | "epoch" | "batchId" | "projectId" | "tableName" | "partOf" | "rehearsal">;
    limit: number;
    sizeBytes: number;
  },
): Promise<ClaimedStep[]> {
  if (first.partOf !== null) return [];
  const ofItsKind = first.rehearsal ? sql`rehearsal` : sql`NOT rehearsal`;
  const { rows } = await sql<ClaimedStep>`
    WITH behind AS MATERIALIZED (
      SELECT id, size_bytes FROM batches
      WHERE project_id = ${first.projectId}::bigint AND table_name = ${first.tableName}
        AND status IN ('received', 'running') AND imported_at IS NULL AND place IS NULL AND id > ${first.batchId}::bigint AND ${ofItsKind}
        AND id < least(${LAST_PLACE}::bigint, (
          SELECT min(coalesce(place, id)) FROM batches WHERE project_id = ${first.projectId}::bigint AND table_name IS NULL
            AND status IN ('received', 'running') AND coalesce(place, id) > ${first.batchId}::bigint AND ${ofItsKind}), (
          SELECT min(place) FROM batches WHERE project_id = ${first.projectId}::bigint AND table_name = ${first.tableName}
            AND place IS NOT NULL AND id <> ${first.batchId}::bigint AND status IN ('received', 'running')), (
          SELECT min(id) FROM batches WHERE project_id = ${first.projectId}::bigint AND table_name = ${first.tableName}
            AND part_of IS NOT NULL AND status IN ('received', 'running')))
      ORDER BY id LIMIT ${limit}::int
    ), placed AS (
      SELECT s.id AS step_id, b.id, bool_and(coalesce(s.state = 'waiting' AND s.losses = 0 AND s.not_before <= now(), false))
        OVER (ORDER BY b.id) AND sum(b.size_bytes) OVER (ORDER BY b.id) <= ${sizeBytes}::bigint AS is_next
      FROM behind b LEFT JOIN steps s ON s.batch_id = b.id AND s.kind = 'import'
    ), held AS (
      SELECT s.id FROM steps s
      WHERE s.id = ANY(ARRAY(SELECT step_id FROM placed WHERE is_next)) AND s.state = 'waiting'
        AND EXISTS (SELECT FROM steps f
          WHERE f.id = ${first.stepId}::bigint AND f.epoch = ${first.epoch}::int AND f.state = 'running')
      ORDER BY s.id FOR UPDATE OF s
    ), claimed AS (
      UPDATE steps SET state = 'running', attempts = attempts + 1, worker = ${worker}, ready_at = now(),
        started_at = now(), lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      FROM held WHERE steps.id = held.id
      RETURNING steps.id, epoch, kind, lane, attempts, losses, batch_id
    )
    ${CLAIMED_STEPS}
    ORDER BY b.id`.execute(query);
  return rows;
}

/**
 * Extends the leases of steps. Resolves to those that are still ours, each with whether its lease was extended; stop working
 * on the others. A step whose row somebody holds is passed over this time: one must not cost the others their leases.
 */
export async function renewLeases(
  { query }: Executor,
  { steps, leaseMs }: { steps: readonly { stepId: number; epoch: number }[]; leaseMs: number },
): Promise<Map<number, { isRenewed: boolean }>> {
  const { rows } = await sql<{ id: number; isRenewed: boolean }>`
    WITH given AS (
      SELECT * FROM unnest(${steps.map(({ stepId }) => stepId)}::bigint[], ${steps.map(({ epoch }) => epoch)}::int[])
        AS w (id, epoch)
    ), free AS (
      SELECT s.id FROM given w JOIN steps s ON s.id = w.id AND s.epoch = w.epoch
      WHERE s.state = 'running' ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
    ), renewed AS (
      UPDATE steps SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
      FROM free WHERE steps.id = free.id RETURNING steps.id
    )
    SELECT s.id, r.id IS NOT NULL AS "isRenewed" FROM given w
    JOIN steps s ON s.id = w.id AND s.epoch = w.epoch AND s.state = 'running'
    LEFT JOIN renewed r ON r.id = s.id`.execute(query);
  return new Map(rows.map(({ id, isRenewed }) => [id, { isRenewed }]));
}

/** Extends a lease, and waits for whoever holds the step's row. False: the step is no longer ours; stop. */
export async function renewLease(
  { query }: Executor,
  { stepId, epoch, leaseMs }: { stepId: number; epoch: number; leaseMs: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET lease_until = now() + ${leaseMs}::float8 * interval '1 ms'
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}
