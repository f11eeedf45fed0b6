import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { runStage } from "@inlet/pipeline";
import { openRemoteNetwork } from "@inlet/remote-network";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { courierEnvSchema } from "./env.ts";
import { openRemoteDelivery } from "./remote-folder.ts";
import { deliverBatch } from "./worker.ts";

await main(async () => {
  const env = readEnv(courierEnvSchema);
  const { logger, health, use } = await openService("courier", env);
  const database = await use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:courier",
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await use(keepPresence((note) => noteWorker(database, note), { service: "courier", logger }));
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const deliverRemotely = openRemoteDelivery({
    blobs,
    database,
    keyEncryptionKey: env.INLET_KEY,
    network: openRemoteNetwork({ allowed: env.REMOTE_ALLOW, own: [env.DATABASE_URL, env.REDIS_URL] }),
    sessionsPerServer: env.REMOTE_SESSIONS,
  });
  const { REDIS_URL: redisUrl, CONCURRENCY: concurrency, LEASE_MS: leaseMs, INLET_DATA: dataFolder } = env;
  await use(
    runStage("deliver", deliverBatch({ blobs, database, dataFolder, deliverRemotely, leaseMs }), {
      database,
      redisUrl,
      logger,
      health,
      concurrency,
      leaseMs,
      retryMs: env.RETRY_MS,
    }),
  );
  logger.info("ready");
});
