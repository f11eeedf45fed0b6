-- For those who look after the hub: which processes there are, what failed, and an audit that does not grow for ever.

-- One row for each process of a service, written every few seconds by itself.
CREATE TABLE workers (
  -- Host, pid and start: a container's pid comes again.
  id text PRIMARY KEY CHECK (length(id) <= 300),
  service text NOT NULL CHECK (length(service) <= 50),
  host text NOT NULL CHECK (length(host) <= 255),
  pid int NOT NULL,
  version text NOT NULL CHECK (length(version) <= 50),
  -- As whom it logged in: what a process of a service that strangers talk to says of another service does not count.
  role text NOT NULL DEFAULT session_user,
  started_at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL DEFAULT now(),
  -- Set when it ended in order.
  stopped_at timestamptz,
  memory_bytes bigint NOT NULL,
  -- What others may want to know of it, such as the gateway's host keys.
  facts jsonb NOT NULL DEFAULT '{}' CHECK (length(facts::text) <= 16384),
  -- What it did in each of the last minutes, by queue: [minute since 1970, done, failed, to be tried again].
  work jsonb NOT NULL DEFAULT '{}' CHECK (length(work::text) <= 65536)
) WITH (fillfactor = 50);

-- Services with roles of their own have no right to the table; this is all that they can do with it. A row stays that of
-- the role that made it.
CREATE FUNCTION note_worker(
  worker_id text, of_service text, on_host text, with_pid int, of_version text, since timestamptz, memory bigint,
  its_facts jsonb, its_work jsonb, has_stopped boolean
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = inlet, pg_temp AS $$
  INSERT INTO workers AS w (id, service, host, pid, version, started_at, memory_bytes, facts, work, stopped_at)
  VALUES (worker_id, of_service, on_host, with_pid, of_version, since, memory, its_facts, its_work,
    CASE WHEN has_stopped THEN now() END)
  ON CONFLICT (id) DO UPDATE SET heard_at = now(), memory_bytes = excluded.memory_bytes, facts = excluded.facts,
    work = excluded.work, stopped_at = excluded.stopped_at
  WHERE w.role = session_user;
$$;

-- Steps move among the partial indexes of their states already; the few that fail for good are in this one.
CREATE INDEX steps_failed ON steps (id DESC) WHERE state = 'failed';

-- Lines come in the order of their time: a few pages in all.
CREATE INDEX audit_times ON audit USING brin (at) WITH (pages_per_range = 32);

-- The audit stays append-only, but that lines go when they are old enough, by `trim_audit` alone. Triggers instead of
-- rules: they can tell old from young, and TRUNCATE is theirs, too.
DROP RULE audit_keeps ON audit;
DROP RULE audit_stands ON audit;

CREATE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION 'the audit is kept' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Whatever is set: nothing younger than 30 days goes, and nothing is ever changed.
  IF TG_OP = 'DELETE' AND current_setting('inlet.audit_trim', true) = 'on' AND OLD.at < now() - interval '30 days' THEN
    RETURN OLD;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_stands BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stands();
CREATE TRIGGER audit_is_kept BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stands();

-- Deletes lines that are older than `keep_days` days (30 at least), `most` at once, oldest first, and says so in the audit.
-- Returns how many went.
CREATE FUNCTION trim_audit(keep_days int, most int, by_actor text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = inlet, pg_temp AS $$
DECLARE
  kept_from timestamptz := now() - greatest(keep_days, 30) * interval '1 day';
  first_kept bigint;
  gone bigint;
  oldest timestamptz;
  newest timestamptz;
BEGIN
  -- One at a time: two watchers would wait for each other's rows.
  IF NOT pg_try_advisory_xact_lock(hashtext('inlet.trim_audit')) THEN
    RETURN 0;
  END IF;
  -- Lines come in the order of their time: the look ends at the first young one.
  SELECT id INTO first_kept FROM audit WHERE at >= kept_from ORDER BY id LIMIT 1;
  PERFORM set_config('inlet.audit_trim', 'on', true);
  WITH old AS (
    SELECT id FROM audit WHERE id < coalesce(first_kept, 9223372036854775807) AND at < kept_from ORDER BY id LIMIT most
  ), deleted AS (
    DELETE FROM audit USING old WHERE audit.id = old.id RETURNING audit.at
  )
  SELECT count(*), min(at), max(at) INTO gone, oldest, newest FROM deleted;
  PERFORM set_config('inlet.audit_trim', 'off', true);
  IF gone > 0 THEN
    INSERT INTO audit (actor, action, outcome, detail) VALUES (by_actor, 'audit.trim', 'ok',
      jsonb_build_object('lines', gone, 'from', oldest, 'to', newest, 'keptDays', greatest(keep_days, 30)));
  END IF;
  RETURN gone;
END $$;
REVOKE EXECUTE ON FUNCTION trim_audit(int, int, text) FROM PUBLIC;
