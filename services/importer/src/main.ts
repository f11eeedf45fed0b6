import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { openPublisher, runStage } from "@inlet/pipeline";
import { keepPresence, main, openService } from "@inlet/runtime";
import { loadConflicts } from "@inlet/sync/catalogs";
import { env as readEnv } from "./env.ts";
import { importBatch } from "./worker.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("importer", env);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:importer",
      // One connection an import, and some for claims and heartbeats, which must never wait behind a COPY.
      maxConnections: env.CONCURRENCY + 4,
      onIdleError: (err) => service.logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(
    keepPresence((note) => noteWorker(database, note), { service: "importer", logger: service.logger }),
  );
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const conflicts = await loadConflicts(env.INLET_CONFLICTS_MODULE);
  const { catalogsWritten } = await service.use(openPublisher(env.REDIS_URL, service.logger));
  const work = importBatch({ blobs, conflicts, catalogsWritten, timeoutMs: env.IMPORT_TIMEOUT_MS });
  await service.use(
    runStage("import", work, {
      database,
      redisUrl: env.REDIS_URL,
      logger: service.logger,
      health: service.health,
      concurrency: env.CONCURRENCY,
      leaseMs: env.LEASE_MS,
      retryMs: env.RETRY_MS,
    }),
  );
  service.logger.info("importer is ready");
});
