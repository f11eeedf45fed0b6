-- Files that were uploaded and not submitted yet, each with its structural check.
CREATE TABLE drafts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Who began it: `key:12`, `user:3`; and by what name.
  owner text NOT NULL,
  created_by text NOT NULL,
  -- Null for a trial of a client or project that is not there yet.
  client_id bigint REFERENCES clients,
  project_id bigint REFERENCES projects,
  client text NOT NULL,
  project text NOT NULL,
  -- A trial: the profile that nobody saved.
  trial_profile jsonb,
  -- Null while nothing tells which table it is.
  table_name text,
  -- A person said which; else the name did.
  table_chosen boolean NOT NULL,
  file_name text NOT NULL,
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  -- Synced to disk.
  received_bytes bigint NOT NULL DEFAULT 0 CHECK (received_bytes BETWEEN 0 AND size_bytes),
  sha256 bytea CHECK (length(sha256) = 32),
  declared_records bigint,
  last_modified timestamptz,
  state text NOT NULL DEFAULT 'uploading'
    CHECK (state IN ('uploading', 'checking', 'checked', 'unreadable', 'submitted', 'discarded')),
  -- The one request that may append, and when it last did.
  writer text,
  writer_at timestamptz,
  -- What a person said of the labels: [{index, column}].
  mapping jsonb NOT NULL DEFAULT '[]',
  remember boolean NOT NULL DEFAULT false,
  -- Raised by every change to the content or the mapping.
  version int NOT NULL DEFAULT 1,
  -- Suggested replacements that the next check has to apply first: {code, column, by}.
  pending_fix jsonb,
  -- The check: who runs it until when, and how far it is.
  epoch int NOT NULL DEFAULT 0,
  losses int NOT NULL DEFAULT 0,
  requested_at timestamptz,
  started_at timestamptz,
  not_before timestamptz,
  lease_until timestamptz,
  phase text,
  done_bytes bigint NOT NULL DEFAULT 0,
  total_bytes bigint NOT NULL DEFAULT 0,
  -- The last check, for people; where its files are, and how to read them. As text of JSON: labels may hold anything.
  verdict text CHECK (verdict IN ('pass', 'fail')),
  checked_version int,
  checked json,
  check_files json,
  -- Why it is unreadable: {code, message}.
  reason json,
  arrival_id bigint REFERENCES arrivals,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- Nothing of it is on the disk any more.
  files_removed boolean NOT NULL DEFAULT false
);
CREATE INDEX drafts_of_owner ON drafts (owner, id);
CREATE INDEX drafts_to_check ON drafts (requested_at) WHERE state = 'checking';
CREATE INDEX drafts_to_sweep ON drafts (updated_at) WHERE NOT files_removed;
-- Whose turn it is to be checked.
CREATE INDEX drafts_of_client ON drafts (client, started_at);
CREATE INDEX drafts_of_arrival ON drafts (arrival_id) WHERE arrival_id IS NOT NULL;

-- Cells that were mended: what the file holds there instead.
CREATE TABLE draft_edits (
  draft_id bigint NOT NULL REFERENCES drafts ON DELETE CASCADE,
  record bigint NOT NULL CHECK (record > 0),
  -- The column's place in the file, from 0; -1: `value` is the whole record, as the file's dialect writes it.
  column_index int NOT NULL CHECK (column_index >= -1),
  id bigint GENERATED ALWAYS AS IDENTITY,
  before text NOT NULL,
  value text NOT NULL,
  by text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (draft_id, record, column_index)
);
CREATE INDEX draft_edits_newest ON draft_edits (draft_id, id);

-- The table that a sender chose, whatever the file is called; and what happened to the file before it came, for the
-- history of its batch: [{event, actor, at, detail}].
ALTER TABLE arrivals ADD COLUMN table_name text, ADD COLUMN history jsonb;
