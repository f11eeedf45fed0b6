import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IntakeHub, type IntakeProject, openIntakeHub } from "./hub.ts";

const SECONDS = { timeoutMs: 30_000, what: "the watcher" };

let hub: IntakeHub;
beforeAll(async () => {
  hub = await openIntakeHub(["watcher"], { WATCH_MS: "200", SWEEP_MS: "200", STUCK_MS: "1000", LOG_LEVEL: "debug" });
});
afterAll(() => hub?.stop());

const batchesOf = ({ projectId }: IntakeProject, count: number) =>
  waitFor(async () => {
    const batches = await hub.batches(projectId);
    return batches.length >= count && batches;
  }, SECONDS);
/** Files that come at once, with their job; resolves to their arrivals. */
async function come({ upload }: IntakeProject, ...files: Parameters<IntakeProject["upload"]>[]): Promise<number[]> {
  const ids: number[] = [];
  for (const file of files) ids.push(await upload(...file));
  await hub.publisher.arrivals(ids);
  return ids;
}
const stateOf = async (arrivalId: number) =>
  (
    await hub.database.query
      .selectFrom("arrivals")
      .select("state")
      .where("id", "=", arrivalId)
      .executeTakeFirstOrThrow()
  ).state;
const blob = (project: IntakeProject, batchId: number) =>
  join(hub.stack.dataFolder, "blobs", project.profile.client, String(batchId), "source");
const claims = () => readdir(join(hub.stack.dataFolder, "claimed"));
const sha256 = (text: string) => createHash("sha256").update(text).digest();

test("an arrival becomes a batch with its first step, and its bytes are stored", async () => {
  const project = await hub.project({ notify: { recipients: ["ops@example.com"], on: ["received", "completed"] } });
  const arrivalId = await project.upload("a.csv", "id\n1\n");
  await hub.publisher.arrivals([arrivalId]);
  const [batch] = await batchesOf(project, 1);
  expect(batch).toMatchObject({
    arrival_id: arrivalId,
    file_name: "a.csv",
    table_name: "rows",
    status: "received",
    size_bytes: 5,
    source: "gateway",
  });
  expect(batch!.sha256).toEqual(sha256("id\n1\n"));
  expect(await readFile(blob(project, batch!.id), "utf8")).toBe("id\n1\n");
  expect(await stateOf(arrivalId)).toBe("batched");
  const steps = await hub.database.query.selectFrom("steps").selectAll().where("batch_id", "=", batch!.id).execute();
  expect(steps).toMatchObject([{ kind: "validate", state: "ready" }]);
  const mails = await hub.database.query.selectFrom("messages").selectAll().where("batch_id", "=", batch!.id).execute();
  expect(mails).toMatchObject([{ recipient: "ops@example.com", payload: { event: "received", batchId: batch!.id } }]);
  const artifacts = await hub.database.query
    .selectFrom("artifacts")
    .selectAll()
    .where("batch_id", "=", batch!.id)
    .execute();
  expect(artifacts).toMatchObject([{ kind: "source", name: "a.csv", size_bytes: 5 }]);
  expect(existsSync(join(hub.stack.dataFolder, "accounts", project.jail, "spring/Uploads/a.csv"))).toBe(false);
  await waitFor(async () => (await claims()).length === 0, SECONDS);
});

test("an arrival whose job was lost is found by the periodic look", async () => {
  const project = await hub.project();
  await project.upload("a.csv");
  expect(await batchesOf(project, 1)).toHaveLength(1);
});

test("many arrivals become batches in order of arrival, whatever the order of their jobs", async () => {
  const project = await hub.project();
  const ids: number[] = [];
  for (let n = 0; n < 50; n += 1) ids.push(await project.upload(`f${n}.csv`, `id\n${n}\n`, { hashed: n % 3 > 0 }));
  await hub.publisher.arrivals(ids.toReversed());
  const batches = await batchesOf(project, 50);
  expect(batches.map((batch) => batch.arrival_id)).toEqual(ids);
  for (const [n, batch] of batches.entries()) expect(batch.sha256).toEqual(sha256(`id\n${n}\n`));
});

test("a large file without a hash is hashed before those behind it become batches", async () => {
  const project = await hub.project();
  const large = "x".repeat(3 * 1024 * 1024);
  await come(project, ["first.csv", "id\n1\n"], ["large.csv", large, { hashed: false }], ["last.csv", "id\n2\n"]);
  const batches = await batchesOf(project, 3);
  expect(batches.map((batch) => batch.file_name)).toEqual(["first.csv", "large.csv", "last.csv"]);
  expect(batches[1]!.sha256).toEqual(sha256(large));
});

