-- How many of a batch's recipients came how far in each quarter of an hour, each counted when it did so for the first time: what
-- funnels and their charts are drawn from, without a look at a million tallies. All time zones' days begin with such a quarter.
CREATE TABLE link_firsts (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  quarter timestamptz NOT NULL,
  seen int NOT NULL,
  played int NOT NULL,
  completed int NOT NULL,
  clicked int NOT NULL,
  PRIMARY KEY (batch_id, quarter)
) WITH (fillfactor = 70);

INSERT INTO link_firsts
SELECT t.batch_id, date_bin('15 minutes', first.at, '1970-01-01Z'), count(*) FILTER (WHERE step = 'seen'),
  count(*) FILTER (WHERE step = 'played'), count(*) FILTER (WHERE step = 'completed'), count(*) FILTER (WHERE step = 'clicked')
FROM link_tallies t, LATERAL (
  VALUES ('seen', t.seen_at), ('played', t.played_at), ('completed', t.completed_at), ('clicked', t.clicked_at)
) AS first(step, at) WHERE first.at IS NOT NULL GROUP BY 1, 2;

-- The buttons that were pressed, among all that happened.
CREATE INDEX link_events_clicks ON link_events (batch_id, detail, record) INCLUDE (at)
  WHERE kind = 'click' AND visitor = 'person' AND detail IS NOT NULL;
