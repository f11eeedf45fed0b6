import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { grantServiceRights } from "./service-roles.ts";

/** Held while migrations run, so that two services that start together do not both run them. */
const MIGRATION_LOCK = 7_463_201;

/**
 * Brings Inlet's schema up to date: each file of `migrations/` once, in the order of its number, in one transaction each;
 * then the rights of the services that have a role of their own.
 * Safe to call from several processes at once. Resolves to the names that were applied now.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "inlet:migrate" });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query("CREATE SCHEMA IF NOT EXISTS inlet");
    await client.query("SET search_path = inlet");
    await client.query(
      "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ name: string }>("SELECT name FROM migrations");
    const applied = new Set(rows.map((row) => row.name));
    const pending = (await migrationFiles()).filter((file) => !applied.has(file));
    for (const file of pending) {
      const statements = await readFile(new URL(`./migrations/${file}`, import.meta.url), "utf8");
      await client.query("BEGIN");
      try {
        await client.query(statements);
        await client.query("INSERT INTO migrations (name) VALUES ($1)", [file]);
        await client.query("COMMIT");
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    }
    await grantServiceRights(client);
    return pending;
  } finally {
    await client.end();
  }
}

async function migrationFiles(): Promise<string[]> {
  const files = await readdir(new URL("./migrations/", import.meta.url));
  return files.filter((file) => file.endsWith(".sql")).sort();
}
