import { type ProfileInput, profileSchema, type RunDetail, type Schedule } from "@inlet/contracts";
import { applyProfile, liveProject, lockProjectIntake, transaction } from "@inlet/database";
import { lookAtSchedules, receiveFiles, runStage } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, openTestHub, type TestHub } from "../testing/hub.ts";

const logger = createLogger("test", "fatal");
const columns = [{ name: "id" }];
let hub: TestHub;
let operator: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  operator = await hub.as("operator");
});
afterAll(() => hub?.close());

async function scheduled(client: string, run: object = {}) {
  const profile = profileSchema.parse({
    ...buildProfile({ client, project: "retail" }),
    run: { group: "schedule", at: "daily 09:00", timezone: "Europe/Berlin", expect: ["store", "storestock"], ...run },
    tables: [
      { name: "store", columns },
      { name: "storestock", columns, after: ["store"] },
    ],
  } satisfies ProfileInput);
  const { projectId } = await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  await look(new Date());
  return (await liveProject(hub.database, projectId))!;
}

const look = (now: Date) => lookAtSchedules({ ...hub, logger }, now);

async function send(project: Awaited<ReturnType<typeof scheduled>>, tableName: string): Promise<number> {
  const reception = await transaction(hub.database, async (tx) => {
    await lockProjectIntake(tx, project.projectId);
    return await receiveFiles(tx, project, [
      {
        ...{ arrivalId: null, accountId: null, source: "gateway", sizeBytes: 3, declared: null, refusal: null },
        ...{ fileName: `${tableName}-2026-11-20.tsv`, sha256: Buffer.alloc(32, tableName), tableName, runKey: null },
        storeSource: async () => null,
      },
    ]);
  });
  return reception.batches[0]!.batchId;
}

const ask = async <Body>(method: "GET" | "POST", url: string, headers = operator, payload?: object) => {
  const response = await hub.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: response.statusCode, body: response.json() as Body & { code?: string; detail?: string } };
};
const at = (client: string, rest: string) => `/v1/clients/${client}/projects/retail${rest}`;

test("a schedule shows its next due times in its zone, and what waits for which trigger", async () => {
  const project = await scheduled("shown");
  const batchId = await send(project, "storestock");
  const { status, body } = await ask<Schedule>("GET", at("shown", "/schedule"));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    at: "daily 09:00",
    timezone: "Europe/Berlin",
    paused: null,
    behind: false,
    triggers: [],
  });
  expect(body.next).toHaveLength(5);
  expect(new Set(body.next.map(({ local }) => local.slice(11)))).toEqual(new Set(["09:00"]));
  const wait = { kind: "trigger", at: body.next[0]!.at };
  expect(body.held).toMatchObject([{ batchId, table: "storestock", waitsFor: wait }]);

  const batch = await ask<{ waitsFor: object; timeline: { text: string }[] }>("GET", `/v1/batches/${batchId}`);
  expect(batch.body.waitsFor).toEqual(wait);
  expect(batch.body.timeline.at(-1)!.text).toMatch(/^Waits for its run, due on \d{4}-/);
  const run = await ask<RunDetail>("GET", `/v1/runs/${body.held[0]!.runId}`);
  expect(run.body).toMatchObject({ phase: "upcoming", trigger: { by: "schedule", startedAt: null, dueAt: wait.at } });
  expect(run.body.tables).toMatchObject([
    { table: "store", expected: true, status: "waiting", batchId: null },
    { table: "storestock", expected: true, status: "waiting", batchId, waitsFor: wait },
  ]);
});

