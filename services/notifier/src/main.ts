import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { runOutbox } from "@inlet/pipeline";
import { openRemoteNetwork } from "@inlet/remote-network";
import { keepPresence, main, openService } from "@inlet/runtime";
import { env as readEnv } from "./env.ts";
import { openMailer } from "./mailer.ts";
import { openWebhookSender } from "./webhooks/webhook-sender.ts";
import { sendMessage } from "./worker.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("notifier", env);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:notifier",
      // Claims, heartbeats and commits are short: a few connections serve many mails and webhooks under way.
      maxConnections: 6,
      onIdleError: (err) => service.logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(
    keepPresence((note) => noteWorker(database, note), { service: "notifier", logger: service.logger }),
  );
  const mailer = await service.use(openMailer(env.SMTP_URL, env.SMTP_CONNECTIONS));
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  await service.use(
    runOutbox(sendMessage({ mailer, blobs, from: env.MAIL_FROM, consoleUrl: env.CONSOLE_URL }), {
      database,
      redisUrl: env.REDIS_URL,
      logger: service.logger,
      health: service.health,
      concurrency: env.CONCURRENCY,
      leaseMs: env.LEASE_MS,
      retryMs: env.RETRY_MS,
    }),
  );
  await service.use(
    openWebhookSender({
      database,
      redisUrl: env.REDIS_URL,
      logger: service.logger,
      health: service.health,
      network: openRemoteNetwork({ allowed: env.REMOTE_ALLOW, own: [env.DATABASE_URL, env.REDIS_URL] }),
      key: env.INLET_KEY,
      concurrency: env.WEBHOOK_CONNECTIONS,
      perHost: env.WEBHOOK_CONNECTIONS_PER_HOST,
      leaseMs: env.LEASE_MS,
    }),
  );
  service.logger.info("notifier is ready");
});
