import type { Database, Executor } from "../../connection.ts";
import { sessionQuery } from "../../connection.ts";

/** The lead in numbering changes: a connection that holds the lock for it. */
export interface Sequencing extends Executor {
  /** Gives the lead back, and the connection. */
  release(): Promise<void>;
}

/** Takes the lead, if nobody has it. It ends with the connection; what is asked on that afterwards fails. */
export async function holdSequencer(database: Database): Promise<Sequencing | undefined> {
  const client = await database.pool.connect();
  let broken: Error | boolean = false;
  const noteBroken = (error: Error) => {
    broken = error;
  };
  client.on("error", noteBroken);
  const giveBack = () => {
    client.off("error", noteBroken);
    client.release(broken);
  };
  try {
    const { rows } = await client.query<{ held: boolean }>(
      "SELECT pg_try_advisory_lock(hashtext('catalogs'), hashtext('sequencer')) AS held",
    );
    if (!rows[0]!.held) {
      giveBack();
      return undefined;
    }
  } catch (error) {
    broken = true;
    giveBack();
    throw error;
  }
  let isReleased = false;
  return {
    query: sessionQuery(client),
    async release() {
      if (isReleased) return;
      isReleased = true;
      // The lock goes with the session, whatever state that is in.
      broken = true;
      giveBack();
    },
  };
}
