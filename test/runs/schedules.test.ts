import type { InvalidInput, ProfileInput, StepKind } from "@inlet/contracts";
import {
  applyProfile,
  type Database,
  findOvertaking,
  findSchedule,
  liveProject,
  openDatabase,
  transaction,
} from "@inlet/database";
import {
  advance,
  cancelBatch,
  lookAtSchedules,
  openPublisher,
  type Publisher,
  reconcile,
  reject,
  retryBatch,
  runNow,
  runStage,
  type Stage,
} from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { openTestStack, waitFor as waitForStack } from "@inlet/stack";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live, receive } from "../fixtures/reception.ts";

/*
 * Runs that a schedule starts, on real servers. The schedules are of every day; a test makes one due by looking at it with a
 * later time, as a scheduler would that day.
 */

const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;
const waitFor = <T>(ask: () => Promise<T | undefined | false>, what = "the run") =>
  waitForStack(ask, { timeoutMs: 30_000, what, everyMs: 25 });

const DAY_MS = 24 * 3_600_000;
const SECOND_MS = 1_000;

type Schedule = Extract<NonNullable<ProfileInput["run"]>, { group: "schedule" }>;
type Table = ProfileInput["tables"][number];

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let publisher: Publisher;
let workers: { close(): Promise<void> }[] = [];
let number = 0;
let project: Awaited<ReturnType<typeof live>>;
let stages: Partial<Record<StepKind, Stage>> = {};
let imported: string[] = [];

beforeAll(async () => {
  // The watcher hosts a scheduler and the reconciler: what the tests do, they do beside it.
  stack = await openTestStack({ services: ["watcher"], env: { RECONCILE_MS: "250", SCHEDULE_MS: "100" } });
  database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 20 });
  publisher = openPublisher(stack.redisUrl, logger);
  for (const kind of ["validate", "import"] as const) {
    const stage: Stage = async (work) => {
      const own = stages[kind];
      if (own) return await own(work);
      if (kind === "import") imported.push(work.step.fileName);
      return advance(kind === "import" ? { imported: true, counts: { staged: 1, imported: 1 } } : {});
    };
    const options = { database, redisUrl: stack.redisUrl, logger, health, concurrency: 4, leaseMs: 20_000 };
    workers.push(await runStage(kind, stage, options));
  }
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
  await publisher?.close();
  await database?.close();
  await stack?.stop();
});
beforeEach(() => {
  number += 1;
});
afterEach(() => {
  stages = {};
  imported = [];
});

const table = (name: string, more: Partial<Table> = {}) => buildTable({ name, files: ["{table}-{date}.tsv"], ...more });
const STORE = table("store");
const STOCK = table("storestock", {
  rules: [{ rule: "references", columns: ["id"], table: "store", to: ["id"] }],
});
const SALES = table("sales");

const profileOf = (run: Partial<Schedule>, tables: Table[]) =>
  buildProfile({
    client: `runs${number}`,
    links: undefined,
    run: { group: "schedule", at: "daily 09:00", ...run },
    tables,
  } as Partial<ProfileInput>);

/** A live project whose next due time is known. */
async function scheduled(run: Partial<Schedule> = {}, tables: Table[] = [STORE, STOCK, SALES]): Promise<void> {
  project = await live(database, profileOf(run, tables));
  await waitFor(async () => (await findSchedule(database, project.projectId)) !== undefined, "the schedule");
}

const look = (now: Date) => lookAtSchedules({ database, publisher, logger }, now);
const nextDue = async () => (await findSchedule(database, project.projectId))!.nextDueAt!;
/** Looks as a scheduler does right after the next due time. */
async function fire(): Promise<Date> {
  const due = await nextDue();
  await look(new Date(due.getTime() + SECOND_MS));
  return due;
}

const dayOf = (due: Date, days = 0) => new Date(due.getTime() + days * DAY_MS).toISOString().slice(0, 10);
async function send(name: string, { date, tag = "" }: { date?: string | null; tag?: string } = {}) {
  const day = date === undefined ? dayOf(await nextDue()) : date;
  const fileName = `${name}-${day ?? "undated"}${tag}.tsv`;
  return await receive({ database, publisher }, project, { fileName, table: name, fileDate: day });
}

