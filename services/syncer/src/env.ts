import { fileURLToPath } from "node:url";
import {
  commonEnvSchema,
  conflictsEnvSchema,
  keyEnvSchema,
  remoteEnvSchema,
  rulesEnvSchema,
  unlessEmpty,
} from "@inlet/runtime";
import { z } from "zod";

const milliseconds = z.coerce.number().int().min(10).max(3_600_000);

/** The checkout's own folder for the platform team's subscribers. */
const SUBSCRIBERS = fileURLToPath(new URL("../../../subscribers", import.meta.url));

/** What the syncer is told by its environment. */
export const syncerEnvSchema = commonEnvSchema
  .extend(keyEnvSchema.shape)
  .extend(remoteEnvSchema.shape)
  .extend(conflictsEnvSchema.shape)
  .extend(rulesEnvSchema.shape)
  .extend({
    DATABASE_URL: z.url(),
    REDIS_URL: z.url(),
    /** Where the platform team's own subscribers are: modules that are checked as the service starts. */
    SUBSCRIBERS_FOLDER: unlessEmpty(z.string()).transform((folder) => folder ?? SUBSCRIBERS),
    /** Connections to PostgreSQL at most: each subscription that is busy reads and writes over one now and then. */
    CONNECTIONS: z.coerce.number().int().min(4).max(100).default(16),
    /** Subscriptions that one process runs at most. */
    SUBSCRIPTIONS: z.coerce.number().int().min(1).max(10_000).default(500),
    /** How long a claim lasts without a heartbeat. After a crash the subscription goes on this much later. */
    LEASE_MS: z.coerce.number().int().min(500).max(600_000).default(15_000),
    /** Before the first retry of what failed; each further one waits longer. */
    RETRY_MS: z.coerce.number().int().min(1).max(60_000).default(5_000),
    /** A project's people get an e-mail when another system has taken nothing for so long. */
    TELL_FAILING_MS: z.coerce.number().int().min(10).max(604_800_000).default(3_600_000),
    /** How often it is looked for subscriptions that nobody runs, and for what people have asked for. */
    LOOK_MS: milliseconds.default(1_000),
    /** How often profiles are compared with the subscriptions that there are. */
    REGISTER_MS: milliseconds.default(2_000),
    /** Where other systems' webhooks come in; the only port of this service that strangers may reach. */
    INWARD_PORT: z.coerce.number().int().min(1).max(65_535),
    /** A longer request is refused. */
    INWARD_BODY_BYTES: z.coerce.number().int().min(1_024).max(64_000_000).default(1_048_576),
    /** Requests of one address in a minute; more are asked to come later. */
    INWARD_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(6_000),
    /** The proxies whose X-Forwarded-For is believed: addresses and CIDR ranges, with commas between. */
    TRUST_PROXY: z.string().default("loopback"),
  });
export type SyncerEnv = z.infer<typeof syncerEnvSchema>;
