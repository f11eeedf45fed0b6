-- OpenPGP keys of projects: ours, which clients encrypt to and which results are signed with, and theirs.

CREATE TABLE pgp_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id bigint NOT NULL REFERENCES projects,
  owner text NOT NULL CHECK (owner IN ('ours', 'theirs')),
  -- Upper-case hexadecimal: 40 digits (version 4) or 64 (version 6).
  fingerprint text NOT NULL CHECK (fingerprint ~ '^([0-9A-F]{40}|[0-9A-F]{64})$'),
  user_id text NOT NULL,
  algorithm text NOT NULL,
  -- Armoured; of our own keys the public part.
  public_key text NOT NULL,
  -- Our private key, armoured, sealed with the key-encryption key for its client.
  sealed bytea,
  -- What the key says that it may be used for.
  can_encrypt boolean NOT NULL,
  can_sign boolean NOT NULL,
  -- A retired key of ours still opens what was encrypted to it. A retired one of theirs is not used.
  state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'retired')),
  -- When the key itself was made, as it says.
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  added_at timestamptz NOT NULL DEFAULT now(),
  added_by text NOT NULL,
  retired_at timestamptz,
  -- Also across owners: a key of ours that came back as the client's is a mistake.
  UNIQUE (project_id, fingerprint),
  CHECK ((owner = 'ours') = (sealed IS NOT NULL)),
  CHECK ((state = 'retired') = (retired_at IS NOT NULL))
);
CREATE UNIQUE INDEX pgp_keys_one_active ON pgp_keys (project_id) WHERE owner = 'ours' AND state = 'active';
CREATE INDEX pgp_keys_expiring ON pgp_keys (expires_at) WHERE state = 'active' AND expires_at IS NOT NULL;