const batch = async (id: number) =>
  await database.query.selectFrom("batches").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const ended = (id: number) =>
  waitFor(async () => ((await batch(id)).ended_at ? await batch(id) : undefined), `the end of batch ${id}`);
const run = async (id: number) =>
  await database.query.selectFrom("runs").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const triggers = async () =>
  await database.query
    .selectFrom("triggers")
    .selectAll()
    .where("project_id", "=", project.projectId)
    .orderBy("due_at")
    .execute();
const messages = async () =>
  await database.query
    .selectFrom("messages")
    .selectAll()
    .where("project_id", "=", project.projectId)
    .orderBy("id")
    .execute();
/** The run's newest report, once there are so many. */
const report = (count = 1) =>
  waitFor(async () => {
    const reports = (await messages()).filter(({ payload }) => payload.event === "completed");
    return reports.length >= count ? reports.at(-1)!.payload : undefined;
  }, `report ${count}`);
const steps = async (batchId: number) =>
  await database.query.selectFrom("steps").selectAll().where("batch_id", "=", batchId).execute();

test("files wait for the trigger as received batches without a step, and then go tables in their order, in one report", async () => {
  await scheduled({ expect: ["store", "storestock", "sales"] });
  const stock = await send("storestock");
  const store = await send("store");
  expect(await steps(stock.batchId)).toEqual([]);
  expect((await batch(store.batchId)).status).toBe("received");
  const due = await fire();
  await ended(stock.batchId);
  expect(imported).toEqual([(await batch(store.batchId)).file_name, (await batch(stock.batchId)).file_name]);
  const { run_id } = await batch(stock.batchId);
  expect(await report()).toMatchObject({
    runId: run_id,
    run: `${due.toISOString().slice(0, 10)} 09:00 UTC`,
    missing: ["sales"],
    batches: [
      { table: "storestock", status: "completed" },
      { table: "store", status: "completed" },
    ],
  });
  expect((await messages()).length).toBe(1);
  expect(await triggers()).toMatchObject([{ due_at: due, triggered_by: "schedule", run_id }]);
});

test("ten schedulers that look at once make one run, and looking again makes none", async () => {
  await scheduled({ expect: ["store"] });
  const store = await send("store");
  const later = new Date((await nextDue()).getTime() + SECOND_MS);
  await Promise.all(Array.from({ length: 10 }, () => look(later)));
  await look(later);
  await ended(store.batchId);
  expect(await triggers()).toHaveLength(1);
  expect(imported).toHaveLength(1);
  await report();
  expect(await messages()).toHaveLength(1);
});

/** Sets the due time into the past, where the watcher finds it. */
const setDue = async (at: Date) =>
  await database.query
    .updateTable("schedules")
    .set({ next_due_at: at })
    .where("project_id", "=", project.projectId)
    .execute();

test.each(["schedule.before-commit", "schedule.committed"])(
  "a scheduler that is killed at %s makes exactly one run",
  async (point) => {
    await scheduled({ expect: ["store"] });
    const store = await send("store");
    await stack.armFailpoint(point);
    await setDue(new Date(Date.now() - SECOND_MS));
    await ended(store.batchId);
    await report();
    expect(await triggers()).toHaveLength(1);
    expect(imported).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  },
);

test("FLUSHALL right after a trigger loses no run and makes no second", async () => {
  await scheduled({ expect: ["store"] });
  const store = await send("store");
  const redis = new Redis(stack.redisUrl);
  const open = Promise.withResolvers<void>();
  stages.validate = async () => {
    await open.promise;
    return advance();
  };
  await fire();
  await redis.flushall();
  await redis.quit();
  open.resolve();
  await ended(store.batchId);
  await report();
  expect(await triggers()).toHaveLength(1);
  expect(imported).toHaveLength(1);
});

