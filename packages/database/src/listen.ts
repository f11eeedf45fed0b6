import pg from "pg";
import type { Database } from "./connection.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Calls `heard` whenever somebody calls on a channel of PostgreSQL's (`pg_notify`), and whenever it has begun to listen: calls
 * before that, and while the connection was away, are lost. It keeps one connection of the pool for itself, and gets another one
 * when that breaks.
 */
export function listenTo(
  { pool }: Pick<Database, "pool">,
  channel: string,
  heard: () => void,
): { close(): Promise<void> } {
  let isClosed = false;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  let release: ((broken: boolean) => void) | undefined;
  let underWay = listen();

  async function listen(): Promise<void> {
    try {
      const client = await pool.connect();
      const free = (broken: boolean) => {
        if (release !== free) return;
        release = undefined;
        client.removeAllListeners("notification");
        client.release(broken);
        if (!isClosed) retry();
      };
      release = free;
      client.on("error", () => free(true));
      client.on("end", () => free(true));
      client.on("notification", ({ channel: called }) => {
        if (called === channel) heard();
      });
      if (isClosed) return free(true);
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      pauseMs = FIRST_PAUSE_MS;
      heard();
    } catch {
      if (release) release(true);
      else if (!isClosed) retry();
    }
  }

  function retry(): void {
    timer = setTimeout(() => {
      underWay = listen();
    }, pauseMs);
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
  }

  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await underWay;
      // Not given back to the pool: it would go on listening.
      release?.(true);
    },
  };
}
