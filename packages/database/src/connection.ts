import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Schema } from "./schema.ts";
import { isConnectionLoss, isTransient, SQLSTATE, sqlstateOf } from "./sqlstate.ts";

/** What a query function needs: Kysely over some connection. Both a {@link Database} and a {@link Tx} are one. */
export interface Executor {
  readonly query: Kysely<Schema>;
}

/** A transaction under way. `client` is for COPY and for statements on clients' own tables. */
export interface Tx extends Executor {
  readonly client: pg.PoolClient;
}

/** A pool of connections to Inlet's database. */
export interface Database extends Executor {
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

interface DatabaseOptions {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections at most. Default 10: many services share one server. */
  maxConnections?: number;
  /** Called when an idle connection breaks, for the log; the pool mends itself. */
  onIdleError?: (error: Error) => void;
}

/** bigint columns are ids, sizes and counts: far below 2^53, so numbers. */
const INT8_OID = 20;
const types = new pg.TypeOverrides();
types.setTypeParser(INT8_OID, (text: string) => Number(text));

/**
 * What a session is told when it opens. Whoever has lost its client must not hold its locks for the system's two hours: the
 * server asks after 10 s of silence and gives up after half a minute, and looks for the client while a statement runs, too.
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  search_path: "inlet",
  idle_in_transaction_session_timeout: "10min",
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "4",
  client_connection_check_interval: "10s",
};

/** Opens the pool. Connects on first use; a server that is away makes queries fail with {@link Unavailable} errors. */
export function openDatabase(
  databaseUrl: string,
  { applicationName, maxConnections = 10, onIdleError = () => {} }: DatabaseOptions,
): Database {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: applicationName,
    max: maxConnections,
    options: Object.entries(SESSION_SETTINGS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
    types,
    // The same from this side: Node asks every second from then on, ten times.
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
  });
  // Without a listener an idle connection's end would end the process.
  pool.on("error", onIdleError);
  const query = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => {
          const client = await pool.connect();
          // The server's last word may come just after an answer, before the connection is given back.
          let broken: Error | undefined;
          const noteBroken = (error: Error) => {
            broken = error;
          };
          client.on("error", noteBroken);
          const release = () => {
            client.off("error", noteBroken);
            client.release(broken);
          };
          return { query: preparing(client), release } as never;
        },
        end: async () => {},
      } as never,
    }),
  });
  return { query, pool, close: () => pool.end() };
}

/**
 * Kysely's queries as named prepared statements, so that PostgreSQL parses and plans each but once per connection. The
 * set of statements is bounded because no query interpolates values or lists of varying length.
 */
function preparing(client: pg.PoolClient) {
  return (text: string, values: unknown[]) =>
    typeof text === "string" ? client.query({ name: statementName(text), text, values }) : client.query(text, values);
}

const statementNames = new Map<string, string>();

function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = createHash("sha256").update(text).digest("base64url").slice(0, 22);
    statementNames.set(text, name);
  }
  return name;
}

const transactionQueries = new WeakMap<pg.PoolClient, Kysely<Schema>>();

function queryOf(client: pg.PoolClient): Kysely<Schema> {
  let query = transactionQueries.get(client);
  if (query === undefined) {
    query = new Kysely<Schema>({
      dialect: new PostgresDialect({
        pool: {
          connect: async () => ({ query: preparing(client), release: () => {} }) as never,
          end: async () => {},
        } as never,
      }),
    });
    transactionQueries.set(client, query);
  }
  return query;
}

/** Kysely over one connection of the pool, for what needs a session of its own. */
export const sessionQuery = queryOf;

interface TransactionOptions {
  /** Shown in pg_stat_activity while the transaction runs, so that the reconciler can end a fenced-off one. */
  applicationName?: string;
  /** `SET LOCAL` parameters, in PostgreSQL's words. */
  settings?: Readonly<Record<string, string>>;
}

/** What else goes into a transaction just before its COMMIT. What it throws rolls the transaction back. */
export type CommitNote = (tx: Tx) => Promise<void>;

const commitNotes = new AsyncLocalStorage<CommitNote>();

/** Runs `work`, and puts `note` into every {@link transaction} that is begun within it, however deep in the call. */
export function withCommitNote<T>(note: CommitNote, work: () => T): T {
  return commitNotes.run(note, work);
}

/**
 * Runs `work` in one transaction: COMMIT when it returns, ROLLBACK when it throws. A connection that broke is thrown
 * away, not returned to the pool. Nothing is retried here.
 */
export async function transaction<T>(
  database: Database,
  work: (tx: Tx) => Promise<T>,
  { applicationName, settings = {} }: TransactionOptions = {},
): Promise<T> {
  const client = await database.pool.connect();
  let broken: Error | undefined;
  const noteBroken = (error: Error) => {
    broken = error;
  };
  client.on("error", noteBroken);
  try {
    // One round trip for all of it.
    const named = applicationName === undefined ? settings : { ...settings, application_name: applicationName };
    const sets = Object.entries(named).map(([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`);
    await client.query(["BEGIN", ...sets].join("; "));
    const tx = { query: queryOf(client), client };
    const result = await work(tx);
    await commitNotes.getStore()?.(tx);
    const { command } = await client.query("COMMIT");
    // PostgreSQL answers so when a failed statement was swallowed on the way: nothing of this was kept.
    if (command === "ROLLBACK") {
      throw new InvariantBroken({
        code: "commit_refused",
        message: "A statement of this transaction had failed unnoticed.",
      });
    }
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(noteBroken);
    throw error;
  } finally {
    client.off("error", noteBroken);
    client.release(broken);
  }
}

/** Turns a driver's error into {@link Unavailable} where waiting helps, and leaves every other error as it is. */
export function asUnavailable(error: unknown): unknown {
  if (!isConnectionLoss(error) && !isTransient(error)) return error;
  if (sqlstateOf(error) === SQLSTATE.diskFull) {
    return new Unavailable({
      code: "disk_full",
      message: "PostgreSQL's disk is full. Nothing that was received is lost; free some space, then retry.",
      cause: error,
    });
  }
  return new Unavailable({
    code: "database_unavailable",
    message: "PostgreSQL did not answer or asked to try again. Work goes on by itself when it is back.",
    cause: error,
  });
}