test("a server that was down takes up the latest trigger once, and shows the older ones as skipped", async () => {
  await scheduled({ expect: ["store"], deadlineMinutes: 1 });
  const first = await nextDue();
  const store = await send("store");
  await look(new Date(first.getTime() + 2 * DAY_MS + 3 * 3_600_000));
  await ended(store.batchId);
  const rows = await triggers();
  expect(rows.map(({ due_at, run_id }) => [due_at.getTime() - first.getTime(), run_id !== null])).toEqual([
    [0, false],
    [DAY_MS, false],
    [2 * DAY_MS, true],
  ]);
  expect(rows[0]!.reason).toBe("No scheduler was running at this time.");
  expect((await nextDue()).getTime() - first.getTime()).toBe(3 * DAY_MS);
});

test("a changed profile is due by its own schedule, and never twice for one due time", async () => {
  await scheduled({ at: "daily 09:00" });
  const before = await nextDue();
  await fire();
  const change = async (run: Partial<Schedule>) => {
    const profile = profileOf(run, [STORE, STOCK, SALES]);
    const { version } = await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
    await waitFor(async () => (await findSchedule(database, project.projectId))?.profileVersion === version);
    project = (await liveProject(database, project.projectId))!;
  };
  await change({ at: "0 9 * * *" });
  // The same times in other words: what was taken up is not due again.
  expect((await nextDue()).getTime()).toBe(before.getTime() + DAY_MS);
  await change({ at: "daily 10:00", timezone: "Europe/Berlin" });
  const next = await nextDue();
  expect(next.toLocaleTimeString("sv", { timeZone: "Europe/Berlin" })).toBe("10:00:00");
  await look(new Date(next.getTime() + SECOND_MS));
  expect(await triggers()).toHaveLength(2);
});

test("a schedule that is taken out of the profile leaves no file waiting", async () => {
  await scheduled();
  const store = await send("store");
  const profile = buildProfile({ client: `runs${number}`, links: undefined, tables: [STORE, STOCK, SALES] } as never);
  await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  expect((await ended(store.batchId)).status).toBe("completed");
});

test("missing tables: the run waits, what depends on them waits with it, and goes on when the time is over", async () => {
  await scheduled({ expect: ["store", "storestock"], missing: { waitMinutes: 30, action: "continue" } });
  const [stock, sales] = [await send("storestock"), await send("sales")];
  await fire();
  await ended(sales.batchId);
  expect(await steps(stock.batchId)).toEqual([]);
  expect(await messages()).toEqual([]);
  const { run_id } = await batch(stock.batchId);
  await passWait(run_id);
  expect((await ended(stock.batchId)).status).toBe("completed");
  expect(await report()).toMatchObject({ missing: ["store"] });
});

/** The time for which a run waits is over. */
async function passWait(runId: number): Promise<void> {
  const past = new Date(Date.now() - SECOND_MS);
  await database.query
    .updateTable("runs")
    .set({ gather_until: past, settle_at: past })
    .where("id", "=", runId)
    .execute();
  await reconcile({ database, publisher, logger });
}

test("missing tables: one that comes in time is taken into the run, and nothing waits any longer", async () => {
  await scheduled({ expect: ["store", "storestock"], missing: { waitMinutes: 30, action: "continue" } });
  const stock = await send("storestock");
  const due = await fire();
  const store = await send("store", { date: dayOf(due) });
  await ended(stock.batchId);
  expect((await batch(store.batchId)).run_id).toBe((await batch(stock.batchId)).run_id);
  expect(await report()).toMatchObject({ missing: [], revision: 1 });
  expect(imported[0]).toContain("store-");
});

