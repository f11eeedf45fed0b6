-- Clients, their projects, and what an operator sets up.

CREATE TABLE clients (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- Random per client, wrapped by the key-encryption key; a batch pins the key it was linked under.
CREATE TABLE link_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON link_keys (client_id, id DESC);

CREATE TABLE secrets (
  client_id bigint NOT NULL REFERENCES clients,
  name text NOT NULL,
  sealed bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (client_id, name)
);

CREATE TABLE projects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  slug text NOT NULL,
  -- The version that new batches are received under.
  profile_version int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (client_id, slug)
);

CREATE TABLE profiles (
  project_id bigint NOT NULL REFERENCES projects,
  version int NOT NULL,
  document jsonb NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (project_id, version)
);

CREATE TABLE accounts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  client_id bigint NOT NULL REFERENCES clients,
  username text NOT NULL UNIQUE,
  -- The folder of this account on disk: opaque, so that no name of a client is ever a path.
  jail text NOT NULL UNIQUE,
  password_hash text,
  -- One OpenSSH public key each, as in authorized_keys.
  public_keys text[] NOT NULL DEFAULT '{}',
  -- Empty: from anywhere.
  cidrs text[] NOT NULL DEFAULT '{}',
  -- Slugs of the projects that this account sees; null: all of its client.
  projects text[],
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON accounts (client_id);

CREATE TABLE api_keys (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  -- The public first part, by which a key is looked up.
  prefix text NOT NULL UNIQUE,
  sha256 bytea NOT NULL,
  role text NOT NULL CHECK (role IN ('admin', 'operator', 'client', 'viewer')),
  -- Set for a key that sees one client alone.
  client_id bigint REFERENCES clients,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- Append-only. Who did what, from where, with what outcome.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  address text,
  session text,
  action text NOT NULL,
  path text,
  sha256 bytea,
  outcome text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON audit (actor, id DESC);
CREATE RULE audit_keeps AS ON DELETE TO audit DO INSTEAD NOTHING;
CREATE RULE audit_stands AS ON UPDATE TO audit DO INSTEAD NOTHING;

-- Scores of addresses that fail to log in; see the gateway.
CREATE TABLE login_scores (
  address text PRIMARY KEY,
  score int NOT NULL,
  counted_since timestamptz NOT NULL DEFAULT now(),
  bans int NOT NULL DEFAULT 0,
  banned_until timestamptz
);
