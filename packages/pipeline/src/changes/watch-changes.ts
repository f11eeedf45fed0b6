import type { Redis } from "ioredis";
import { type Changes, decodeChanges } from "./changes.ts";

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

/** How often Redis is asked whether it is there, and how long it has to answer: a host that vanished says nothing. */
const ASKED_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

/** Listens on a connection of its own, and takes up again by itself after an outage. */
export function watchChanges(connection: Redis, channel: string, listener: ChangeListener): ChangeWatch {
  connection.on("error", () => {});
  connection.on("ready", () => {
    connection.subscribe(channel).then(
      () => listener.interrupted(),
      () => connection.disconnect(true),
    );
  });
  connection.on("message", (_channel, message) => {
    const changes = decodeChanges(message);
    if (changes === "lost") listener.interrupted();
    else if (changes !== undefined) listener.changed(changes);
  });
  const asking = setInterval(() => {
    if (connection.status !== "ready") return;
    const late = setTimeout(() => connection.disconnect(true), ANSWER_WITHIN_MS).unref();
    connection.ping().then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
  }, ASKED_EVERY_MS).unref();
  return {
    close() {
      clearInterval(asking);
      connection.disconnect();
    },
  };
}
