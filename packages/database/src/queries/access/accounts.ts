import type { Delivery, Source } from "@inlet/contracts";
import { sql } from "kysely";
import type { Executor } from "../../connection.ts";

/** An SFTP account as a login needs it. */
export interface Account {
  id: number;
  clientId: number;
  username: string;
  /** The account's folder on disk below `accounts/`: an opaque name. */
  jail: string;
  passwordHash: string | null;
  /** OpenSSH public keys, one each. */
  publicKeys: string[];
  /** From where it may log in; empty: from anywhere. */
  cidrs: string[];
  /** Slugs of the projects that it sees; null: all of its client. */
  projects: string[] | null;
  enabled: boolean;
}

const ACCOUNT_COLUMNS = [
  "id",
  "client_id as clientId",
  "username",
  "jail",
  "password_hash as passwordHash",
  "public_keys as publicKeys",
  "cidrs",
  "projects",
  "enabled",
] as const;

/** The account of a user name, enabled or not. */
export async function accountByName({ query }: Executor, username: string): Promise<Account | undefined> {
  return await query.selectFrom("accounts").select(ACCOUNT_COLUMNS).where("username", "=", username).executeTakeFirst();
}

/** Every account, enabled or not. */
export async function allAccounts({ query }: Executor): Promise<Account[]> {
  return await query.selectFrom("accounts").select(ACCOUNT_COLUMNS).orderBy("id").execute();
}

/** What of a project decides which folders its accounts see. */
export interface ProjectFolders {
  projectId: number;
  project: string;
  folders: { uploads: string; downloads?: string } | null;
  sourceKind: Source["kind"];
  deliveryTo: Delivery["to"] | null;
}

/** The folders of a client's projects, by their live profiles, oldest project first. */
export async function clientFolders({ query }: Executor, clientId: number): Promise<ProjectFolders[]> {
  const { rows } = await sql<ProjectFolders>`
    SELECT projects.id AS "projectId", projects.slug AS project, profiles.document -> 'folders' AS folders,
      coalesce(profiles.document #>> '{source,kind}', 'gateway') AS "sourceKind",
      profiles.document #>> '{delivery,to}' AS "deliveryTo"
    FROM projects
    JOIN profiles ON profiles.project_id = projects.id AND profiles.version = projects.profile_version
    WHERE projects.client_id = ${clientId}::bigint
    ORDER BY projects.id`.execute(query);
  return rows;
}
