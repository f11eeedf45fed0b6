import { hostname } from "node:os";
import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";
import { loadHooks, openReferences } from "@inlet/structural-check";
import { type ConflictFunctions, runInward, type SubscriptionHost } from "@inlet/sync";
import type { Registry } from "prom-client";
import type { SyncerEnv } from "./env.ts";
import { openInwardFigures } from "./inward-figures.ts";
import { serveInward } from "./listener/serve-inward.ts";

interface InwardHost extends SubscriptionHost {
  publisher: Publisher;
  conflicts: ConflictFunctions;
  logger: Logger;
}

/** Takes what comes inward: other systems' webhooks on the public listener, polls, and comparisons of both sides. */
export async function openInward(
  host: InwardHost,
  env: SyncerEnv,
  metrics: Registry,
): Promise<{ close(): Promise<void> }> {
  const { database, publisher, conflicts, logger, key } = host;
  const hooks = await loadHooks(env.INLET_RULES_MODULE);
  const figures = openInwardFigures(metrics);
  const inward = runInward({
    ...host,
    ...{ logger, figures, worker: `${hostname()}:${process.pid}` },
    rules: {
      conflicts,
      hooks,
      references: (project) => openReferences(database, { ...project, rehearsal: false }),
    },
    written: (catalogId) => publisher.catalogsWritten([catalogId]),
    ...{ leaseMs: env.LEASE_MS, retryMs: env.RETRY_MS, lookMs: env.LOOK_MS },
  });
  try {
    const listener = await serveInward({
      ...{ database, key, logger, figures, subscriptions: inward.subscriptions, stored: () => inward.wake() },
      ...{ host: env.HOST, port: env.INWARD_PORT, trustProxy: env.TRUST_PROXY },
      ...{ bodyBytes: env.INWARD_BODY_BYTES, requestsPerMinute: env.INWARD_REQUESTS_PER_MINUTE },
    });
    logger.info({ port: listener.port }, "takes webhooks in");
    return {
      async close() {
        await listener.close();
        await inward.close();
      },
    };
  } catch (error) {
    await inward.close();
    throw error;
  }
}
