import { sql } from "kysely";
import { type Database, type Executor, transaction } from "../../connection.ts";

/** What a process says of itself. */
export interface WorkerNote {
  /** Host, pid and start. */
  id: string;
  service: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  memoryBytes: number;
  facts: Record<string, unknown>;
  /** By queue, a line for each minute: minute since 1970, done, failed, to be tried again. */
  work: Record<string, readonly (readonly [minute: number, done: number, failed: number, retried: number])[]>;
  stopped: boolean;
}

/** Notes that a process lives, or that it ends. Any role may, of itself, also one that else only reads. */
export async function noteWorker(database: Database, note: WorkerNote): Promise<void> {
  const write = ({ query }: Executor) =>
    sql`SELECT inlet.note_worker(${note.id}, ${note.service}, ${note.host}, ${note.pid}::int, ${note.version},
      ${note.startedAt}::timestamptz, ${note.memoryBytes}::bigint, ${JSON.stringify(note.facts)}::jsonb,
      ${JSON.stringify(note.work)}::jsonb, ${note.stopped}::boolean)`.execute(query);
  await transaction(database, write, { settings: { transaction_read_only: "off" } });
}

/** A process as the list of workers shows it. */
export interface WorkerRow {
  id: string;
  service: string;
  host: string;
  pid: number;
  version: string;
  startedAt: Date;
  heardAt: Date;
  state: "alive" | "silent" | "stopped";
  memoryBytes: number;
  active: number;
  working: { queue: string; batchId: number; client: string; project: string; fileName: string; since: string }[];
}

const WORKING_SHOWN = 20;
const WORKERS_SHOWN = 500;

/**
 * The processes that live, and those that ended or fell silent within the last hour, each with the steps that PostgreSQL
 * says it works on: the truth of who holds what is the lease, not what a process says.
 * @param silentAfterMs a process that was not heard of for so long does not count as alive
 */
export async function listWorkers(
  { query }: Executor,
  { silentAfterMs }: { silentAfterMs: number },
): Promise<WorkerRow[]> {
  const { rows } = await sql<WorkerRow>`
    WITH known AS (
      SELECT *, CASE WHEN stopped_at IS NOT NULL THEN 'stopped'
        WHEN heard_at < now() - ${silentAfterMs}::float8 * interval '1 ms' THEN 'silent' ELSE 'alive' END AS state
      FROM workers WHERE heard_at > now() - interval '1 hour'
      ORDER BY heard_at DESC LIMIT ${WORKERS_SHOWN}::int
    ), busy AS (
      SELECT s.worker, s.kind, s.batch_id, s.started_at, row_number() OVER (PARTITION BY s.worker ORDER BY s.id) AS place
      FROM steps s WHERE s.state = 'running'
    )
    SELECT k.id, k.service, k.host, k.pid, k.version, k.started_at AS "startedAt", k.heard_at AS "heardAt", k.state,
      k.memory_bytes AS "memoryBytes",
      -- Of a pid that came again only the one that lives works on something.
      CASE WHEN k.state = 'alive' THEN (SELECT count(*) FROM busy WHERE busy.worker = k.host || ':' || k.pid) ELSE 0 END
        AS active,
      CASE WHEN k.state = 'alive' THEN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('queue', w.kind, 'batchId', w.batch_id, 'client', c.slug,
          'project', p.slug, 'fileName', b.file_name, 'since', w.started_at) ORDER BY w.started_at), '[]')
        FROM busy w JOIN batches b ON b.id = w.batch_id JOIN projects p ON p.id = b.project_id
        JOIN clients c ON c.id = b.client_id
        WHERE w.worker = k.host || ':' || k.pid AND w.place <= ${WORKING_SHOWN}::int) ELSE '[]' END AS working
    FROM known k
    ORDER BY k.service, k.state, k.started_at`.execute(query);
  return rows;
}

/** What went through a queue since a minute. */
export interface QueueWork {
  queue: string;
  done5: number;
  failed5: number;
  retried5: number;
  done60: number;
  failed60: number;
  retried60: number;
}

/**
 * What all processes did in the minute under way and the four before it, and in that and the 59 before it. Processes that
 * have ended since count as well.
 */
export async function recentWork({ query }: Executor): Promise<{ minuteMs: number; queues: QueueWork[] }> {
  const { rows } = await sql<QueueWork & { minuteMs: number }>`
    WITH clock AS (SELECT floor(extract(epoch FROM now()) / 60)::bigint AS minute),
    lines AS (
      SELECT q.key AS queue, (l ->> 0)::bigint AS minute, (l ->> 1)::bigint AS done, (l ->> 2)::bigint AS failed,
        (l ->> 3)::bigint AS retried
      FROM workers w, jsonb_each(w.work) q, jsonb_array_elements(q.value) l
      WHERE w.heard_at > now() - interval '61 minutes' AND w.role = current_user
    )
    SELECT l.queue, (extract(epoch FROM now()) * 1000)::bigint % 60000 AS "minuteMs",
      coalesce(sum(done) FILTER (WHERE l.minute > c.minute - 5), 0)::bigint AS done5,
      coalesce(sum(failed) FILTER (WHERE l.minute > c.minute - 5), 0)::bigint AS failed5,
      coalesce(sum(retried) FILTER (WHERE l.minute > c.minute - 5), 0)::bigint AS retried5,
      coalesce(sum(done), 0)::bigint AS done60, coalesce(sum(failed), 0)::bigint AS failed60,
      coalesce(sum(retried), 0)::bigint AS retried60
    FROM lines l, clock c WHERE l.minute > c.minute - 60 GROUP BY l.queue`.execute(query);
  return { minuteMs: rows[0]?.minuteMs ?? 0, queues: rows.map(({ minuteMs: _, ...row }) => row) };
}

/** What the newest process of a service said of itself, as long as it may speak for that service. */
export async function workerFacts(
  { query }: Executor,
  { service, roles }: { service: string; roles: readonly string[] },
): Promise<Record<string, unknown> | undefined> {
  const { rows } = await sql<{ facts: Record<string, unknown> }>`
    SELECT facts FROM workers
    WHERE service = ${service} AND (role = current_user OR role = ANY(${roles as string[]}::text[]))
    ORDER BY heard_at DESC LIMIT 1`.execute(query);
  return rows[0]?.facts;
}

/** Forgets processes that were not heard of for a day, but for the last one of each service. Returns how many. */
export async function forgetWorkers({ query }: Executor): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM workers w WHERE w.heard_at < now() - interval '1 day'
      AND EXISTS (SELECT FROM workers n WHERE n.service = w.service AND n.role = w.role AND n.heard_at > w.heard_at)`.execute(
    query,
  );
  return Number(numAffectedRows);
}
