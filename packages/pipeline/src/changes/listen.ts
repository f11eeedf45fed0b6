import type { Redis } from "ioredis";

/** Who listens to channels. */
export interface ChannelListener {
  message(channel: string, message: string): void;
  /** What was said before, or while Redis was away from this process, passed unheard. */
  listening(): void;
}

/** How often Redis is asked whether it is there, and how long it has to answer: a host that vanished says nothing. */
const ASKED_EVERY_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;

/** Listens on a connection of its own, and takes up again by itself after an outage. */
export function listen(connection: Redis, channels: readonly string[], listener: ChannelListener): { close(): void } {
  connection.on("error", () => {});
  connection.on("ready", () => {
    connection.subscribe(...channels).then(
      () => listener.listening(),
      () => connection.disconnect(true),
    );
  });
  connection.on("message", (channel: string, message: string) => listener.message(channel, message));
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
