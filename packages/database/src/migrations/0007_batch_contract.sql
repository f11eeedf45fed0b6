-- The batch contract: files by e-mail, ZIPs of several files, and the rehearsal before a project goes live.

ALTER TABLE arrivals DROP CONSTRAINT arrivals_source_check;
ALTER TABLE arrivals ADD CONSTRAINT arrivals_source_check CHECK (source IN ('gateway', 'sftp', 'upload', 'email'));

-- `part_of`: the batch of the ZIP that the file came in with others. `rehearsal`: received before its project went live;
-- nothing of it reaches a client's table.
ALTER TABLE batches
  ADD COLUMN part_of bigint REFERENCES batches ON DELETE SET NULL CHECK (part_of < id),
  ADD COLUMN rehearsal boolean NOT NULL DEFAULT false;
CREATE INDEX batches_by_whole ON batches (part_of) WHERE part_of IS NOT NULL;

-- Projects that are there when this comes are live.
ALTER TABLE projects
  ADD COLUMN state text NOT NULL DEFAULT 'live' CHECK (state IN ('rehearsal', 'live')),
  ADD COLUMN live_at timestamptz;
UPDATE projects SET live_at = created_at;
