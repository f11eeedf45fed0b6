-- Files by e-mail: which came in which message, and what is answered to whom.

-- One row per file taken, and one without a file per message that none was taken from. A message is known by its Message-ID, or
-- without one by its bytes; it may be delivered again at any time and is dealt with once.
CREATE TABLE mails (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects,
  -- SHA-256 of what the message is known by.
  identity bytea NOT NULL,
  attachment_name text,
  attachment_sha256 bytea,
  arrival_id bigint REFERENCES arrivals,
  via text NOT NULL CHECK (via IN ('smtp', 'imap')),
  -- Of the From field, proved.
  from_address text NOT NULL,
  subject text NOT NULL,
  message_id text,
  -- Why no file was taken from it.
  refusal_code text,
  received_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((arrival_id IS NULL) = (refusal_code IS NOT NULL)),
  UNIQUE NULLS NOT DISTINCT (project_id, identity, attachment_sha256, attachment_name)
);
CREATE UNIQUE INDEX mails_by_arrival ON mails (arrival_id) WHERE arrival_id IS NOT NULL;
