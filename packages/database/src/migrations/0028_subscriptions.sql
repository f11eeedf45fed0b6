-- Subscriptions: outside systems that catalogs are kept in step with, how far each is, and what it did not take.

CREATE TABLE subscriptions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  catalog_id bigint NOT NULL REFERENCES catalogs,
  project_id bigint NOT NULL REFERENCES projects,
  -- Its name in the profile, which is the origin of the changes that come from it.
  name text NOT NULL,
  use text NOT NULL,
  -- What the profile says of it. Secrets stand there by their names only.
  definition jsonb NOT NULL,
  -- Grows with all that whoever runs it has to begin anew for: another definition, a pause, a replay.
  revision int NOT NULL DEFAULT 1,

  -- All changes up to here are settled: taken, skipped, or kept as a letter.
  cursor bigint NOT NULL DEFAULT 0,
  -- The first copy: items whose last change is not after this are pushed in the order of their keys; null: there is none.
  backfill_until bigint,
  -- After the items come links whose items are gone.
  backfill_phase text NOT NULL DEFAULT 'items' CHECK (backfill_phase IN ('items', 'orphans')),
  backfill_key text COLLATE "C",
  backfill_done bigint NOT NULL DEFAULT 0,
  backfill_total bigint,
  -- Also what the other side is known to have.
  backfill_forced boolean NOT NULL DEFAULT false,
  -- Changes up to here are sent once more, also those that the other side is known to have.
  replay_until bigint,
  -- Which deliberate repetition this is: a part of its idempotency keys.
  round int NOT NULL DEFAULT 0,
  -- Asked for by a person or a new definition; whoever runs it next takes it up.
  wants_backfill text CHECK (wants_backfill IN ('changed', 'all')),
  wants_replay_since timestamptz,

  paused_at timestamptz,
  paused_by text,
  ended_at timestamptz,
  -- Why it cannot be run as it is: code, message.
  misconfigured jsonb,
  -- Nothing was taken since then, and the next attempt is not made before.
  failing_since timestamptz,
  failures int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  last_error jsonb,
  last_error_at timestamptz,
  last_success_at timestamptz,
  -- Its project's people were told that it fails.
  told_at timestamptz,
  pushed bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,

  -- Whoever runs it: what it writes carries the epoch, and is nothing when that has moved on.
  worker text,
  epoch int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),

  state text NOT NULL GENERATED ALWAYS AS (CASE
    WHEN ended_at IS NOT NULL THEN 'ended'
    WHEN paused_at IS NOT NULL THEN 'paused'
    WHEN misconfigured IS NOT NULL THEN 'misconfigured'
    WHEN failing_since IS NOT NULL THEN 'failing'
    WHEN definition -> 'outward' IS DISTINCT FROM 'false' AND (backfill_until IS NOT NULL OR wants_backfill IS NOT NULL) THEN 'backfilling'
    ELSE 'active' END) STORED
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX subscriptions_by_name ON subscriptions (project_id, name) WHERE ended_at IS NULL;
CREATE INDEX ON subscriptions (catalog_id);

-- What an item is called on the other side, and what that side is known to have of it.
CREATE TABLE sync_links (
  subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  key text COLLATE "C" NOT NULL,
  -- Null: the other side said none.
  outside_id text,
  outside_version text,
  -- Of the mapped values that it took or told last; null: not known.
  hash text,
  -- Of what was pushed lately, newest first, and when: a late echo of it is no change. Only of those that come inward, too.
  recent_hashes text[] NOT NULL DEFAULT '{}',
  recent_at timestamptz[] NOT NULL DEFAULT '{}',
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription_id, key)
) WITH (fillfactor = 80);
CREATE INDEX sync_links_by_outside_id ON sync_links (subscription_id, outside_id) WHERE outside_id IS NOT NULL;

-- What one side did not take of the other. Retrying: it is tried again by itself, and later changes of its key wait behind it.
-- Dead: given up; a person retries or dismisses it, or a later change of the same item settles it.
CREATE TABLE sync_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  direction text NOT NULL CHECK (direction IN ('out', 'in')),
  state text NOT NULL CHECK (state IN ('retrying', 'dead', 'dismissed')),
  -- Null: nobody can tell which item it is.
  key text COLLATE "C" CHECK (direction = 'in' OR key IS NOT NULL),
  -- Out: the first change of the key that is not settled.
  from_seq bigint CHECK (direction = 'in' OR from_seq IS NOT NULL),
  -- Out: the item's present state is sent, also when the other side is known to have it.
  forced boolean NOT NULL DEFAULT false,
  -- Grows when somebody asks for it anew: what was being tried then does not settle it.
  revision int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT now(),
  error jsonb,
  -- In: what the check of its values found, and the item as it came.
  findings jsonb,
  body jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  dismissed_by text,
  dismiss_reason text
);
CREATE UNIQUE INDEX sync_letters_by_key ON sync_letters (subscription_id, key)
  WHERE direction = 'out' AND state IN ('retrying', 'dead');
CREATE INDEX sync_letters_due ON sync_letters (subscription_id, direction, not_before) WHERE state = 'retrying';
CREATE INDEX sync_letters_shown ON sync_letters (subscription_id, state, id);
