import { noteWorker, openDatabase } from "@inlet/database";
import { runPulls } from "@inlet/pipeline";
import { openRemoteNetwork } from "@inlet/remote-network";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { pullerEnvSchema } from "./env.ts";
import { openSystems } from "./open-system.ts";
import { doPulls } from "./worker.ts";

await main(async () => {
  const env = readEnv(pullerEnvSchema);
  const { logger, health, use } = await openService("puller", env);
  const database = await use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:puller",
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await use(keepPresence((note) => noteWorker(database, note), { service: "puller", logger }));
  const systems = await use(
    openSystems({
      database,
      keyEncryptionKey: env.INLET_KEY,
      network: openRemoteNetwork({ allowed: env.REMOTE_ALLOW, own: [env.DATABASE_URL, env.REDIS_URL] }),
      requestRetryMs: env.REQUEST_RETRY_MS,
      pageBytes: env.PULL_PAGE_BYTES,
    }),
  );
  const { REDIS_URL: redisUrl, CONCURRENCY: concurrency, LEASE_MS: leaseMs, RETRY_MS: retryMs } = env;
  const pull = doPulls({ systems, database, dataFolder: env.INLET_DATA, keepMs: env.KEEP_MS });
  await use(runPulls(pull, { database, redisUrl, logger, health, concurrency, leaseMs, retryMs }));
  logger.info("ready");
});
