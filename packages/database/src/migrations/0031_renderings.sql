-- Renderings: films of single recipients that somebody asked for as a file, and how far each is. One row for each film, so
-- that it is made once, however many ask at the same time.

CREATE TABLE renderings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES batches,
  record_number bigint NOT NULL,
  -- Of all that is seen and heard: another version of the storyboard, or another recipient's fields, are another film.
  film_sha256 bytea NOT NULL CHECK (length(film_sha256) = 32),
  -- What is rendered: one recipient's words are in it, so that it is gone when the rendering ends. As text of JSON.
  film json,

  state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'running', 'done', 'failed')),
  -- The fence: raised whenever the right to work on this rendering passes on.
  epoch int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  losses int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,

  -- Of the video, in the batch's folder.
  blob_key text,
  size_bytes bigint,
  sha256 bytea,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  ready_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  -- When it was last fetched, to the minute: what is least used goes first when there is too much of it.
  used_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (batch_id, record_number, film_sha256),
  CHECK (state <> 'done' OR (blob_key IS NOT NULL AND size_bytes IS NOT NULL AND sha256 IS NOT NULL)),
  CHECK ((state IN ('due', 'running')) = (film IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX renderings_open ON renderings (batch_id) WHERE state IN ('due', 'running');
CREATE INDEX renderings_due ON renderings (ready_at) WHERE state = 'due';
CREATE INDEX renderings_running ON renderings (lease_until) WHERE state = 'running';
CREATE INDEX renderings_by_use ON renderings (used_at) INCLUDE (size_bytes) WHERE state = 'done';
CREATE INDEX renderings_failed ON renderings (finished_at) WHERE state = 'failed';
