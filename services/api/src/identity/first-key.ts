import { randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Misconfigured } from "@inlet/contracts";
import {
  countApiKeys,
  type Database,
  insertApiKey,
  lockApiKeys,
  recordAudit,
  SQLSTATE,
  sqlstateOf,
  transaction,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { newApiKey } from "./api-key.ts";

/**
 * Makes the first admin key where no key was ever made, and shows it once: in the file, or in the log. The file is
 * written before the commit, so that no key exists that nobody has seen.
 * @throws Misconfigured when the file cannot be written, or the database has no tables yet
 */
export async function ensureFirstKey({
  database,
  logger,
  keyFile,
}: {
  database: Database;
  logger: Pick<Logger, "info" | "warn">;
  keyFile: string | undefined;
}): Promise<void> {
  const made = await transaction(database, async (tx) => {
    await lockApiKeys(tx);
    const { keys } = await countApiKeys(tx);
    if (keys > 0) return undefined;
    const { key, prefix, sha256 } = newApiKey();
    const row = await insertApiKey(tx, { name: "first admin", prefix, sha256, role: "admin", clientId: null });
    await recordAudit(tx, {
      actor: "first start",
      action: "api-key.create",
      outcome: "ok",
      detail: { id: row.id, prefix, role: "admin" },
    });
    if (keyFile !== undefined) await writeKeyFile(keyFile, key);
    return { key, prefix };
  }).catch((error: unknown) => {
    if (sqlstateOf(error) !== SQLSTATE.undefinedTable) throw error;
    throw new Misconfigured({
      code: "database_not_migrated",
      message: "The database has no Inlet tables yet. Run the migrations first; `npm start` does.",
      cause: error,
    });
  });
  if (made === undefined) return;
  if (keyFile === undefined) {
    // Shown once, on purpose: there is no other place to show it.
    logger.warn({ firstAdminKey: made.key }, "first admin key made; keep it now, it is not shown again");
  } else {
    logger.info({ prefix: made.prefix, file: keyFile }, "first admin key made and written into its file");
  }
}

async function writeKeyFile(path: string, key: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, `${key}\n`, { mode: 0o600, flag: "wx", flush: true });
    await rename(temporary, path);
  } catch (cause) {
    throw new Misconfigured({
      code: "admin_key_file_unwritable",
      message: `The first admin key cannot be written to ${path} (API_ADMIN_KEY_FILE): ${(cause as Error).message}`,
      cause,
    });
  }
}
