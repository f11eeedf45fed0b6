import type { Database } from "@inlet/database";

/** Clients, and how unevenly their files come: the first sends a quarter of all. */
const CLIENTS = 40;
const PROJECTS_EACH = 3;
const TABLES = ["contacts", "store", "style", "sku", "daily_sales", "storestock"];

/**
 * Fills the hub with batches as a few years leave them: forty clients with three projects each, one of which sends most;
 * daily files of six tables, names with dates; nearly all completed, 4 % rejected, 1 % partial, 1 % failed, 1 % duplicates;
 * a tenth by upload and a few by e-mail; findings on one in twelve; the newest few hundred under way.
 */
export async function fillBatches(database: Database, count: number): Promise<void> {
  const run = (text: string) => database.pool.query(text);
  await run(`INSERT INTO clients (slug) SELECT 'client' || i FROM generate_series(1, ${CLIENTS}) i`);
  await run(`INSERT INTO projects (client_id, slug, profile_version, state)
    SELECT id, 'project' || i, 1, 'live' FROM clients, generate_series(1, ${PROJECTS_EACH}) i`);
  await run(`INSERT INTO profiles (project_id, version, document, created_by)
    SELECT p.id, 1, jsonb_build_object('client', c.slug, 'project', p.slug), 'bench'
    FROM projects p JOIN clients c ON c.id = p.client_id`);
  await run(`INSERT INTO accounts (client_id, username, jail) SELECT id, slug || '_sftp', md5(slug) FROM clients`);
  // One run for each project and day.
  await run(`INSERT INTO runs (project_id, key, state, revision, reported_at)
    SELECT p.id, (date '2023-01-01' + d)::text, 'reported', 1, now() FROM projects p, generate_series(0, 1400) d`);
  await run(`ANALYZE clients; ANALYZE projects; ANALYZE runs; ANALYZE accounts`);
  const tables = `ARRAY[${TABLES.map((name) => `'${name}'`).join(",")}]`;
  await run(`
    INSERT INTO batches (client_id, project_id, profile_version, table_name, run_id, account_id, source, file_name,
      size_bytes, sha256, status, reason_code, reason_message, records, valid, rejected, staged, imported, issue_totals,
      rehearsal, received_at, started_at, imported_at, ended_at)
    SELECT p.client_id, p.id, 1, t.name, r.id, CASE WHEN s.source = 'gateway' THEN a.id END, s.source,
      t.name || '-' || to_char(d.at, 'YYYY-MM-DD') || '-' || lpad((i % 1000)::text, 3, '0') || '.csv',
      (1000 + (i * 7919::bigint) % 900000)::bigint, sha256(i::text::bytea), w.status,
      CASE WHEN w.status NOT IN ('completed', 'partial', 'received') THEN 'sample_reason' END,
      CASE WHEN w.status NOT IN ('completed', 'partial', 'received') THEN 'A sentence that says what was wrong with the file.' END,
      n.records, n.records - n.bad, n.bad, n.records - n.bad,
      CASE WHEN w.status IN ('completed', 'partial') THEN n.records - n.bad END,
      CASE WHEN i % 12 = 0 THEN jsonb_build_object('email_invalid', 3) ELSE '{}' END,
      i % 500 = 0, d.at, d.at + interval '40 ms',
      CASE WHEN w.status IN ('completed', 'partial') THEN d.at + interval '200 ms' END,
      CASE WHEN w.status <> 'received' THEN d.at + interval '300 ms' END
    FROM generate_series(1, ${count}) i
    CROSS JOIN LATERAL (SELECT ('x' || substr(md5(i::text), 1, 7))::bit(28)::int AS h) AS hashed
    CROSS JOIN LATERAL (SELECT timestamptz '2023-01-01' + (i::float8 / ${count} * 1400) * interval '1 day' AS at) AS d
    CROSS JOIN LATERAL (SELECT CASE WHEN h % 4 = 0 THEN 1 ELSE 1 + (h / 4) % ${CLIENTS * PROJECTS_EACH} END AS id) AS q
    JOIN projects p ON p.id = q.id
    CROSS JOIN LATERAL (SELECT (${tables})[1 + (h / 7) % ${TABLES.length}] AS name) AS t
    CROSS JOIN LATERAL (SELECT CASE WHEN i > ${count - 300} THEN 'received' WHEN h % 100 < 4 THEN 'rejected' WHEN h % 100 = 4
      THEN 'partial' WHEN h % 100 = 5 THEN 'failed' WHEN h % 100 = 6 THEN 'duplicate' WHEN h % 1000 = 970 THEN 'cancelled'
      WHEN h % 1000 = 971 THEN 'superseded' ELSE 'completed' END AS status) AS w
    CROSS JOIN LATERAL (SELECT CASE WHEN h % 10 = 9 THEN 'upload' WHEN h % 1000 = 5 THEN 'email' ELSE 'gateway' END AS source) AS s
    CROSS JOIN LATERAL (SELECT 100 + h % 20000 AS records, CASE WHEN w.status = 'partial' THEN 3 ELSE 0 END AS bad) AS n
    JOIN runs r ON r.project_id = p.id AND r.key = (date '2023-01-01' + floor(i::float8 / ${count} * 1400)::int)::text
    JOIN accounts a ON a.client_id = p.client_id`);
  await run("VACUUM (ANALYZE) batches");
}