test("missing tables: a run that fails imports nothing, says why, and is done whole when the last file comes", async () => {
  await scheduled({
    expect: ["store", "storestock", "sales"],
    missing: { waitMinutes: 10, action: "fail" },
    window: { by: "date" },
  });
  const [stock, sales] = [await send("storestock"), await send("sales")];
  const due = await fire();
  const { run_id } = await batch(stock.batchId);
  expect(await steps(sales.batchId)).toEqual([]);
  await passWait(run_id);
  const failed = await ended(sales.batchId);
  expect(failed).toMatchObject({ status: "failed", reason_code: "run_incomplete" });
  expect(failed.reason_message).toMatch(/^No file of store came for the run of .*Send store;/);
  expect(await report()).toMatchObject({ missing: ["store"], revision: 1 });
  expect(imported).toEqual([]);
  await send("store", { date: dayOf(due) });
  expect(await report(2)).toMatchObject({
    missing: [],
    revision: 2,
    batches: [{ status: "completed" }, { status: "completed" }, { status: "completed" }],
  });
  expect(imported).toHaveLength(3);
  expect(imported.findIndex((name) => name.startsWith("store-"))).toBeLessThan(
    imported.findIndex((name) => name.startsWith("storestock-")),
  );
});

test("a batch that failed for want of others can be retried by itself", async () => {
  await scheduled({ expect: ["store", "sales"], missing: { action: "fail" } });
  const sales = await send("sales");
  await fire();
  await waitFor(async () => (await batch(sales.batchId)).status === "failed");
  await retryBatch(database, publisher, { batchId: sales.batchId, actor: "operator" });
  await waitFor(async () => (await batch(sales.batchId)).status === "completed");
});

test("what goes after a table that failed goes on, or fails with its reason, as its table says", async () => {
  const strict = table("strict", { after: ["store"], afterFailed: "fail" });
  await scheduled({ expect: ["store"] }, [STORE, STOCK, strict]);
  stages.validate = async ({ step }) =>
    step.tableName === "store" ? reject({ code: "file_empty", message: "The file is empty." }) : advance();
  const [stock, bound, store] = [await send("storestock"), await send("strict"), await send("store")];
  await fire();
  expect((await ended(stock.batchId)).status).toBe("completed");
  const given = await ended(bound.batchId);
  expect(given).toMatchObject({ status: "failed", reason_code: "table_before_failed" });
  expect(given.reason_message).toContain(`(batch ${store.batchId}) ended as rejected`);
  expect(await report()).toMatchObject({ revision: 1, missing: [] });
  expect(await messages()).toHaveLength(1);
});

test("a held file that is cancelled ends, and what waited for it goes on", async () => {
  await scheduled();
  const [stock, store] = [await send("storestock"), await send("store")];
  await cancelBatch(database, publisher, { batchId: store.batchId, actor: "operator" });
  await fire();
  expect((await ended(stock.batchId)).status).toBe("completed");
  expect(await steps(store.batchId)).toEqual([]);
});

test.each([
  ["reopen" as const, "completed", 2],
  ["next" as const, "received", 1],
  ["reject" as const, "rejected", 2],
])("a late file under the policy %s", async (late, status, reports) => {
  await scheduled({ expect: ["store", "sales"], window: { by: "date" }, late });
  const sales = await send("sales");
  const due = await fire();
  await ended(sales.batchId);
  expect(await report()).toMatchObject({ missing: ["store"] });
  const store = await send("store", { date: dayOf(due) });
  await report(reports);
  const found = await waitFor(async () =>
    (await batch(store.batchId)).status === status ? batch(store.batchId) : undefined,
  );
  const sameRun = found.run_id === (await batch(sales.batchId)).run_id;
  expect(sameRun).toBe(late === "reopen");
  if (late === "reject") expect(found.reason_code).toBe("file_late");
  const file = await database.query.selectFrom("run_files").selectAll().where("batch_id", "=", store.batchId).execute();
  expect(file[0]!.late_for).toBe((await batch(sales.batchId)).run_id);
});

