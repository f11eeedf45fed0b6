import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { type ApiRole, type ProfileInput, profileSchema } from "@inlet/contracts";
import {
  applyProfile,
  type Database,
  findClient,
  insertApiKey,
  insertBatches,
  insertSession,
  insertUser,
  openDatabase,
  openRuns,
  transaction,
} from "@inlet/database";
import { openPublisher, type Publisher } from "@inlet/pipeline";
import { createLogger, createMetrics } from "@inlet/runtime";
import { openTestStack } from "@inlet/stack";
import { type App, buildApp } from "../app.ts";
import { type DraftChecks, openDraftChecks } from "../drafts/draft-checks.ts";
import { blobFolder } from "../env.ts";
import { newApiKey } from "../identity/api-key.ts";
import { SESSION_IDLE_MS, SESSION_LONGEST_MS } from "../identity/session-times.ts";
import { newToken } from "../identity/session-token.ts";
import { registerMetrics } from "../operation/metrics.ts";
import { readinessChecks } from "../operation/readiness.ts";
import type { ApiParts } from "../route-host.ts";

/** The API on real servers, spoken to without a port. */
export interface TestHub {
  app: App;
  database: Database;
  publisher: Publisher;
  drafts: DraftChecks;
  blobs: Blobs;
  dataFolder: string;
  /** INLET_KEY. */
  key: Buffer;
  /** Stops and starts PostgreSQL and Redis. */
  stack: Awaited<ReturnType<typeof openTestStack>>;
  /** A new key's Authorization header. */
  as(role: ApiRole, client?: string): Promise<{ authorization: string }>;
  /** What a new user's browser sends from the console's own page: the session's cookie, and what a write needs. */
  signedInAs(role: ApiRole, client?: string): Promise<SignedIn>;
  /** The same hub under other variables, such as CONSOLE_URL. It ends with the hub. */
  appWith(env: Partial<ApiParts["env"]>): Promise<App>;
  /** Asks the database itself. */
  sql<Row extends object>(text: TemplateStringsArray, ...values: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** The headers of a browser in which somebody is signed in, for a request to a test's own host. */
export interface SignedIn extends Record<string, string> {
  cookie: string;
  origin: string;
  "inlet-request": string;
}

/** Where `inject` says that it is. */
export const TEST_ORIGIN = "http://localhost";

export async function openTestHub(limits: Partial<ApiParts["env"]> = {}): Promise<TestHub> {
  const stack = await openTestStack({ services: [] });
  const dataFolder = await mkdtemp(join(tmpdir(), "inlet-api-"));
  const logger = createLogger("api-test", "silent");
  const database = openDatabase(stack.databaseUrl, { applicationName: "inlet:api-test" });
  const publisher = openPublisher(stack.redisUrl, logger);
  const blobs = openBlobs(blobFolder(dataFolder));
  const metrics = createMetrics("api");
  registerMetrics(metrics, { database, publisher });
  const env = {
    INLET_DATA: dataFolder,
    INLET_KEY: randomBytes(32),
    API_UPLOAD_BYTES: 50_000_000,
    API_REQUESTS_PER_MINUTE: 100_000,
    API_STREAMS_PER_CALLER: 20,
    API_CHECK_THREADS: 1,
    API_DRAFTS_PER_USER: 50,
    INLET_RULES_MODULE: undefined,
    INLET_CONFLICTS_MODULE: undefined,
    API_TRUSTED_PROXIES: undefined,
    ...limits,
  };
  const checks = readinessChecks({ database, publisher, dataFolder });
  const drafts = openDraftChecks({ database, logger, env: { ...env, DATABASE_URL: stack.databaseUrl } });
  const app = await buildApp({ env, database, publisher, drafts, blobs, logger, checks, metrics });
  const others: App[] = [];
  let users = 0;
  return {
    app,
    database,
    publisher,
    drafts,
    blobs,
    dataFolder,
    key: env.INLET_KEY,
    stack,
    async as(role, client) {
      const { key, prefix, sha256 } = newApiKey();
      const clientId = client === undefined ? null : await findClient(database, { client, scope: null });
      if (clientId === undefined) throw new Error(`no client ${client}`);
      await insertApiKey(database, { name: `${role} of the test`, prefix, sha256, role, clientId });
      return { authorization: `Bearer ${key}` };
    },
    async signedInAs(role, client) {
      const clientId = client === undefined ? null : await findClient(database, { client, scope: null });
      if (clientId === undefined) throw new Error(`no client ${client}`);
      users += 1;
      const login = `${role}.${users}@inlet.example`;
      const user = await insertUser(database, { login, name: `${role} of the test`, role, clientId });
      const { token, sha256 } = newToken();
      await transaction(database, async (tx) => {
        const lasts = { idleMs: SESSION_IDLE_MS, longestMs: SESSION_LONGEST_MS };
        await insertSession(tx, { userId: user!.id, sha256, signedInBy: "password", address: "127.0.0.1", ...lasts });
      });
      return { cookie: `inlet-session=${token}`, origin: TEST_ORIGIN, "inlet-request": "1" };
    },
    async appWith(more) {
      const parts = { env: { ...env, ...more }, database, publisher, drafts, blobs, logger, checks };
      const other = await buildApp({ ...parts, metrics: createMetrics("api") });
      others.push(other);
      return other;
    },
    async sql<Row extends object>(text: TemplateStringsArray, ...values: unknown[]) {
      const statement = text.reduce((sum, part, index) => `${sum}$${index}${part}`);
      return (await database.pool.query(statement, values)).rows as Row[];
    },
    async close() {
      for (const each of [app, ...others]) await each.close();
      await drafts.close();
      await publisher.close();
      await database.close();
      await stack.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** A profile with one table, folders by the project's name. */
export function buildProfile(
  overrides: Partial<ProfileInput> & Pick<ProfileInput, "client" | "project">,
): ProfileInput {
  const { project } = overrides;
  return {
    folders: { uploads: `/${project}/Uploads`, downloads: `/${project}/Downloads` },
    tables: [
      {
        name: "contacts",
        columns: [
          { name: "id", type: "integer" },
          { name: "email", type: "email" },
        ],
      },
    ],
    ...overrides,
  };
}

/** Stores a profile, and returns its project's and client's numbers. */
export async function givenProject(database: Database, client: string, project: string) {
  const profile = profileSchema.parse(buildProfile({ client, project }));
  return await transaction(database, async (tx) => {
    const { projectId } = await applyProfile(tx, { profile, appliedBy: "test" });
    return { projectId, clientId: (await findClient(tx, { client, scope: null }))! };
  });
}

/** A batch that was just received. */
export async function givenBatch(
  database: Database,
  { projectId, clientId }: { projectId: number; clientId: number },
  fileName: string,
): Promise<{ batchId: number; runId: number }> {
  return await transaction(database, async (tx) => {
    const runId = (await openRuns(tx, { projectId, keys: [fileName] })).get(fileName)!.id;
    const [batchId] = await insertBatches(tx, [
      {
        clientId,
        projectId,
        profileVersion: 1,
        tableName: "contacts",
        runId,
        arrivalId: null,
        accountId: null,
        source: "upload",
        fileName,
        sizeBytes: 1234,
        sha256: randomBytes(32),
        declared: null,
      },
    ]);
    return { batchId: batchId!, runId };
  });
}
