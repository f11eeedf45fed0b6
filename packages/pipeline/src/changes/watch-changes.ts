import type { Redis } from "ioredis";
import { type Changes, decodeChanges } from "./changes.ts";
import { listen } from "./listen.ts";

/** Who is told of changes. */
export interface ChangeListener {
  changed(changes: Changes): void;
  /**
   * Changes may have passed unheard: before the subscription, or because Redis was away from this process, when it listens
   * (again); or from one that had something to tell, when that one can tell of it.
   */
  interrupted(): void;
}

/** A subscription. */
export interface ChangeWatch {
  close(): void;
}

/** Listens on a connection of its own, and takes up again by itself after an outage. */
export function watchChanges(connection: Redis, channel: string, listener: ChangeListener): ChangeWatch {
  return listen(connection, [channel], {
    listening: () => listener.interrupted(),
    message(_channel, message) {
      const changes = decodeChanges(message);
      if (changes === "lost") listener.interrupted();
      else if (changes !== undefined) listener.changed(changes);
    },
  });
}
