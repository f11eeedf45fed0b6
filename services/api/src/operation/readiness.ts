import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { Database } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { ReadinessCheck } from "@inlet/runtime";

/**
 * What must answer before requests are let in. Redis is asked until it has answered once: what is published while it is
 * away is published again by the reconciler, so a Redis that stops takes no API out of service.
 */
export function readinessChecks(parts: {
  database: Database;
  publisher: Publisher;
  dataFolder: string;
}): ReadonlyMap<string, ReadinessCheck> {
  let redisAnswered = false;
  return new Map<string, ReadinessCheck>([
    ["database", async () => void (await parts.database.pool.query("SELECT 1"))],
    [
      "redis",
      async () => {
        if (redisAnswered) return;
        await parts.publisher.ping();
        redisAnswered = true;
      },
    ],
    ["data folder", () => access(parts.dataFolder, constants.W_OK)],
  ]);
}
