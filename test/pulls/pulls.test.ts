import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  claimPull,
  endPull,
  findPull,
  forgetOldPulls,
  insertPulls,
  neededSpools,
  noteSystemFailure,
  noteSystemSuccess,
  pullCursor,
  pulledTablesOfRun,
  systemStanding,
  transaction,
} from "@inlet/database";
import { lookAtPulls, progressOf, requestProbe } from "@inlet/pipeline";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { waitFor } from "../fixtures/hub.ts";
import {
  ITEMS,
  item,
  items,
  mailsOfRun,
  openPulledHub,
  openPullingClient,
  PULLED_ITEMS,
  type PulledHub,
  type PullingClientHere,
  pullEnded,
} from "./pulled-hub.ts";

let hub: PulledHub;
let client: PullingClientHere;
beforeAll(async () => {
  hub = await openPulledHub();
});
afterAll(() => hub?.stop());
afterEach(() => client?.close());

const logger = { info() {}, warn() {}, error() {} } as never;

test("a full pull replaces the table by what the system has, and readers never see it half or empty", async () => {
  client = await openPullingClient(hub, { client: "full" });
  const [first] = await client.pull();
  expect(first).toMatchObject({
    ...{ state: "received", expected: 25, received: 25, pages: 3, duplicates: 0, monitored: true, full: true },
    ...{ batchStatus: "completed", imported: 25 },
  });
  expect(await client.codes()).toHaveLength(25);
  // Nobody asked to be told of what went well.
  expect(await mailsOfRun(hub, first!.runId!)).toEqual([]);
  client.system.rows().splice(0, 25, ...items(30).slice(5));
  const seen = new Set<number>();
  let isReading = true;
  const reading = (async () => {
    while (isReading) seen.add((await client.codes()).length);
  })();
  const [second] = await client.pull();
  isReading = false;
  await reading;
  expect(second).toMatchObject({ state: "received", batchStatus: "completed", imported: 25 });
  expect([...seen]).toEqual([25]);
  expect((await client.codes())[0]).toBe("I006");
  expect(await readdir(join(hub.stack.dataFolder, "pulls"))).toEqual([]);
});

test("what did not come whole is not imported: the table stays, and the mail says what came and what to do", async () => {
  client = await openPullingClient(hub, { client: "whole" });
  await client.pull();
  const before = await client.rowsOf();
  const { faults } = client.system;
  const rows = client.system.rows();
  for (const row of rows) Object.assign(row, { Price: 99 });

  faults.add({ kind: "skip" }, { after: 1 });
  const [skipped] = await client.pull();
  expect(skipped).toMatchObject({ state: "stopped", expected: 25, batchStatus: "rejected", imported: null });
  expect(skipped!.received).toBeLessThan(25);
  expect(skipped!.batchReasonCode).toBe("pull_incomplete");

  // The number changes during the pull, and during each that is begun anew.
  faults.add({ kind: "run", run: () => rows.push(item(`Z${rows.length}`)) }, { times: 1_000 });
  const [changed] = await client.pull();
  expect(changed).toMatchObject({ state: "stopped", rounds: 2, batchStatus: "rejected" });
  expect(changed!.batchReasonCode).toBe("pull_count_changed");
  rows.splice(25);
  faults.clear();

  faults.add({ kind: "truncated" }, { after: 2, times: 1_000 });
  const [truncated] = await client.pull();
  expect(truncated).toMatchObject({ state: "stopped", expected: 25, received: 10, failedPage: 2 });
  expect(truncated!.batchReasonMessage).toMatch(/25 items were expected and 10 came, then page 2 failed/);
  faults.clear();

  await hub.database.pool.query("UPDATE secrets SET name = 'gone' WHERE client_id = $1", [client.clientId]);
  const [denied] = await client.pull();
  expect(denied).toMatchObject({ state: "stopped", batchReasonCode: "pull_access_denied", pages: 0 });
  expect(denied!.batchReasonMessage).toMatch(/erp_password/);
  await hub.database.pool.query("UPDATE secrets SET name = 'erp_password' WHERE client_id = $1", [client.clientId]);

  Object.assign(rows[3]!, { Price: "dear" });
  const [invalid] = await client.pull();
  expect(invalid).toMatchObject({ state: "received", expected: 25, received: 25, batchStatus: "rejected" });
  Object.assign(rows[3]!, { Price: 99 });

  // What came and what is checked are not the same any more.
  const watcher = hub.stack.process("watcher");
  watcher.signal("SIGSTOP");
  const begun = await client.begin();
  await waitFor(async () => {
    const { pool } = hub.database;
    const where = "WHERE id = (SELECT arrival_id FROM pulls WHERE id = $1)";
    return (await pool.query(`UPDATE arrivals SET declared_records = 26 ${where}`, [begun])).rowCount === 1;
  }, "the arrival");
  watcher.signal("SIGCONT");
  const differing = await pullEnded(hub, begun);
  expect(differing).toMatchObject({ state: "received", batchStatus: "rejected", imported: null });

  expect(await client.rowsOf()).toEqual(before);
  for (const { runId } of [skipped!, changed!, truncated!, denied!, invalid!, differing]) {
    const mails = await mailsOfRun(hub, runId!);
    expect(mails.map(({ recipient }) => recipient.toLowerCase()).sort()).toEqual([
      "it@whole.example",
      "ops@whole.example",
    ]);
    expect(JSON.stringify(mails)).not.toContain(client.system.password);
  }
  const { rows: kept } = await hub.database.pool.query("SELECT * FROM pulls WHERE project_id = $1", [client.projectId]);
  expect(JSON.stringify(kept)).not.toContain(client.system.password);

  const [well] = await client.pull();
  expect(well).toMatchObject({ state: "received", batchStatus: "completed", imported: 25 });
});

