import { type ArtifactKind, type BatchStatus, type StepKind, stepKindSchema } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../connection.ts";
import type { StoredError } from "../schema.ts";
import { ARTIFACT_RECORD, type Artifact, artifactRow, KEEP_ARTIFACT } from "./artifacts.ts";
import { type BatchProgress, PROGRESS_COLUMNS, PROGRESS_UPDATE, progressRow } from "./batches.ts";

/** A step's id and the epoch under which it may be worked on: what a job carries. */
export interface StepRef {
  stepId: number;
  epoch: number;
  kind: StepKind;
}

/** A file of at least this size is worked on in the lane for giants. */
export const GIANT_BYTES = 32 * 1024 * 1024;

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
  records: number | null;
  valid: number | null;
  rejected: number | null;
  links: number | null;
  withheld: number | null;
  linkKeyId: number | null;
  linksExpireAt: Date | null;
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
      b.file_name AS "fileName", b.size_bytes AS "sizeBytes", b.declared, b.records, b.valid, b.rejected, b.links,
      b.withheld, b.link_key_id AS "linkKeyId", b.links_expire_at AS "linksExpireAt",
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
        AND status IN ('received', 'running') AND imported_at IS NULL AND id > ${first.batchId}::bigint AND ${ofItsKind}
        AND id < least(9223372036854775807, (
          SELECT min(id) FROM batches WHERE project_id = ${first.projectId}::bigint AND table_name IS NULL
            AND status IN ('received', 'running') AND id > ${first.batchId}::bigint AND ${ofItsKind}), (
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

/**
 * Marks steps done: the fenced update, last before COMMIT. Resolves to the ids of those that were ours; where one is
 * missing, roll back.
 */
export async function finishSteps(
  { query }: Executor,
  steps: readonly { stepId: number; epoch: number; result: Record<string, unknown> | null }[],
): Promise<Set<number>> {
  const { rows } = await sql<{ id: number }>`
    WITH f AS (
      SELECT * FROM unnest(${steps.map(({ stepId }) => stepId)}::bigint[], ${steps.map(({ epoch }) => epoch)}::int[],
        ${steps.map(({ result }) => result && JSON.stringify(result))}::jsonb[]) AS f (id, epoch, result)
    ), held AS (
      SELECT s.id, f.result FROM f JOIN steps s ON s.id = f.id AND s.epoch = f.epoch AND s.state = 'running'
      ORDER BY s.id FOR UPDATE OF s
    )
    UPDATE steps SET state = 'done', result = held.result, finished_at = clock_timestamp(), lease_until = NULL, error = NULL
    FROM held WHERE steps.id = held.id RETURNING steps.id`.execute(query);
  return new Set(rows.map(({ id }) => id));
}

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

/**
 * Adds deliveries to batches that end with these steps: they are worked on after the end and change nothing of it. Not
 * admitted yet.
 */
export async function insertLateDeliveries({ query }: Executor, stepIds: readonly number[]): Promise<void> {
  await sql`
    INSERT INTO steps (batch_id, client_id, kind, lane)
    SELECT batch_id, client_id, 'deliver', lane FROM steps WHERE id = ANY(${stepIds}::bigint[]) ORDER BY batch_id
    ON CONFLICT (batch_id, kind) DO NOTHING`.execute(query);
}

/** Gives imports back that were claimed behind another one, uncounted: they wait for their turn again. */
export async function returnImports(
  { query }: Executor,
  steps: readonly { stepId: number; epoch: number }[],
): Promise<void> {
  await sql`
    UPDATE steps SET state = 'waiting', epoch = steps.epoch + 1, attempts = attempts - 1, lease_until = NULL, ready_at = NULL
    FROM unnest(${steps.map(({ stepId }) => stepId)}::bigint[], ${steps.map(({ epoch }) => epoch)}::int[])
      AS w (id, epoch)
    WHERE steps.id = w.id AND steps.epoch = w.epoch AND state = 'running'`.execute(query);
}

/**
 * Gives a step back for a later attempt, under the next epoch; `isCounted` is false for an attempt that was merely
 * interrupted. Undefined: not the owner any more.
 */
export async function releaseStep(
  { query }: Executor,
  {
    stepId,
    epoch,
    error,
    delayMs,
    isCounted,
  }: { stepId: number; epoch: number; error: StoredError; delayMs: number; isCounted: boolean },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'ready', epoch = epoch + 1, error = ${JSON.stringify(error)}::jsonb, lease_until = NULL,
      losses = 0, attempts = attempts - ${isCounted ? 0 : 1}::int, ready_at = now(),
      not_before = now() + ${delayMs}::float8 * interval '1 ms'
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Ends a step as failed. False: not the owner any more. */
export async function failStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp(), lease_until = NULL
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state = 'running'`.execute(query);
  return numAffectedRows === 1n;
}

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
 * ZIP of several arrived with the ZIP. Rehearsed files have an order of their own, beside the others'. After the commit,
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
       (SELECT id, rehearsal, coalesce(part_of, id) AS place ${waiting} ORDER BY id LIMIT 1)
       UNION ALL
       (SELECT id, rehearsal, part_of ${waiting} AND part_of IS NOT NULL ORDER BY part_of, id LIMIT 1)
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
          AND n.status IN ('received', 'running') AND n.id < oldest.place AND n.rehearsal = oldest.rehearsal)
    RETURNING steps.id AS "stepId", steps.epoch, steps.kind`.execute(query);
  return rows;
}

/** A lease that ran out: which step, and how often that happened to it. */
export interface ExpiredStep extends StepRef {
  batchId: number;
  losses: number;
  worker: string | null;
  state: "waiting" | "ready";
  clientId: number;
  projectId: number;
  tableName: string | null;
}

/**
 * Takes steps whose lease has run out from their workers: running → ready at the next epoch; an import, which has its place
 * in an order, → waiting. The caller fails those that were lost too often. Only the reconciler calls this.
 */
export async function expireLeases({ query }: Executor, { limit }: { limit: number }): Promise<ExpiredStep[]> {
  const { rows } = await sql<ExpiredStep>`
    WITH expired AS (
      SELECT id, worker FROM steps WHERE state = 'running' AND lease_until < now()
      ORDER BY lease_until LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE steps SET state = CASE WHEN steps.kind = 'import' THEN 'waiting' ELSE 'ready' END, epoch = steps.epoch + 1,
      losses = steps.losses + 1, lease_until = NULL, ready_at = now(), not_before = now()
    FROM expired JOIN steps s ON s.id = expired.id JOIN batches b ON b.id = s.batch_id WHERE steps.id = expired.id
    RETURNING steps.id AS "stepId", steps.epoch, steps.kind, steps.batch_id AS "batchId", steps.losses, steps.state,
      expired.worker, b.client_id AS "clientId", b.project_id AS "projectId", b.table_name AS "tableName"`.execute(
    query,
  );
  return rows;
}

/** Steps whose lease ran out and whose row is held, so that {@link expireLeases} passes them over. */
export async function heldExpiredSteps(
  { query }: Executor,
  { limit }: { limit: number },
): Promise<{ stepId: number; epoch: number }[]> {
  const { rows } = await sql<{ stepId: number; epoch: number }>`
    SELECT id AS "stepId", epoch FROM steps WHERE state = 'running' AND lease_until < now()
    ORDER BY lease_until LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** Fails a step that the reconciler took back once too often. */
export async function failTakenBackStep(
  { query }: Executor,
  { stepId, epoch, error }: { stepId: number; epoch: number; error: StoredError },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, finished_at = clock_timestamp()
    WHERE id = ${stepId}::bigint AND epoch = ${epoch}::int AND state IN ('waiting', 'ready')`.execute(query);
  return numAffectedRows === 1n;
}

/**
 * Steps that have been due for a while and that nobody has claimed: their jobs may be lost. `limit` is for each kind, so
 * that a kind whose service is down does not hide the others.
 */
export async function staleReadySteps(
  { query }: Executor,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    SELECT s.id AS "stepId", s.epoch, s.kind
    FROM unnest(${stepKindSchema.options as string[]}::text[]) AS k (kind),
    LATERAL (
      SELECT id, epoch, kind FROM steps
      WHERE state = 'ready' AND kind = k.kind
        AND greatest(not_before, ready_at) < now() - ${olderThanMs}::float8 * interval '1 ms'
      ORDER BY id LIMIT ${limit}::int
    ) AS s`.execute(query);
  return rows;
}

/** Clients, kinds and import queues that have waiting steps: where the reconciler looks for what admission missed. */
export async function waitingQueues({
  query,
}: Executor): Promise<{ clientId: number; kind: StepKind; projectId: number | null; tableName: string | null }[]> {
  const { rows } = await sql<{
    clientId: number;
    kind: StepKind;
    projectId: number | null;
    tableName: string | null;
  }>`
    SELECT DISTINCT s.client_id AS "clientId", s.kind,
      CASE WHEN s.kind = 'import' THEN b.project_id END AS "projectId",
      CASE WHEN s.kind = 'import' THEN b.table_name END AS "tableName"
    FROM steps s JOIN batches b ON b.id = s.batch_id
    WHERE s.state = 'waiting' AND s.created_at < now() - interval '1 second'`.execute(query);
  return rows;
}

/**
 * Ends the database sessions of a step's attempts before the one of this epoch, so that their locks and transactions go at
 * once. Never a later one's: who asks may itself have lost the step without knowing.
 */
export async function endFencedSessions(
  { query }: Executor,
  { stepId, epoch }: { stepId: number; epoch: number },
): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND CASE WHEN application_name ~ ${`^inlet:${stepId}:[0-9]{1,9}$`}
      THEN split_part(application_name, ':', 3)::int < ${epoch}::int END`.execute(query);
}

/**
 * Puts a batch's failed (or, forced, ended) step back to ready with fresh attempts: the newest, or that of a kind. Undefined:
 * there was none.
 */
export async function reopenStep(
  { query }: Executor,
  {
    batchId,
    states,
    kind = null,
  }: { batchId: number; states: readonly ("failed" | "done" | "cancelled")[]; kind?: StepKind | null },
): Promise<StepRef | undefined> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'waiting', epoch = epoch + 1, attempts = 0, losses = 0, error = NULL, not_before = now(),
      finished_at = NULL, created_at = now()
    WHERE id = (
      SELECT id FROM steps WHERE batch_id = ${batchId}::bigint AND state = ANY(${states as string[]})
        AND (${kind}::text IS NULL OR kind = ${kind}::text)
      ORDER BY id DESC LIMIT 1)
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows[0];
}

/** Cancels whatever of a batch's steps is not over, fencing off a running one. */
export async function cancelSteps({ query }: Executor, { batchId }: { batchId: number }): Promise<StepRef[]> {
  const { rows } = await sql<StepRef>`
    UPDATE steps SET state = 'cancelled', epoch = epoch + 1, lease_until = NULL, finished_at = clock_timestamp()
    WHERE batch_id = ${batchId}::bigint AND state IN ('waiting', 'ready', 'running')
    RETURNING id AS "stepId", epoch, kind`.execute(query);
  return rows;
}
