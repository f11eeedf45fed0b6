import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { openDatabase } from "@inlet/database";
import { openPublisher, runArrivals, startReconciler } from "@inlet/pipeline";
import { main, openService, readEnv } from "@inlet/runtime";
import { watcherEnvSchema } from "./env.ts";
import { every } from "./every.ts";
import { openLiveProjects } from "./live-projects.ts";
import { openClaims } from "./local/claims.ts";
import { openIntake } from "./local/intake.ts";
import { sweepClaims } from "./sweep.ts";

/** Arrivals younger than this are left to their jobs. */
const LOST_JOB_MS = 1_000;
const INTAKE_LANES = 4;

await main(async () => {
  const env = readEnv(watcherEnvSchema);
  const { logger, health, use } = await openService("watcher", env);
  const database = await use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:watcher",
      maxConnections: 16,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  const publisher = await use(openPublisher(env.REDIS_URL, logger));
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => void (await database.pool.query("SELECT 1")));

  const claims = await openClaims(env.INLET_DATA);
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const projectAt = openLiveProjects();
  const intake = await use(openIntake({ database, publisher, blobs, claims, projectAt, logger, lanes: INTAKE_LANES }));
  await use(startReconciler({ database, publisher, logger, everyMs: env.RECONCILE_MS }));
  await use(
    every(env.SWEEP_MS, "sweeping claims", async () => void (await sweepClaims(database, claims, logger)), logger),
  );
  await use(every(env.WATCH_MS, "looking for arrivals", () => intake.look(LOST_JOB_MS), logger));
  await use(
    runArrivals((arrivalId) => intake.take(arrivalId), {
      redisUrl: env.REDIS_URL,
      logger,
      concurrency: env.CONCURRENCY * 8,
    }),
  );
  logger.info("ready");
});
