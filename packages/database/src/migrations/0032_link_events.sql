-- What happened to the links of batches: counted without cookies, and without anything about who it was.

-- One row for each event. Nothing of the visitor is kept: no address, no program's name.
CREATE TABLE link_events (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  record bigint NOT NULL,
  -- Names the event, so that one that is told twice is one: of the page's script the view, the kind and the detail; else drawn by chance.
  key text NOT NULL,
  kind text NOT NULL,
  visitor text NOT NULL,
  detail text,
  at timestamptz NOT NULL,
  PRIMARY KEY (batch_id, record, key)
);

-- What persons did with one link, with the first time of each. Written with the events, in one statement.
CREATE TABLE link_tallies (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  record bigint NOT NULL,
  thumbnails int NOT NULL DEFAULT 0,
  pages int NOT NULL DEFAULT 0,
  plays int NOT NULL DEFAULT 0,
  completions int NOT NULL DEFAULT 0,
  clicks int NOT NULL DEFAULT 0,
  videos int NOT NULL DEFAULT 0,
  seen_at timestamptz,
  played_at timestamptz,
  completed_at timestamptz,
  clicked_at timestamptz,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (batch_id, record)
) WITH (fillfactor = 80);

-- How often what happened in each hour: what charts are drawn from.
CREATE TABLE link_hours (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  hour timestamptz NOT NULL,
  kind text NOT NULL,
  visitor text NOT NULL,
  times bigint NOT NULL,
  PRIMARY KEY (batch_id, hour, kind, visitor)
) WITH (fillfactor = 70);
