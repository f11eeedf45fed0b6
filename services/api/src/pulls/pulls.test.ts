import {
  Misconfigured,
  type Profile,
  type PullDetail,
  type PullPage,
  type PullStates,
  profileSchema,
  type StartedPulls,
  Unavailable,
} from "@inlet/contracts";
import { applyProfile, makeProjectLive, transaction } from "@inlet/database";
import { askedOf, type DoPull, lookAtPulls, progressOf, runPulls } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";
import { outcomeOf } from "./pull-view.ts";

const logger = createLogger("test", "fatal");
const health = { addCheck: () => {} } as unknown as Health;
let hub: TestHub;
let profile: Profile;
let operator: { authorization: string };
let puller: { close(): Promise<void> };
/** What the next pulls come to; what has none waits. */
let doPull: DoPull | undefined;

beforeAll(async () => {
  hub = await openTestHub();
  profile = profileSchema.parse({
    client: "iris",
    project: "shop",
    notify: { recipients: ["it@iris.example"] },
    monitoring: { recipients: ["erp@iris.example"] },
    source: {
      kind: "pull",
      system: { connector: "intact_iq", url: "https://erp.iris.example/api", secret: "erp_key", concurrency: 4 },
      schedule: { everyMinutes: 120 },
      pulls: [
        { table: "items", resource: "Products" },
        { table: "prices", resource: "Prices", incremental: { by: "UpdatedOn" } },
      ],
    },
    tables: ["items", "prices"].map((name) => ({ name, mode: "upsert", key: ["code"], columns: [{ name: "code" }] })),
  });
  await transaction(hub.database, async (tx) => {
    const { projectId } = await applyProfile(tx, { profile, appliedBy: "test" });
    await makeProjectLive(tx, projectId);
  });
  await lookAtPulls({ ...hub, logger });
  operator = await hub.as("operator");
  const options = {
    database: hub.database,
    redisUrl: hub.stack.redisUrl,
    logger,
    health,
    concurrency: 4,
    leaseMs: 5_000,
    retryMs: 1,
  };
  puller = await runPulls((work) => {
    if (doPull !== undefined) return doPull(work);
    return new Promise((_, reject) => work.signal.addEventListener("abort", () => reject(work.signal.reason)));
  }, options);
});
afterAll(async () => {
  await puller?.close();
  await hub?.close();
});

const ask = async <Body>(method: "GET" | "POST", url: string, { headers = operator, payload = {} } = {}) => {
  const response = await hub.app.inject({ method, url, headers, ...(method === "POST" && { payload }) });
  return { status: response.statusCode, body: response.json() as Body & { code?: string; detail?: string } };
};
const at = (rest: string) => `/v1/clients/iris/projects/shop${rest}`;
const ended = (id: number, headers = operator) =>
  waitFor(
    async () => {
      const { body } = await ask<PullDetail>("GET", `/v1/pulls/${id}`, { headers });
      return body.endedAt === null ? undefined : body;
    },
    { timeoutMs: 30_000, what: `pull ${id} to end` },
  );

test("what was never pulled is shown with the system, the schedule, and whom a stop is told to", async () => {
  const { status, body } = await ask<PullStates>("GET", at("/pull-state"));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    system: { connector: "intact_iq", host: "erp.iris.example" },
    monitored: true,
    recipients: ["it@iris.example", "erp@iris.example"],
    schedule: { words: "every 2 hours", timezone: null, paused: null },
    circuit: { state: "closed", failures: 0 },
    tables: [
      { table: "items", mode: "full", last: null, lastGood: null },
      { table: "prices", mode: "incremental", cursor: null },
    ],
  });
  expect(Date.parse(body.schedule.nextDueAt!) - Date.now()).toBeLessThanOrEqual(2 * 3_600_000);
});