test("a run that waits says for what and until when; its tables stand as their files do; and what was skipped is shown", async () => {
  const project = await scheduled("under_way", { missing: { waitMinutes: 30 }, deadlineMinutes: 60 });
  const batchId = await send(project, "storestock");
  const [first] = (await ask<Schedule>("GET", at("under_way", "/schedule"))).body.next;
  const due = new Date(Date.parse(first!.at) + 24 * 3_600_000);
  await look(new Date(due.getTime() + 1_000));
  const { body } = await ask<Schedule>("GET", at("under_way", "/schedule"));
  expect(body.triggers).toMatchObject([
    { outcome: "started", by: "schedule", dueAt: due.toISOString(), run: { state: "open", status: "waiting" } },
    { outcome: "skipped", dueAt: first!.at, run: null },
  ]);
  const runId = body.underWay!;
  const run = (await ask<RunDetail>("GET", `/v1/runs/${runId}`)).body;
  expect(run).toMatchObject({ phase: "waiting", trigger: { by: "schedule", dueAt: due.toISOString() } });
  expect(Date.parse(run.deadlineAt!) - due.getTime()).toBe(3_600_000);
  const wait = { kind: "tables", tables: ["store"], until: run.waitsUntil };
  expect(run.tables).toMatchObject([
    { table: "store", status: "waiting", batchId: null },
    { table: "storestock", status: "waiting", batchId, waitsFor: wait },
  ]);
  expect(run.batches).toMatchObject([{ id: batchId, waitsFor: wait }]);
  const refused = await ask("POST", at("under_way", "/runs"), operator, {});
  expect(refused).toMatchObject({ status: 409, body: { code: "run_under_way" } });
});

test("a person starts a run with what is there; it shows who, keeps that from the client, and ends", async () => {
  const project = await scheduled("by_hand");
  expect(await ask("POST", at("by_hand", "/runs"), operator, {})).toMatchObject({
    status: 409,
    body: { code: "nothing_waits" },
  });
  const batchId = await send(project, "store");
  const client = await hub.as("client", "by_hand");
  expect((await ask("POST", at("by_hand", "/runs"), client, {})).status).toBe(403);
  const started = await ask<RunDetail>("POST", at("by_hand", "/runs"), operator, { reason: "The shops wait" });
  expect(started.status).toBe(201);
  expect(started.body.trigger).toMatchObject({ by: "person", actor: "operator of the test", reason: "The shops wait" });
  expect((await ask<RunDetail>("GET", `/v1/runs/${started.body.id}`, client)).body.trigger).toMatchObject({
    by: "person",
    actor: null,
  });
  const [audit] = await hub.sql<{
    detail: object;
  }>`SELECT detail FROM audit WHERE action = 'run.start' AND path = ${"by_hand/retail"}`;
  expect(audit!.detail).toMatchObject({ run: started.body.id, reason: "The shops wait" });

  const health = { addCheck() {} } as unknown as Health;
  const options = {
    database: hub.database,
    redisUrl: hub.stack.redisUrl,
    logger,
    health,
    concurrency: 2,
    leaseMs: 20_000,
  };
  const workers = [
    await runStage("validate", async () => ({ verdict: "advance" as const }), options),
    await runStage("import", async () => ({ verdict: "advance" as const, imported: true }), options),
  ];
  const ended = await waitFor(
    async () => {
      const { body } = await ask<RunDetail>("GET", `/v1/runs/${started.body.id}`);
      return body.phase === "ended" ? body : undefined;
    },
    { what: "the run's end", timeoutMs: 30_000 },
  );
  await Promise.all(workers.map((worker) => worker.close()));
  expect(ended.tables).toMatchObject([
    { table: "store", status: "success", batchId, late: false },
    { table: "storestock", status: "missing", batchId: null },
  ]);
  const list = await ask<{ runs: RunDetail[] }>("GET", "/v1/runs?client=by_hand");
  expect(list.body.runs[0]).toMatchObject({ id: ended.id, phase: "ended", tables: ended.tables });
});

test("a project without a schedule says so, another client's is not there, and a schedule that never comes is refused", async () => {
  const profile = profileSchema.parse(buildProfile({ client: "plain", project: "retail" }));
  await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  const { body } = await ask<Schedule>("GET", at("plain", "/schedule"));
  expect(body).toMatchObject({ at: null, next: [], held: [], underWay: null });
  expect(await ask("POST", at("plain", "/runs"), operator, {})).toMatchObject({ body: { code: "no_schedule" } });
  const other = await hub.as("client", "shown");
  expect((await ask("GET", at("plain", "/schedule"), other)).status).toBe(404);
  const never = {
    ...buildProfile({ client: "never", project: "retail" }),
    run: { group: "schedule", at: "0 9 31 2 *" },
  };
  const refused = await hub.app.inject({
    method: "PUT",
    url: at("never", "/profile"),
    headers: await hub.as("admin"),
    payload: never,
  });
  expect(refused.json()).toMatchObject({ code: "profile_invalid", errors: [{ path: ["run", "at"] }] });
});
