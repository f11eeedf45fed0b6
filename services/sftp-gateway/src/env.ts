import { commonEnvSchema, dataEnvSchema, readEnv } from "@inlet/runtime";
import { z } from "zod";

const listSchema = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  );
const countSchema = z.coerce.number().int().min(1);
const secondsSchema = z.coerce
  .number()
  .positive()
  .max(30 * 86_400);

const schema = commonEnvSchema.extend(dataEnvSchema.shape).extend({
  DATABASE_URL: z.url(),
  REDIS_URL: z.url(),
  SFTP_PORT: z.coerce.number().int().min(0).max(65_535).default(2222),
  /** Private host keys, separated by commas. Default: made once and kept in INLET_DATA/host-keys. */
  SFTP_HOST_KEY_FILES: listSchema,
  /** CIDRs that may connect at all. Default: any. */
  SFTP_ALLOW: listSchema,
  /** CIDRs of load balancers that begin each connection with a PROXY header; others may not. */
  SFTP_PROXY_FROM: listSchema,
  /** CIDRs that are never banned, such as the address of a monitoring system. */
  SFTP_NEVER_BAN: listSchema,
  SFTP_BAN_SECONDS: secondsSchema.default(1800),
  SFTP_MAX_SESSIONS: countSchema.default(500),
  SFTP_MAX_SESSIONS_PER_ACCOUNT: countSchema.default(24),
  SFTP_MAX_UNAUTHENTICATED: countSchema.default(64),
  SFTP_MAX_UNAUTHENTICATED_PER_ADDRESS: countSchema.default(16),
  SFTP_MAX_HANDLES: countSchema.default(128),
  SFTP_MAX_UPLOAD_BYTES: countSchema.default(64 * 2 ** 30),
  /** Files of one account together that have not been processed yet. */
  SFTP_MAX_ACCOUNT_BYTES: countSchema.default(256 * 2 ** 30),
  /** Uploads are refused when less than this is free on the volume, so that what was acknowledged can be worked on. */
  SFTP_MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(256 * 2 ** 20),
  SFTP_IDLE_TIMEOUT_SECONDS: secondsSchema.default(900),
  SFTP_AUTH_TIMEOUT_SECONDS: secondsSchema.default(60),
  /** How long PostgreSQL may be away before a request fails. */
  SFTP_PATIENCE_SECONDS: secondsSchema.default(30),
  /** After this much silence an upload may be taken over by another connection. */
  SFTP_TAKE_OVER_SECONDS: secondsSchema.min(2).default(15),
  /** An upload that was not completed is removed after this time. */
  SFTP_PART_TTL_SECONDS: secondsSchema.default(86_400),
});

/** The gateway's environment. */
export const env = () => readEnv(schema);

export type GatewayEnv = z.infer<typeof schema>;
