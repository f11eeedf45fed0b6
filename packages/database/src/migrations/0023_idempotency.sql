-- Writes that may be sent again under the same Idempotency-Key: what was asked, and what was answered.
CREATE TABLE idempotency_keys (
  caller text NOT NULL,               -- key:12 or user:3
  key text NOT NULL,
  fingerprint bytea NOT NULL,         -- of the request, keyed with INLET_KEY
  attempt text NOT NULL,              -- the request that works on it
  attempt_until timestamptz NOT NULL, -- from then on another may take over, unless this one was applied
  applied boolean NOT NULL DEFAULT false, -- set by the transaction that did what was asked
  status smallint,                    -- null: there is no answer (yet)
  headers jsonb,
  answer bytea,                       -- sealed: answers may show a secret, once
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
