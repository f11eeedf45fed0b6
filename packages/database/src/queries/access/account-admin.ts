import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** A login as an operator sets it up. */
export interface AccountRow {
  id: number;
  clientId: number;
  client: string;
  username: string;
  passwordHash: string | null;
  publicKeys: string[];
  cidrs: string[];
  projects: string[] | null;
  enabled: boolean;
  createdAt: Date;
}

const columns = sql`
  a.id, a.client_id AS "clientId", c.slug AS client, a.username, a.password_hash AS "passwordHash",
  a.public_keys AS "publicKeys", a.cidrs, a.projects, a.enabled, a.created_at AS "createdAt"`;

/** The logins, by name; of one client, or (null) all. */
export async function listAccounts({ query }: Executor, client: string | null): Promise<AccountRow[]> {
  const { rows } = await sql<AccountRow>`
    SELECT ${columns} FROM accounts a JOIN clients c ON c.id = a.client_id
    WHERE ${client}::text IS NULL OR c.slug = ${client}::text ORDER BY a.username`.execute(query);
  return rows;
}

/** One login by name, its row locked. */
export async function lockAccount({ query }: Executor, username: string): Promise<AccountRow | undefined> {
  const { rows } = await sql<AccountRow>`
    SELECT ${columns} FROM accounts a JOIN clients c ON c.id = a.client_id
    WHERE a.username = ${username} FOR UPDATE OF a`.execute(query);
  return rows[0];
}

/** Adds a login. Undefined: the name is taken. */
export async function insertAccount(
  { query }: Executor,
  account: {
    clientId: number;
    username: string;
    /** Opaque, and of no other account. */
    jail: string;
    passwordHash: string | null;
    publicKeys: readonly string[];
    cidrs: readonly string[];
    projects: readonly string[] | null;
  },
): Promise<AccountRow | undefined> {
  const { rows } = await sql<AccountRow>`
    WITH a AS (
      INSERT INTO accounts (client_id, username, jail, password_hash, public_keys, cidrs, projects)
      VALUES (${account.clientId}::bigint, ${account.username}, ${account.jail}, ${account.passwordHash},
        ${account.publicKeys as string[]}::text[], ${account.cidrs as string[]}::text[],
        ${account.projects as string[] | null}::text[])
      ON CONFLICT (username) DO NOTHING
      RETURNING *
    )
    SELECT ${columns} FROM a JOIN clients c ON c.id = a.client_id`.execute(query);
  return rows[0];
}

/** Writes what an operator may change of a login. */
export async function updateAccount({ query }: Executor, account: AccountRow): Promise<void> {
  await query
    .updateTable("accounts")
    .set({
      password_hash: account.passwordHash,
      public_keys: account.publicKeys,
      cidrs: account.cidrs,
      projects: account.projects,
      enabled: account.enabled,
    })
    .where("id", "=", account.id)
    .execute();
}