test("without dates a file of a table that was missing goes into the next run, and a mended one into its own", async () => {
  await scheduled({ expect: ["store", "sales"] });
  stages.validate = async ({ step: { attempts, tableName, batchId } }) =>
    tableName === "sales" && batchId === sales.batchId
      ? reject({ code: "x", message: `attempt ${attempts}` })
      : advance();
  const sales = await send("sales");
  await fire();
  await ended(sales.batchId);
  await report();
  const store = await send("store");
  expect((await run((await batch(store.batchId)).run_id)).key).toBe("next run");
  const fileName = (await batch(sales.batchId)).file_name;
  const mended = await receive({ database, publisher }, project, { fileName, table: "sales" });
  await ended(mended.batchId);
  expect((await batch(mended.batchId)).run_id).toBe((await batch(sales.batchId)).run_id);
  expect(await report(2)).toMatchObject({ revision: 2 });
});

test("files of a wrong date, and of a day that was loaded, are rejected with what to do, or go into the next run", async () => {
  await scheduled({ window: { by: "date", daysBefore: 1 } });
  const due = await nextDue();
  const wrong = await send("store", { date: dayOf(due, 5) });
  expect(await ended(wrong.batchId)).toMatchObject({ status: "rejected", reason_code: "date_not_expected" });
  expect((await batch(wrong.batchId)).reason_message).toContain(`${dayOf(due)} or of the day before it`);
  // Its sender is told at once, and not with the run.
  expect(await report()).toMatchObject({ missing: [], batches: [{ batchId: wrong.batchId }] });
  const [store, yesterday] = [await send("store"), await send("store", { date: dayOf(due, -1) })];
  await fire();
  await ended(store.batchId);
  await ended(yesterday.batchId);
  const again = await send("store", { date: dayOf(due), tag: "_2" });
  expect(await ended(again.batchId)).toMatchObject({ status: "rejected", reason_code: "day_loaded_already" });

  const lenient = profileOf({ window: { by: "date" }, wrongDate: "next", loadedAgain: "next" }, [STORE]);
  await transaction(database, (tx) => applyProfile(tx, { profile: lenient, appliedBy: "test" }));
  project = (await liveProject(database, project.projectId))!;
  for (const sent of [
    await send("store", { date: dayOf(due), tag: "_3" }),
    await send("store", { date: "2020-01-01" }),
  ]) {
    expect((await run((await batch(sent.batchId)).run_id)).key).toBe("next run");
  }
});

test("a file that came before is a duplicate at once, in a report of its own, and the first one still waits", async () => {
  await scheduled({ expect: ["store"] });
  const [store, again] = [await send("store"), await send("store")];
  expect(await ended(again.batchId)).toMatchObject({ status: "duplicate", reason_code: "duplicate_name" });
  expect(await report()).toMatchObject({ missing: [], batches: [{ batchId: again.batchId }] });
  expect((await run((await batch(store.batchId)).run_id)).key).toBe("next run");
  await fire();
  await ended(store.batchId);
  expect(await report(2)).toMatchObject({ missing: [], batches: [{ batchId: store.batchId }] });
});

const startNow = async () => {
  const order: Parameters<typeof runNow>[1] = {
    projectId: project.projectId,
    actor: "anna",
    reason: "early",
    audit: (runId) => ({ actor: "anna", action: "run.start", outcome: "ok", detail: { run: runId } }),
  };
  return await runNow({ database, publisher, logger }, order);
};

test("a file that waits for the next trigger holds up no late one of its table, and is no older than that", async () => {
  await scheduled({ expect: ["store"], window: { by: "date" } });
  const due = await fire();
  await report();
  const next = await send("store");
  const late = await send("store", { date: dayOf(due) });
  expect((await ended(late.batchId)).status).toBe("completed");
  expect((await batch(next.batchId)).status).toBe("received");
  await startNow();
  expect((await ended(next.batchId)).status).toBe("completed");
  expect(imported.map((name) => name.slice(6, 16))).toEqual([dayOf(due), dayOf(due, 1)]);
  await database.query
    .updateTable("batches")
    .set({ imported_at: new Date() })
    .where("id", "in", [next.batchId, late.batchId])
    .execute();
  const overtaking = (batchId: number) =>
    findOvertaking(database, { projectId: project.projectId, tableName: "store", batchId });
  expect(await overtaking(next.batchId)).toBeUndefined();
  expect(await overtaking(late.batchId)).toMatchObject({ id: next.batchId });
});