test("large files that are being hashed hold up no other project", async () => {
  const giants: IntakeProject[] = [];
  for (let n = 0; n < 4; n += 1) giants.push(await hub.project());
  const sizeBytes = 1024 ** 3;
  const arrivalIds: number[] = [];
  for (const { jail, upload } of giants) {
    const folder = join(hub.stack.dataFolder, "accounts", jail, "spring/Uploads");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "giant.csv"), "");
    await truncate(join(folder, "giant.csv"), sizeBytes);
    arrivalIds.push(await upload("giant.csv", "", { missing: true, hashed: false, sizeBytes }));
  }
  await hub.publisher.arrivals(arrivalIds);
  await waitFor(
    async () => (await Promise.all(arrivalIds.map(stateOf))).every((state) => state === "claimed"),
    SECONDS,
  );
  const small = await hub.project();
  await small.upload("a.csv", "id\n1\n", { published: true });
  await batchesOf(small, 1);
  const hashed = hub.database.query.selectFrom("arrivals").select("id").where("id", "in", arrivalIds);
  expect(await hashed.where("sha256", "is not", null).execute()).toEqual([]);
  for (const giant of giants) await batchesOf(giant, 1);
});

test("a name of no table is a rejected batch that names the patterns, and its source is kept", async () => {
  const project = await hub.project({
    tables: [{ name: "store", files: ["{table}-{date}.tsv"], columns: [{ name: "id" }] }],
  });
  await come(project, ["stores.tsv"]);
  const [batch] = await batchesOf(project, 1);
  expect(batch).toMatchObject({ status: "rejected", reason_code: "unknown_file_name", table_name: null });
  expect(batch!.reason_message).toContain("store-YYYY-MM-DD.tsv");
  expect(existsSync(blob(project, batch!.id))).toBe(true);
  const mails = await hub.database.query
    .selectFrom("messages")
    .selectAll()
    .where("run_id", "=", batch!.run_id)
    .execute();
  expect(mails).toHaveLength(1);
});

test("the same name again is a visible duplicate, also of a file that comes with it", async () => {
  const project = await hub.project();
  await come(project, ["a.csv", "id\n1\n"], ["A.CSV", "id\n2\n"]);
  const [first] = await batchesOf(project, 2);
  await come(project, ["a.csv", "id\n3\n"]);
  const [, ...others] = await batchesOf(project, 3);
  for (const other of others) {
    expect(other).toMatchObject({ status: "duplicate", reason_code: "duplicate_name" });
    expect(other.reason_message).toContain(`batch ${first!.id}`);
  }
});

test("after a rejected file the same name is welcome", async () => {
  const project = await hub.project();
  await come(project, ["a.csv", "id\n1\n"]);
  const [first] = await batchesOf(project, 1);
  await hub.database.query.updateTable("batches").set({ status: "rejected" }).where("id", "=", first!.id).execute();
  await come(project, ["a.csv", "id\n1\n"]);
  expect((await batchesOf(project, 2))[1]!.status).toBe("received");
});

test("after a failure the same name is welcome, unless the rows had been imported by then", async () => {
  const project = await hub.project();
  const fail = (id: number, imported: boolean) =>
    hub.database.query
      .updateTable("batches")
      .set({ status: "failed", imported_at: imported ? new Date() : null })
      .where("id", "=", id)
      .execute();
  await come(project, ["a.csv", "id\n1\n"]);
  await fail((await batchesOf(project, 1))[0]!.id, false);
  await come(project, ["a.csv", "id\n1\n"]);
  const second = (await batchesOf(project, 2))[1]!;
  expect(second.status).toBe("received");
  await fail(second.id, true);
  await come(project, ["a.csv", "id\n1\n"]);
  const third = (await batchesOf(project, 3))[2]!;
  expect(third).toMatchObject({ status: "duplicate", reason_code: "duplicate_name" });
  expect(third.reason_message).toContain(`batch ${second.id}`);
});

test("the same bytes under another name are judged by the profile", async () => {
  const strict = await hub.project({ duplicates: { name: "accept", content: "reject" } });
  const lax = await hub.project({ duplicates: { name: "accept" } });
  for (const project of [strict, lax]) {
    await come(project, ["a.csv", "id\n1\n"], ["b.csv", "id\n1\n"], ["c.csv", "id\n1\n"]);
  }
  expect((await batchesOf(strict, 3)).map((batch) => batch.reason_code)).toEqual([
    null,
    "duplicate_content",
    "duplicate_content",
  ]);
  expect((await batchesOf(lax, 3)).map((batch) => batch.status)).toEqual(["received", "received", "received"]);
});

