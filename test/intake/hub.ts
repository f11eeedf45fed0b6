import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Profile, ProfileInput } from "@inlet/contracts";
import { type Database, ensureClient, openDatabase, putSecret } from "@inlet/database";
import { openPublisher, type Publisher } from "@inlet/pipeline";
import { createLogger, seal } from "@inlet/runtime";
import { openTestStack, type ServiceName, type Stack, waitFor } from "@inlet/stack";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

/** A hub without a gateway: tests put files and arrivals where it would. */
export interface IntakeHub {
  stack: Stack;
  database: Database;
  publisher: Publisher;
  /** A project of a client of its own, with one account, and secrets that are there before the profile is. */
  project(overrides?: Partial<ProfileInput>, secrets?: Record<string, Buffer>): Promise<IntakeProject>;
  /** Stores a client's secret as the API does. */
  storeSecret(clientId: number, name: string, plain: Buffer): Promise<void>;
  batches(projectId: number): Promise<BatchRow[]>;
  stop(): Promise<void>;
}

export interface IntakeProject {
  projectId: number;
  clientId: number;
  accountId: number;
  jail: string;
  profile: Profile;
  /** A file as the gateway leaves it after CLOSE, with its arrival's row. */
  upload(fileName: string, content?: string, options?: UploadOptions): Promise<number>;
}

interface UploadOptions {
  /** The gateway does not know the hash of a file that came out of order. */
  hashed?: boolean;
  /** What the gateway acknowledged, where it shall differ from what is there. */
  sizeBytes?: number;
  missing?: boolean;
  ageMs?: number;
  /** With its job; without one the periodic look finds it after a second. */
  published?: boolean;
  /** Like an upload by the API. */
  withoutAccount?: boolean;
  /** Where it came from; else by the gateway. */
  source?: "email";
}

export interface BatchRow {
  id: number;
  arrival_id: number | null;
  file_name: string;
  table_name: string | null;
  status: string;
  reason_code: string | null;
  reason_message: string | null;
  sha256: Buffer;
  size_bytes: number;
  run_id: number;
  source: string;
}

/** Opens a hub with these services. */
export async function openIntakeHub(
  services: readonly ServiceName[],
  env: Record<string, string> = {},
): Promise<IntakeHub> {
  // Remote servers are on this machine here.
  const stack = await openTestStack({ services, env: { REMOTE_ALLOW: "127.0.0.1", ...env } });
  const database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 4 });
  const publisher = openPublisher(stack.redisUrl, createLogger("test", "fatal"));
  await waitFor(
    () =>
      publisher.ping().then(
        () => true,
        () => false,
      ),
    { timeoutMs: 30_000, what: "redis" },
  );
  let clients = 0;
  const storeSecret = async (clientId: number, name: string, plain: Buffer) => {
    const sealed = seal(Buffer.from(stack.key, "base64"), plain, `secret:${clientId}`);
    await putSecret(database, { clientId, name, sealed });
  };

  return {
    stack,
    database,
    publisher,
    storeSecret,
    async project(overrides = {}, secrets = {}) {
      clients += 1;
      const ownId = await ensureClient(database, `acme${clients}`);
      for (const [name, plain] of Object.entries(secrets)) await storeSecret(ownId, name, plain);
      const { projectId, clientId, profile } = await live(
        database,
        buildProfile({ client: `acme${clients}`, ...overrides }),
      );
      const jail = `jail${clients}`;
      const account = await database.query
        .insertInto("accounts")
        .values({ client_id: clientId, username: profile.client, jail })
        .returning("id")
        .executeTakeFirstOrThrow();
      const uploads = profile.folders?.uploads ?? "/none";
      const upload = async (fileName: string, content = "id,name,amount\n1,a,2\n", options: UploadOptions = {}) => {
        const location = join("accounts", jail, uploads, fileName);
        const path = join(stack.dataFolder, location);
        await mkdir(dirname(path), { recursive: true });
        if (!options.missing) await writeFile(path, content);
        const { rows } = await database.pool.query<{ id: number }>(
          `INSERT INTO arrivals (source, project_id, account_id, path, file_name, generation, size_bytes, location,
             sha256, arrived_at)
           SELECT $9, $1, $2, $3, $4, count(*) + 1, $5, $6, $7, now() - $8::float8 * interval '1 ms'
           FROM arrivals WHERE project_id = $1 AND path = $3
           RETURNING id`,
          [
            projectId,
            options.withoutAccount ? null : account.id,
            `${uploads}/${fileName}`,
            fileName,
            options.sizeBytes ?? Buffer.byteLength(content),
            location,
            options.hashed === false ? null : createHash("sha256").update(content).digest(),
            options.ageMs ?? 0,
            options.source ?? "gateway",
          ],
        );
        const arrivalId = Number(rows[0]!.id);
        if (options.published) await publisher.arrivals([arrivalId]);
        return arrivalId;
      };
      return { projectId, clientId, accountId: account.id, jail, profile, upload };
    },
    async batches(projectId) {
      return (await database.query
        .selectFrom("batches")
        .selectAll()
        .where("project_id", "=", projectId)
        .orderBy("id")
        .execute()) as BatchRow[];
    },
    async stop() {
      await publisher.close();
      await database.close();
      await stack.stop();
    },
  };
}
