-- Runs at trigger times: when each project is due, which triggers there were, and the files that wait.

-- One row a project, also for those without a schedule, so that what changed is found without reading any profile.
CREATE TABLE schedules (
  project_id bigint PRIMARY KEY REFERENCES projects,
  -- What it was reckoned from: a project of another version or state is reckoned anew.
  profile_version int NOT NULL,
  state text NOT NULL,
  -- Null: none is due.
  next_due_at timestamptz
);
CREATE INDEX ON schedules (next_due_at) WHERE next_due_at IS NOT NULL;

-- Due times that have passed, and runs that a person started. Exactly one row, and so one run, for each due time.
CREATE TABLE triggers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects,
  due_at timestamptz NOT NULL,
  triggered_by text NOT NULL CHECK (triggered_by IN ('schedule', 'person')),
  actor text,
  reason text,
  profile_version int NOT NULL,
  timezone text NOT NULL,
  -- Null: skipped, because it passed while no scheduler ran and a later one was taken up.
  run_id bigint UNIQUE REFERENCES runs,
  started_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (project_id, due_at)
);

-- `gather_until`: until when files that have not come are waited for; null: there is no such wait.
ALTER TABLE runs
  ADD COLUMN gather_until timestamptz,
  ADD COLUMN deadline_at timestamptz,
  ADD COLUMN overdue_at timestamptz;
CREATE INDEX runs_deadline ON runs (deadline_at)
  WHERE state = 'open' AND deadline_at IS NOT NULL AND overdue_at IS NULL;

-- Files of projects with a schedule or with an order of tables; a file that is held has no step yet. Files of other projects
-- have no row here, and cost nothing.
CREATE TABLE run_files (
  batch_id bigint PRIMARY KEY REFERENCES batches ON DELETE CASCADE,
  project_id bigint NOT NULL REFERENCES projects,
  run_id bigint NOT NULL REFERENCES runs,
  table_name text,
  -- The date in its name.
  file_date date,
  held boolean NOT NULL,
  -- The run that had gone on without it.
  late_for bigint REFERENCES runs
);
CREATE INDEX run_files_held ON run_files (project_id, run_id) WHERE held;
CREATE INDEX run_files_late ON run_files (late_for) WHERE late_for IS NOT NULL;
CREATE INDEX run_files_by_date ON run_files (project_id, table_name, file_date) WHERE file_date IS NOT NULL;
