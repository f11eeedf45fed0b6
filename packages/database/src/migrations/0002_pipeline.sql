-- Arrivals, batches, steps and messages: the truth that the queues carry.

-- A file that a client was told is complete. Gateway: on CLOSE or rename. Remote: when the watcher judged it complete.
CREATE TABLE arrivals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL CHECK (source IN ('gateway', 'sftp', 'upload')),
  project_id bigint NOT NULL REFERENCES projects,
  account_id bigint REFERENCES accounts,
  -- As the sender sees it, such as /spring/Uploads/a.csv.
  path text NOT NULL,
  file_name text NOT NULL,
  -- Counts the files that came under this path.
  generation int NOT NULL,
  size_bytes bigint NOT NULL,
  -- Where the bytes are until the claim, relative to the data folder.
  location text NOT NULL,
  -- Known when the bytes came in order; else the watcher reads the file once more.
  sha256 bytea,
  -- What an API upload or a flag file declared.
  declared_records bigint,
  state text NOT NULL DEFAULT 'arrived' CHECK (state IN ('arrived', 'claimed', 'batched', 'withdrawn', 'lost')),
  arrived_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (project_id, account_id, source, path, generation)
);
CREATE INDEX ON arrivals (arrived_at) WHERE state IN ('arrived', 'claimed');
CREATE INDEX ON arrivals (account_id, path) WHERE state IN ('arrived', 'claimed');

-- Open write handles of all gateways: one upload at a time under one path.
CREATE TABLE uploads (
  account_id bigint NOT NULL REFERENCES accounts,
  path text NOT NULL,
  session text NOT NULL,
  touched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, path)
);

-- What was fetched from remote servers and left there.
CREATE TABLE remote_files (
  project_id bigint NOT NULL REFERENCES projects,
  path text NOT NULL,
  size_bytes bigint NOT NULL,
  modified_ms bigint NOT NULL,
  arrival_id bigint REFERENCES arrivals,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, path)
);

CREATE TABLE runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects,
  -- What the batches of a run share: an arrival's id or a date.
  key text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'reported')),
  -- Counts the reports: a late file or a retry reopens the run, and its next report has the next revision.
  revision int NOT NULL DEFAULT 0,
  -- When an open run is reported even though expected tables are missing.
  settle_at timestamptz,
  opened_at timestamptz NOT NULL DEFAULT now(),
  reported_at timestamptz,
  UNIQUE (project_id, key)
);
CREATE INDEX ON runs (settle_at) WHERE state = 'open' AND settle_at IS NOT NULL;

CREATE TABLE batches (
  -- Ascends in order of arrival; goes into link tokens as 5 bytes.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  project_id bigint NOT NULL REFERENCES projects,
  profile_version int NOT NULL,
  -- Null when the file's name belongs to no table.
  table_name text,
  run_id bigint NOT NULL REFERENCES runs,
  arrival_id bigint UNIQUE REFERENCES arrivals,
  account_id bigint REFERENCES accounts,
  source text NOT NULL,
  file_name text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  status text NOT NULL DEFAULT 'received',
  reason_code text,
  reason_message text,
  declared bigint,
  records bigint,
  valid bigint,
  rejected bigint,
  staged bigint,
  imported bigint,
  links bigint,
  withheld bigint,
  -- Exact number of findings per code, also beyond the samples in `issues`.
  issue_totals jsonb NOT NULL DEFAULT '{}',
  link_key_id bigint REFERENCES link_keys,
  links_expire_at timestamptz,
  -- An operator's reason to import a batch that a newer one has overtaken.
  forced_reason text,
  received_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  imported_at timestamptz,
  ended_at timestamptz,
  FOREIGN KEY (project_id, profile_version) REFERENCES profiles
) WITH (fillfactor = 70);
CREATE INDEX batches_under_way ON batches (project_id, table_name, id) WHERE status IN ('received', 'running');
CREATE INDEX batches_by_name ON batches (project_id, lower(file_name));
CREATE INDEX batches_by_content ON batches (project_id, sha256);
CREATE INDEX batches_by_run ON batches (run_id);
CREATE INDEX batches_by_client ON batches (client_id, id DESC);
CREATE INDEX batches_imported ON batches (project_id, table_name, id DESC) WHERE imported_at IS NOT NULL;

CREATE TABLE steps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  client_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('validate', 'personalise', 'import', 'deliver')),
  -- Small and giant files are admitted apart, so that neither starves the other.
  lane text NOT NULL CHECK (lane IN ('small', 'giant')),
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'ready', 'running', 'done', 'failed', 'cancelled')),
  -- The fence: raised whenever the right to work on this step passes on.
  epoch int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  -- Attempts whose worker never answered again.
  losses int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,
  -- What later steps need to know of this one.
  result jsonb,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  ready_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (batch_id, kind)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX steps_active ON steps (client_id, kind, lane, id) WHERE state IN ('ready', 'running');
CREATE INDEX steps_waiting ON steps (client_id, kind, lane, id) WHERE state = 'waiting';
CREATE INDEX steps_open ON steps (state, not_before) WHERE state IN ('waiting', 'ready', 'running');

-- What happened to a batch beside its steps' normal course: failed attempts, lost leases, retries, cancellations.
CREATE TABLE batch_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  event text NOT NULL,
  actor text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON batch_events (batch_id, id);

CREATE TABLE artifacts (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  kind text NOT NULL,
  -- Key in the blob store.
  blob_key text NOT NULL,
  -- The name that a person gets the file under.
  name text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (batch_id, kind)
);

-- The first findings of each batch; all of them are in its error file.
CREATE TABLE issues (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  ordinal int NOT NULL,
  line bigint,
  record bigint,
  byte_offset bigint,
  column_name text,
  code text NOT NULL,
  message text NOT NULL,
  value text,
  severity text NOT NULL,
  fix text,
  PRIMARY KEY (batch_id, ordinal)
);

CREATE TABLE deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  artifact text NOT NULL,
  -- downloads:<username> or sftp:<host>.
  destination text NOT NULL,
  path text NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 bytea NOT NULL,
  delivered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (batch_id, artifact, destination)
);

-- The outbox: one thing to send outside, sent at least once, under one key.
CREATE TABLE messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('email')),
  project_id bigint NOT NULL REFERENCES projects,
  run_id bigint REFERENCES runs,
  batch_id bigint REFERENCES batches ON DELETE CASCADE,
  recipient text NOT NULL,
  -- The facts it tells, as they were when it was written; a repeat says the same.
  payload jsonb NOT NULL,
  state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'sent', 'failed')),
  epoch int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  -- Attempts whose worker never answered again.
  losses int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,
  -- The receiving server's answer.
  response text,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  ready_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX messages_open ON messages (state, not_before) WHERE state IN ('ready', 'running');
CREATE INDEX ON messages (run_id);
CREATE INDEX ON messages (batch_id);

-- Links that were taken back: one record of a batch, or (record null) all of it.
CREATE TABLE revocations (
  batch_id bigint NOT NULL REFERENCES batches ON DELETE CASCADE,
  record bigint,
  revoked_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (batch_id, record)
);
