import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { runStage } from "@inlet/pipeline";
import { keepPresence, main, openService } from "@inlet/runtime";
import { env as readEnv } from "./env.ts";
import { personaliseBatch } from "./worker.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("purl-generator", env);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:purl-generator",
      // Statements are few and short: two for the work, the rest for claims and heartbeats.
      maxConnections: 6,
      onIdleError: (err) => service.logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(
    keepPresence((note) => noteWorker(database, note), { service: "purl-generator", logger: service.logger }),
  );
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const stage = personaliseBatch({ blobs, database, keyEncryptionKey: env.INLET_KEY, landingUrl: env.LANDING_URL });
  await service.use(
    runStage("personalise", stage, {
      database,
      redisUrl: env.REDIS_URL,
      logger: service.logger,
      health: service.health,
      concurrency: env.CONCURRENCY,
      leaseMs: env.LEASE_MS,
      retryMs: env.RETRY_MS,
    }),
  );
  service.logger.info("purl-generator is ready");
});
