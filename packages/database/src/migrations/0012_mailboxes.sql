-- Mailboxes that are read by IMAP: how each project's fares, and how far it has been read.

CREATE TABLE mailbox_looks (
  project_id bigint PRIMARY KEY REFERENCES projects,
  next_look_at timestamptz NOT NULL DEFAULT now(),
  looked_at timestamptz,
  succeeded_at timestamptz,
  -- Looks in a row that failed; 0: the mailbox is well.
  failures int NOT NULL DEFAULT 0,
  error_code text,
  error_message text,
  -- The folder that the rest is about, and its UIDVALIDITY: another one is read from its beginning.
  folder text,
  uid_validity bigint,
  -- All messages up to this UID are done with. UIDs only grow (RFC 9051, 2.3.1.1).
  done_uid bigint NOT NULL DEFAULT 0,
  -- The message that was begun with last, and how often.
  begun_uid bigint,
  attempts int NOT NULL DEFAULT 0
);