test("pulls are started by who may, once at a time, and cancelled", async () => {
  doPull = undefined;
  const client = await hub.as("client", "iris");
  expect((await ask("POST", at("/pulls"), { headers: client })).status).toBe(403);
  expect((await ask("POST", at("/pulls"), { payload: { tables: ["stores"] } })).body.code).toBe("table_not_pulled");
  const payload = { tables: ["items"], full: true, reason: "Prices were mended" };
  const started = await ask<StartedPulls>("POST", at("/pulls"), { payload });
  expect(started.status).toBe(201);
  const [pull] = started.body.pulls;
  expect(pull).toMatchObject({
    table: "items",
    full: true,
    monitored: true,
    outcome: expect.stringMatching(/waiting|pulling/),
  });
  expect(pull!.trigger).toEqual({
    by: "person",
    dueAt: null,
    actor: "operator of the test",
    reason: "Prices were mended",
  });

  const again = await ask<StartedPulls>("POST", at("/pulls"), { payload: { tables: ["items"] } });
  expect(again).toMatchObject({
    status: 409,
    body: { code: "pull_under_way", detail: expect.stringContaining(`pull ${pull!.id}`) },
  });
  const rest = await ask<StartedPulls>("POST", at("/pulls"));
  expect(rest.body).toMatchObject({ pulls: [{ table: "prices" }], underWay: [{ table: "items", pull: pull!.id }] });

  const seen = await ask<PullDetail>("GET", `/v1/pulls/${pull!.id}`, { headers: client });
  expect(seen.body).toMatchObject({ resource: "Products", cancellable: true, trigger: { actor: null, reason: null } });
  for (const { id } of [...started.body.pulls, ...rest.body.pulls]) {
    const cancelled = await ask<PullDetail>("POST", `/v1/pulls/${id}/cancel`, { payload: { reason: "a test" } });
    expect(cancelled).toMatchObject({ status: 200, body: { outcome: "cancelled", cancellable: false } });
    expect(cancelled.body.error?.message).toContain("a test");
  }
  expect((await ask("POST", `/v1/pulls/${pull!.id}/cancel`)).body.code).toBe("pull_ended");
  const audit = await hub.sql<{
    action: string;
  }>`SELECT action FROM inlet.audit WHERE action LIKE 'pull.%' ORDER BY id`;
  expect(audit.map(({ action }) => action)).toEqual(["pull.start", "pull.start", "pull.cancel", "pull.cancel"]);
});

test("a pull that was stopped says what was expected, what came, and where it stopped; the list is filtered", async () => {
  const reason = { code: "pull_incomplete", message: "items: 5 items were expected, 4 came. Pull again." };
  doPull = async ({ pull }) => ({
    ...{ end: "stopped", reason, failedPage: 2 },
    progress: {
      ...progressOf(pull),
      ...{ expected: 5, received: 4, duplicates: 1, duplicateSamples: [{ key: "A1", same: true, page: 2 }], pages: 2 },
    },
  });
  const { body } = await ask<StartedPulls>("POST", at("/pulls"), { payload: { tables: ["items"] } });
  const stopped = await ended(body.pulls[0]!.id);
  expect(stopped).toMatchObject({ outcome: "stopped", expected: 5, received: 4, failedPage: 2, error: reason });
  expect(stopped.duplicateSamples).toEqual([{ key: "A1", same: true, page: 2 }]);

  const list = await ask<PullPage>("GET", at("/pulls?state=stopped&table=items"));
  expect(list.body.pulls.map(({ id }) => id)).toEqual([stopped.id]);
  const first = await ask<PullPage>("GET", at("/pulls?limit=1"));
  const second = await ask<PullPage>("GET", at(`/pulls?limit=1&cursor=${first.body.next}`));
  expect(second.body.pulls[0]!.id).toBeLessThan(first.body.pulls[0]!.id);
  const { tables } = (await ask<PullStates>("GET", at("/pull-state"))).body;
  expect(tables[0]!.last).toMatchObject({ id: stopped.id, error: reason });

  const operations = await ask<{ sources: object[] }>("GET", "/v1/operations");
  expect(operations.body.sources).toMatchObject([
    { kind: "pull", host: "erp.iris.example", failures: 1, error: { code: "pull_incomplete" } },
  ]);
});