test("a count that changes once is pulled anew, and a key that comes twice counts once", async () => {
  client = await openPullingClient(hub, { client: "anew" });
  const rows = client.system.rows();
  client.system.faults.add({ kind: "run", run: () => rows.push(item("Z999")) }, { after: 1 });
  const [pull] = await client.pull();
  expect(pull).toMatchObject({ state: "received", rounds: 1, expected: 26, received: 26, batchStatus: "completed" });
  expect(await client.codes()).toContain("Z999");
  await client.close();

  // By a field that is not unique: the later of two contents stays.
  const tables = [{ ...ITEMS, key: ["name"] }];
  const twice = [...items(12), item("X1", { ItemName: "Item I003", Price: 7 }), item("X2", { ItemName: "Item I004" })];
  client = await openPullingClient(hub, {
    client: "twice",
    rows: twice,
    tables,
    profile: { monitoring: { enabled: false } },
  });
  const [other] = await client.pull();
  expect(other).toMatchObject({ monitored: false, expected: null, received: 12, duplicates: 2, imported: 12 });
  expect(other!.duplicateSamples[0]).toMatchObject({ key: "Item I003", same: false, page: 2 });
  expect(await client.codes()).toEqual([
    "I001",
    "I002",
    ...items(12)
      .slice(4)
      .map(({ ItemCode }) => ItemCode),
    "X1",
    "X2",
  ]);
});

