import { landingUrlSchema } from "@inlet/purl";
import { commonEnvSchema, dataEnvSchema, keyEnvSchema, readEnv } from "@inlet/runtime";
import { z } from "zod";

/** The landing service's environment. */
const envSchema = commonEnvSchema
  .extend(dataEnvSchema.shape)
  .extend(keyEnvSchema.shape)
  .extend({
    DATABASE_URL: z.url(),
    LANDING_PORT: z.coerce.number().int().min(1).max(65_535),
    LANDING_URL: landingUrlSchema,
    /** More hosts at which all links open, beside that of LANDING_URL: names with commas between; `*` for any. */
    LANDING_HOSTS: z
      .string()
      .default("")
      .transform((text) => text.split(",").flatMap((part) => part.trim() || [])),
    /** How long what is known of a batch counts: a revoked link closes within this time. */
    LINKS_MAX_AGE_MS: z.coerce.number().int().min(200).max(4_500).default(3_000),
    /** Memory for thumbnails: half for pictures, half for the layers and backgrounds that they are drawn from. */
    THUMBNAIL_CACHE_MB: z.coerce.number().int().min(8).max(4_096).default(64),
    /** How long somebody waits for a video that is being made, before he is asked to come again. */
    VIDEO_WAIT_MS: z.coerce.number().int().min(100).max(120_000).default(25_000),
    /** How many videos may be in the making, of one batch and in all; who asks for more is asked to come again. */
    VIDEO_QUEUE_PER_BATCH: z.coerce.number().int().min(1).max(10_000).default(50),
    VIDEO_QUEUE: z.coerce.number().int().min(1).max(100_000).default(200),
    /** A folder with TrueType or OpenType fonts beside the shipped ones, for scripts that those lack. */
    LANDING_FONTS: z.string().min(1).optional(),
    /** The proxies whose X-Forwarded-For and X-Forwarded-Host are believed: addresses and CIDR ranges, with commas between. */
    TRUST_PROXY: z
      .string()
      .default("")
      .transform((text) => text || "loopback"),
  });

export type LandingEnv = z.output<typeof envSchema>;

export const env = (): LandingEnv => readEnv(envSchema);
