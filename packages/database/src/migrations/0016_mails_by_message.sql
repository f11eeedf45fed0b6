-- A message that comes once more is also known by its Message-ID.
CREATE INDEX mails_by_message ON mails (project_id, message_id);
