-- A file that waited for its run's trigger has its place in the order of arrival from when it is let go: what came meanwhile for
-- an earlier run goes before it. Null: its place is its number. The greatest number there is: it waits, and stands in nobody's way.
ALTER TABLE batches ADD COLUMN place bigint;
CREATE INDEX batches_by_place ON batches (project_id, table_name, place) WHERE place IS NOT NULL;
