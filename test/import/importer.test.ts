import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ProfileInput } from "@inlet/contracts";
import { beginRehearsal, type Database, makeProjectLive, openDatabase, transaction } from "@inlet/database";
import { advance, openPublisher, type Publisher, retryBatch, runStage } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { openTestStack, waitFor as waitForStack } from "@inlet/stack";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { importBatch } from "../../services/importer/src/worker.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live, receive, rehearsed } from "../fixtures/reception.ts";

const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;
const waitFor = <T>(ask: () => Promise<T | undefined | false>) =>
  waitForStack(ask, { timeoutMs: 30_000, what: "the importer" });

const IMPORT_TIMEOUT_MS = 4_000;

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let blobs: Blobs;
let database: Database;
let publisher: Publisher;
let workers: { close(): Promise<void> }[];
let clientNumber = 0;
let client: string;
/** What the check would have counted, where it shall differ from the file. */
let claimedRows: number | undefined;
/** What the disk makes of the checked file. */
let damage: Buffer | undefined;
/** A file of this name is checked only then. */
let late: { fileName: string; until: Promise<void> } | undefined;

/** The check's work for these tests: files that come are canonical already. */
async function canonicalAsSent(batchId: number, client: string, bytes: Buffer) {
  const stored = await blobs.put(`${client}/${batchId}/canonical`, bytes);
  if (damage) await writeFile(join(folder, stored.key), damage);
  const valid = claimedRows ?? bytes.toString().split("\n").length - 1;
  return advance({
    counts: { records: valid, valid, rejected: 0 },
    artifacts: [{ kind: "canonical", blobKey: stored.key, name: "canonical", ...stored }],
  });
}

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  folder = await mkdtemp(join(tmpdir(), "inlet-importer-"));
  blobs = openBlobs(folder);
  database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 20 });
  publisher = openPublisher(stack.redisUrl, logger);
  await waitFor(() =>
    publisher.ping().then(
      () => true,
      () => false,
    ),
  );
  const options = { database, redisUrl: stack.redisUrl, logger, health, concurrency: 4, leaseMs: 20_000, retryMs: 50 };
  workers = [
    await runStage(
      "validate",
      async ({ step }) => {
        if (step.fileName === late?.fileName) await late.until;
        const reader = await blobs.open(step.artifacts.source!.blobKey);
        const bytes = await reader.read(0, reader.sizeBytes);
        await reader.close();
        return await canonicalAsSent(step.batchId, step.client, bytes);
      },
      options,
    ),
    await runStage("import", importBatch({ blobs, timeoutMs: IMPORT_TIMEOUT_MS }), options),
  ];
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.close()));
  await publisher?.close();
  await database?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  clientNumber += 1;
  client = `acme${clientNumber}`;
  claimedRows = undefined;
  damage = undefined;
  late = undefined;
});

const project = (table: Partial<ProfileInput["tables"][number]>) =>
  live(database, buildProfile({ client, links: undefined, tables: [buildTable(table)] }));

async function send(to: Awaited<ReturnType<typeof live>>, fileName: string, rows: string[]) {
  const bytes = Buffer.from(rows.map((row) => `${row}\n`).join(""));
  const { batchId } = await receive({ database, publisher, blobs }, to, { fileName, bytes });
  return await ended(batchId);
}
const batch = (id: number) =>
  database.query.selectFrom("batches").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const ended = (id: number) => waitFor(async () => ((await batch(id)).ended_at ? await batch(id) : undefined));
const rows = async (columns = "id, name, amount", relation = "spring__rows") =>
  (await database.pool.query(`SELECT ${columns} FROM client_${client}.${relation} ORDER BY id`)).rows;

test("append adds rows that know their batch and record", async () => {
  const to = await project({ mode: "append" });
  const first = await send(to, "a", ["1\t1\tAda\t1.50", "3\t2\tBob\\tx\t\\N"]);
  const second = await send(to, "b", ["1\t3\tCy\t2"]);
  expect(first).toMatchObject({ status: "completed", staged: 2, imported: 2 });
  expect(await rows("_batch, _record, id, name, amount")).toEqual([
    { _batch: first.id, _record: 1, id: 1, name: "Ada", amount: "1.50" },
    { _batch: first.id, _record: 3, id: 2, name: "Bob\tx", amount: null },
    { _batch: second.id, _record: 1, id: 3, name: "Cy", amount: "2.00" },
  ]);
});

