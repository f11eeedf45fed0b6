import { join } from "node:path";
import {
  commonEnvSchema,
  conflictsEnvSchema,
  dataEnvSchema,
  keyEnvSchema,
  logFilesEnvSchema,
  rulesEnvSchema,
  unlessEmpty,
} from "@inlet/runtime";
import { z } from "zod";
import { draftEnvSchema } from "./drafts/draft-env.ts";
import { assertOidcWhole, consoleEnvSchema } from "./identity/identity-env.ts";
import { operationEnvSchema } from "./operation/operation-env.ts";

const cidrList = z
  .string()
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)));

/** What the API reads from its environment. */
export const apiEnvSchema = z.object({
  ...commonEnvSchema.shape,
  ...dataEnvSchema.shape,
  ...keyEnvSchema.shape,
  ...logFilesEnvSchema.shape,
  DATABASE_URL: z.url(),
  REDIS_URL: z.url(),
  API_PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
  /** Where the first admin key is written (mode 0600). Without it the key is logged, once. */
  API_ADMIN_KEY_FILE: z.string().min(1).optional(),
  /** Proxies whose X-Forwarded-For is believed: addresses or ranges with commas between. */
  API_TRUSTED_PROXIES: unlessEmpty(cidrList),
  /** The largest file that may be uploaded. */
  API_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(50 * 1024 ** 3),
  ...consoleEnvSchema.shape,
  ...operationEnvSchema.shape,
  ...draftEnvSchema.shape,
  ...rulesEnvSchema.shape,
  ...conflictsEnvSchema.shape,
  /** Streams of live updates that one key, or one user, may have open in this process. */
  API_STREAMS_PER_CALLER: z.coerce.number().int().min(1).default(20),
  /** Requests of one caller in a minute, of one address where no caller is known; in this process. */
  API_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(3_000),
});
/** The same, as far as its variables hold together. */
export const checkedApiEnvSchema = apiEnvSchema.superRefine(assertOidcWhole);
export type ApiEnv = z.infer<typeof apiEnvSchema>;

/** Where the blob store lies in the data folder. */
export function blobFolder(dataFolder: string): string {
  return join(dataFolder, "blobs");
}

/** Where uploads are until the watcher claims them. */
export function uploadFolder(dataFolder: string): string {
  return join(dataFolder, "uploads");
}
