import { join } from "node:path";
import { type Database, noteWorker, openDatabase } from "@inlet/database";
import { openPublisher } from "@inlet/pipeline";
import { keepPresence, type Service } from "@inlet/runtime";
import { AccountViews } from "./account-views.ts";
import { unreadableCidrs } from "./addresses.ts";
import type { Context, Limits } from "./context.ts";
import { Defender } from "./defender.ts";
import type { GatewayEnv } from "./env.ts";
import { openHostKeys } from "./host-keys.ts";
import { Listener } from "./listener.ts";
import { AccountQuotas } from "./quotas.ts";
import { startSweeping } from "./sweep.ts";

/** Opens the gateway and hands all its parts to the service, which closes them in reverse. */
export async function openGateway(service: Service, env: GatewayEnv): Promise<void> {
  const { logger, health } = service;
  let listener: Listener | undefined;
  // Before anything is awaited: a service without checks counts as ready.
  health.addCheck("sftp", async () => {
    if (listener === undefined) throw new Error("the SFTP port is not open yet");
    listener.assertListening();
  });
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:sftp-gateway",
      maxConnections: 16,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  const publisher = await service.use(openPublisher(env.REDIS_URL, logger));
  const shared = { database, publisher, logger, dataFolder: env.INLET_DATA, limits: limitsOf(env) };
  const context: Context = { ...shared, quotas: new AccountQuotas(shared) };
  for (const [variable, cidrs] of [
    ["SFTP_ALLOW", env.SFTP_ALLOW],
    ["SFTP_PROXY_FROM", env.SFTP_PROXY_FROM],
    ["SFTP_NEVER_BAN", env.SFTP_NEVER_BAN],
  ] as const) {
    const unreadable = unreadableCidrs(cidrs);
    if (unreadable.length > 0) logger.warn({ variable, unreadable }, "these CIDRs cannot be read and hold no address");
  }
  const hostKeys = await openHostKeys({ files: env.SFTP_HOST_KEY_FILES, folder: join(env.INLET_DATA, "host-keys") });
  const banMs = env.SFTP_BAN_SECONDS * 1000;
  const defender = new Defender({ database, logger, neverBan: env.SFTP_NEVER_BAN, banMs });
  const views = new AccountViews(context);
  listener = await service.use(
    Listener.open({
      context,
      defender,
      views,
      hostKeys: hostKeys.map(({ pem }) => pem),
      host: env.HOST,
      port: env.SFTP_PORT,
      allow: env.SFTP_ALLOW,
      proxyFrom: env.SFTP_PROXY_FROM,
    }),
  );
  await service.use(startSweeping(context, { defender, views }));
  health.addCheck("database", () => ping(database));
  // What is handed over with a login: how a client knows that it is the right server.
  const facts = { hostKeys: hostKeys.map(({ type, fingerprint }) => ({ type, fingerprint })) };
  const presence = { service: "sftp-gateway", logger, facts };
  await service.use(keepPresence((note) => noteWorker(database, note), presence));
  const fingerprints = hostKeys.map(({ fingerprint }) => fingerprint);
  logger.info({ host: env.HOST, port: listener.port, fingerprints }, "sftp-gateway is ready");
}

async function ping({ pool }: Database): Promise<void> {
  await pool.query("SELECT 1");
}

const limitsOf = (env: GatewayEnv): Limits => ({
  sessions: env.SFTP_MAX_SESSIONS,
  sessionsPerAccount: env.SFTP_MAX_SESSIONS_PER_ACCOUNT,
  unauthenticated: env.SFTP_MAX_UNAUTHENTICATED,
  unauthenticatedPerAddress: env.SFTP_MAX_UNAUTHENTICATED_PER_ADDRESS,
  handles: env.SFTP_MAX_HANDLES,
  uploadBytes: env.SFTP_MAX_UPLOAD_BYTES,
  accountBytes: env.SFTP_MAX_ACCOUNT_BYTES,
  minFreeBytes: env.SFTP_MIN_FREE_BYTES,
  idleMs: env.SFTP_IDLE_TIMEOUT_SECONDS * 1000,
  authMs: env.SFTP_AUTH_TIMEOUT_SECONDS * 1000,
  patienceMs: env.SFTP_PATIENCE_SECONDS * 1000,
  takeOverMs: env.SFTP_TAKE_OVER_SECONDS * 1000,
  partTtlMs: env.SFTP_PART_TTL_SECONDS * 1000,
});
