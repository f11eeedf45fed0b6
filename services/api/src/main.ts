import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { openPublisher } from "@inlet/pipeline";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { loadHooks } from "@inlet/structural-check";
import { loadConflicts } from "@inlet/sync/catalogs";
import { buildApp } from "./app.ts";
import { openDraftChecks } from "./drafts/draft-checks.ts";
import { blobFolder, checkedApiEnvSchema } from "./env.ts";
import { ensureFirstKey } from "./identity/first-key.ts";
import { registerMetrics } from "./operation/metrics.ts";
import { readinessChecks } from "./operation/readiness.ts";
import { keepSwept } from "./sweeps.ts";

await main(async () => {
  const env = readEnv(checkedApiEnvSchema);
  const service = await openService("api", env);
  const { logger } = service;
  const onIdleError = (err: Error) => logger.warn({ err }, "database connection lost");
  const database = await service.use(openDatabase(env.DATABASE_URL, { applicationName: "inlet:api", onIdleError }));
  await service.use(keepPresence((note) => noteWorker(database, note), { service: "api", logger }));
  const publisher = await service.use(openPublisher(env.REDIS_URL, logger));
  const checks = readinessChecks({ database, publisher, dataFolder: env.INLET_DATA });
  for (const [name, check] of checks) service.health.addCheck(name, check);
  registerMetrics(service.health.metrics, { database, publisher });

  await ensureFirstKey({ database, logger, keyFile: env.API_ADMIN_KEY_FILE });
  // The threads that check, and catalogs, load them for themselves; one that cannot be loaded stops the start.
  await loadHooks(env.INLET_RULES_MODULE);
  await loadConflicts(env.INLET_CONFLICTS_MODULE);
  const drafts = await service.use(openDraftChecks({ database, logger, env }));
  const blobs = openBlobs(blobFolder(env.INLET_DATA));
  await service.use(keepSwept({ database, blobs, dataFolder: env.INLET_DATA, logger }));
  const app = await buildApp({
    env,
    database,
    publisher,
    drafts,
    blobs,
    logger,
    checks,
    metrics: service.health.metrics,
  });
  await service.use(app);
  await app.listen({ host: env.HOST, port: env.API_PORT });
  logger.info({ host: env.HOST, port: env.API_PORT }, "ready");
});
