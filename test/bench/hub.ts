import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Profile } from "@inlet/contracts";
import { type Database, openDatabase } from "@inlet/database";
import { openPublisher, type Publisher } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import { openTestStack, type ServiceName, waitFor } from "@inlet/stack";
import { live } from "../fixtures/reception.ts";

/** A whole hub for a benchmark, and its database and queues at first hand. */
export interface BenchHub {
  stack: Awaited<ReturnType<typeof openTestStack>>;
  database: Database;
  publisher: Publisher;
  stop(): Promise<void>;
}

export async function openBenchHub(
  services: readonly ServiceName[] | Partial<Record<ServiceName, number>>,
  env: Record<string, string> = {},
): Promise<BenchHub> {
  const stack = await openTestStack({ services, durable: true, env: { LOG_LEVEL: "warn", ...env } });
  const database = openDatabase(stack.databaseUrl, { applicationName: "bench" });
  const publisher = openPublisher(stack.redisUrl, createLogger("bench", "warn"));
  await waitFor(
    () =>
      publisher.ping().then(
        () => true,
        () => false,
      ),
    { timeoutMs: 10_000, what: "redis" },
  );
  return {
    stack,
    database,
    publisher,
    async stop() {
      await publisher.close();
      await database.close();
      await stack.stop();
    },
  };
}

/** A live project and an account of its client with its folders on disk. */
export async function openBenchProject(hub: BenchHub, profile: Profile) {
  const project = await live(hub.database, profile);
  const jail = `${"0".repeat(24)}${String(project.clientId).padStart(8, "0")}`;
  const account = await hub.database.query
    .insertInto("accounts")
    .values({ client_id: project.clientId, username: profile.client, jail })
    .returning("id")
    .executeTakeFirstOrThrow();
  const folder = (path: string) => join(hub.stack.dataFolder, "accounts", jail, path);
  for (const path of [profile.folders?.uploads, profile.folders?.downloads]) {
    if (path) await mkdir(folder(path), { recursive: true });
  }
  return { ...project, accountId: account.id, jail, folder };
}

export type BenchProject = Awaited<ReturnType<typeof openBenchProject>>;

/** A file that lies in Uploads, as the gateway records it. */
export interface UploadedFile {
  fileName: string;
  sizeBytes: number;
  sha256: Buffer;
}

/** Commits arrivals of files that are in Uploads already, as the gateway does on CLOSE. Returns their ids. */
export async function recordArrivals(
  { database }: BenchHub,
  project: BenchProject,
  files: readonly UploadedFile[],
): Promise<number[]> {
  const uploads = project.profile.folders!.uploads;
  const rows = await database.query
    .insertInto("arrivals")
    .values(
      files.map(({ fileName, sizeBytes, sha256 }) => ({
        source: "gateway" as const,
        project_id: project.projectId,
        account_id: project.accountId,
        path: `${uploads}/${fileName}`,
        file_name: fileName,
        generation: 1,
        size_bytes: sizeBytes,
        location: join("accounts", project.jail, uploads, fileName),
        sha256,
        declared_records: null,
      })),
    )
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** The highest resident memory that a process has had, in MB. */
export async function peakMemoryMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** The peak memory of each of the hub's own services. */
export async function peakMemories({ stack }: BenchHub): Promise<Record<string, number>> {
  const peaks: Record<string, number> = {};
  for (const process of stack.processes()) {
    if (["postgres", "redis", "mailbox"].includes(process.name) || process.pid === undefined) continue;
    peaks[process.name] = Math.round(await peakMemoryMb(process.pid));
  }
  return peaks;
}

/** Waits until a batch of this file name has ended, and returns it. */
export async function endedBatch({ database }: BenchHub, project: BenchProject, fileName: string, timeoutMs: number) {
  const batch = await waitFor(
    async () =>
      await database.query
        .selectFrom("batches")
        .selectAll()
        .where("project_id", "=", project.projectId)
        .where("file_name", "=", fileName)
        .where("ended_at", "is not", null)
        .executeTakeFirst(),
    { timeoutMs, what: `the end of ${fileName}`, everyMs: 25 },
  );
  if (batch.status !== "completed") throw new Error(`${fileName} ended as ${batch.status}: ${batch.reason_message}`);
  return batch;
}
