import type { LinkEventKind, Visitor } from "@inlet/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** Batches whose links are looked at together: one, or all of a project that are for real. */
export type ResultScope = { batchId: number } | { projectId: number };

/** From when until before when, to a quarter of an hour; null: without end. */
export interface ResultTime {
  from: Date | null;
  to: Date | null;
}

const EVER: ResultTime = { from: null, to: null };

/** The batches of a scope, as a condition on `b`. Of a project those that were only rehearsed do not count. */
const inScope = (scope: ResultScope) =>
  "batchId" in scope
    ? sql`b.id = ${scope.batchId}::bigint`
    : sql`b.project_id = ${scope.projectId}::bigint AND NOT b.rehearsal AND b.links IS NOT NULL`;

/** Whether something that is known to a `step` alone happened within a time. */
const within = (
  column: RawBuilder<unknown>,
  { from, to }: ResultTime,
  step: "15 minutes" | "1 hour" = "15 minutes",
) => sql`
  (${column} >= coalesce(date_bin(${step}::interval, ${from}::timestamptz, '1970-01-01Z'), '-infinity')
  AND ${column} < coalesce(${to}::timestamptz, 'infinity'))`;

/** Links count as handed out when their batch had ended well. */
const SENT = sql`b.status IN ('completed', 'partial') AND b.links > 0`;

/** Sums of rows `f` of first times. */
const FIRSTS = sql`coalesce(sum(f.seen), 0)::bigint AS seen, coalesce(sum(f.played), 0)::bigint AS played,
  coalesce(sum(f.completed), 0)::bigint AS completed, coalesce(sum(f.clicked), 0)::bigint AS clicked`;

/** How many links were handed out, and how many recipients did what for the first time. */
export interface FunnelCounts {
  sent: number;
  seen: number;
  played: number;
  completed: number;
  clicked: number;
}

/** The funnel of a scope in a time. */
export async function funnelOf({ query }: Executor, scope: ResultScope, time = EVER): Promise<FunnelCounts> {
  const { rows } = await sql<FunnelCounts>`
    SELECT
      (SELECT coalesce(sum(b.links), 0)::bigint FROM batches b
       WHERE ${inScope(scope)} AND ${SENT} AND ${within(sql.ref("b.ended_at"), time)}) AS sent,
      f.* FROM (
        SELECT ${FIRSTS} FROM link_firsts f JOIN batches b ON b.id = f.batch_id
        WHERE ${inScope(scope)} AND ${within(sql.ref("f.quarter"), time)}
      ) AS f`.execute(query);
  return rows[0]!;
}

/** How often what happened, by who it was. */
export async function happeningsOf(
  { query }: Executor,
  scope: ResultScope,
  time = EVER,
): Promise<{ kind: LinkEventKind; visitor: Visitor; times: number }[]> {
  const { rows } = await sql<{ kind: LinkEventKind; visitor: Visitor; times: number }>`
    SELECT h.kind, h.visitor, sum(h.times)::bigint AS times FROM link_hours h JOIN batches b ON b.id = h.batch_id
    WHERE ${inScope(scope)} AND ${within(sql.ref("h.hour"), time, "1 hour")} GROUP BY 1, 2 ORDER BY 1, 2`.execute(
    query,
  );
  return rows;
}

/** Which buttons were pressed, the most pressed first; 50 at most, for a name is whatever a page says. */
export async function buttonsOf(
  { query }: Executor,
  scope: ResultScope,
  time = EVER,
): Promise<{ name: string; people: number; times: number }[]> {
  const { rows } = await sql<{ name: string; people: number; times: number }>`
    SELECT name, count(*) AS people, sum(times)::bigint AS times FROM (
      SELECT e.detail AS name, count(*) AS times FROM link_events e JOIN batches b ON b.id = e.batch_id
      WHERE ${inScope(scope)} AND e.kind = 'click' AND e.visitor = 'person' AND e.detail IS NOT NULL
        AND ${within(sql.ref("e.at"), time)}
      GROUP BY e.batch_id, e.detail, e.record
    ) AS pressed
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50`.execute(query);
  return rows;
}

/** What was new in one hour or day. */
export interface SeriesRow extends FunnelCounts {
  from: Date;
}

