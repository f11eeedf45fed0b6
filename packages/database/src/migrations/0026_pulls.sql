-- Pulls: rows that are fetched from clients' own systems, when they are due, and how the systems fare.

ALTER TABLE arrivals DROP CONSTRAINT arrivals_source_check;
ALTER TABLE arrivals ADD CONSTRAINT arrivals_source_check
  CHECK (source IN ('gateway', 'sftp', 'upload', 'email', 'pull'));

-- How many pulls of its trigger have not become batches, nor ended without one. Changed under the lock on the run's row alone;
-- a run that waits for some is not reported.
ALTER TABLE runs ADD COLUMN open_pulls int NOT NULL DEFAULT 0 CHECK (open_pulls >= 0);

-- One row a project, also for those that pull nothing, so that what changed is found without reading any profile.
CREATE TABLE pull_schedules (
  project_id bigint PRIMARY KEY REFERENCES projects,
  -- What it was reckoned from: a project of another version or state is reckoned anew.
  profile_version int NOT NULL,
  state text NOT NULL,
  -- Null: none is due.
  next_due_at timestamptz
);
CREATE INDEX ON pull_schedules (next_due_at) WHERE next_due_at IS NOT NULL;

-- One fetching of one table's rows from a system.
CREATE TABLE pulls (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  project_id bigint NOT NULL REFERENCES projects,
  profile_version int NOT NULL,
  table_name text NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('import', 'probe')),
  -- The project rehearsed when it was asked for.
  rehearsal boolean NOT NULL,
  -- Everything is pulled; else what has changed since `cursor_from`.
  in_full boolean NOT NULL,
  monitored boolean NOT NULL,
  triggered_by text NOT NULL CHECK (triggered_by IN ('schedule', 'person')),
  -- Null where a person asked.
  due_at timestamptz,
  actor text,
  reason text,
  -- The run of all pulls of its trigger. Null: of none, or it came to nothing and is gone.
  run_id bigint REFERENCES runs ON DELETE SET NULL,
  -- Its run counts it no more: see `runs.open_pulls`.
  settled boolean NOT NULL DEFAULT false,
  -- Client and address: pulls of one system share its places and its circuit.
  system_key text NOT NULL,

  state text NOT NULL DEFAULT 'due'
    CHECK (state IN ('due', 'running', 'received', 'unchanged', 'stopped', 'cancelled')),
  -- The fence: raised whenever the right to work on this pull passes on.
  epoch int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  -- Attempts in a row that failed, without a page in between.
  failures int NOT NULL DEFAULT 0,
  losses int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,

  -- What is asked, as a digest: a cursor counts for the same question alone.
  asks text,
  cursor_from text,
  cursor_to text,
  -- How far it is. The spool lies in the data folder; what is behind `spool_bytes` does not count.
  position jsonb,
  spool text,
  spool_bytes bigint NOT NULL DEFAULT 0,
  pages int NOT NULL DEFAULT 0,
  -- Null: not asked, or the system does not say.
  expected bigint,
  received bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  -- [{key, same, page}], the first few.
  duplicate_samples jsonb NOT NULL DEFAULT '[]',
  -- How often it was begun anew, because the number of items changed meanwhile.
  rounds int NOT NULL DEFAULT 0,
  failed_page int,

  arrival_id bigint UNIQUE REFERENCES arrivals,
  error jsonb,
  -- Of a probe. As text of JSON: samples may hold anything.
  result json,
  created_at timestamptz NOT NULL DEFAULT now(),
  ready_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX pulls_by_due ON pulls (project_id, table_name, due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX pulls_open ON pulls (project_id, table_name) WHERE purpose = 'import' AND state IN ('due', 'running');
CREATE INDEX pulls_due ON pulls (ready_at) WHERE state = 'due';
CREATE INDEX pulls_running ON pulls (system_key, lease_until) WHERE state = 'running';
CREATE INDEX pulls_of_table ON pulls (project_id, table_name, id DESC);
-- Most pulls of what changes rarely find nothing new: those that became batches are found past them.
CREATE INDEX pulls_with_batch ON pulls (project_id, table_name, id DESC) WHERE arrival_id IS NOT NULL;
CREATE INDEX pulls_of_run ON pulls (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX pulls_ended ON pulls (finished_at) WHERE finished_at IS NOT NULL;

-- How the systems fare that failed lately. One that fails again and again is left alone until `open_until`, by all of its pulls.
CREATE TABLE pull_systems (
  system_key text PRIMARY KEY,
  -- In a row.
  failures int NOT NULL,
  open_until timestamptz,
  error jsonb,
  failed_at timestamptz NOT NULL DEFAULT now()
);