test("files with one date share a run where the profile says so", async () => {
  const project = await hub.project({
    run: { group: "date" },
    tables: ["store", "sku"].map((name) => ({ name, files: ["{table}-{date}.tsv"], columns: [{ name: "id" }] })),
  });
  await come(project, ["store-2026-11-20.tsv"], ["sku-2026-11-20.tsv"], ["sku-2026-11-21.tsv"]);
  const [store, sku, next] = await batchesOf(project, 3);
  expect(sku!.run_id).toBe(store!.run_id);
  expect(next!.run_id).not.toBe(store!.run_id);
});

test("an arrival whose file is nowhere is a rejected batch that asks for it again, and an audit row", async () => {
  const project = await hub.project();
  const lost = await project.upload("a.csv", "id\n1\n", { missing: true, ageMs: 60_000 });
  await project.upload("b.csv");
  const [batch, next] = await batchesOf(project, 2);
  expect(batch).toMatchObject({ arrival_id: lost, status: "rejected", reason_code: "file_lost" });
  expect(next).toMatchObject({ file_name: "b.csv", status: "received" });
  expect(await stateOf(lost)).toBe("lost");
  const audit = await hub.database.query.selectFrom("audit").selectAll().where("action", "=", "arrival.lost").execute();
  expect(audit).toMatchObject([{ path: "/spring/Uploads/a.csv", detail: { arrivalId: lost } }]);
});

test("a file that is late to show holds its place, and is taken when it shows", async () => {
  const project = await hub.project();
  const late = await project.upload("late.csv", "id\n1\n", { missing: true });
  const behind = await project.upload("behind.csv");
  await hub.publisher.arrivals([late, behind]);
  await waitFor(() => hub.stack.recentLines("watcher").some((line) => line.includes("not there yet")), SECONDS);
  expect(await hub.batches(project.projectId)).toEqual([]);
  await writeFile(join(hub.stack.dataFolder, "accounts", project.jail, "spring/Uploads/late.csv"), "id\n1\n");
  expect((await batchesOf(project, 2)).map((batch) => batch.arrival_id)).toEqual([late, behind]);
});

test("an arrival that cannot be taken is told about once, and is taken when it can be", async () => {
  const project = await hub.project();
  const folder = join(hub.stack.dataFolder, "accounts", project.jail, "spring");
  const stuck = await project.upload("a.csv", "id\n1\n", { missing: true });
  await rmdir(join(folder, "Uploads"));
  await writeFile(join(folder, "Uploads"), "a file where the folder belongs");
  const audit = () =>
    hub.database.query.selectFrom("audit").selectAll().where("action", "=", "arrival.stuck").execute();
  await waitFor(async () => (await audit()).length > 0, SECONDS);
  expect(await audit()).toMatchObject([
    { path: "/spring/Uploads/a.csv", outcome: "unexpected", detail: { arrivalId: stuck, project: "spring" } },
  ]);
  expect(hub.stack.recentLines("watcher").some((line) => line.includes("holds up its project"))).toBe(true);
  await rm(join(folder, "Uploads"));
  await mkdir(join(folder, "Uploads"));
  await writeFile(join(folder, "Uploads/a.csv"), "id\n1\n");
  expect(await batchesOf(project, 1)).toMatchObject([{ arrival_id: stuck, status: "received" }]);
  expect(await audit()).toHaveLength(1);
});

test("a file of another size than its sender was told is not imported", async () => {
  const project = await hub.project();
  await come(project, ["a.csv", "id\n1\n", { sizeBytes: 700 }]);
  expect(await batchesOf(project, 1)).toMatchObject([{ status: "rejected", reason_code: "file_damaged" }]);
});

test("a file that is being written to again is left alone until its handle is closed", async () => {
  const project = await hub.project();
  const handle = { account_id: project.accountId, path: "/spring/Uploads/a.csv", session: "s" };
  await hub.database.query.insertInto("uploads").values(handle).execute();
  const [held] = await come(project, ["a.csv"], ["b.csv"]);
  const [other] = await batchesOf(project, 1);
  expect(other!.file_name).toBe("b.csv");
  expect(await stateOf(held!)).toBe("arrived");
  await hub.database.query.deleteFrom("uploads").where("account_id", "=", project.accountId).execute();
  expect((await batchesOf(project, 2))[1]).toMatchObject({ arrival_id: held });
});