test("an incremental pull asks since the last import, and since the same again when that was not imported", async () => {
  const tables = [{ ...ITEMS, mode: "upsert" as const }];
  const pulls = [{ ...PULLED_ITEMS, incremental: { by: "UpdateDate", overlapSeconds: 0 } }];
  client = await openPullingClient(hub, { client: "since", tables, pulls, rows: items(5) });
  const rows = client.system.rows();
  const at = (day: number) => `2026-11-${day}T00:00:00Z`;
  const [first] = await client.pull();
  expect(first).toMatchObject({ full: true, cursorFrom: null, cursorTo: at(20), imported: 5 });
  // What has not changed within the overlap is nothing new.
  rows.push(item("N001", { UpdateDate: "2026-11-22" }));
  const [second] = await client.pull();
  expect(second).toMatchObject({ full: false, cursorFrom: at(20), cursorTo: at(22), imported: 6 });
  rows.push(item("N002", { UpdateDate: "2026-11-23", Price: "dear" }));
  const [refused] = await client.pull();
  expect(refused).toMatchObject({ cursorFrom: at(22), batchStatus: "rejected" });
  Object.assign(rows.at(-1)!, { Price: 3 });
  const [again] = await client.pull();
  expect(again).toMatchObject({ cursorFrom: at(22), cursorTo: at(23), received: 2, imported: 2 });
  expect(await client.codes()).toHaveLength(7);
  // A re-run that was imported is as good as the batch itself.
  const { pool } = hub.database;
  const cursor = async () => {
    const { asks } = (await pool.query("SELECT asks FROM pulls WHERE id = $1", [again!.id])).rows[0];
    return await pullCursor(hub.database, { projectId: client.projectId, tableName: "items", asks });
  };
  await pool.query("UPDATE batches SET imported_at = NULL WHERE id = $1", [again!.batchId]);
  expect(await cursor()).toMatchObject({ cursor: at(22), pullId: second!.id });
  await pool.query("UPDATE batches SET rerun_of = $1 WHERE id = $2", [again!.batchId, first!.batchId]);
  expect(await cursor()).toMatchObject({ cursor: at(23), pullId: again!.id });
  await pool.query("UPDATE batches SET rerun_of = NULL, imported_at = now() WHERE id = ANY($1)", [
    [first!.batchId, again!.batchId],
  ]);
  const [next] = await client.pull();
  expect(next).toMatchObject({ cursorFrom: at(23), imported: 1 });
  const [same] = await client.pull();
  expect(same).toMatchObject({ state: "unchanged", batchId: null, runId: null });
  const [full] = await client.pull({ full: true });
  expect(full).toMatchObject({ full: true, cursorFrom: null, received: 7, imported: 7 });

  // A system that counts none of what its pages have.
  const [late] = rows.slice(6);
  const { faults } = client.system;
  faults.add({ kind: "run", run: () => void rows.splice(6, 1) }, { on: "count", times: 1_000 });
  faults.add({ kind: "run", run: () => void rows.splice(6, 1, late!) }, { times: 1_000 });
  const [uncounted] = await client.pull();
  expect(uncounted).toMatchObject({ state: "stopped", expected: 0, received: 1 });
  expect(uncounted!.batchReasonCode).toBe("pull_incomplete");
});

test("killed at every point, a pull goes on where it was and becomes one batch", async () => {
  const { pool } = hub.database;
  client = await openPullingClient(hub, { client: "killed", rows: items(60) });
  const points = ["kept", "before-commit", "committed"].map((name) => `puller.${name}`);
  for (const point of points) await hub.stack.armFailpoint(point);
  // What came is kept while a page is slow.
  client.system.faults.add({ kind: "slow", ms: 40 }, { after: 4, times: 1 });
  const redis = new Redis(hub.stack.redisUrl);
  const flushing = setInterval(() => void redis.flushall(), 200);
  try {
    const [pull] = await client.pull();
    expect(pull).toMatchObject({ state: "received", expected: 60, received: 60, batchStatus: "completed" });
    expect(pull!.attempts).toBe(points.length);
  } finally {
    clearInterval(flushing);
    redis.disconnect();
  }
  expect(await readdir(join(hub.stack.stateFolder, "failpoints"))).toEqual([]);
  expect(await client.codes()).toEqual(items(60).map(({ ItemCode }) => ItemCode));
  const { rows } = await pool.query("SELECT id FROM batches WHERE project_id = $1", [client.projectId]);
  expect(rows).toHaveLength(1);
  // Six pages, and a few that had not been kept: not six for each of three attempts.
  const pages = client.system.requests.filter(({ asked }) => asked === "page");
  expect(pages.length).toBeLessThan(20);

  // One that kills its workers again and again is given up, for everybody to see.
  await hub.stack.armFailpoint("puller.claimed");
  const poisonous = await client.begin();
  await waitFor(async () => {
    await pool.query("UPDATE pulls SET losses = 4 WHERE id = $1 AND state = 'running'", [poisonous]);
    const { rows } = await pool.query("SELECT state FROM pulls WHERE id = $1", [poisonous]);
    return rows[0].state === "stopped";
  }, "the end of a poisonous pull");
  expect(await pullEnded(hub, poisonous)).toMatchObject({
    batchStatus: "rejected",
    batchReasonCode: "pull_worker_lost",
  });
});

