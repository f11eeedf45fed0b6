-- Intake: the order of arrival per project, and how each remote source fares.

CREATE INDEX arrivals_open ON arrivals (project_id, id) WHERE state IN ('arrived', 'claimed');
CREATE INDEX ON arrivals (location);

-- One row per project that pulls from a remote server: when it is looked at next, and what the last look met.
CREATE TABLE source_looks (
  project_id bigint PRIMARY KEY REFERENCES projects,
  next_look_at timestamptz NOT NULL DEFAULT now(),
  looked_at timestamptz,
  succeeded_at timestamptz,
  -- Looks in a row that failed; 0: the source is well.
  failures int NOT NULL DEFAULT 0,
  error_code text,
  error_message text
);
