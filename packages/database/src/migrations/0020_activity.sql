-- The Activity Monitor: files received again, and saved sets of filters.

-- The batch whose stored file was received again as this one: always the first of them, so that a re-run of a re-run has the
-- same place in the order of arrival. Written once, with the row; few have it.
ALTER TABLE batches ADD COLUMN rerun_of bigint REFERENCES batches;
CREATE INDEX batches_by_rerun ON batches (rerun_of, id) WHERE rerun_of IS NOT NULL;

-- Filters of the Activity Monitor. Its owner is a user or an API key, by kind and number; nobody's view outlives the sight of
-- its owner's clients: a shared one is seen by those of the same scope alone.
CREATE TABLE saved_views (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner text NOT NULL,
  owner_name text NOT NULL,
  -- The one client that its owner saw; null: all.
  client_id bigint REFERENCES clients,
  name text NOT NULL,
  filters text NOT NULL,
  shared boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (owner, name)
);
CREATE INDEX saved_views_shared ON saved_views (client_id) WHERE shared;

-- Lists of batches by how they ended. Every end but `completed` is rare, and changes of status are written to indexes anyway
-- (`batches_under_way` names it): of a batch that completes, nothing more is written than before.
DROP INDEX batches_to_look_at;
CREATE INDEX batches_by_end ON batches (status, id DESC)
  WHERE status IN ('failed', 'rejected', 'superseded', 'partial', 'duplicate', 'cancelled', 'unpacked');

-- No index serves the search for a part of a name. A trigram index would need an extension that not every PostgreSQL has,
-- and about thirty entries for each file that is received; the look through a million names, newest first until a page is
-- full, takes half a second at worst (measured on two cores), and milliseconds where the name is not rare. Nor is there one
-- on what the check found: it changes while a batch is worked on, and those updates are to touch no index.