test("upsert overwrites known keys and inserts new ones", async () => {
  const to = await project({ mode: "upsert", key: ["id"] });
  await send(to, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"]);
  const second = await send(to, "b", ["1\t2\tRobert\t3", "2\t3\tCy\t4"]);
  expect(second).toMatchObject({ staged: 2, imported: 2 });
  expect(await rows()).toEqual([
    { id: 1, name: "Ada", amount: "1.00" },
    { id: 2, name: "Robert", amount: "3.00" },
    { id: 3, name: "Cy", amount: "4.00" },
  ]);
});

test("imports that wait share a transaction, but for `replace`: its readers wait for no other file", async () => {
  for (const mode of ["append", "upsert", "replace"] as const) {
    const to = await project({ mode, key: mode === "upsert" ? ["id"] : [] });
    const first = Promise.withResolvers<void>();
    late = { fileName: "a", until: first.promise };
    const ids: number[] = [];
    for (const fileName of ["a", "b", "c"]) {
      const bytes = Buffer.from(`1\t1\t${fileName}\t1\n`);
      ids.push((await receive({ database, publisher, blobs }, to, { fileName, bytes })).batchId);
    }
    const imports = async () =>
      (
        await database.pool.query<{ state: string; xmin: string }>(
          "SELECT state, xmin FROM steps WHERE kind = 'import' AND batch_id = ANY($1) ORDER BY batch_id",
          [ids],
        )
      ).rows;
    await waitFor(async () => (await imports()).length === 2);
    first.resolve();
    expect((await Promise.all(ids.map(ended))).map(({ status }) => status)).toEqual(ids.map(() => "completed"));
    expect(new Set((await imports()).map(({ xmin }) => xmin)).size).toBe(mode === "replace" ? 3 : 1);
    if (mode !== "append") expect(await rows("name")).toEqual([{ name: "c" }]);
    clientNumber += 1;
    client = `acme${clientNumber}`;
  }
});

test("replace swaps all rows; grants, dependants and open readers survive", async () => {
  const to = await project({ mode: "replace", key: ["id"] });
  await send(to, "a", ["1\t1\tAda\t1", "2\t2\tBob\t2"]);
  const view = `client_${client}.spring__rows`;
  await database.pool.query(`CREATE ROLE reader_${client}`);
  await database.pool.query(`GRANT SELECT ON ${view} TO reader_${client}`);
  await database.pool.query(`CREATE VIEW client_${client}.names AS SELECT id, name FROM ${view}`);

  // A reader in the middle of its transaction holds the old generation; the import neither waits for it nor breaks it.
  const reader = new pg.Client({ connectionString: stack.databaseUrl });
  await reader.connect();
  await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  const before = await reader.query(
    `SELECT count(*)::int AS n FROM client_${client}.spring__rows__g${(await batchOf("a")).id}`,
  );
  expect(before.rows[0].n).toBe(2);
  const second = await send(to, "b", ["1\t9\tZoe\t9"]);
  expect(second).toMatchObject({ status: "completed", imported: 1 });
  expect(await rows()).toEqual([{ id: 9, name: "Zoe", amount: "9.00" }]);
  expect(await rows("id, name", "names")).toEqual([{ id: 9, name: "Zoe" }]);
  expect(await generations()).toHaveLength(2);
  // Its snapshot is older than the flip; the view is of today, and its rows are there for everybody.
  expect((await reader.query(`SELECT name FROM ${view}`)).rows).toEqual([{ name: "Zoe" }]);
  await reader.query("COMMIT");
  await reader.end();

  await send(to, "c", ["1\t10\tYan\t1"]);
  expect(await generations()).toHaveLength(1);
  const grants = await database.pool.query("SELECT has_table_privilege($1, $2, 'SELECT') AS kept", [
    `reader_${client}`,
    view,
  ]);
  expect(grants.rows[0].kept).toBe(true);
});

const batchOf = (fileName: string) =>
  database.query
    .selectFrom("batches")
    .innerJoin("clients", "clients.id", "batches.client_id")
    .select(["batches.id"])
    .where("clients.slug", "=", client)
    .where("file_name", "=", fileName)
    .executeTakeFirstOrThrow();
const generations = async () =>
  (await database.pool.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", [`client_${client}`])).rows;

test("a row that PostgreSQL refuses, a count that differs or a damaged file leaves no trace", async () => {
  const to = await project({ mode: "append" });
  await send(to, "good", ["1\t1\tAda\t1"]);

  const refused = await send(to, "refused", ["1\t2\tBob\t2", "2\tnot a number\tCy\t3"]);
  expect(refused).toMatchObject({ status: "failed", imported: null, staged: null });

  claimedRows = 3;
  const differs = await send(to, "differs", ["1\t4\tDi\t4", "2\t5\tEd\t5"]);
  expect(differs).toMatchObject({ status: "failed", reason_code: "counts_differ", imported: null });
  expect(differs.reason_message).toMatch(/3 rows were valid but 2 staged/);
  claimedRows = undefined;

  expect(await rows("id")).toEqual([{ id: 1 }]);
}, 60_000);

test("an import that takes too long is ended with what to do, holds nothing, and a retry imports it", async () => {
  const to = await project({ mode: "append" });
  await send(to, "a", ["1\t1\tAda\t1"]);
  const holder = new pg.Client({ connectionString: stack.databaseUrl });
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE client_${client}.spring__rows`);
  const slow = await send(to, "b", ["1\t2\tBob\t2"]);
  expect(slow).toMatchObject({ status: "failed", reason_code: "import_too_slow", imported: null });
  expect(slow.reason_message).toMatch(/longer than 4 s.*IMPORT_TIMEOUT_MS/);
  await holder.end();
  expect(await rows("id")).toEqual([{ id: 1 }]);
  await retryBatch(database, publisher, { batchId: slow.id, actor: "operator" });
  expect(await ended(slow.id)).toMatchObject({ status: "completed", imported: 1 });
  expect(await rows("id")).toEqual([{ id: 1 }, { id: 2 }]);
}, 30_000);

test("a session whose client has vanished is given up within half a minute, idle or at work", async () => {
  const setting = async (name: string) =>
    Number((await database.pool.query("SELECT setting FROM pg_settings WHERE name = $1", [name])).rows[0].setting);
  const [idle, interval, count] = [
    await setting("tcp_keepalives_idle"),
    await setting("tcp_keepalives_interval"),
    await setting("tcp_keepalives_count"),
  ];
  expect(idle).toBeGreaterThan(0);
  expect(idle + interval * count).toBeLessThanOrEqual(30);
  expect(await setting("client_connection_check_interval")).toBe(10_000);
});

test("a first import that is rolled back leaves the next one to make the table", async () => {
  const to = await project({ mode: "append" });
  claimedRows = 99;
  expect(await send(to, "differs", ["1\t1\tAda\t1"])).toMatchObject({ status: "failed", reason_code: "counts_differ" });
  claimedRows = undefined;
  expect(await send(to, "good", ["1\t2\tBob\t2"])).toMatchObject({ status: "completed" });
  await database.pool.query(`DROP TABLE client_${client}.spring__rows`);
  expect(await send(to, "after", ["1\t3\tCy\t3"])).toMatchObject({ status: "completed" });
  expect(await rows("id")).toEqual([{ id: 3 }]);
}, 30_000);

test("a failed batch whose file was sent again and imported is not imported as well, unless forced", async () => {
  const to = await project({ mode: "append" });
  claimedRows = 99;
  const failed = await send(to, "same", ["1\t1\tAda\t1"]);
  claimedRows = undefined;
  expect(await send(to, "same", ["1\t1\tAda\t1"])).toMatchObject({ status: "completed" });
  const retry = { batchId: failed.id, actor: "operator" };
  await expect(retryBatch(database, publisher, retry)).rejects.toThrow(/sent again and accepted/);
  expect(await rows("id")).toEqual([{ id: 1 }]);
});

test("a canonical file that changed on disk since its check is not imported", async () => {
  const to = await project({ mode: "append" });
  damage = Buffer.from("1\t1\tEve\t1\n");
  const end = await send(to, "x", ["1\t1\tAda\t1"]);
  expect(end).toMatchObject({ status: "failed", reason_code: "blob_damaged", imported: null });
});

test("a column added to the profile is added to the table, for each mode; a dropped or changed one is refused", async () => {
  for (const mode of ["append", "upsert", "replace"] as const) {
    client = `acme${clientNumber}${mode}`;
    const columns: ProfileInput["tables"][number]["columns"] = [{ name: "id", type: "integer" }, { name: "name" }];
    await send(await project({ mode, key: ["id"], columns }), "a", ["1\t1\tAda"]);
    const wider = await project({ mode, key: ["id"], columns: [{ name: "city" }, ...columns] });
    expect(await send(wider, "b", ["1\tRome\t2\tBob"])).toMatchObject({ status: "completed" });
    expect(await rows("id, name, city")).toContainEqual({ id: 2, name: "Bob", city: "Rome" });

    const changed = await project({ mode, key: ["id"], columns: [{ name: "id" }, { name: "name" }, { name: "city" }] });
    const refused = await send(changed, "c", ["1\tx\tCy\tBonn"]);
    expect(refused).toMatchObject({ status: "failed", reason_code: "table_changed" });
    expect(refused.reason_message).toMatch(/column id is bigint and would become text/);
    const dropped = await send(await project({ mode, key: ["id"], columns }), "d", ["1\t3\tDi"]);
    expect(dropped.reason_message).toMatch(/column city is missing from the profile/);
  }
}, 60_000);

test.each(["append", "upsert", "replace"] as const)(
  "a batch of mode %s that is retried after a newer profile added a column is imported, and the column is empty",
  async (mode) => {
    const columns: ProfileInput["tables"][number]["columns"] = [{ name: "id", type: "integer" }, { name: "name" }];
    const table = { mode, key: ["id"] };
    claimedRows = 99;
    const older = await send(await project({ ...table, columns }), "older", ["1\t1\tAda"]);
    expect(older).toMatchObject({ status: "failed", reason_code: "counts_differ" });
    claimedRows = undefined;
    await send(await project({ ...table, columns: [{ name: "city" }, ...columns] }), "newer", ["1\tRome\t2\tBob"]);

    await database.query.updateTable("batches").set({ valid: 1 }).where("id", "=", older.id).execute();
    const forced = mode === "append" ? {} : { force: true, reason: "its rows are wanted" };
    await retryBatch(database, publisher, { batchId: older.id, actor: "operator", ...forced });
    expect(await ended(older.id)).toMatchObject({ status: "completed", reason_message: null, imported: 1 });
    const ada = { id: 1, name: "Ada", city: null };
    const bob = { id: 2, name: "Bob", city: "Rome" };
    expect(await rows("id, name, city")).toEqual(mode === "replace" ? [ada] : [ada, bob]);
  },
);

test("Monday's replace that is retried after Tuesday's is superseded, unless forced with a reason", async () => {
  const to = await project({ mode: "replace" });
  claimedRows = 99;
  const monday = await send(to, "monday", ["1\t1\tMonday\t1"]);
  expect(monday).toMatchObject({ status: "failed", reason_code: "counts_differ" });
  claimedRows = undefined;
  await send(to, "tuesday", ["1\t2\tTuesday\t2"]);

  await retryBatch(database, publisher, { batchId: monday.id, actor: "operator" });
  const superseded = await ended(monday.id);
  expect(superseded).toMatchObject({ status: "superseded", imported: null });
  expect(superseded.reason_message).toMatch(/tuesday .* arrived later and is imported already/);
  expect(await rows("name")).toEqual([{ name: "Tuesday" }]);

  await expect(retryBatch(database, publisher, { batchId: monday.id, actor: "operator" })).rejects.toThrow(/force/);
  await expect(retryBatch(database, publisher, { batchId: monday.id, actor: "operator", force: true })).rejects.toThrow(
    /reason/,
  );
  await database.query.updateTable("batches").set({ valid: 1 }).where("id", "=", monday.id).execute();
  await retryBatch(database, publisher, {
    batchId: monday.id,
    actor: "operator",
    force: true,
    reason: "Tuesday's was wrong",
  });
  expect(await ended(monday.id)).toMatchObject({ status: "completed", forced_reason: "Tuesday's was wrong" });
  expect(await rows("name")).toEqual([{ name: "Monday" }]);
});

test("what was pulled is overtaken where it is appended, too: the newer pull asked for it once more", async () => {
  const to = await project({ mode: "append" });
  claimedRows = 99;
  const monday = await send(to, "monday", ["1\t1\tMonday\t1"]);
  claimedRows = undefined;
  await send(to, "tuesday", ["1\t1\tMonday\t1", "2\t2\tTuesday\t2"]);
  await database.query.updateTable("batches").set({ source: "pull", valid: 1 }).where("id", "=", monday.id).execute();
  await retryBatch(database, publisher, { batchId: monday.id, actor: "operator" });
  expect(await ended(monday.id)).toMatchObject({ status: "superseded", imported: null });
  expect(await rows("name")).toHaveLength(2);
});

/** Puts a project into its rehearsal, or makes it live. */
async function turn(to: Awaited<ReturnType<typeof live>>, state: "rehearsal" | "live") {
  const change = state === "rehearsal" ? beginRehearsal : makeProjectLive;
  await transaction(database, (tx) => change(tx, to.projectId));
  return { ...to, state };
}
const schemas = async () =>
  (await database.pool.query("SELECT nspname FROM pg_namespace WHERE nspname = $1", [`client_${client}`])).rows;

test.each(["append", "upsert", "replace"] as const)(
  "a rehearsed file of mode %s is counted and leaves nothing behind, and the same file is real after that",
  async (mode) => {
    const table = buildTable({ mode, key: mode === "append" ? [] : ["id"] });
    const to = await rehearsed(database, buildProfile({ client, links: undefined, tables: [table] }));
    const sent = ["1\t1\tAda\t1.50", "2\t2\tBob\t2"];
    for (const _ of ["once", "again"]) {
      const rehearsal = await send(to, "a", sent);
      expect(rehearsal).toMatchObject({ rehearsal: true, status: "completed", valid: 2, staged: 2, imported: 2 });
      expect(await schemas()).toEqual([]);
    }
    const wrong = mode === "append" ? ["1\tone\tAda\t1"] : ["1\t1\tAda\t1", "2\t1\tBob\t2"];
    expect(await send(to, "b", wrong)).toMatchObject({ status: "failed", imported: null });

    const real = await send(await turn(to, "live"), "a", sent);
    expect(real).toMatchObject({ rehearsal: false, status: "completed", imported: 2 });
    expect(await rows("_batch, name")).toEqual([
      { _batch: real.id, name: "Ada" },
      { _batch: real.id, name: "Bob" },
    ]);
  },
  60_000,
);

test.each(["append", "upsert", "replace"] as const)(
  "a rehearsal of mode %s beside rows that are there leaves them alone, and is held to the table as it is",
  async (mode) => {
    const key = mode === "append" ? [] : ["id"];
    const to = await project({ mode, key });
    await send(to, "a", ["1\t1\tAda\t1.50"]);
    if (mode === "upsert") {
      await database.pool.query(`ALTER TABLE client_${client}.spring__rows ADD CHECK (amount < 100)`);
    }
    const relations = async () =>
      (
        await database.pool.query(
          "SELECT c.relname, c.relnatts FROM pg_class c WHERE relnamespace = $1::regnamespace ORDER BY relname",
          [`client_${client}`],
        )
      ).rows;
    const before = await relations();

    const rehearsing = await turn(to, "rehearsal");
    expect(await send(rehearsing, "b", ["1\t1\tEve\t9"])).toMatchObject({ status: "completed", imported: 1 });
    if (mode === "upsert") {
      expect(await send(rehearsing, "c", ["1\t2\tBob\t100"])).toMatchObject({ status: "failed", imported: null });
    }
    const wider = buildTable({ mode, key }).columns.concat({ name: "city" });
    const changed = await turn(await project({ mode, key, columns: wider }), "rehearsal");
    expect(await send(changed, "d", ["1\t1\tEve\t9\tRome"])).toMatchObject({ status: "completed", imported: 1 });
    expect(await rows()).toEqual([{ id: 1, name: "Ada", amount: "1.50" }]);
    expect(await relations()).toEqual(before);

    const real = await send(await turn(changed, "live"), "d", ["1\t1\tEve\t9\tRome"]);
    expect(real).toMatchObject({ status: "completed", imported: 1 });
    expect(await rows("name, city")).toContainEqual({ name: "Eve", city: "Rome" });
  },
  60_000,
);

test("a rehearsed file keeps no real one waiting, overtakes none, and takes part in no run of theirs", async () => {
  const to = await project({ mode: "replace" });
  claimedRows = 99;
  const failed = await send(to, "real", ["1\t1\tMonday\t1"]);
  claimedRows = undefined;
  const { promise, resolve } = Promise.withResolvers<void>();
  late = { fileName: "rehearsed", until: promise };
  const bytes = Buffer.from("1\t2\tRehearsal\t1\n");
  const key = { fileName: "rehearsed", bytes, runKey: "2026-11-20" };
  const rehearsing = await turn(to, "rehearsal");
  const { batchId } = await receive({ database, publisher, blobs }, rehearsing, key);
  // Nor one of which it is not known yet to which table it belongs.
  await receive({ database, publisher, blobs }, rehearsing, { ...key, table: null });
  const behind = await receive({ database, publisher, blobs }, await turn(to, "live"), { ...key, fileName: "b" });
  expect(await ended(behind.batchId)).toMatchObject({ status: "completed", rehearsal: false });
  resolve();
  const rehearsal = await ended(batchId);
  expect(rehearsal).toMatchObject({ status: "completed", rehearsal: true });
  expect(rehearsal.run_id).not.toBe((await batch(behind.batchId)).run_id);

  // The newest import of the table is the rehearsed one now; what it would overtake is real, and older than `b` alone.
  await database.query.deleteFrom("batches").where("id", "=", behind.batchId).execute();
  await database.query.updateTable("batches").set({ valid: 1 }).where("id", "=", failed.id).execute();
  await retryBatch(database, publisher, { batchId: failed.id, actor: "operator" });
  expect(await ended(failed.id)).toMatchObject({ status: "completed", imported: 1 });
  expect(await rows("name")).toEqual([{ name: "Monday" }]);
});

test.each(["append", "upsert", "replace"] as const)(
  "a failed batch of mode %s stays what it was received as, in whichever state its project is when it is retried",
  async (mode) => {
    const to = await project({ mode, key: mode === "append" ? [] : ["id"] });
    const failing = async (state: "live" | "rehearsal", fileName: string) => {
      claimedRows = 99;
      const failed = await send(await turn(to, state), fileName, [`1\t1\t${state}\t1`]);
      claimedRows = undefined;
      expect(failed).toMatchObject({ status: "failed", rehearsal: state === "rehearsal" });
      await database.query.updateTable("batches").set({ valid: 1 }).where("id", "=", failed.id).execute();
      return failed.id;
    };
    const retry = async (batchId: number) => {
      await retryBatch(database, publisher, { batchId, actor: "operator" });
      return await ended(batchId);
    };
    const rehearsedId = await failing("rehearsal", "a");
    await turn(to, "live");
    expect(await retry(rehearsedId)).toMatchObject({ status: "completed", rehearsal: true, imported: 1 });
    expect(await schemas()).toEqual([]);

    const realId = await failing("live", "b");
    await turn(to, "rehearsal");
    expect(await retry(realId)).toMatchObject({ status: "completed", rehearsal: false, imported: 1 });
    expect(await rows("_batch, name")).toEqual([{ _batch: realId, name: "live" }]);
  },
  60_000,
);