test("the pulls of one trigger are one run with one e-mail, in the tables' order, and a due time is pulled once", async () => {
  const tables = [
    {
      ...ITEMS,
      name: "prices",
      rules: [{ rule: "references" as const, columns: ["code"], table: "items", to: ["code"] }],
    },
    ITEMS,
  ];
  const pulls = [{ ...PULLED_ITEMS, table: "prices" }, PULLED_ITEMS];
  const notify = { recipients: ["ops@order.example"] };
  client = await openPullingClient(hub, {
    client: "order",
    tables,
    pulls,
    profile: { notify },
    schedule: { everyMinutes: 44_640 },
  });
  client.system.faults.add({ kind: "slow", ms: 300 }, { times: 3 });
  const due = async () => {
    await hub.database.pool.query(
      "UPDATE pull_schedules SET next_due_at = now() - interval '3 days' WHERE project_id = $1",
      [client.projectId],
    );
  };
  await waitFor(async () => {
    const { rows } = await hub.database.pool.query("SELECT FROM pull_schedules WHERE project_id = $1", [
      client.projectId,
    ]);
    return rows.length === 1;
  }, "the schedule");
  await due();
  const pullsOf = async () =>
    await hub.database.query
      .selectFrom("pulls")
      .selectAll()
      .where("project_id", "=", client.projectId)
      .orderBy("id")
      .execute();
  const begun = await waitFor(async () => ((await pullsOf()).length >= 2 ? await pullsOf() : undefined), "the pulls");
  expect(new Set(begun.map(({ run_id }) => run_id)).size).toBe(1);
  // Due once more while they are under way: noted, and left out. Only this look is so far ahead; the watcher takes no part in it.
  await lookAtPulls(
    { database: hub.database, publisher: hub.publisher, logger },
    new Date(Date.now() + 40 * 86_400_000),
  );
  const skipped = (await pullsOf()).slice(2);
  expect(skipped.map(({ state, error }) => [state, error?.code])).toEqual([
    ["cancelled", "pull_skipped"],
    ["cancelled", "pull_skipped"],
  ]);
  const ended = await Promise.all(begun.map(({ id }) => pullEnded(hub, id)));
  expect(ended.map(({ batchStatus, imported }) => [batchStatus, imported])).toEqual([
    ["completed", 25],
    ["completed", 25],
  ]);
  const runId = begun[0]!.run_id!;
  expect(await pulledTablesOfRun(hub.database, runId)).toEqual([]);
  const mails = await mailsOfRun(hub, runId);
  expect(mails.map(({ recipient }) => recipient)).toEqual(["ops@order.example"]);
  const run = await hub.database.query.selectFrom("runs").selectAll().where("id", "=", runId).executeTakeFirstOrThrow();
  expect(run).toMatchObject({ state: "reported", revision: 1, open_pulls: 0 });
  const { rows } = await hub.database.pool.query(
    "SELECT table_name FROM batches WHERE run_id = $1 ORDER BY imported_at",
    [runId],
  );
  expect(rows.map(({ table_name }) => table_name)).toEqual(["items", "prices"]);
});

