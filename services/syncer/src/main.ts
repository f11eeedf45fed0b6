import { noteWorker, openDatabase, subscriptionFigures } from "@inlet/database";
import { openPublisher } from "@inlet/pipeline";
import { openRemoteHttp } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { keepHistories, keepRegistered, loadConflicts, loadSubscribers, openSequencer, runOutward } from "@inlet/sync";
import { syncerEnvSchema } from "./env.ts";
import { openFigures } from "./figures.ts";
import { openInward } from "./inward.ts";

await main(async () => {
  const env = readEnv(syncerEnvSchema);
  const registry = await loadSubscribers(env.SUBSCRIBERS_FOLDER);
  const conflicts = await loadConflicts(env.INLET_CONFLICTS_MODULE);
  const { logger, health, use } = await openService("syncer", env);
  const database = await use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:syncer",
      maxConnections: env.CONNECTIONS,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await use(keepPresence((note) => noteWorker(database, note), { service: "syncer", logger }));
  const publisher = await use(openPublisher(env.REDIS_URL, logger));
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => void (await database.pool.query("SELECT 1")));

  const network = openRemoteNetwork({ allowed: env.REMOTE_ALLOW, own: [env.DATABASE_URL, env.REDIS_URL] });
  const http = await use(openRemoteHttp({ network }));
  const host = { database, publisher, logger, key: env.INLET_KEY, registry, conflicts, http, network };

  const numbered = publisher.catalogsNumbered;
  const sequencer = await use(openSequencer({ database, numbered, logger, pollMs: env.LOOK_MS }));
  const wake = () => sequencer.wake();
  await use(publisher.watchCatalogs({ written: wake, interrupted: wake }));
  await use(keepHistories({ database, logger }));
  await use(keepRegistered({ ...host, everyMs: env.REGISTER_MS }));
  const figures = openFigures(health.metrics, () => subscriptionFigures(database));
  const { LEASE_MS: leaseMs, RETRY_MS: retryMs, LOOK_MS: lookMs, TELL_FAILING_MS: tellAfterMs } = env;
  const pace = { most: env.SUBSCRIPTIONS, leaseMs, retryMs, lookMs, tellAfterMs };
  await use(runOutward({ ...host, ...pace, figures, service: "syncer" }));
  await use(openInward(host, env, health.metrics));
  logger.info({ subscribers: [...registry.keys()] }, "ready");
});
