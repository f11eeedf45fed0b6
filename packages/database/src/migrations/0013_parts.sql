-- Files that came together in one ZIP are imported in its place, before what arrived after it.
CREATE INDEX batches_parts_under_way ON batches (project_id, table_name, part_of, id)
  WHERE part_of IS NOT NULL AND status IN ('received', 'running');
