-- For people who look: the API's lists and the metrics.

-- A few pages in all, and it keeps in-page updates possible.
CREATE INDEX batches_received ON batches USING brin (received_at) WITH (pages_per_range = 32);
CREATE INDEX batches_to_look_at ON batches (status, id DESC) WHERE status IN ('failed', 'rejected', 'superseded');
CREATE INDEX messages_to_look_at ON messages (id DESC) WHERE state = 'failed';
CREATE INDEX runs_by_project ON runs (project_id, id DESC);