test("run now takes what waits, is refused while a run is under way, and when there is nothing to take", async () => {
  await scheduled({ expect: ["store", "sales"], missing: { action: "fail", waitMinutes: 60 } });
  const start = startNow;
  await expect(start()).rejects.toMatchObject({ code: "nothing_waits" });
  const store = await send("store");
  const open = Promise.withResolvers<void>();
  stages.validate = async () => {
    await open.promise;
    return advance();
  };
  const starts = await Promise.allSettled([start(), start(), start()]);
  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const refusals = starts.flatMap((each) => (each.status === "rejected" ? [each.reason as InvalidInput] : []));
  expect(refusals.map(({ code }) => code)).toEqual(["run_under_way", "run_under_way"]);
  open.resolve();
  await ended(store.batchId);
  expect(await report()).toMatchObject({ missing: ["sales"], revision: 1 });
  expect(await triggers()).toMatchObject([{ triggered_by: "person", actor: "anna", reason: "early" }]);
  expect((await nextDue()).getTime()).toBeGreaterThan(Date.now());
});

test("a run that has not ended by its deadline is told of once, with what it waits for", async () => {
  await scheduled({ expect: ["store", "storestock"], missing: { waitMinutes: 60 }, deadlineMinutes: 90 });
  await send("storestock");
  const due = await fire();
  const alerts = async () => (await messages()).filter(({ payload }) => payload.event === "run_overdue");
  await look(new Date(due.getTime() + 89 * 60_000));
  expect(await alerts()).toEqual([]);
  const overdue = new Date(due.getTime() + 91 * 60_000);
  await Promise.all([look(overdue), look(overdue)]);
  await look(overdue);
  expect(await alerts()).toHaveLength(1);
  expect((await alerts())[0]).toMatchObject({
    recipient: "ops@example.com",
    payload: { missing: ["store"], dueAt: due.toISOString(), batches: [{ table: "storestock", status: "received" }] },
  });
});

test("a trigger at which nothing came is a report of what is missing, and no news where nothing was expected", async () => {
  await scheduled({ expect: ["store", "sales"] });
  await fire();
  expect(await report()).toMatchObject({ batches: [], missing: ["store", "sales"] });
  number += 1;
  await scheduled({ expect: [] });
  await fire();
  const [trigger] = await triggers();
  expect((await run(trigger!.run_id!)).state).toBe("reported");
  expect(await messages()).toEqual([]);
});

test("files of one date go in the order of their tables, and what never comes holds them no longer than the settle time", async () => {
  project = await live(
    database,
    buildProfile({
      client: `runs${number}`,
      links: undefined,
      run: { group: "date", expect: ["store", "storestock"], settleSeconds: 300, deadlineMinutes: 5 },
      tables: [STORE, STOCK, SALES],
    } as Partial<ProfileInput>),
  );
  const dated = (name: string, day: string) =>
    receive({ database, publisher }, project, { fileName: `${name}-${day}.tsv`, table: name, runKey: day });
  const stock = await dated("storestock", "2026-11-20");
  expect(await steps(stock.batchId)).toEqual([]);
  await dated("store", "2026-11-20");
  await ended(stock.batchId);
  expect(imported).toEqual(["store-2026-11-20.tsv", "storestock-2026-11-20.tsv"]);
  expect(await report()).toMatchObject({ run: "2026-11-20", missing: [] });
  const alone = await dated("storestock", "2026-11-21");
  const { run_id } = await batch(alone.batchId);
  expect((await run(run_id)).deadline_at).not.toBeNull();
  await passWait(run_id);
  expect((await ended(alone.batchId)).status).toBe("completed");
});

