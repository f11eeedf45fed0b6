import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ProfileInput } from "@inlet/contracts";
import { type Database, openDatabase, readCatalogChanges, readCatalogPage, transaction } from "@inlet/database";
import { advance, openPublisher, type Publisher, retryBatch, runStage } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { openTestStack, waitFor as waitForStack } from "@inlet/stack";
import {
  type CatalogPlace,
  contentHash,
  forgetHistories,
  type IncomingRow,
  openCatalog,
  openSequencer,
  readingCatalog,
  type Sequencer,
  writeItems,
} from "@inlet/sync/catalogs";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { importBatch } from "../../services/importer/src/worker.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live, receive, rehearsed } from "../fixtures/reception.ts";

const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;
const waitFor = <T>(ask: () => Promise<T | undefined | false>, what = "the importer") =>
  waitForStack(ask, { timeoutMs: 30_000, what, everyMs: 20 });

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let blobs: Blobs;
let database: Database;
let publisher: Publisher;
let sequencer: Sequencer;
let workers: { close(): Promise<void> }[];
let clientNumber = 0;
let client: string;
/** What the check would have counted, where it shall differ from the file. */
let claimedRows: number | undefined;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  folder = await mkdtemp(join(tmpdir(), "inlet-catalogs-"));
  blobs = openBlobs(folder);
  database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 30 });
  publisher = openPublisher(stack.redisUrl, logger);
  await waitFor(
    () =>
      publisher.ping().then(
        () => true,
        () => false,
      ),
    "Redis",
  );
  const options = { database, redisUrl: stack.redisUrl, logger, health, concurrency: 4, leaseMs: 20_000, retryMs: 50 };
  const { catalogsWritten } = publisher;
  workers = [
    await runStage(
      "validate",
      async ({ step }) => {
        const reader = await blobs.open(step.artifacts.source!.blobKey);
        const bytes = await reader.read(0, reader.sizeBytes);
        await reader.close();
        const stored = await blobs.put(`${step.client}/${step.batchId}/canonical`, bytes);
        const valid = claimedRows ?? bytes.toString().split("\n").length - 1;
        return advance({
          counts: { records: valid, valid, rejected: 0 },
          artifacts: [{ kind: "canonical", blobKey: stored.key, name: "canonical", ...stored }],
        });
      },
      options,
    ),
    await runStage("import", importBatch({ blobs, timeoutMs: 20_000, catalogsWritten }), options),
  ];
  sequencer = openSequencer({ database, logger, numbered: publisher.catalogsNumbered, pollMs: 100 });
  publisher.watchCatalogs({ written: sequencer.wake, interrupted: sequencer.wake });
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.close()));
  await sequencer?.close();
  await publisher?.close();
  await database?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  clientNumber += 1;
  client = `acme${clientNumber}`;
  claimedRows = undefined;
});

type TableInput = Partial<ProfileInput["tables"][number]>;

const profileOf = (table: TableInput = {}, catalog: object | null = {}) =>
  buildProfile({
    client,
    links: undefined,
    tables: [buildTable({ mode: "upsert", key: ["id"], ...table })],
    catalogs: catalog === null ? [] : [{ table: "rows", ...catalog }],
  });
const project = (table?: TableInput, catalog?: object | null) => live(database, profileOf(table, catalog));
type Project = Awaited<ReturnType<typeof live>>;

async function send(to: Project, fileName: string, rows: string[]) {
  const bytes = Buffer.from(rows.map((row) => `${row}\n`).join(""));
  const { batchId } = await receive({ database, publisher, blobs }, to, { fileName, bytes });
  return await ended(batchId);
}
const batch = (id: number) =>
  database.query.selectFrom("batches").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const ended = (id: number) => waitFor(async () => ((await batch(id)).ended_at ? await batch(id) : undefined));
const rows = async (columns = "id, name, amount", relation = "spring__rows") =>
  (await database.pool.query(`SELECT ${columns} FROM client_${client}.${relation} ORDER BY id`)).rows;

function placeOf(to: Project): CatalogPlace {
  const table = to.profile.tables[0]!;
  const { projectId, project } = to;
  return { projectId, client: to.client, project, table, catalog: to.profile.catalogs[0]! };
}
/** Writes as one side does, in a transaction of its own. */
const say = (to: Project, origin: string, said: IncomingRow[]) =>
  transaction(database, async (tx) =>
    writeItems(tx, await openCatalog(tx, placeOf(to), {}), said, { origin, cause: "test" }),
  );
