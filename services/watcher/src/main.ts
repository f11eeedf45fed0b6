import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { DEFAULT_MAIL_LIMITS } from "@inlet/mail-intake";
import {
  lookAtPulls,
  lookAtSchedules,
  openPublisher,
  runArrivals,
  startReconciler,
  warnOfExpiringKeys,
} from "@inlet/pipeline";
import { openRemoteNetwork } from "@inlet/remote-network";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { watcherEnvSchema } from "./env.ts";
import { every } from "./every.ts";
import { startForgetting } from "./forgetting/forget-worker.ts";
import { startHousekeeping } from "./housekeeping.ts";
import { openLiveProjects } from "./live-projects.ts";
import { openClaims } from "./local/claims.ts";
import { openIntake } from "./local/intake.ts";
import { watchMailboxes } from "./mailbox/mailboxes.ts";
import { watchSources } from "./remote/sources.ts";
import { startRetention } from "./retention.ts";
import { startSweeping } from "./sweep.ts";

/** Arrivals younger than this are left to their jobs. */
const LOST_JOB_MS = 1_000;
const INTAKE_LANES = 4;
/** A job held is an id in a list: many are taken by one transaction. */
const JOBS_PER_PLACE = 8;

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
  await use(keepPresence((note) => noteWorker(database, note), { service: "watcher", logger }));
  const publisher = await use(openPublisher(env.REDIS_URL, logger));
  health.addCheck("redis", () => publisher.ping());
  health.addCheck("database", async () => void (await database.pool.query("SELECT 1")));

  const claims = await openClaims(env.INLET_DATA);
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const shared = { database, publisher, logger };
  const intake = await use(
    openIntake({
      ...shared,
      blobs,
      claims,
      projectAt: openLiveProjects(),
      lanes: INTAKE_LANES,
      stuckAfterMs: env.STUCK_MS,
    }),
  );
  await use(startReconciler({ ...shared, everyMs: env.RECONCILE_MS, staleMs: env.RECONCILE_STALE_MS }));
  await use(every(env.SCHEDULE_MS, "looking at schedules", () => lookAtSchedules(shared), logger));
  await use(every(env.SCHEDULE_MS, "looking for pulls that are due", () => lookAtPulls(shared), logger));
  const warn = async () => publisher.messages(await warnOfExpiringKeys(database));
  await use(every(env.KEY_EXPIRY_MS, "looking for keys that expire", warn, logger));
  const dataFolder = env.INLET_DATA;
  await use(startSweeping({ database, logger, blobs, claims, dataFolder, everyMs: env.SWEEP_MS }));
  await use(startHousekeeping({ database, logger, auditKeepDays: env.AUDIT_KEEP_DAYS, everyMs: env.SWEEP_MS }));
  const forgetting = { everyMs: env.FORGET_MS, leaseMs: env.LEASE_MS, conflictsModule: env.INLET_CONFLICTS_MODULE };
  await use(startForgetting({ ...shared, ...forgetting, blobs, dataFolder }));
  await use(startRetention({ ...shared, blobs, everyMs: env.RETENTION_MS }));
  await use(every(env.WATCH_MS, "looking for arrivals", () => intake.look(LOST_JOB_MS), logger));
  const remote = {
    ...shared,
    dataFolder,
    keyEncryptionKey: env.INLET_KEY,
    network: openRemoteNetwork({ allowed: env.REMOTE_ALLOW, own: [env.DATABASE_URL, env.REDIS_URL] }),
  };
  await use(
    watchSources({
      ...remote,
      maxBytes: env.REMOTE_MAX_BYTES,
      everyMs: env.REMOTE_MS,
      concurrency: env.REMOTE_CONCURRENCY,
    }),
  );
  await use(
    watchMailboxes({
      ...remote,
      limits: { ...DEFAULT_MAIL_LIMITS, dataFolder, maxBytes: env.MAIL_MAX_BYTES },
      everyMs: env.MAILBOX_MS,
      concurrency: env.MAILBOX_CONCURRENCY,
      turnMs: env.MAILBOX_TURN_MS,
    }),
  );
  const jobs = { redisUrl: env.REDIS_URL, logger, concurrency: env.CONCURRENCY * JOBS_PER_PLACE };
  await use(runArrivals((arrivalId) => intake.take(arrivalId), jobs));
  logger.info("ready");
});