test("files of one ZIP go in the order of their tables, whatever the project's runs are", async () => {
  project = await live(
    database,
    buildProfile({ client: `runs${number}`, links: undefined, tables: [STORE, STOCK] } as Partial<ProfileInput>),
  );
  const open = Promise.withResolvers<void>();
  stages.validate = async ({ step }) => {
    if (step.tableName === null) await open.promise;
    return advance();
  };
  const zip = await receive({ database, publisher }, project, { fileName: "all.zip", table: null, runKey: "file:zip" });
  const parts: number[] = [];
  for (const name of ["storestock", "store"]) {
    const fileName = `${name}.tsv`;
    const part = await receive({ database, publisher }, project, {
      ...{ fileName, table: name, runKey: "file:zip", partOf: zip.batchId },
      bytes: Buffer.from(`id,name,amount\n1,${name},2\n`),
    });
    parts.push(part.batchId);
  }
  expect(await steps(parts[0]!)).toEqual([]);
  await cancelBatch(database, publisher, { batchId: zip.batchId, actor: "test" });
  await ended(parts[0]!);
  expect(imported).toEqual(["store.tsv", "storestock.tsv"]);
  open.resolve();
});

test("a schedule that is taken out leaves no file waiting in a project without an order of tables either", async () => {
  await scheduled({}, [STORE, SALES]);
  const store = await send("store");
  const profile = buildProfile({ client: `runs${number}`, links: undefined, tables: [STORE, SALES] } as never);
  await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  expect((await ended(store.batchId)).status).toBe("completed");
  expect(await report()).toMatchObject({ batches: [{ status: "completed" }] });
});

test("what waits for other tables goes on after them, also when the profile has lost their order meanwhile", async () => {
  const grouping = { group: "date", expect: [], settleSeconds: 300 };
  const of = (tables: Table[]) =>
    buildProfile({ client: `runs${number}`, links: undefined, run: grouping, tables } as Partial<ProfileInput>);
  project = await live(database, of([STORE, STOCK]));
  const open = Promise.withResolvers<void>();
  stages.validate = async () => {
    await open.promise;
    return advance();
  };
  const dated = (name: string) =>
    receive({ database, publisher }, project, {
      fileName: `${name}-2026-11-20.tsv`,
      table: name,
      runKey: "2026-11-20",
    });
  await transaction(database, (tx) =>
    applyProfile(tx, { profile: of([STORE, table("storestock")]), appliedBy: "test" }),
  );
  const ordered = project;
  project = (await liveProject(database, project.projectId))!;
  const store = await dated("store");
  project = ordered;
  const stock = await dated("storestock");
  expect(await steps(stock.batchId)).toEqual([]);
  open.resolve();
  await ended(store.batchId);
  expect((await ended(stock.batchId)).status).toBe("completed");
});

test("a due time that passed before the profile was changed is taken up, and the new version is due by its own", async () => {
  await scheduled({ expect: ["store"] });
  const store = await send("store");
  const missed = new Date(Date.now() - 3_600_000);
  await transaction(database, async (tx) => {
    await tx.query
      .updateTable("schedules")
      .set({ next_due_at: missed })
      .where("project_id", "=", project.projectId)
      .execute();
    await applyProfile(tx, {
      profile: profileOf({ at: "daily 10:00", expect: ["store"] }, [STORE]),
      appliedBy: "test",
    });
  });
  expect((await ended(store.batchId)).status).toBe("completed");
  await report();
  const [trigger, ...more] = await triggers();
  expect(more).toEqual([]);
  expect(trigger!.run_id).toBe((await batch(store.batchId)).run_id);
  expect((await nextDue()).toISOString().slice(11, 16)).toBe("10:00");
});

const INCOMPLETE_RUN: Partial<Schedule> = { expect: ["store", "storestock", "sales"], missing: { action: "fail" } };

