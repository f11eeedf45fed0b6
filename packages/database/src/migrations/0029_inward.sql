-- What comes inward: events of webhooks, polls, and comparisons of both sides.

-- Stored before the sender gets its answer. The same event twice is one row. Its rows are kept a while after it was worked on, so
-- that a repetition is known; what was in it is not.
CREATE TABLE inward_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  -- As the sender calls it; a hash of it where it is long.
  event_id text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  -- waiting: not worked on yet. done: applied. failed: nothing could be made of it; a letter tells why.
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed')),
  -- The items that it tells of, sealed; null once it was worked on.
  body bytea,
  items int NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  error jsonb,
  -- Of its items: those that changed something here, those that did not, those that were refused.
  changed int,
  unchanged int,
  refused int,
  ended_at timestamptz,
  UNIQUE (subscription_id, event_id)
);
CREATE INDEX inward_events_waiting ON inward_events (subscription_id, id) WHERE state = 'waiting';
CREATE INDEX inward_events_by_time ON inward_events (received_at);

-- How far what comes inward is, of each subscription that takes something.
CREATE TABLE inward_states (
  subscription_id bigint PRIMARY KEY REFERENCES subscriptions ON DELETE CASCADE,
  -- Where the next poll goes on, in the other side's words; null: from the beginning. It moves in the transaction of its items.
  cursor text,
  -- The first poll, which brings everything, has come to its end.
  first_done_at timestamptz,
  -- The page before said that there are more; what was asked for is asked for to its end.
  has_more boolean NOT NULL DEFAULT false,
  poll_at timestamptz NOT NULL DEFAULT '-infinity',
  last_poll_at timestamptz,
  failures int NOT NULL DEFAULT 0,
  error jsonb,
  error_at timestamptz,
  -- Whoever polls: what it writes carries the epoch.
  worker text,
  epoch int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  -- Items, since the subscription is there.
  changed bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  refused bigint NOT NULL DEFAULT 0,
  last_item_at timestamptz,
  -- Requests to the public listener that were not let in.
  turned_away bigint NOT NULL DEFAULT 0,
  turned_away_at timestamptz,
  turned_away_reason text
) WITH (fillfactor = 50);

-- What the other side said of an item when it was last sent ours in answer, and how often lately: who says the same once more means
-- it, and one that makes something else of whatever it is sent would be answered for ever.
CREATE TABLE inward_answers (
  subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  key text COLLATE "C" NOT NULL,
  -- Its version or time of change; null: it said neither.
  said text,
  answers int NOT NULL DEFAULT 1,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription_id, key)
);
CREATE INDEX inward_answers_by_time ON inward_answers (since);

-- Comparisons of both sides.
CREATE TABLE reconciliations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subscription_id bigint NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
  -- Null: a person asked for it.
  due_at timestamptz,
  actor text,
  mend boolean NOT NULL,
  state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'running', 'done', 'failed', 'skipped')),
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  worker text,
  epoch int NOT NULL DEFAULT 0,
  lease_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  -- Counts, and a sample of the keys of each kind: see the contract.
  result jsonb,
  error jsonb,
  UNIQUE (subscription_id, due_at)
);
-- One at a time.
CREATE UNIQUE INDEX reconciliations_open ON reconciliations (subscription_id) WHERE state IN ('due', 'running');
CREATE INDEX reconciliations_shown ON reconciliations (subscription_id, id);

-- Keys that the other side has, while a comparison is under way. It begins anew when these are lost.
CREATE UNLOGGED TABLE reconciliation_keys (
  reconciliation_id bigint NOT NULL,
  epoch int NOT NULL,
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (reconciliation_id, epoch, key)
);
