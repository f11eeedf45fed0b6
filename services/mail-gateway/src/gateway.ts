import { Resolver } from "node:dns/promises";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Misconfigured } from "@inlet/contracts";
import { noteWorker, openDatabase } from "@inlet/database";
import { MAIL_FOLDER } from "@inlet/mail-intake";
import { openPublisher } from "@inlet/pipeline";
import { keepPresence, type Service } from "@inlet/runtime";
import { type Certificate, openOwnCertificate, readCertificate, watchCertificate } from "./certificate.ts";
import type { MailGatewayEnv } from "./env.ts";
import { type Listener, openListener } from "./listener.ts";
import { type Metrics, openMetrics } from "./metrics.ts";
import { openRoom } from "./room.ts";

const CERTIFICATE_LOOK_MS = 60_000;
/** Of one question to DNS. */
const DNS_TIMEOUT_MS = 3_000;
const DNS_TRIES = 3;

/** Opens the mail gateway and hands all its parts to the service, which closes them in reverse. */
export async function openGateway(service: Service, env: MailGatewayEnv): Promise<void> {
  const { logger, health } = service;
  let listener: Listener | undefined;
  health.addCheck("smtp", async () => {
    if (listener === undefined) throw new Error("the SMTP port is not open yet");
    listener.assertListening();
  });
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:mail-gateway",
      maxConnections: 8,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  health.addCheck("database", async () => void (await database.pool.query("SELECT 1")));
  // What is handed over with a login: where files may be sent to.
  const facts = { domains: env.MAIL_DOMAINS, sharedAddresses: env.MAIL_SHARED_ADDRESSES };
  const presence = { service: "mail-gateway", logger, facts };
  await service.use(keepPresence((note) => noteWorker(database, note), presence));
  const publisher = await service.use(openPublisher(env.REDIS_URL, logger));
  const dataFolder = env.INLET_DATA;
  await mkdir(join(dataFolder, MAIL_FOLDER), { recursive: true });

  const hostname = env.MAIL_HOSTNAME ?? env.MAIL_DOMAINS[0]!;
  const metrics: Metrics = openMetrics(health.metrics, () => listener?.connections ?? 0);
  const files = certificateFiles(env);
  const certificate: Certificate = files
    ? await readCertificate(files)
    : await openOwnCertificate(join(dataFolder, "mail-tls"), hostname);
  const ownDomain = ownDomainOf(env.MAIL_FROM);
  const limits = {
    dataFolder,
    maxBytes: env.MAIL_MAX_BYTES,
    maxHeaderBytes: env.MAIL_MAX_HEADER_BYTES,
    maxAttachments: env.MAIL_MAX_ATTACHMENTS,
  };
  const assertRoom = openRoom(dataFolder, { minFreeBytes: env.MAIL_MIN_FREE_BYTES, logger });
  const resolver = openResolver(env);
  const opened = await service.use(
    openListener({
      env,
      hostname,
      certificate,
      database,
      receive: { database, publisher, dataFolder, logger, ownDomain, limits, resolver, hostname, assertRoom },
      logger,
      metrics,
    }),
  );
  listener = opened;
  if (files) {
    const onChange = (renewed: Certificate) => opened.useCertificate(renewed);
    await service.use(watchCertificate(files, { everyMs: CERTIFICATE_LOOK_MS, logger, onChange }));
  }
  const domains = env.MAIL_DOMAINS;
  logger.info(
    { host: env.HOST, port: opened.port, hostname, domains, ownCertificate: !files },
    "mail-gateway is ready",
  );
}

function certificateFiles({ MAIL_TLS_CERT_FILE: certFile, MAIL_TLS_KEY_FILE: keyFile }: MailGatewayEnv) {
  return certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
}

function openResolver({ MAIL_DNS: servers }: MailGatewayEnv): Resolver {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  try {
    if (servers.length > 0) resolver.setServers(servers);
  } catch (cause) {
    throw new Misconfigured({
      code: "environment_invalid",
      message: `MAIL_DNS: ${servers.join(", ")} cannot be used.`,
      cause,
    });
  }
  return resolver;
}

/** Of `Inlet <inlet@example.com>`. */
const ownDomainOf = (from: string | undefined) => /@([^@\s<>]+)>?\s*$/.exec(from ?? "")?.[1];
