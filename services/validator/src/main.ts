import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { runStage } from "@inlet/pipeline";
import { keepPresence, main, openService } from "@inlet/runtime";
import { loadHooks, openReferences } from "@inlet/structural-check";
import { env as readEnv } from "./env.ts";
import { validateBatch } from "./worker.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("validator", env);
  const hooks = await loadHooks(env.INLET_RULES_MODULE);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:validator",
      onIdleError: (err) => service.logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(
    keepPresence((note) => noteWorker(database, note), { service: "validator", logger: service.logger }),
  );
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  await service.use(
    runStage(
      "validate",
      validateBatch({
        blobs,
        database,
        keyEncryptionKey: env.INLET_KEY,
        hooks,
        references: (project) => openReferences(database, project),
      }),
      {
        database,
        redisUrl: env.REDIS_URL,
        logger: service.logger,
        health: service.health,
        concurrency: env.CONCURRENCY,
        leaseMs: env.LEASE_MS,
        retryMs: env.RETRY_MS,
      },
    ),
  );
  service.logger.info("validator is ready");
});