test("a file that its sender took back is no batch, and its bytes are swept away", async () => {
  const project = await hub.project();
  const { rows } = await hub.database.pool.query<{ id: number }>(
    `INSERT INTO arrivals (source, project_id, path, file_name, generation, size_bytes, location, state)
     VALUES ('gateway', $1, '/x', 'x', 1, 1, 'nowhere', 'withdrawn') RETURNING id`,
    [project.projectId],
  );
  const claimed = join(hub.stack.dataFolder, "claimed", String(rows[0]!.id));
  await writeFile(claimed, "x");
  await waitFor(() => !existsSync(claimed), SECONDS);
  expect(await hub.batches(project.projectId)).toEqual([]);
});

test("what broken fetches left behind is swept away, and nothing that an arrival names or that is young", async () => {
  const project = await hub.project();
  const folder = join(hub.stack.dataFolder, "fetched");
  await mkdir(folder, { recursive: true });
  const hoursAgo = new Date(Date.now() - 2 * 60 * 60_000);
  for (const name of ["old.part", "named", "young.part"]) {
    await writeFile(join(folder, name), "x");
    if (name !== "young.part") await utimes(join(folder, name), hoursAgo, hoursAgo);
    if (name !== "named") continue;
    await hub.database.pool.query(
      `INSERT INTO arrivals (source, project_id, path, file_name, generation, size_bytes, location, state)
       VALUES ('sftp', $1, '/named', 'named', 1, 1, 'fetched/named', 'withdrawn')`,
      [project.projectId],
    );
  }
  await waitFor(() => !existsSync(join(folder, "old.part")), SECONDS);
  expect((await readdir(folder)).sort()).toEqual(["named", "young.part"]);
});

test("stored files of a batch that was rolled back are swept away, and nothing that is a batch's, young, or newer than all", async () => {
  const project = await hub.project();
  const burn = async () =>
    Number((await hub.database.pool.query("SELECT nextval(pg_get_serial_sequence('batches', 'id')) AS id")).rows[0].id);
  const [old, young] = [await burn(), await burn()];
  await project.upload("a.csv", "id\n1\n", { published: true });
  const [batch] = await batchesOf(project, 1);
  const folderOf = (id: number) => join(hub.stack.dataFolder, "blobs", project.profile.client, String(id));
  const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
  const newer = batch!.id + 1_000_000;
  for (const id of [old, young, newer]) {
    await mkdir(folderOf(id), { recursive: true });
    await writeFile(join(folderOf(id), "source"), "id\n1\n");
  }
  // What is no client's folder hinders nobody.
  await writeFile(join(hub.stack.dataFolder, "blobs/0_note"), "");
  for (const id of [batch!.id, newer, old]) await utimes(folderOf(id), longAgo, longAgo);
  await waitFor(() => !existsSync(folderOf(old)), SECONDS);
  expect([batch!.id, young, newer].map((id) => existsSync(join(folderOf(id), "source")))).toEqual([true, true, true]);
});

test.each(["watcher.claimed", "watcher.before-commit", "watcher.committed"])(
  "a watcher that is killed at %s leaves every arrival as one batch",
  async (point) => {
    const project = await hub.project();
    await hub.stack.armFailpoint(point);
    const ids: number[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await project.upload(`f${n}.csv`, `id\n${n}\n`, { hashed: n % 2 === 0 }));
    await hub.publisher.arrivals(ids);
    const batches = await batchesOf(project, 5);
    await waitFor(async () => (await claims()).length === 0, SECONDS);
    expect(existsSync(join(hub.stack.stateFolder, "failpoints", point))).toBe(false);
    expect((await hub.batches(project.projectId)).map((batch) => batch.arrival_id)).toEqual(ids);
    for (const [n, { id }] of batches.entries()) expect(await readFile(blob(project, id), "utf8")).toBe(`id\n${n}\n`);
    for (const id of ids) expect(await stateOf(id)).toBe("batched");
  },
);

test("PostgreSQL and Redis go away and come back: arrivals go on by themselves", async () => {
  const project = await hub.project();
  await project.upload("a.csv");
  await hub.stack.process("redis").stop();
  await batchesOf(project, 1);
  await hub.stack.process("postgres").stop();
  await hub.stack.process("redis").start();
  await hub.stack.process("postgres").start();
  await project.upload("b.csv");
  expect(await batchesOf(project, 2)).toHaveLength(2);
});
