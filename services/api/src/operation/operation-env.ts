import { unlessEmpty } from "@inlet/runtime";
import { z } from "zod";

/** What the API tells of the hub, and what it lets operators do. */
export const operationEnvSchema = z.object({
  /** The name under which clients reach the SFTP gateway. Left out: the console's own. */
  PUBLIC_SFTP_HOST: unlessEmpty(z.string().min(1).max(255)),
  /** The port under which they reach it. */
  PUBLIC_SFTP_PORT: unlessEmpty(z.coerce.number().int().min(1).max(65_535)),
  /** Where the landing pages are, as the services that make links are told. */
  LANDING_URL: unlessEmpty(z.url({ protocol: /^https?$/ })),
  /** Where other systems reach the syncer's listener: what people are shown where webhooks come in. */
  INWARD_URL: unlessEmpty(z.url({ protocol: /^https?$/ })),
  /** For how many days the audit is kept, as the watcher is told: it deletes what is older. */
  AUDIT_KEEP_DAYS: unlessEmpty(z.coerce.number().int().min(0).max(36_500)),
  /** Whether admins may also change the queues at /operations/queues. What they do there PostgreSQL does not know of. */
  API_QUEUES_WRITABLE: unlessEmpty(z.enum(["true", "false"]).transform((text) => text === "true")),
  /** The folder with the built console. Left out: packages/console/dist. */
  CONSOLE_DIST: unlessEmpty(z.string().min(1)),
});

/** What of it the API is given; a variable may be left out. */
export type OperationEnv = Partial<z.output<typeof operationEnvSchema>>;