/** All changes of a project's catalog, once all have numbers. */
async function changesOf(to: Project) {
  const catalog = await database.query
    .selectFrom("catalogs")
    .selectAll()
    .where("project_id", "=", to.projectId)
    .executeTakeFirstOrThrow();
  await waitFor(async () => {
    const { rows } = await database.pool.query(
      "SELECT count(*)::int AS n FROM catalog_changes WHERE catalog_id = $1 AND seq IS NULL",
      [catalog.id],
    );
    return rows[0].n === 0;
  }, "the numbers");
  return await readCatalogChanges(database, { catalogId: catalog.id, after: 0, limit: 10_000 });
}
const itemsOf = async (to: Project) =>
  (await readingCatalog(database, placeOf(to), (tx, table) =>
    readCatalogPage(tx, table, { after: null, limit: 1_000 }),
  ))!;
const told = (changes: Awaited<ReturnType<typeof changesOf>>) =>
  changes.map(({ key, version, operation, origin }) => `${key} ${version} ${operation} ${origin}`);

test("files become items; what is the same writes nothing", async () => {
  const to = await project();
  const first = await send(to, "a", ["1\t1\tAda\t1.5", "2\t2\tBob\t2", "3\t3\tCy\t\\N"]);
  expect(first).toMatchObject({ status: "completed", staged: 3, imported: 3 });
  const second = await send(to, "b", ["1\t2\tRobert\t2", "2\t3\tCy\t\\N", "3\t4\tDi\t4"]);
  expect(second).toMatchObject({ status: "completed", staged: 3, imported: 3 });
  expect(await rows("_batch, _record, id, name, amount")).toEqual([
    { _batch: first.id, _record: 1, id: 1, name: "Ada", amount: "1.50" },
    { _batch: second.id, _record: 1, id: 2, name: "Robert", amount: "2.00" },
    { _batch: first.id, _record: 3, id: 3, name: "Cy", amount: null },
    { _batch: second.id, _record: 3, id: 4, name: "Di", amount: "4.00" },
  ]);
  const changes = await changesOf(to);
  expect(told(changes).sort()).toEqual([
    ...["1 1 put import", "2 1 put import", "2 2 put import", "3 1 put import", "4 1 put import"],
  ]);
  const renamed = changes.find(({ key, version }) => key === "2" && version === 2)!;
  expect(renamed).toMatchObject({
    changed: ["name"],
    cause: String(second.id),
    values: { id: "2", name: "Robert", amount: "2.00" },
    changedAt: second.received_at,
  });
  // What PostgreSQL hashed, the package hashes alike.
  for (const item of await itemsOf(to)) expect(item.hash).toEqual(contentHash(item.values));
  expect(renamed.hash).toEqual(contentHash(renamed.values));
  await expect(database.pool.query(`DELETE FROM client_${client}.spring__rows`)).rejects.toMatchObject({
    code: "IN001",
  });
});

test("a file that is not what was checked leaves no trace", async () => {
  const to = await project();
  await send(to, "a", ["1\t1\tAda\t1"]);
  claimedRows = 7;
  const failed = await send(to, "b", ["1\t1\tEve\t1", "2\t2\tBob\t2"]);
  expect(failed).toMatchObject({ status: "failed", reason_code: "counts_differ" });
  expect(await rows("id, name")).toEqual([{ id: 1, name: "Ada" }]);
  expect(told(await changesOf(to))).toEqual(["1 1 put import"]);
});

