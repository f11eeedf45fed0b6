-- The rehearsal before a project goes live: what is seen of it.

-- When the rehearsal began that the project is in, or was in last, and the newest batch of that moment: neither that nor what
-- came before counts for it.
ALTER TABLE projects
  ADD COLUMN rehearsal_at timestamptz,
  ADD COLUMN rehearsal_after bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT projects_rehearsal_check CHECK (state = 'live' OR rehearsal_at IS NOT NULL);

-- Few, and among many: rehearsed files have an order of their own and are looked for by themselves.
CREATE INDEX batches_rehearsed ON batches (project_id, table_name, id) WHERE rehearsal;

-- A personal link of a rehearsed file that was opened; the first time is enough.
CREATE TABLE rehearsal_views (
  batch_id bigint PRIMARY KEY REFERENCES batches ON DELETE CASCADE,
  viewed_at timestamptz NOT NULL DEFAULT now()
);

-- The audit is looked at by time; it only grows, so this is a few pages.
CREATE INDEX audit_by_time ON audit USING brin (at) WITH (pages_per_range = 32);