/** A scope's series: every hour or day of a time, as a time zone has them. */
export async function seriesOf(
  { query }: Executor,
  scope: ResultScope,
  { from, to, unit, timezone }: { from: Date; to: Date; unit: "hour" | "day"; timezone: string },
): Promise<SeriesRow[]> {
  const time = { from, to };
  const bucket = (moment: RawBuilder<unknown>) => sql`date_trunc(${unit}, ${moment}, ${timezone})`;
  const last = sql`${to}::timestamptz - interval '1 microsecond'`;
  const { rows } = await sql<SeriesRow>`
    WITH told AS (
      SELECT ${bucket(sql.ref("b.ended_at"))} AS "from", sum(b.links) AS sent, 0 AS seen, 0 AS played, 0 AS completed,
        0 AS clicked
      FROM batches b WHERE ${inScope(scope)} AND ${SENT} AND ${within(sql.ref("b.ended_at"), time)} GROUP BY 1
      UNION ALL
      SELECT ${bucket(sql.ref("q.quarter"))}, 0, q.seen, q.played, q.completed, q.clicked FROM (
        SELECT f.quarter, ${FIRSTS} FROM link_firsts f JOIN batches b ON b.id = f.batch_id
        WHERE ${inScope(scope)} AND ${within(sql.ref("f.quarter"), time)} GROUP BY 1
      ) AS q
      UNION ALL
      -- Those in which nothing happened. Cut again: where there was no midnight, the steps after it lie an hour off.
      SELECT ${bucket(sql.ref("g"))}, 0, 0, 0, 0, 0
      FROM generate_series(${bucket(sql`${from}::timestamptz`)}, ${last}, ${`1 ${unit}`}::interval, ${timezone}) AS g
      UNION ALL
      SELECT ${bucket(last)}, 0, 0, 0, 0, 0
    )
    SELECT "from", sum(sent)::bigint AS sent, sum(seen)::bigint AS seen, sum(played)::bigint AS played,
      sum(completed)::bigint AS completed, sum(clicked)::bigint AS clicked
    FROM told GROUP BY 1 ORDER BY 1`.execute(query);
  return rows;
}

/** The bounds of what happened to a batch's links: from when they were handed out to the last event. Null: nothing yet. */
export async function resultSpan(
  { query }: Executor,
  batchId: number,
): Promise<{ sentAt: Date | null; firstAt: Date | null; lastAt: Date | null; withheld: number }> {
  const { rows } = await sql<{ sentAt: Date | null; firstAt: Date | null; lastAt: Date | null; withheld: number }>`
    SELECT CASE WHEN ${SENT} THEN b.ended_at END AS "sentAt", coalesce(b.withheld, 0) AS withheld,
      (SELECT min(hour) FROM link_hours h WHERE h.batch_id = b.id) AS "firstAt",
      (SELECT max(last_at) FROM link_tallies t WHERE t.batch_id = b.id) AS "lastAt"
    FROM batches b WHERE b.id = ${batchId}::bigint`.execute(query);
  return rows[0]!;
}

/** A project's batches with links, newest first, with their funnels: those handed out or looked at in a time. */
export async function batchFunnels(
  { query }: Executor,
  { projectId, time, limit }: { projectId: number; time: ResultTime; limit: number },
): Promise<(FunnelCounts & { batchId: number; fileName: string; sentAt: Date | null })[]> {
  const { rows } = await sql<FunnelCounts & { batchId: number; fileName: string; sentAt: Date | null }>`
    SELECT b.id AS "batchId", b.file_name AS "fileName", CASE WHEN ${SENT} THEN b.ended_at END AS "sentAt",
      CASE WHEN ${SENT} THEN b.links ELSE 0 END AS sent, t.seen, t.played, t.completed, t.clicked
    FROM (
      SELECT b.id FROM batches b WHERE ${inScope({ projectId })} AND (
        (${SENT} AND ${within(sql.ref("b.ended_at"), time)})
        OR EXISTS (SELECT FROM link_hours h WHERE h.batch_id = b.id AND ${within(sql.ref("h.hour"), time, "1 hour")}))
      ORDER BY b.id DESC LIMIT ${limit}::int
    ) AS f JOIN batches b ON b.id = f.id,
    LATERAL (SELECT ${FIRSTS} FROM link_firsts f WHERE f.batch_id = b.id) AS t ORDER BY b.id DESC`.execute(query);
  return rows;
}

/** What one recipient did. */
export interface TallyRow {
  record: number;
  pages: number;
  plays: number;
  completions: number;
  clicks: number;
  videos: number;
  thumbnails: number;
  seenAt: Date | null;
  playedAt: Date | null;
  completedAt: Date | null;
  clickedAt: Date | null;
  lastAt: Date;
}

/** A batch's recipients who did something, in the order of the file. */
export async function linkTallies(
  { query }: Executor,
  { batchId, afterRecord, limit }: { batchId: number; afterRecord: number; limit: number },
): Promise<TallyRow[]> {
  const { rows } = await sql<TallyRow>`
    SELECT record, pages, plays, completions, clicks, videos, thumbnails, seen_at AS "seenAt", played_at AS "playedAt",
      completed_at AS "completedAt", clicked_at AS "clickedAt", last_at AS "lastAt"
    FROM link_tallies WHERE batch_id = ${batchId}::bigint AND record > ${afterRecord}::bigint
    ORDER BY record LIMIT ${limit}::int`.execute(query);
  return rows;
}

/** An event as it is exported. */
export interface EventRow {
  record: number;
  key: string;
  at: Date;
  kind: LinkEventKind;
  visitor: Visitor;
  detail: string | null;
}

/** A batch's events by record, after a given one. */
export async function linkEventRows(
  { query }: Executor,
  { batchId, after, limit }: { batchId: number; after: { record: number; key: string }; limit: number },
): Promise<EventRow[]> {
  const { rows } = await sql<EventRow>`
    SELECT record, key, at, kind, visitor, detail FROM link_events
    WHERE batch_id = ${batchId}::bigint AND (record, key) > (${after.record}::bigint, ${after.key})
    ORDER BY record, key LIMIT ${limit}::int`.execute(query);
  return rows;
}