test("a run that is done whole after it failed keeps the order of its tables, and takes a file that was sent twice once", async () => {
  await scheduled(INCOMPLETE_RUN);
  const [stock, sales] = [await send("storestock"), await send("sales")];
  await fire();
  await waitFor(async () => (await batch(sales.batchId)).status === "failed");
  const { file_name: fileName } = await batch(sales.batchId);
  const again = await receive({ database, publisher }, project, { fileName, table: "sales" });
  // It was the last thing that was open in the run, which is reported again.
  expect(await report(2)).toMatchObject({ revision: 2, missing: ["store"] });
  expect(await batch(again.batchId)).toMatchObject({ status: "failed", reason_code: "run_incomplete" });
  const open = Promise.withResolvers<void>();
  stages.validate = async ({ step }) => {
    if (step.tableName === "store") await open.promise;
    return advance();
  };
  const store = await send("store");
  expect((await batch(store.batchId)).run_id).toBe((await batch(stock.batchId)).run_id);
  await ended(again.batchId);
  expect(await batch(stock.batchId)).toMatchObject({ status: "received", ended_at: null });
  expect(await steps(stock.batchId)).toEqual([]);
  open.resolve();
  expect(await report(3)).toMatchObject({ revision: 3, missing: [] });
  expect((await batch(stock.batchId)).status).toBe("completed");
  expect(await batch(sales.batchId)).toMatchObject({ status: "failed", reason_code: "run_incomplete" });
  expect(imported.filter((name) => name === fileName)).toHaveLength(1);
  expect(imported.at(-1)).toMatch(/^storestock-/);
});

test("a run that fails without its tables opens its ZIPs first: what is missing may be in them", async () => {
  await scheduled({ ...INCOMPLETE_RUN, expect: ["store", "sales"] });
  const sales = await send("sales");
  const zip = await receive({ database, publisher }, project, { fileName: "all.zip", table: null });
  const open = Promise.withResolvers<void>();
  stages.validate = async ({ step }) => {
    if (step.batchId === zip.batchId) await open.promise;
    return advance();
  };
  await fire();
  await waitFor(async () => (await steps(zip.batchId)).length > 0);
  expect((await batch(sales.batchId)).status).toBe("received");
  const { key } = await run((await batch(zip.batchId)).run_id);
  const part = await receive({ database, publisher }, project, {
    ...{ fileName: "store.tsv", table: "store", runKey: key, partOf: zip.batchId },
  });
  await ended(part.batchId);
  expect((await ended(sales.batchId)).status).toBe("completed");
  await cancelBatch(database, publisher, { batchId: zip.batchId, actor: "test" });
  open.resolve();
  expect(await report()).toMatchObject({ missing: [], revision: 1 });
});

test("a run that was reported in time and is open again is not overdue", async () => {
  await scheduled({ expect: ["store", "sales"], window: { by: "date" }, deadlineMinutes: 60 });
  const sales = await send("sales");
  const due = await fire();
  await ended(sales.batchId);
  await report();
  const open = Promise.withResolvers<void>();
  stages.validate = async () => {
    await open.promise;
    return advance();
  };
  const store = await send("store", { date: dayOf(due) });
  const { run_id } = await batch(store.batchId);
  await look(new Date(due.getTime() + 61 * 60_000));
  expect(await run(run_id)).toMatchObject({ state: "open", overdue_at: null });
  open.resolve();
  await report(2);
});

test("files that wait for one another across a container and the order of arrival are let go", async () => {
  const [middle, top] = [table("middle", { after: ["store"] }), table("top", { after: ["middle"] })];
  await scheduled({}, [STORE, middle, top]);
  const first = await send("top");
  const container = await receive({ database, publisher }, project, { fileName: "data.pgp", table: null });
  const second = await send("middle");
  stages.validate = async ({ step }) => advance(step.tableName === null ? { tableName: "top" } : {});
  await fire();
  for (const { batchId } of [second, first, container]) expect((await ended(batchId)).status).toBe("completed");
  expect(await report()).toMatchObject({ revision: 1 });
});

test("a project without a schedule or an order of tables has no row of all this", async () => {
  project = await live(database, buildProfile({ client: `runs${number}`, links: undefined } as Partial<ProfileInput>));
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  await ended(batchId);
  const rows = await database.query.selectFrom("run_files").selectAll().where("batch_id", "=", batchId).execute();
  expect(rows).toEqual([]);
});
