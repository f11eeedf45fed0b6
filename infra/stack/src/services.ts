import { existsSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../../bootstrap/pinned.js";

/** What the services are told; each takes its part. */
export type HubFacts = {
  /** The address to listen on. */
  host: string;
  databaseUrl: string;
  /** For the services that have a role of their own in PostgreSQL. */
  ownDatabaseUrls?: Partial<Record<string, string>>;
  redisUrl: string;
  dataFolder: string;
  key: string;
  smtpUrl: string;
  mailFrom: string;
  landingUrl: string;
  /** Where other systems send their webhooks to; empty: nobody knows yet. */
  inwardUrl: string;
  /** Where people open the console: for links in what is sent. */
  consoleUrl: string;
  /** Where the SFTP gateway listens. */
  sftp: { port: number };
  adminKeyFile: string;
};

/** A port that a service opens to the outside: the variable that names it, and what it would like. */
type PublicPort = { variable: string; preferred: number };

/** `key`: it opens what is stored sealed, and is given `INLET_KEY`. */
type Definition = { key?: true; port?: PublicPort; env?: (facts: HubFacts) => Record<string, string> };

/** Internal addresses at which clients' own servers may be. */
const remoteEnv = () => ({ REMOTE_ALLOW: process.env.REMOTE_ALLOW ?? "" });

/** Variables that are handed on as the person has set them; the services know what stands in for those that are not. */
const asSet = (...names: string[]) => Object.fromEntries(names.map((name) => [name, process.env[name] ?? ""]));

/** What of the mail that comes is ours. Compose's `mail-gateway` is told the same. */
const mailEnv = ({ mailFrom }: HubFacts) => ({
  MAIL_FROM: mailFrom,
  MAIL_DOMAINS: process.env.MAIL_DOMAINS ?? "localhost",
  MAIL_SHARED_ADDRESSES: process.env.MAIL_SHARED_ADDRESSES ?? "files",
  MAIL_HOSTNAME: process.env.MAIL_HOSTNAME ?? "",
  MAIL_DNS: process.env.MAIL_DNS ?? "",
  MAIL_TLS_CERT_FILE: process.env.MAIL_TLS_CERT_FILE ?? "",
  MAIL_TLS_KEY_FILE: process.env.MAIL_TLS_KEY_FILE ?? "",
  MAIL_REQUIRE_TLS: process.env.MAIL_REQUIRE_TLS ?? "true",
  MAIL_MAX_BYTES: process.env.MAIL_MAX_BYTES ?? "50000000",
});

/** Where people reach the console. Left out, the API goes by each request: on this machine there are several names for it. */
const consoleEnv = () => ({ CONSOLE_URL: process.env.CONSOLE_URL ?? "" });

/** How people sign in elsewhere: `docs/signing-in.md`. */
const oidcEnv = () => ({
  OIDC_ISSUER: process.env.OIDC_ISSUER ?? "",
  OIDC_CLIENT_ID: process.env.OIDC_CLIENT_ID ?? "",
  OIDC_CLIENT_SECRET: process.env.OIDC_CLIENT_SECRET ?? "",
  OIDC_NAME: process.env.OIDC_NAME ?? "",
  OIDC_SCOPES: process.env.OIDC_SCOPES ?? "",
  OIDC_TRUST_EMAIL: process.env.OIDC_TRUST_EMAIL ?? "",
  OIDC_ROLE_CLAIM: process.env.OIDC_ROLE_CLAIM ?? "",
  OIDC_ROLE_MAP: process.env.OIDC_ROLE_MAP ?? "",
});

/** The platform team's own rules, by a path from where the stack was started. */
const rulesEnv = () => {
  const { INLET_RULES_MODULE: module } = process.env;
  return { INLET_RULES_MODULE: module ? path.resolve(module) : "" };
};

/** The platform team's own conflict functions, likewise. */
const conflictsEnv = () => {
  const { INLET_CONFLICTS_MODULE: module } = process.env;
  return { INLET_CONFLICTS_MODULE: module ? path.resolve(module) : "" };
};

/** Where the platform team's own subscribers are, by a path from where the stack was started. */
const subscribersEnv = () => {
  const { SUBSCRIBERS_FOLDER: folder } = process.env;
  return { SUBSCRIBERS_FOLDER: folder ? path.resolve(folder) : "" };
};

/**
 * Every service of the hub, in the order in which people read about them. All get `DATABASE_URL`, `REDIS_URL`,
 * `INLET_DATA`, `LOG_LEVEL`, `HOST` and `HEALTH_PORT`; here is what is special to one.
 */
export const SERVICES = {
  "sftp-gateway": { port: { variable: "SFTP_PORT", preferred: 2222 } },
  "mail-gateway": { port: { variable: "SMTP_IN_PORT", preferred: 2525 }, env: mailEnv },
  watcher: { key: true, env: () => ({ ...remoteEnv(), ...conflictsEnv(), ...asSet("AUDIT_KEEP_DAYS") }) },
  puller: { key: true, env: remoteEnv },
  validator: { key: true, env: rulesEnv },
  "purl-generator": { key: true, env: ({ landingUrl }) => ({ LANDING_URL: landingUrl }) },
  importer: { env: conflictsEnv },
  courier: { key: true, env: remoteEnv },
  notifier: {
    key: true,
    env: ({ smtpUrl, mailFrom, consoleUrl }) => ({
      SMTP_URL: smtpUrl,
      MAIL_FROM: mailFrom,
      ...remoteEnv(),
      CONSOLE_URL: consoleUrl,
    }),
  },
  syncer: {
    key: true,
    port: { variable: "INWARD_PORT", preferred: 8082 },
    env: () => ({ ...remoteEnv(), ...rulesEnv(), ...conflictsEnv(), ...subscribersEnv() }),
  },
  landing: {
    key: true,
    port: { variable: "LANDING_PORT", preferred: 8081 },
    env: ({ landingUrl }) => ({ LANDING_URL: landingUrl, ...asSet("LANDING_HOSTS", "TRUST_PROXY") }),
  },
  renderer: { env: () => asSet("RENDERER_CORES", "RENDERER_CACHE_GB") },
  api: {
    key: true,
    port: { variable: "API_PORT", preferred: 8080 },
    env: ({ adminKeyFile, landingUrl, inwardUrl, sftp }) => ({
      API_ADMIN_KEY_FILE: adminKeyFile,
      ...asSet("API_QUEUES_WRITABLE", "AUDIT_KEEP_DAYS", "PUBLIC_SFTP_HOST"),
      // As a client reaches it, which is where it listens unless somebody says otherwise.
      PUBLIC_SFTP_PORT: process.env.PUBLIC_SFTP_PORT || (sftp.port === 0 ? "" : `${sftp.port}`),
      LANDING_URL: landingUrl,
      INWARD_URL: inwardUrl,
      ...rulesEnv(),
      ...conflictsEnv(),
      ...consoleEnv(),
      API_TRUSTED_PROXIES: process.env.API_TRUSTED_PROXIES ?? "",
      ...oidcEnv(),
    }),
  },
} satisfies Record<string, Definition>;

/** The name of a service, which is its folder below services/. */
export type ServiceName = keyof typeof SERVICES;

/** The names in their order. */
export const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];

/** Health and metrics of the n-th process of a lasting stack answer from here on. */
export const FIRST_HEALTH_PORT = 9100;

/** What is special to a service. */
export const definitionOf = (service: ServiceName): Definition => SERVICES[service];

/** The file that Node starts. */
export const mainOf = (service: ServiceName): string => path.join(ROOT, "services", service, "src/main.ts");

/** @throws {Error} naming the services that have no program */
export function checkServices(services: readonly ServiceName[]): void {
  const missing = services.filter((service) => !existsSync(mainOf(service)));
  if (missing.length > 0) throw new Error(`there is no program for ${missing.join(", ")} below services/`);
}

/** The variables of one process of a service. */
export function serviceEnv(service: ServiceName, facts: HubFacts): Record<string, string> {
  const { key, env } = definitionOf(service);
  return {
    DATABASE_URL: facts.ownDatabaseUrls?.[service] ?? facts.databaseUrl,
    REDIS_URL: facts.redisUrl,
    INLET_DATA: facts.dataFolder,
    LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
    HOST: facts.host,
    ...(key && { INLET_KEY: facts.key }),
    ...env?.(facts),
  };
}
