-- Storyboards: a project's film, edited as a draft, published as numbered versions, and the files that they show.

-- What was published. A row is never changed: links that keep their version show it for as long as they live.
CREATE TABLE storyboards (
  project_id bigint NOT NULL REFERENCES projects,
  version int NOT NULL CHECK (version > 0),
  document jsonb NOT NULL,
  -- The files that it names, as they were when it was published: [{name, kind, sha256, mediaType, …}].
  assets jsonb NOT NULL,
  note text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, version)
);

-- What is being edited, one a project. It may have any mistakes: as text of JSON, as its author has written it.
CREATE TABLE storyboard_drafts (
  project_id bigint PRIMARY KEY REFERENCES projects,
  document json NOT NULL,
  -- Raised by every save: who saves says which one he has read.
  revision int NOT NULL CHECK (revision > 0),
  updated_by text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- The version that new links show; null: none, so that they show the simple page.
ALTER TABLE projects ADD COLUMN live_storyboard int,
  ADD CONSTRAINT projects_live_storyboard FOREIGN KEY (id, live_storyboard) REFERENCES storyboards (project_id, version);

-- The one that the batch's links keep, decided by its check; null: none was live then.
ALTER TABLE batches ADD COLUMN storyboard_version int;

-- Files that storyboards show. What a stranger uploaded is made anew before anybody sees it; that takes a while, under a lease.
CREATE TABLE assets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  project_id bigint NOT NULL REFERENCES projects,
  name text NOT NULL,
  state text NOT NULL DEFAULT 'processing' CHECK (state IN ('processing', 'ready', 'refused')),

  -- What was uploaded: its blob, null once that is gone; and what its sender said of it.
  upload_key text,
  upload_bytes bigint NOT NULL,
  upload_sha256 bytea NOT NULL CHECK (length(upload_sha256) = 32),
  upload_type text,
  upload_name text NOT NULL,

  -- What is handed out. Its blob is `<client>/assets/<sha256>`, which assets of the same bytes share.
  kind text CHECK (kind IN ('image', 'video', 'audio')),
  sha256 bytea CHECK (length(sha256) = 32),
  media_type text,
  size_bytes bigint,
  width int,
  height int,
  duration_ms int,
  -- Why it cannot be shown: {code, message}.
  refusal jsonb,

  -- The fence: raised whenever the right to work on it passes on. Being worked on while there is a lease.
  epoch int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  losses int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,
  -- Of the last attempt that failed.
  error jsonb,

  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Made anew, or refused.
  ended_at timestamptz,
  -- Another file has its name, or it was removed. Versions that were published with it show it all the same.
  replaced_at timestamptz,
  CHECK (state <> 'ready' OR num_nulls(kind, sha256, media_type, size_bytes) = 0)
);
-- Of one name there is one that is shown, and beside it at most one that is to take its place.
CREATE UNIQUE INDEX assets_shown ON assets (project_id, name) WHERE replaced_at IS NULL AND state = 'ready';
CREATE UNIQUE INDEX assets_coming ON assets (project_id, name) WHERE replaced_at IS NULL AND state <> 'ready';
CREATE INDEX assets_by_file ON assets (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX assets_due ON assets (not_before) WHERE state = 'processing' AND replaced_at IS NULL;
CREATE INDEX assets_replaced ON assets (replaced_at) WHERE replaced_at IS NOT NULL;
CREATE INDEX assets_uploads ON assets (ended_at) WHERE upload_key IS NOT NULL;
