-- The end of what is kept: recipients who are forgotten, and batches whose files are kept no longer.

-- Its bytes were changed, because a recipient in them was forgotten: it is never run again.
ALTER TABLE batches ADD COLUMN forgotten_at timestamptz;
-- Its stored files are kept no longer; what was counted stays.
ALTER TABLE batches ADD COLUMN files_deleted_at timestamptz;
-- Its folder, of which no row tells any more, is gone from the disk as well.
ALTER TABLE batches ADD COLUMN folder_removed boolean NOT NULL DEFAULT false;
CREATE INDEX batches_folder_to_remove ON batches (id) WHERE files_deleted_at IS NOT NULL AND NOT folder_removed;

-- How far the batches of a project were looked through for files that are kept no longer.
CREATE TABLE retention_sweeps (
  project_id bigint PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
  -- No batch up to this one has files.
  swept_to bigint NOT NULL
);

-- Orders to forget a recipient, and how far each is.
CREATE TABLE forgettings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects,
  -- Who is meant: one record of one batch; or whoever has a value in a column, in any batch of the project.
  batch_id bigint REFERENCES batches,
  record bigint,
  column_name text,
  -- Gone as soon as it is not needed any more.
  value text,
  -- It stops once it is found how much it is, and waits for a word.
  preview boolean NOT NULL,
  reason text,
  actor text NOT NULL,
  state text NOT NULL CHECK (state IN ('searching', 'found', 'removing', 'done', 'failed', 'dropped')),
  -- Batches are searched in their order: this one and those before it are.
  searched_to bigint NOT NULL DEFAULT 0,
  -- The newest batch when it was asked for.
  search_until bigint NOT NULL,
  -- Batches whose files could not be opened, so that nobody knows whether the recipient is in them.
  unsearched bigint[] NOT NULL DEFAULT '{}',
  -- The batch under way that it waits for.
  waits_for bigint,
  -- Rows of the project's tables that are gone.
  table_rows bigint NOT NULL DEFAULT 0,
  tables_done boolean NOT NULL DEFAULT false,
  -- The fence: raised whenever the right to work on it passes on.
  epoch int NOT NULL DEFAULT 0,
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  worker text,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  found_at timestamptz,
  finished_at timestamptz,
  CHECK ((batch_id IS NULL) = (record IS NULL) AND (batch_id IS NULL) = (column_name IS NOT NULL)),
  CHECK (state NOT IN ('done', 'dropped') OR value IS NULL)
);
CREATE INDEX forgettings_open ON forgettings (id) WHERE state IN ('searching', 'removing');
CREATE INDEX forgettings_of_project ON forgettings (project_id, id);

-- The batches that a forgetting touches. Without records: only the file as it was sent has to go.
CREATE TABLE forgetting_batches (
  forgetting_id bigint NOT NULL REFERENCES forgettings ON DELETE CASCADE,
  batch_id bigint NOT NULL REFERENCES batches,
  -- found: nothing is done yet; rows: the rows in the project's tables are gone; done: the files as well.
  phase text NOT NULL DEFAULT 'found' CHECK (phase IN ('found', 'rows', 'done')),
  PRIMARY KEY (forgetting_id, batch_id)
);
CREATE TABLE forgotten_records (
  forgetting_id bigint NOT NULL REFERENCES forgettings ON DELETE CASCADE,
  batch_id bigint NOT NULL REFERENCES batches,
  record bigint NOT NULL,
  PRIMARY KEY (forgetting_id, batch_id, record)
);