test("in mode replace what a file does not have is removed, and comes back with its next version", async () => {
  const to = await project({ mode: "replace" });
  await send(to, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"]);
  await send(to, "b", ["1\t2\tBob\t2", "2\t3\tCy\t3"]);
  expect(await rows("id")).toEqual([{ id: 2 }, { id: 3 }]);
  await send(to, "c", ["1\t1\tAda\t1", "2\t2\tBob\t2", "3\t3\tCy\t3"]);
  const changes = await changesOf(to);
  expect(told(changes.filter(({ key }) => key === "1"))).toEqual([
    "1 1 put import",
    "1 2 remove import",
    "1 3 put import",
  ]);
  expect(changes.find(({ operation }) => operation === "remove")!.values).toEqual({
    id: "1",
    name: "Ada",
    amount: "1.00",
  });
});

test("what others changed after the file came stays, and what lost is kept", async () => {
  const to = await project({}, { conflicts: { fields: { amount: { rule: "source", origin: "erp" } } } });
  const first = await send(to, "a", ["1\t1\tAda\t1"]);
  // Until its source has said it, what came first stands: no item goes without it.
  expect(await rows()).toEqual([{ id: 1, name: "Ada", amount: "1.00" }]);
  expect(await say(to, "erp", [{ operation: "put", values: { id: "1", amount: "7" }, atMs: 5 }])).toMatchObject([
    { key: "1", version: 2, change: { operation: "put" }, losses: 0 },
  ]);
  // Once more is nothing.
  expect(await say(to, "erp", [{ operation: "put", values: { id: "1", amount: "7.00" }, atMs: 5 }])).toMatchObject([
    { version: 2, change: null },
  ]);
  const late = first.received_at.getTime() - 1_000;
  const twice: IncomingRow[] = [
    { operation: "put", values: { id: "1", name: "Old", amount: "8" }, atMs: late },
    { operation: "put", values: { id: "1", name: "Old", amount: "8" }, atMs: late },
  ];
  expect(await say(to, "shop", twice)).toMatchObject([{ change: null }, { version: 2 }]);
  const { rows: losses } = await database.pool.query(
    "SELECT field, value, kept, rule, origin FROM catalog_losses ORDER BY id",
  );
  expect(losses.map((loss) => Object.values(loss).join(" ")).sort()).toEqual([
    "amount 8.00 7.00 source shop",
    "name Old Ada newest shop",
  ]);
  // A clock that is ahead does not win over what a person says now.
  await say(to, "shop", [{ operation: "put", values: { id: "1", name: "Far" }, atMs: Date.now() + 3_600_000 }]);
  await say(to, "api", [{ operation: "put", values: { id: "1", name: "Near" } }]);
  const second = await send(to, "b", ["1\t1\tFile\t9", "2\t2\tBob\t2"]);
  expect(second.imported).toBe(2);
  expect(await rows()).toEqual([
    { id: 1, name: "File", amount: "7.00" },
    { id: 2, name: "Bob", amount: "2.00" },
  ]);
  expect(await say(to, "api", [{ operation: "remove", key: "2" }])).toMatchObject([{ version: 2, isLive: false }]);
  expect(await rows("id")).toEqual([{ id: 1 }]);
});

test("where another side says which items there are, a file's own columns wait for it", async () => {
  const to = await project(
    { mode: "replace" },
    {
      conflicts: {
        default: { rule: "source", origin: "erp" },
        fields: { amount: { rule: "source", origin: "import" } },
      },
    },
  );
  expect(await send(to, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"])).toMatchObject({ status: "completed", imported: 2 });
  expect(await rows()).toEqual([]);
  expect(await say(to, "erp", [{ operation: "put", values: { id: "1", name: "Ada L." } }])).toMatchObject([
    { version: 1, change: { operation: "put" } },
  ]);
  await send(to, "b", ["1\t1\tAda\t3"]);
  expect(await rows()).toEqual([{ id: 1, name: "Ada L.", amount: "3.00" }]);
  await say(to, "erp", [{ operation: "remove", key: "1" }]);
  await send(to, "c", ["1\t1\tAda\t4"]);
  expect(await rows()).toEqual([]);
  expect(told(await changesOf(to))).toEqual(["1 1 put erp", "1 2 put import", "1 3 remove erp"]);
});

test("a plain table becomes a catalog with its rows and rights, and a plain table again", async () => {
  const plain = await project({}, null);
  const first = await send(plain, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"]);
  const table = `client_${client}.spring__rows`;
  const reader = `reader_${client}`;
  await database.pool.query(
    `CREATE ROLE ${reader}; GRANT SELECT ON ${table} TO ${reader}; GRANT UPDATE (name) ON ${table} TO ${reader}`,
  );
  await database.pool.query(`CREATE INDEX by_name_${client} ON ${table} (name)`);
  await database.pool.query(`CREATE VIEW client_${client}.names AS SELECT name FROM ${table}`);
  const to = await project();
  expect(await send(to, "b", ["1\t2\tRobert\t2"])).toMatchObject({ status: "failed", reason_code: "table_is_read" });
  expect(await rows("id")).toHaveLength(2);
  await database.pool.query(`DROP VIEW client_${client}.names`);
  const second = await send(to, "c", ["1\t2\tRobert\t2", "2\t3\tCy\t3"]);
  expect(second).toMatchObject({ status: "completed", imported: 2 });
  expect(await rows("_batch, id, name")).toEqual([
    { _batch: first.id, id: 1, name: "Ada" },
    { _batch: second.id, id: 2, name: "Robert" },
    { _batch: second.id, id: 3, name: "Cy" },
  ]);
  const changes = await changesOf(to);
  expect(told(changes).sort()).toEqual(["1 1 put import", "2 1 put import", "2 2 put import", "3 1 put import"]);
  expect(changes[0]).toMatchObject({ cause: String(first.id), changedAt: first.received_at });
  const rights = async () =>
    (
      await database.pool.query(
        `SELECT has_table_privilege($1, $2, 'SELECT') AS reads, has_table_privilege($1, $2, 'UPDATE') AS updates,
           has_column_privilege($1, $2, 'name', 'UPDATE') AS renames, (SELECT count(*)::int FROM pg_indexes WHERE indexname = $3) AS indexes`,
        [reader, table, `by_name_${client}`],
      )
    ).rows[0];
  const given = { reads: true, updates: false, renames: true, indexes: 1 };
  expect(await rights()).toEqual(given);

  await say(to, "api", [{ operation: "remove", key: "1" }]);
  const again = await project({}, null);
  expect(await send(again, "d", ["1\t4\tDi\t4"])).toMatchObject({ status: "completed", imported: 1 });
  expect(await rows("id, name")).toEqual([
    { id: 2, name: "Robert" },
    { id: 3, name: "Cy" },
    { id: 4, name: "Di" },
  ]);
  expect(await rights()).toEqual(given);
  await database.pool.query(`UPDATE ${table} SET name = 'mine' WHERE id = 4`);
  // A catalog once more: its versions go on above those that it had.
  const third = await project();
  await send(third, "e", ["1\t4\tDi\t5"]);
  expect((await itemsOf(third)).map(({ key, version }) => [key, version])).toEqual([
    ["2", 3],
    ["3", 3],
    ["4", 4],
  ]);
});

test("a replaced table's view stays what it is, both ways, with what reads it", async () => {
  const plain = await project({ mode: "replace" }, null);
  await send(plain, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"]);
  await database.pool.query(`CREATE VIEW client_${client}.names AS SELECT id, name FROM client_${client}.spring__rows`);
  const to = await project({ mode: "replace" });
  await send(to, "b", ["1\t2\tBob\t2", "2\t3\tCy\t3"]);
  expect(await rows("id, name", "names")).toEqual([
    { id: 2, name: "Bob" },
    { id: 3, name: "Cy" },
  ]);
  expect(told(await changesOf(to)).sort()).toEqual([
    "1 1 put import",
    "1 2 remove import",
    "2 1 put import",
    "3 1 put import",
  ]);
  const again = await project({ mode: "replace" }, null);
  await send(again, "c", ["1\t9\tZoe\t9"]);
  expect(await rows("id, name", "names")).toEqual([{ id: 9, name: "Zoe" }]);
  const { rows: left } = await database.pool.query(
    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE nspname = $1 AND relkind = 'r'",
    [`client_${client}`],
  );
  expect(left).toHaveLength(1);
});

test("a batch that was received before its table became a catalog goes into it", async () => {
  const plain = await project({}, null);
  await send(plain, "a", ["1\t1\tAda\t1"]);
  const to = await project();
  await say(to, "api", [{ operation: "put", values: { id: "2", name: "Bob", amount: "2" } }]);
  // The importer knows the older version's table as a plain one.
  expect(await send(plain, "b", ["1\t2\tFile\t2"])).toMatchObject({ status: "completed", imported: 1 });
  expect((await itemsOf(to)).map(({ key, version }) => [key, version])).toEqual([
    ["1", 1],
    ["2", 2],
  ]);
});

test("columns are added, and change no hash", async () => {
  const to = await project();
  await send(to, "a", ["1\t1\tAda\t1"]);
  const [before] = await itemsOf(to);
  const columns = [...(buildTable().columns ?? []), { name: "note" }];
  const wider = await project({ columns });
  await say(wider, "api", [{ operation: "put", values: { id: "2", note: "new" } }]);
  const [after] = await itemsOf(wider);
  expect(after).toMatchObject({ version: 1, hash: before!.hash, values: { note: null } });
  expect(await rows("id, note")).toEqual([
    { id: 1, note: null },
    { id: 2, note: "new" },
  ]);
  // Nobody has said anything of it yet: what is known elsewhere since long is not older than that.
  expect(
    await say(wider, "shop", [{ operation: "put", values: { id: "1", note: "known" }, atMs: -1e14 }]),
  ).toMatchObject([{ version: 2, losses: 0, change: { operation: "put" } }]);
});

test("a rehearsal writes no catalog", async () => {
  const to = await rehearsed(database, profileOf());
  expect(await send(to, "a", ["1\t1\tAda\t1"])).toMatchObject({ imported: 1 });
  expect(
    await database.query.selectFrom("catalogs").selectAll().where("project_id", "=", to.projectId).execute(),
  ).toEqual([]);
  const { rows: schemas } = await database.pool.query("SELECT FROM pg_namespace WHERE nspname = $1", [
    `client_${client}`,
  ]);
  expect(schemas).toEqual([]);
});

test("a file that was overtaken is not merged, unless forced: then it counts as of now", async () => {
  const to = await project();
  claimedRows = 7;
  const older = await send(to, "a", ["1\t1\tOld\t1"]);
  claimedRows = undefined;
  await send(to, "b", ["1\t1\tNew\t1"]);
  const forced = { batchId: older.id, actor: "operator", force: true, reason: "its rows are wanted" };
  await database.pool.query("UPDATE batches SET valid = 1 WHERE id = $1", [older.id]);
  await retryBatch(database, publisher, forced);
  expect(await waitFor(async () => ((await batch(older.id)).status === "completed" ? true : undefined))).toBe(true);
  expect(await rows("name")).toEqual([{ name: "Old" }]);
});

test("keys of several columns, and of numbers however they are written", async () => {
  const to = await project({
    key: ["id", "name"],
    columns: [
      { name: "id", type: "decimal", required: true },
      { name: "name", required: true },
      { name: "amount" },
      { name: "weight", type: "decimal" },
    ],
  });
  await send(to, "a", ['1\t1.50\ta"b\tx\t2.50']);
  // The same, written in another way, is no change.
  expect(
    await say(to, "shop", [{ operation: "put", values: { id: "1.500", name: 'a"b', weight: "2.5" } }]),
  ).toMatchObject([{ version: 1, change: null }]);
  expect(await say(to, "api", [{ operation: "put", key: '["1.5","a\\"b"]', values: { amount: "y" } }])).toMatchObject([
    { key: '["1.5","a\\"b"]', version: 2 },
  ]);
  await expect(say(to, "api", [{ operation: "put", values: { id: "1", amount: "y" } }])).rejects.toMatchObject({
    code: "item_key_missing",
  });
  await expect(say(to, "api", [{ operation: "put", values: { id: "x", name: "n" } }])).rejects.toMatchObject({
    code: "item_value_invalid",
  });
});

test("old history is forgotten, but for what is there now and what somebody waits for", async () => {
  const to = await project();
  const put = (id: string, name: string): IncomingRow => ({ operation: "put", values: { id, name } });
  for (const name of ["one", "two", "three"]) await say(to, "api", [put("1", name), put("2", name)]);
  await say(to, "api", [{ operation: "remove", key: "2" }]);
  const old = { name: "old", atMs: 1 };
  await say(to, "shop", [{ operation: "put", values: { id: "1", name: old.name }, atMs: old.atMs }]);
  await say(to, "api", [put("3", "young")]);
  const changes = await changesOf(to);
  const catalogId =
    (await itemsOf(to))[0] && (await database.pool.query("SELECT max(id) AS id FROM catalogs")).rows[0].id;
  await database.pool.query(
    "INSERT INTO subscriptions (catalog_id, project_id, name, use, definition, cursor) VALUES ($1, $2, 'shop', 'rest', '{}', $3)",
    [catalogId, to.projectId, changes[1]!.seq],
  );
  const later = { now: new Date(Date.now() + 91 * 86_400_000) };
  const mine = async () => told(await changesOf(to));
  await forgetHistories(database, later);
  // What the subscription has behind it is gone, and nothing else.
  expect(await mine()).toHaveLength(changes.length - 2);
  await database.pool.query("UPDATE subscriptions SET cursor = $1", [changes.at(-1)!.seq]);
  await forgetHistories(database, { now: new Date() });
  expect(await mine()).toHaveLength(changes.length - 2);
  await forgetHistories(database, later);
  expect(await mine()).toEqual(["1 3 put api", "3 1 put api"]);
  expect((await database.pool.query("SELECT FROM catalog_losses WHERE catalog_id = $1", [catalogId])).rows).toEqual([]);
  expect((await itemsOf(to)).map(({ key, seq }) => [key, seq !== null])).toEqual([
    ["1", true],
    ["3", true],
  ]);
  // A key that was forgotten does not begin anew with a version that it had.
  expect(await say(to, "api", [put("2", "again")])).toMatchObject([{ version: 5 }]);
});

test("many writers at once: no deadlock, nothing lost, and numbers grow with versions", async () => {
  const to = await project({ mode: "replace" });
  await send(
    to,
    "a",
    Array.from({ length: 60 }, (_, n) => `${n + 1}\t${n}\tItem ${n}\t0`),
  );
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let round = 0; round < 12; round += 1) {
      // In an order of each writer's own, with keys that are there and keys that are not.
      const said = Array.from({ length: 20 }, (__, n): IncomingRow => {
        const id = String((n * (7 + 2 * writer) + round * 13 + writer) % 90);
        return (n + round) % 6 === 0
          ? { operation: "remove", key: id }
          : { operation: "put", values: { id, name: `${writer} ${round}` } };
      });
      await say(to, `side_${writer}`, said);
    }
  });
  const files = (async () => {
    for (let file = 0; file < 3; file += 1)
      await send(
        to,
        `f${file}`,
        Array.from({ length: 60 }, (_, n) => `${n + 1}\t${n + file * 10}\tFile ${file}\t${file}`),
      );
  })();
  await Promise.all([...writers, files]);
  expect(
    await batch(
      (
        await database.query
          .selectFrom("batches")
          .select("id")
          .where("project_id", "=", to.projectId)
          .orderBy("id", "desc")
          .limit(1)
          .executeTakeFirstOrThrow()
      ).id,
    ),
  ).toMatchObject({ status: "completed" });
  const changes = await changesOf(to);
  const byKey = Map.groupBy(changes, ({ key }) => key);
  for (const [key, log] of byKey)
    expect(
      log.map(({ version }) => version),
      key,
    ).toEqual(log.map((_, place) => place + 1));
  const items = await itemsOf(to);
  const last = new Map([...byKey].map(([key, log]) => [key, log.at(-1)!]));
  expect(items.map(({ key }) => key).sort()).toEqual(
    [...last].flatMap(([key, { operation }]) => (operation === "put" ? [key] : [])).sort(),
  );
  for (const item of items)
    expect(last.get(item.key)).toMatchObject({
      values: item.values,
      seq: item.seq,
      version: item.version,
      hash: item.hash,
    });
});

test("numbers are given at once, in the order of commits of a key, and another process takes over", async () => {
  const to = await project();
  await say(to, "api", [{ operation: "put", values: { id: "1", name: "Ada" } }]);
  const before = (await changesOf(to)).at(-1)!;
  // The first draws its id before the second, and commits after it.
  const isWritten = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const slow = transaction(database, async (tx) => {
    const catalog = await openCatalog(tx, placeOf(to), {});
    await writeItems(tx, catalog, [{ operation: "put", values: { id: "2", name: "slow" } }], {
      origin: "api",
      cause: null,
    });
    isWritten.resolve();
    await mayCommit.promise;
  });
  await isWritten.promise;
  await say(to, "api", [{ operation: "put", values: { id: "3", name: "quick" } }]);
  const quick = await waitFor(async () => (await changesOf(to)).find(({ key }) => key === "3"), "the number");
  expect(quick.seq).toBeGreaterThan(before.seq);
  mayCommit.resolve();
  await slow;
  const late = await waitFor(async () => (await changesOf(to)).find(({ key }) => key === "2"), "the number");
  expect(late.id).toBeLessThan(quick.id);
  expect(late.seq).toBeGreaterThan(quick.seq);
  // A replay since a time between the two has what was committed after it.
  expect(late.at.getTime()).toBeGreaterThanOrEqual(quick.at.getTime());

  const numbered = Promise.withResolvers<{ catalogId: number; seq: number }>();
  const other = openSequencer({ database, logger, numbered: ([first]) => numbered.resolve(first!), pollMs: 20 });
  expect(other.isLeading()).toBe(false);
  // As when the leader's process ends: its session does.
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
       AND classid = (hashtext('catalogs')::bigint & 4294967295)::oid AND objid = (hashtext('sequencer')::bigint & 4294967295)::oid AND granted`,
  );
  await sequencer.close();
  await say(to, "api", [{ operation: "put", values: { id: "4", name: "Di" } }]);
  expect((await numbered.promise).seq).toBeGreaterThan(late.seq);
  expect(other.isLeading()).toBe(true);
  await other.close();
  sequencer = openSequencer({ database, logger, numbered: publisher.catalogsNumbered, pollMs: 100 });
});
