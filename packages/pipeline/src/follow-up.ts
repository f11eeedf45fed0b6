import type { StepKind } from "@inlet/contracts";
import type { Database, StepRef } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { admit, type Place } from "./admission.ts";
import type { Settled } from "./commits.ts";
import { gather } from "./gather.ts";
import type { Publisher } from "./queues.ts";

/** What commits made due, and where they may have made room. */
export interface Followed extends Settled {
  place: Place;
}

/**
 * What comes after a commit: what it made due is published, and what it may have made room for is admitted and published.
 * Many commits' together, one look for each client and each table. The commits stand: what cannot be done now, because
 * PostgreSQL or Redis went away, the reconciler does.
 */
export function openFollowUp(
  database: Database,
  publisher: Publisher,
  logger: Logger,
): (due: Followed) => Promise<void> {
  return gather(async (all: readonly Followed[]) => {
    await Promise.all([
      publisher.steps(all.flatMap(({ steps }) => steps)),
      publisher.messages(all.flatMap(({ messages }) => messages)),
      admitAll(database, all)
        .then((admitted) => publisher.steps(admitted))
        .catch((err) => logger.warn({ err }, "could not admit waiting steps; the reconciler will")),
    ]);
    return all.map(() => undefined);
  });
}

async function admitAll(database: Database, all: readonly Followed[]): Promise<StepRef[]> {
  const rooms = new Map<string, { place: Place; kinds: Set<StepKind> }>();
  for (const { place, kinds } of all) {
    // While a file did not know its table, the imports of every table waited for it.
    for (const kind of place.tableName === null ? new Set([...kinds, "import" as const]) : kinds) {
      const key = kind === "import" ? `table ${place.projectId} ${place.tableName}` : `client ${place.clientId}`;
      const room = rooms.get(key) ?? { place, kinds: new Set() };
      rooms.set(key, room);
      room.kinds.add(kind);
    }
  }
  const admitted = await Promise.all([...rooms.values()].map(({ place, kinds }) => admit(database, kinds, place)));
  return admitted.flat();
}