test("the cursor that is shown is that of the question which the profile asks now", async () => {
  const { source } = profile;
  if (source.kind !== "pull") throw new Error("It pulls.");
  const asks = askedOf({ system: source.system, pull: source.pulls[1]! });
  const cursor = "2026-11-20T09:00:00Z";
  doPull = async ({ pull, begin }) => {
    await begin({
      ...{ profileVersion: pull.liveVersion, asks, cursorFrom: cursor, full: false, monitored: true, rounds: 0 },
    });
    return { end: "unchanged", progress: { ...progressOf(pull), cursorTo: cursor } };
  };
  const { body } = await ask<StartedPulls>("POST", at("/pulls"), { payload: { tables: ["prices"] } });
  const { id } = await ended(body.pulls[0]!.id);
  const shown = async () => (await ask<PullStates>("GET", at("/pull-state"))).body.tables[1]!.cursor;
  expect(await shown()).toBe(cursor);
  await hub.sql`UPDATE inlet.pulls SET asks = 'another' WHERE id = ${id}`;
  expect(await shown()).toBeNull();
});

test("of a system where each attempt begins anew, pages that came again and again do not keep a pull alive for ever", async () => {
  const unavailable = new Unavailable({ code: "http_timeout", message: "No answer.", context: { page: 3 } });
  doPull = async ({ pull, keep, begin }) => {
    const { liveVersion: profileVersion } = pull;
    await begin({ profileVersion, asks: "a", cursorFrom: null, full: true, monitored: true, rounds: 0 });
    await keep({ ...progressOf(pull), position: null, pages: 2, expected: 5, received: 4 });
    throw unavailable;
  };
  const { body } = await ask<StartedPulls>("POST", at("/pulls"), { payload: { tables: ["prices"] } });
  expect(await ended(body.pulls[0]!.id)).toMatchObject({
    ...{ outcome: "stopped", attempts: 6, received: 4, failedPage: 3, error: { code: "pull_page_failed" } },
  });
  await hub.sql`DELETE FROM inlet.pull_systems`;
});

test("a probe's rows are for those who may read files; one that fails says why", async () => {
  const result = {
    count: 12,
    shape: [{ path: "Code", type: "text", isOptional: false, samples: ["A1"] }],
    rows: { columns: ["code"], cells: [["A1"], [null]] },
  };
  doPull = async () => ({ end: "probed", result });
  const { status, body } = await ask<PullDetail>("POST", at("/pulls/probe"), { payload: { table: "prices" } });
  expect(status).toBe(201);
  expect((await ended(body.id)).probe).toEqual(result);
  const viewer = await hub.as("viewer");
  expect(await ended(body.id, viewer)).toMatchObject({
    outcome: "probed",
    resource: "Prices",
    probe: { count: 12, shape: [{ path: "Code", samples: [] }], rows: null },
  });
  const listed = await ask<PullPage>("GET", at("/pulls?purpose=probe"));
  expect(listed.body.pulls.map(({ id }) => id)).toEqual([body.id]);

  doPull = async () => {
    throw new Misconfigured({
      code: "system_access_denied",
      message: "The system refused the key. Store the right one.",
    });
  };
  const refused = await ask<PullDetail>("POST", at("/pulls/probe"));
  expect(await ended(refused.body.id)).toMatchObject({
    outcome: "stopped",
    probe: null,
    error: { code: "system_access_denied" },
  });
});

describe("what came of a pull", () => {
  const pull = { purpose: "import", state: "received", error: null, batchStatus: null } as const;
  it.each([
    [{}, "importing"],
    [{ batchStatus: "running" }, "importing"],
    [{ batchStatus: "completed" }, "imported"],
    [{ batchStatus: "partial" }, "imported"],
    [{ batchStatus: "rejected" }, "not_imported"],
    [{ batchStatus: "superseded" }, "not_imported"],
    [{ purpose: "probe" }, "probed"],
    [{ state: "cancelled", error: { code: "pull_skipped", message: "", retryable: false } }, "skipped"],
    [{ state: "due", error: { code: "system_unreachable", message: "", retryable: true } }, "waiting"],
    [{ state: "unchanged" }, "unchanged"],
  ] as const)("%j: %s", (more, outcome) => {
    expect(outcomeOf({ ...pull, ...more })).toBe(outcome);
  });
});
