import type { LinkEventKind, Visitor } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** Something that happened to a link. */
export interface LinkEvent {
  batchId: number;
  record: number;
  /** Names it among the events of its link: told twice it is one. */
  key: string;
  kind: LinkEventKind;
  visitor: Visitor;
  detail: string | null;
  at: Date;
}

/**
 * Writes events down, and counts those that were not there yet: in the tallies of their links, in their hours, and where a
 * recipient did something for the first time. One statement, so that sending it again after an answer that was lost counts
 * nothing twice. Rows are taken in one order by all, so that two processes never wait for each other in a circle.
 */
export async function recordLinkEvents({ query }: Executor, events: readonly LinkEvent[]): Promise<void> {
  await sql`
    WITH told AS (
      SELECT * FROM unnest(${events.map(({ batchId }) => batchId)}::bigint[], ${events.map(({ record }) => record)}::bigint[],
        ${events.map(({ key }) => key)}::text[], ${events.map(({ kind }) => kind)}::text[],
        ${events.map(({ visitor }) => visitor)}::text[], ${events.map(({ detail }) => detail)}::text[],
        ${events.map(({ at }) => at)}::timestamptz[]) AS t(batch_id, record, key, kind, visitor, detail, at)
      -- A batch may have been removed since, and a recipient forgotten whose page was still open somewhere: in the batches of those,
      -- nothing more is known of links that were taken back.
      WHERE EXISTS (SELECT FROM batches b WHERE b.id = t.batch_id AND (b.forgotten_at IS NULL
        OR NOT EXISTS (SELECT FROM revocations r WHERE r.batch_id = b.id AND r.record = t.record)))
      ORDER BY batch_id, record, key
    ), fresh AS (
      INSERT INTO link_events (batch_id, record, key, kind, visitor, detail, at) SELECT * FROM told
      ON CONFLICT DO NOTHING RETURNING *
    ), tallied AS (
      INSERT INTO link_tallies AS t (batch_id, record, thumbnails, pages, plays, completions, clicks, videos, seen_at,
        played_at, completed_at, clicked_at, last_at)
      SELECT batch_id, record, count(*) FILTER (WHERE kind = 'thumbnail'), count(*) FILTER (WHERE kind = 'page'),
        count(*) FILTER (WHERE kind = 'play'), count(*) FILTER (WHERE kind = 'complete'),
        count(*) FILTER (WHERE kind = 'click'), count(*) FILTER (WHERE kind = 'video'),
        min(at) FILTER (WHERE kind <> 'thumbnail'), min(at) FILTER (WHERE kind = 'play'),
        min(at) FILTER (WHERE kind = 'complete'), min(at) FILTER (WHERE kind = 'click'), max(at)
      FROM fresh WHERE visitor = 'person' GROUP BY batch_id, record ORDER BY batch_id, record
      ON CONFLICT (batch_id, record) DO UPDATE SET
        thumbnails = t.thumbnails + excluded.thumbnails, pages = t.pages + excluded.pages,
        plays = t.plays + excluded.plays, completions = t.completions + excluded.completions,
        clicks = t.clicks + excluded.clicks, videos = t.videos + excluded.videos,
        seen_at = least(t.seen_at, excluded.seen_at), played_at = least(t.played_at, excluded.played_at),
        completed_at = least(t.completed_at, excluded.completed_at),
        clicked_at = least(t.clicked_at, excluded.clicked_at), last_at = greatest(t.last_at, excluded.last_at)
      RETURNING new.batch_id, new.seen_at, old.seen_at AS old_seen_at, new.played_at, old.played_at AS old_played_at,
        new.completed_at, old.completed_at AS old_completed_at, new.clicked_at, old.clicked_at AS old_clicked_at
    ), moved AS (
      -- A first time that was told late takes the place of a later one that was taken for it.
      SELECT batch_id, step, at, n FROM tallied, LATERAL (VALUES
        ('seen', seen_at, old_seen_at), ('played', played_at, old_played_at),
        ('completed', completed_at, old_completed_at), ('clicked', clicked_at, old_clicked_at)
      ) AS first(step, new_at, old_at), LATERAL (VALUES (new_at, 1), (old_at, -1)) AS change(at, n)
      WHERE new_at IS DISTINCT FROM old_at AND at IS NOT NULL
    ), counted AS (
      INSERT INTO link_firsts AS f (batch_id, quarter, seen, played, completed, clicked)
      SELECT batch_id, date_bin('15 minutes', at, '1970-01-01Z'), coalesce(sum(n) FILTER (WHERE step = 'seen'), 0),
        coalesce(sum(n) FILTER (WHERE step = 'played'), 0), coalesce(sum(n) FILTER (WHERE step = 'completed'), 0),
        coalesce(sum(n) FILTER (WHERE step = 'clicked'), 0)
      FROM moved GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (batch_id, quarter) DO UPDATE SET seen = f.seen + excluded.seen, played = f.played + excluded.played,
        completed = f.completed + excluded.completed, clicked = f.clicked + excluded.clicked
    )
    INSERT INTO link_hours AS h (batch_id, hour, kind, visitor, times)
    SELECT batch_id, date_trunc('hour', at, 'UTC'), kind, visitor, count(*) FROM fresh
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (batch_id, hour, kind, visitor) DO UPDATE SET times = h.times + excluded.times`.execute(query);
}
