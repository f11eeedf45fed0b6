-- Webhooks: addresses that are told of events, and what became of it.

CREATE TABLE webhooks (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  -- Null: it is told of all projects of its client.
  project_id bigint REFERENCES projects,
  url text NOT NULL,
  description text NOT NULL,
  events text[] NOT NULL,
  enabled boolean NOT NULL,
  -- Why it was disabled, where nobody did it by hand.
  disabled_reason text,
  -- Every attempt since then has failed.
  failing_since timestamptz,
  last_attempt_at timestamptz,
  last_success_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
CREATE INDEX ON webhooks (client_id);

-- What events are signed with: the newest, and older ones for a while after a rotation.
CREATE TABLE webhook_secrets (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id bigint NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  sealed bytea NOT NULL,
  hint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz
);
CREATE INDEX ON webhook_secrets (webhook_id, id);

-- The events that any webhook of a project wants. Batches and runs end by it: where it is empty, nothing is looked up.
ALTER TABLE projects ADD COLUMN webhook_events text[] NOT NULL DEFAULT '{}';

-- The outbox: a webhook's message belongs to it, and one that tries it out belongs to no project.
ALTER TABLE messages ADD COLUMN webhook_id bigint REFERENCES webhooks ON DELETE CASCADE,
  ALTER COLUMN project_id DROP NOT NULL,
  DROP CONSTRAINT messages_kind_check,
  ADD CONSTRAINT messages_kind_check CHECK (kind IN ('email', 'webhook') AND (kind = 'webhook') = (webhook_id IS NOT NULL));
CREATE INDEX messages_by_webhook ON messages (webhook_id, id) WHERE webhook_id IS NOT NULL;

CREATE TABLE webhook_attempts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id bigint NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  message_id bigint NOT NULL REFERENCES messages ON DELETE CASCADE,
  at timestamptz NOT NULL,
  duration_ms int NOT NULL,
  -- HTTP's; null when there was no answer.
  status int,
  error jsonb,
  -- The beginning of its body.
  answer text NOT NULL
);
CREATE INDEX ON webhook_attempts (webhook_id, id);
CREATE INDEX ON webhook_attempts (message_id, id);