test("a project that rehearses pulls when asked, into no table; a probe shows what there is, and refused access is its result", async () => {
  client = await openPullingClient(hub, { client: "tries", state: "rehearsal" });
  const [pull] = await client.pull();
  expect(pull).toMatchObject({ state: "received", rehearsal: true, batchStatus: "completed" });
  await expect(client.rowsOf()).rejects.toThrow(/does not exist/);
  const probe = async () => {
    const audit = () => ({ actor: "test", action: "pull.probe", outcome: "ok" });
    const order = { projectId: client.projectId, actor: "test", reason: null, audit };
    return await pullEnded(hub, (await requestProbe(hub, order)).pullId);
  };
  expect((await probe()).result).toMatchObject({
    count: 25,
    shape: expect.arrayContaining([expect.objectContaining({ path: "ItemCode" })]),
    rows: { columns: ["code", "name", "price"], cells: expect.arrayContaining([["I001", "Item I001", "10.5"]]) },
  });
  await hub.database.pool.query("DELETE FROM secrets WHERE client_id = $1", [client.clientId]);
  const refused = await probe();
  expect(refused).toMatchObject({ state: "stopped", attempts: 1, batchId: null, error: { code: "secret_missing" } });
  expect(await findPull(hub.database, { pullId: refused.id, scope: client.clientId + 1 })).toBeUndefined();
});

test("a system has so many places and no more, is left alone when it fails again and again, and what is old is forgotten", async () => {
  const { database } = hub;
  client = await openPullingClient(hub, { client: "places" });
  const { projectId, clientId } = client;
  const common = {
    ...{ clientId, projectId, profileVersion: 1, tableName: "items", purpose: "probe" as const, rehearsal: false },
    ...{ full: true, monitored: true, by: "person" as const, dueAt: null, actor: null, reason: null, runId: null },
    ...{ systemKey: "crowded", skipped: null },
  };
  const claim = (ref: { pullId: number; epoch: number }) =>
    transaction(database, (tx) =>
      claimPull(tx, { ...ref, worker: "test", leaseMs: 60_000, places: async () => 2, busyMs: 7 }),
    );
  // Claimed at once, so that no puller has them.
  const pulls = await insertPulls(
    database,
    Array.from({ length: 4 }, () => common),
  );
  const claimed = await Promise.all(pulls.map(claim));
  expect(claimed.filter((each) => each !== undefined && "pull" in each)).toHaveLength(2);
  expect(claimed.filter((each) => each !== undefined && "laterMs" in each)).toEqual([{ laterMs: 7 }, { laterMs: 7 }]);
  const running = claimed.flatMap((each) => (each !== undefined && "pull" in each ? [each.pull] : []));
  expect(await claim(running[0]!)).toBeUndefined();
  // What a worker writes to is never swept, also before it is kept.
  const spools = [0, 1].map((later) => `pulls/${running[0]!.pullId}-${running[0]!.epoch + later}-0.csv`);
  expect([...(await neededSpools(database, [...spools, "pulls/odd.csv"]))]).toEqual([spools[0]]);
  const end = { ...progressOf(running[0]!), position: null };
  const ended = {
    state: "stopped" as const,
    progress: end,
    failedPage: null,
    error: null,
    result: null,
    arrivalId: null,
  };
  for (const { pullId, epoch } of running) expect(await endPull(database, { pullId, epoch, ...ended })).toBe(true);
  expect(await endPull(database, { ...running[0]!, ...ended })).toBe(false);

  const error = { code: "http_timeout", message: "No answer.", retryable: true };
  const fail = () => noteSystemFailure(database, { systemKey: "crowded", error, openMs: () => 60_000 });
  const waiting = pulls.find(({ pullId }) => running.every((each) => each.pullId !== pullId))!;
  await fail();
  await fail();
  expect(await systemStanding(database, "crowded")).toMatchObject({ failures: 2, openUntil: null });
  await fail();
  expect(await claim(waiting)).toMatchObject({ laterMs: expect.any(Number) });
  await noteSystemSuccess(database, "crowded");
  expect(await claim(waiting)).toMatchObject({ pull: { pullId: waiting.pullId } });

  await database.pool.query("UPDATE pulls SET finished_at = now() - interval '91 days' WHERE project_id = $1", [
    projectId,
  ]);
  await forgetOldPulls(database, { olderThanDays: 90, limit: 100 });
  const { rows } = await database.pool.query("SELECT id FROM pulls WHERE project_id = $1", [projectId]);
  expect(rows.map(({ id }) => id)).toEqual([Math.max(...pulls.map(({ pullId }) => pullId))]);
});
