-- How often the session with the mailbox's server broke at the message that was begun with last.
ALTER TABLE mailbox_looks ADD COLUMN breaks int NOT NULL DEFAULT 0;
