import { isIP } from "node:net";
import pg from "pg";

/** Somebody else's PostgreSQL server. */
export interface ForeignServer {
  /** Its name: what its certificate must be for. */
  host: string;
  /** What is connected to: addresses that were checked, the first that answers. */
  addresses: readonly string[];
  port: number;
  database: string;
  user: string;
  password: string;
  /** Null: in clear text. `ca`: the certificate, PEM, that theirs is signed with, where no public authority knows it. */
  tls: { ca?: string | undefined } | null;
}

/** Connections to one of somebody else's databases. */
export interface ForeignDatabase {
  /** @internal */
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

interface ForeignOptions {
  /** Until a connection stands, and for each statement there. */
  timeoutMs: number;
  /** Connections at most. */
  maxConnections: number;
}

/** Times and numbers come as their text, the same in every zone. */
const SESSION =
  "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=3";

/**
 * Connects to somebody else's database: to the checked addresses, never to what its name stands for at another time.
 * @throws what Node and PostgreSQL throw when none of the addresses lets us in
 */
export async function connectForeign(
  server: ForeignServer,
  { timeoutMs, maxConnections }: ForeignOptions,
): Promise<ForeignDatabase> {
  let fault: unknown;
  for (const address of server.addresses) {
    const pool = openPool(server, address, { timeoutMs, maxConnections });
    try {
      (await pool.connect()).release();
      return { pool, close: () => pool.end() };
    } catch (error) {
      fault = error;
      await pool.end();
    }
  }
  throw fault;
}

function openPool(server: ForeignServer, address: string, { timeoutMs, maxConnections }: ForeignOptions): pg.Pool {
  const { host, port, database, user, password, tls } = server;
  const pool = new pg.Pool({
    ...{ host: address, port, database, user, password, max: maxConnections },
    application_name: "inlet",
    ssl: tls === null ? false : { ...(tls.ca === undefined ? {} : { ca: tls.ca }), ...identity(host) },
    options: SESSION,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs,
    connectionTimeoutMillis: timeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    // All values as text.
    types: { getTypeParser: () => (text: string) => text } as never,
  });
  // Without a listener the end of a connection, idle or between two statements, would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** The certificate is the name's, whatever address is connected to. TLS knows no names that are addresses (RFC 6066, 3). */
const identity = (host: string) => (isIP(host) === 0 ? { servername: host } : { host });
