-- Users, who sign in to the console, and their sessions; and of API keys: expiry, narrower access, rotation.

CREATE TABLE users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- An e-mail address in lower case.
  login text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('admin', 'operator', 'client', 'viewer')),
  -- Set for a user who sees one client alone.
  client_id bigint REFERENCES clients,
  enabled boolean NOT NULL DEFAULT true,
  password_hash text,
  -- The login elsewhere (OpenID Connect) that the user is bound to, from the first sign-in there on.
  oidc_issuer text,
  oidc_subject text,
  -- The role follows what the issuer says at each sign-in.
  role_from_claim boolean NOT NULL DEFAULT false,
  -- The open invitation: of its token the SHA-256 alone.
  invitation_sha256 bytea UNIQUE,
  invitation_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_sign_in_at timestamptz,
  UNIQUE (oidc_issuer, oidc_subject),
  CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
  CHECK ((invitation_sha256 IS NULL) = (invitation_until IS NULL)),
  CHECK (role <> 'client' OR client_id IS NOT NULL),
  CHECK (role <> 'admin' OR client_id IS NULL)
);
CREATE INDEX ON users (client_id);

-- One row for each place in which a user is signed in. A session that was ended is no row any more.
CREATE TABLE sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
  -- Of the cookie's token, which is stored nowhere.
  sha256 bytea NOT NULL UNIQUE,
  signed_in_by text NOT NULL CHECK (signed_in_by IN ('password', 'oidc')),
  address text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- To the minute: idle time counts from here.
  seen_at timestamptz NOT NULL DEFAULT now(),
  ends_at timestamptz NOT NULL
);
CREATE INDEX ON sessions (user_id);

ALTER TABLE api_keys
  ADD COLUMN expires_at timestamptz,
  -- What the key is narrowed to; null: all that its role may.
  ADD COLUMN access text[],
  ADD COLUMN rotated_at timestamptz,
  -- The secret before the last rotation, for a while.
  ADD COLUMN previous_sha256 bytea,
  ADD COLUMN previous_until timestamptz,
  ADD COLUMN last_used_from text;

COMMENT ON COLUMN login_scores.address IS
  'The SFTP gateway''s: an address or a /64. The console''s: console/<address>, and login/<SHA-256 of the login>.';
