import { Misconfigured } from "@inlet/contracts";
import { z } from "zod";

/** An environment that sets a variable to nothing leaves it out. */
export const unlessEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), schema.optional());

/** Variables that every service reads. */
export const commonEnvSchema = z.object({
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
  HOST: z.string().default("127.0.0.1"),
  /** Where /healthz, /readyz and /metrics answer. */
  HEALTH_PORT: z.coerce.number().int().min(1).max(65_535),
});

/** For services that work on batches: their lines are kept in files under the data folder, for the log of each batch. */
export const logFilesEnvSchema = z.object({
  /** How long log files are kept. 0: none are written. */
  LOG_KEEP_DAYS: z.coerce.number().int().min(0).max(3_650).default(14),
  /** How much of all services' log files together is kept, the newest. */
  LOG_KEEP_BYTES: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .default(2 * 1024 ** 3),
});

const concurrencySchema = z.coerce.number().int().min(1).max(256);

/** For services that work on steps and messages. */
export const pipelineEnvSchema = commonEnvSchema.extend({
  ...logFilesEnvSchema.shape,
  DATABASE_URL: z.url(),
  REDIS_URL: z.url(),
  /** Jobs worked on at once by one process. */
  CONCURRENCY: concurrencySchema.default(8),
  /** How long a claim lasts without a heartbeat. After a crash the work goes on this much later. */
  LEASE_MS: z.coerce.number().int().min(500).max(600_000).default(20_000),
  /** Before the first retry of what failed; each further one waits twice as long, up to five minutes. */
  RETRY_MS: z.coerce.number().int().min(1).max(60_000).default(500),
});

/** For stages whose small files share statements and commits: the more are under way, the less each costs. */
export const crowdEnvSchema = z.object({ CONCURRENCY: concurrencySchema.default(32) });

/** The data folder (intake and blobs), shared by all services that touch files. */
export const dataEnvSchema = z.object({ INLET_DATA: z.string().min(1) });

/** The key-encryption key: 32 bytes in base64. Everything that is stored sealed hangs on it. */
export const keyEnvSchema = z.object({
  INLET_KEY: z
    .string()
    .transform((text) => Buffer.from(text, "base64"))
    .refine((key) => key.length === 32, "32 bytes in base64, for example from: openssl rand -base64 32"),
});

/** For services that check files. */
export const rulesEnvSchema = z.object({
  /** The platform team's own rules: a path to a TypeScript or JavaScript module (see docs/rules.md). */
  INLET_RULES_MODULE: z
    .string()
    .optional()
    .transform((path) => path || undefined),
});

/** For services that write to catalogs. */
export const conflictsEnvSchema = z.object({
  /** The platform team's own conflict functions: a path to a TypeScript or JavaScript module (see docs/sync.md). */
  INLET_CONFLICTS_MODULE: z
    .string()
    .optional()
    .transform((path) => path || undefined),
});

const addressRangeSchema = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
  "an address or a CIDR such as 10.0.0.0/8",
);

/** For services that connect to servers which profiles name. */
export const remoteEnvSchema = z.object({
  /**
   * Addresses and CIDRs, separated by commas, that are reached although they are loopback, link-local or otherwise
   * internal. Default: none.
   */
  REMOTE_ALLOW: z
    .string()
    .default("")
    .transform((text) => text.split(",").flatMap((part) => part.trim() || []))
    .pipe(z.array(addressRangeSchema)),
});

/**
 * Reads the environment once, against a schema. Every problem is reported together.
 * @throws Misconfigured naming each variable that is missing or wrong
 */
export function readEnv<Shape extends z.ZodObject>(
  schema: Shape,
  source: NodeJS.ProcessEnv = process.env,
): z.infer<Shape> {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Misconfigured({
    code: "environment_invalid",
    message: `The environment is incomplete: ${problems.join("; ")}`,
  });
}
