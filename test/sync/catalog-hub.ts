import { fileURLToPath } from "node:url";
import type { Profile, ProfileInput } from "@inlet/contracts";
import { type LiveProject, openDatabase, transaction } from "@inlet/database";
import { openPublisher } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import { openTestStack, type ServiceName, waitFor as waitForStack } from "@inlet/stack";
import { type IncomingRow, openCatalog, writeItems } from "@inlet/sync";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

export type Subscriber = NonNullable<ProfileInput["catalogs"]>[number]["subscribers"] extends (infer T)[] | undefined
  ? T
  : never;

/** A stack of syncers with short pauses, and what tests write to catalogs with. */
export async function openCatalogHub(services: ServiceName[], env: Record<string, string> = {}) {
  const stack = await openTestStack({
    services,
    env: {
      LEASE_MS: "2000",
      LOOK_MS: "50",
      REGISTER_MS: "50",
      RETRY_MS: "100",
      TELL_FAILING_MS: "300",
      REMOTE_ALLOW: "127.0.0.1",
      SUBSCRIBERS_FOLDER: fileURLToPath(new URL("./subscribers", import.meta.url)),
      ...env,
    },
  });
  const database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  const publisher = openPublisher(stack.redisUrl, createLogger("test", "fatal"));
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
export type CatalogHub = Awaited<ReturnType<typeof openCatalogHub>>;

export const waitFor = <T>(ask: () => Promise<T | undefined | false> | T | undefined | false, what: string) =>
  waitForStack(async () => await ask(), { timeoutMs: 30_000, what, everyMs: 20 });

/** A profile with one catalog, of a client of its own. */
export function catalogProfile(
  client: string,
  subscribers: Subscriber[],
  overrides: Partial<ProfileInput> = {},
): Profile {
  return buildProfile({
    client,
    tables: [buildTable({ mode: "upsert", key: ["id"] })],
    catalogs: [{ table: "rows", subscribers }],
    ...overrides,
  });
}

/** A live project with a catalog, and ways to write to it. */
export async function openCatalogClient({ database, publisher }: CatalogHub, profile: Profile) {
  const project = await live(database, profile);
  return { ...project, ...writers({ database, publisher }, project) };
}

function writers({ database, publisher }: Pick<CatalogHub, "database" | "publisher">, project: LiveProject) {
  /** Writes in one transaction, as the API does. */
  async function write(rows: readonly IncomingRow[], origin = "api"): Promise<void> {
    const { profile } = project;
    const place = {
      ...{ projectId: project.projectId, client: profile.client, project: profile.project },
      ...{ table: profile.tables[0]!, catalog: profile.catalogs[0]! },
    };
    const catalogId = await transaction(database, async (tx) => {
      const catalog = await openCatalog(tx, place, {});
      await writeItems(tx, catalog, rows, { origin, cause: "test" });
      return catalog.catalogId;
    });
    publisher.catalogsWritten([catalogId]);
  }
  return {
    write,
    put: (values: Record<string, string | null>, origin?: string) => write([{ operation: "put", values }], origin),
    remove: (key: string) => write([{ operation: "remove", key }]),
  };
}
export type CatalogClient = Awaited<ReturnType<typeof openCatalogClient>>;

/** Items `first` to `last`, all of one name. */
export const rowsOf = (first: number, last: number, name: string): IncomingRow[] =>
  Array.from({ length: last - first + 1 }, (_, n) => ({
    operation: "put",
    values: { id: `${first + n}`, name, amount: "1.50" },
  }));

/** The newest subscription of a name. */
export async function subscriptionOf({ database }: CatalogHub, { projectId }: { projectId: number }, name = "shop") {
  return await database.query
    .selectFrom("subscriptions")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
}

/** What a subscription did not take. */
export async function lettersOf(hub: CatalogHub, client: { projectId: number }, name = "shop") {
  const subscription = await subscriptionOf(hub, client, name);
  return await hub.database.query
    .selectFrom("sync_letters")
    .selectAll()
    .where("subscription_id", "=", subscription?.id ?? 0)
    .orderBy("id")
    .execute();
}
