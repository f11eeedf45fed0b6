-- The address of ours that an e-mail came to: who answers our answer writes there again.
ALTER TABLE mails ADD COLUMN to_address text;

-- How many e-mails of a sender's no file was taken from lately.
CREATE INDEX mails_refused ON mails (project_id, from_address, received_at) WHERE refusal_code IS NOT NULL;
