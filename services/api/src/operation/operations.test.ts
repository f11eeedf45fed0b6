import { hostname } from "node:os";
import { forgetWorkers, insertMessages, noteWorker, recordAudit, trimAudit, workerFacts } from "@inlet/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let operator: { authorization: string };
let place: { projectId: number; clientId: number };

const minute = () => Math.floor(Date.now() / 60_000);
const worker = (changes: Partial<Parameters<typeof noteWorker>[1]> = {}): Parameters<typeof noteWorker>[1] => ({
  id: `${hostname()}:${process.pid}:1`,
  service: "validator",
  host: hostname(),
  pid: process.pid,
  version: "0.1.0",
  startedAt: new Date(),
  memoryBytes: 1_000_000,
  facts: {},
  work: {},
  stopped: false,
  ...changes,
});

beforeAll(async () => {
  hub = await openTestHub({ PUBLIC_SFTP_HOST: "files.example.com", CONSOLE_URL: "https://hub.example.com" });
  operator = await hub.as("operator");
  place = await givenProject(hub.database, "spring", "video");
});
afterAll(() => hub?.close());

const get = (url: string, headers = operator) => hub.app.inject({ url, headers });
const post = (url: string, payload: object = {}, headers = operator) =>
  hub.app.inject({ method: "POST", url, payload, headers });

/** A batch with a step in a state. */
async function givenStep(
  kind: string,
  state: string,
  more: { worker?: string; error?: object; fileName?: string } = {},
) {
  const { batchId } = await givenBatch(hub.database, place, more.fileName ?? `${kind}-${state}.csv`);
  const [step] = await hub.sql<{ id: number }>`
    INSERT INTO steps (batch_id, client_id, kind, lane, state, worker, error, ready_at, started_at, finished_at)
    VALUES (${batchId}, ${place.clientId}, ${kind}, 'small', ${state}, ${more.worker ?? null},
      ${more.error === undefined ? null : JSON.stringify(more.error)}::jsonb, now(), now(), now())
    RETURNING id`;
  return { batchId, stepId: step!.id };
}

test("operations tell what waits, what is held back and why, and who works on what", async () => {
  await noteWorker(
    hub.database,
    worker({
      work: {
        validate: [
          [minute(), 7, 1, 2],
          [minute() - 30, 53, 0, 0],
        ],
      },
    }),
  );
  await noteWorker(hub.database, worker({ id: "gone", pid: 1, host: "elsewhere", service: "importer", stopped: true }));
  await noteWorker(hub.database, worker({ id: "silent", pid: 2, host: "elsewhere", service: "courier" }));
  await hub.sql`UPDATE workers SET heard_at = now() - interval '5 minutes' WHERE id = 'silent'`;
  await givenStep("validate", "ready");
  await givenStep("validate", "waiting");
  await givenStep("import", "waiting");
  const { batchId } = await givenStep("validate", "running", {
    worker: `${hostname()}:${process.pid}`,
    fileName: "now.csv",
  });
  const response = await get("/v1/operations");
  expect(response.statusCode, response.body).toBe(200);
  const { queues, heldBack, workers, disk, database, redis } = response.json();
  const validate = queues.find(({ queue }: { queue: string }) => queue === "validate");
  expect(validate).toMatchObject({ waiting: 1, active: 1, delayed: 0, held: 1, jobs: { waiting: 0 } });
  expect(validate.oldestWaitingMs).toBeLessThan(60_000);
  expect(validate.throughput.last5).toMatchObject({ minutes: 5, done: 7, failed: 1, retried: 2 });
  expect(validate.throughput.last60).toMatchObject({ minutes: 60, done: 60 });
  expect(validate.throughput.last60.donePerMinute).toBeCloseTo(1, 1);
  expect(queues.map(({ queue }: { queue: string }) => queue)).toEqual(
    expect.arrayContaining(["arrive", "send", "import"]),
  );
  expect(heldBack).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ queue: "validate", reason: "limits", client: "spring", steps: 1 }),
      expect.objectContaining({ queue: "import", reason: "order", client: "spring", steps: 1 }),
    ]),
  );
  expect(workers.map(({ service, state }: { service: string; state: string }) => `${service} ${state}`)).toEqual([
    "courier silent",
    "importer stopped",
    "validator alive",
  ]);
  expect(workers[2]).toMatchObject({
    active: 1,
    working: [{ queue: "validate", batchId, fileName: "now.csv", client: "spring" }],
  });
  expect(disk.freeBytes).toBeGreaterThan(0);
  expect(database).toMatchObject({ ok: true, version: expect.stringMatching(/^18/), latencyMs: expect.any(Number) });
  expect(redis).toMatchObject({ ok: true, version: expect.any(String), memoryBytes: expect.any(Number) });
});

test("sources and mailboxes are there before their first look, with what went wrong after it", async () => {
  const { projectId } = await givenProject(hub.database, "iris", "pulled");
  await hub.sql`UPDATE profiles SET document = jsonb_set(document, '{source}',
    '{"kind":"sftp","server":{"host":"sftp.iris.example","secret":"s"}}') WHERE project_id = ${projectId}`;
  const sources = async () => {
    const { watchedPlaces } = await import("@inlet/database");
    return await watchedPlaces(hub.database);
  };
  expect(await sources()).toMatchObject([{ kind: "sftp", client: "iris", host: "sftp.iris.example", lookedAt: null }]);
  await hub.sql`INSERT INTO source_looks (project_id, next_look_at, looked_at, failures, error_code, error_message)
    VALUES (${projectId}, now(), now(), 3, 'remote_unreachable', 'It did not answer.')`;
  expect(await sources()).toMatchObject([{ failures: 3, errorCode: "remote_unreachable" }]);
});

test("failed steps come in pages, with their reasons together", async () => {
  const lost = { code: "worker_lost", message: "The worker vanished.", retryable: true };
  const first = await givenStep("import", "failed", { error: lost, fileName: "1.csv" });
  const second = await givenStep("import", "failed", {
    error: { ...lost, message: "Vanished again." },
    fileName: "2.csv",
  });
  await givenStep("deliver", "failed", {
    error: { code: "disk_full", message: "Full.", retryable: true },
    fileName: "3.csv",
  });
  const page = (await get("/v1/operations/failed-steps?limit=1")).json();
  expect(page.steps).toMatchObject([{ queue: "deliver", fileName: "3.csv", error: { code: "disk_full" } }]);
  expect(page.reasons).toMatchObject([
    {
      queue: "import",
      code: "worker_lost",
      message: "Vanished again.",
      steps: 2,
      batchIds: [second.batchId, first.batchId],
    },
    { queue: "deliver", code: "disk_full", steps: 1 },
  ]);
  const rest = (await get(`/v1/operations/failed-steps?cursor=${page.next}`)).json();
  expect(rest.steps.map(({ fileName }: { fileName: string }) => fileName)).toEqual(["2.csv", "1.csv"]);
  const narrowed = (await get("/v1/operations/failed-steps?code=disk_full&queue=deliver&client=spring")).json();
  expect(narrowed.steps).toHaveLength(1);
  expect((await get("/v1/operations/failed-steps?client=iris")).json().steps).toEqual([]);
});

describe("dead letters", () => {
  async function givenDeadLetters(count: number, code = "mail_refused"): Promise<number[]> {
    const keys = Array.from({ length: count }, (_, index) => `${code}-${Date.now()}-${Math.random()}-${index}`);
    const refs = await insertMessages(
      hub.database,
      keys.map((key) => ({
        key,
        projectId: place.projectId,
        runId: null,
        batchId: null,
        recipient: "a@b.example",
        payload: {},
      })),
    );
    const ids = refs.map(({ messageId }) => messageId);
    await hub.sql`UPDATE messages SET state = 'failed', attempts = 12, error = ${JSON.stringify({ code, message: "No.", retryable: false })}::jsonb
      WHERE id = ANY(${ids}::bigint[])`;
    return ids;
  }

  test("one is sent again, once, and that is in the audit", async () => {
    const [id] = await givenDeadLetters(1);
    expect((await post(`/v1/messages/${id}/retry`)).json()).toEqual({ id, state: "ready" });
    const [message] = await hub.sql`SELECT state, attempts, epoch FROM messages WHERE id = ${id}`;
    expect(message).toEqual({ state: "ready", attempts: 0, epoch: 2 });
    const again = await post(`/v1/messages/${id}/retry`);
    expect([again.statusCode, again.json().code]).toEqual([409, "message_not_failed"]);
    expect((await post("/v1/messages/999999/retry")).statusCode).toBe(404);
    const { lines } = (await get("/v1/audit?action=message.retry")).json();
    expect(lines).toMatchObject([{ path: `message/${id}`, outcome: "ok", detail: { messages: [id] } }]);
  });

  test("many are sent again, so many at once", async () => {
    const ids = await givenDeadLetters(5, "relay_down");
    expect((await post("/v1/messages/retry", { code: "relay_down", limit: 2 })).json()).toEqual({
      retried: 2,
      left: 3,
    });
    expect((await post("/v1/messages/retry", { ids: ids.slice(0, 3) })).json()).toEqual({ retried: 1, left: 0 });
    expect((await post("/v1/messages/retry", { client: "iris" })).json()).toEqual({ retried: 0, left: 0 });
    expect(
      (await post("/v1/messages/retry", { ids: Array.from({ length: 1_001 }, (_, id) => id + 1) })).statusCode,
    ).toBe(400);
    expect((await post("/v1/messages/retry", { limit: 1_000 })).json()).toEqual({ retried: 2, left: 0 });
  });

  test("of another client do not exist, and looking is not sending", async () => {
    const [id] = await givenDeadLetters(1);
    expect((await post(`/v1/messages/${id}/retry`, {}, await hub.as("viewer"))).statusCode).toBe(403);
    expect((await post(`/v1/messages/${id}/retry`, {}, await hub.as("operator", "iris"))).statusCode).toBe(404);
    expect((await post("/v1/messages/retry", { ids: [id] }, await hub.as("operator", "iris"))).json().retried).toBe(0);
  });
});

describe("the audit", () => {
  const lines = async (query: string) => (await get(`/v1/audit?${query}`)).json().lines;

  beforeAll(async () => {
    const entries = [
      { actor: "spring", action: "upload", path: "/video/Uploads/a_b.csv", outcome: "ok" },
      { actor: "Anna", action: "profile.apply", path: "spring/video", outcome: "ok" },
      { actor: "Anna", action: "profile.check", path: "iris/pulled", outcome: "refused", detail: { note: "=cmd()" } },
      { actor: "=HYPERLINK(1)", action: "login", outcome: "failed", path: '<script>alert(1)</script>,"' },
    ];
    for (const entry of entries) await recordAudit(hub.database, entry);
    await hub.sql`INSERT INTO accounts (client_id, username, jail) VALUES (${place.clientId}, 'spring', 'j1')`;
  });

  test.each([
    ["actor=anna", ["profile.check", "profile.apply"]],
    ["actor=ann", []],
    ["action=profile.*", ["profile.check", "profile.apply"]],
    ["action=profile", []],
    ["path=A_B", ["upload"]],
    ["path=aXb", []],
    ["path=%25", []],
    ["client=spring&action=profile.*", ["profile.apply"]],
    ["client=spring&path=Uploads", ["upload"]],
    ["client=iris&action=profile.*", ["profile.check"]],
    ["outcome=refused", ["profile.check"]],
    ["from=2099-01-01T00:00:00Z", []],
    ["to=2000-01-01T00:00:00Z", []],
  ])("is filtered: %s", async (query, actions) => {
    expect((await lines(query)).map(({ action }: { action: string }) => action)).toEqual(actions);
  });

  test("comes in pages, and as a file that a spreadsheet can open", async () => {
    const first = (await get("/v1/audit?limit=2")).json();
    expect(first).toMatchObject({ keptDays: 400, lines: [{ action: "login" }, { action: "profile.check" }] });
    const second = (await get(`/v1/audit?limit=1&cursor=${first.next}`)).json();
    expect(second.lines).toMatchObject([{ action: "profile.apply" }]);
    const csv = await get("/v1/audit?format=csv&action=login");
    expect(csv.headers["content-disposition"]).toContain("audit.csv");
    expect(csv.body.split("\r\n")[1]).toMatch(
      /^\d+,[^,]+,'=HYPERLINK\(1\),,,login,"<script>alert\(1\)<\/script>,""",,failed,\{\}$/,
    );
  });

  test("is not for those who see one client, nor can anybody change it", async () => {
    expect((await get("/v1/audit", await hub.as("viewer", "spring"))).statusCode).toBe(403);
    expect((await get("/v1/audit", await hub.as("client", "spring"))).statusCode).toBe(403);
    const [before] = await hub.sql<{ count: number }>`SELECT count(*) FROM audit`;
    await hub.sql`DELETE FROM audit`;
    await hub.sql`UPDATE audit SET actor = 'nobody'`;
    await expect(hub.sql`TRUNCATE audit`).rejects.toThrow("the audit is kept");
    expect(await hub.sql`SELECT count(*) FROM audit`).toEqual([before]);
    expect(await lines("actor=nobody")).toEqual([]);
  });

  test("loses its old lines alone, and says so", async () => {
    await hub.sql`INSERT INTO audit (id, at, actor, action, outcome) OVERRIDING SYSTEM VALUE SELECT -n, now() - n * interval '1 day' + interval '1 hour', 'old', 'login', 'ok' FROM generate_series(20, 60) n`;
    expect(await trimAudit(hub.database, { keepDays: 50, most: 5, actor: "watcher" })).toBe(5);
    expect(await trimAudit(hub.database, { keepDays: 50, most: 100, actor: "watcher" })).toBe(5);
    expect(await trimAudit(hub.database, { keepDays: 50, most: 100, actor: "watcher" })).toBe(0);
    // Nothing younger than 30 days goes, whatever is asked for, or set.
    expect(await trimAudit(hub.database, { keepDays: 1, most: 1_000, actor: "watcher" })).toBe(20);
    await hub.sql`SELECT set_config('inlet.audit_trim', 'on', false)`;
    await hub.sql`DELETE FROM audit WHERE actor = 'old'`;
    const { count } = (await hub.sql<{ count: number }>`SELECT count(*) FROM audit WHERE actor = 'old'`)[0]!;
    expect(count).toBe(11);
    expect(await lines("action=audit.trim")).toMatchObject([
      { actor: "watcher", detail: { lines: 20, keptDays: 30 } },
      { detail: { lines: 5 } },
      { detail: { lines: 5, keptDays: 50 } },
    ]);
  });
});

test("what is handed over with a login comes from the gateways, and from nobody who only says to be one", async () => {
  const hostKeys = [{ type: "ssh-ed25519", fingerprint: "SHA256:abc" }];
  expect((await get("/v1/connection")).json()).toMatchObject({ sftp: { hostKeys: [] }, mail: null });
  await noteWorker(hub.database, worker({ id: "gateway", service: "sftp-gateway", facts: { hostKeys } }));
  await noteWorker(
    hub.database,
    worker({ id: "mail", service: "mail-gateway", facts: { domains: ["in.example.com"], sharedAddresses: ["files"] } }),
  );
  await hub.sql`INSERT INTO workers (id, service, host, pid, version, role, started_at, memory_bytes, facts, heard_at)
    VALUES ('forged', 'sftp-gateway', 'h', 1, '1', 'inlet_landing', now(), 1, '{"hostKeys":[{"type":"x","fingerprint":"evil"}]}', now() + interval '1 day')`;
  expect((await get("/v1/connection", await hub.as("client", "spring"))).json()).toMatchObject({
    sftp: { host: "files.example.com", port: 2222, hostKeys },
    mail: { addressPattern: "{address}@in.example.com", sharedAddresses: ["files@in.example.com"] },
    consoleUrl: "https://hub.example.com",
    landingUrl: null,
  });
  await hub.sql`UPDATE workers SET heard_at = now() - interval '2 days'`;
  expect(await forgetWorkers(hub.database)).toBe(0);
  await noteWorker(hub.database, worker({ id: "newer" }));
  expect(await forgetWorkers(hub.database)).toBe(1);
  expect(await workerFacts(hub.database, { service: "sftp-gateway", roles: [] })).toEqual({ hostKeys });
});

test("a search through the whole audit leaves connections to all other requests", async () => {
  const blocker = await hub.database.pool.connect();
  const pending: ReturnType<typeof get>[] = [];
  try {
    await blocker.query("BEGIN; LOCK TABLE inlet.audit IN ACCESS EXCLUSIVE MODE");
    for (let asked = 0; asked < 30; asked += 1) pending.push(get("/v1/audit?path=nothing"));
    expect((await Promise.race(pending)).json().code).toBe("too_many_requests");
    expect((await get("/v1/projects")).statusCode).toBe(200);
  } finally {
    await blocker.query("ROLLBACK");
    blocker.release();
  }
  expect(new Set((await Promise.all(pending)).map(({ statusCode }) => statusCode))).toEqual(new Set([200, 429]));
});

describe("the queue board", () => {
  const BOARD = "/operations/queues";

  test("shows the queues to those who oversee the hub, with nothing from elsewhere", async () => {
    const page = await get(`${BOARD}/`);
    expect(page.statusCode, page.body).toBe(200);
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.body).toContain(`<base href="${BOARD}/"`);
    expect(page.body.replace(/<script id="__UI_CONFIG__"[\s\S]*?<\/script>/, "")).not.toMatch(/https?:\/\//);
    for (const [, asset] of page.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g)) {
      expect((await get(`${BOARD}/${asset}`)).statusCode, asset).toBe(200);
    }
    const { queues } = (await get(`${BOARD}/api/queues?activeQueue=validate&page=1`)).json();
    expect(
      queues.map(({ name, readOnlyMode }: { name: string; readOnlyMode: boolean }) => [name, readOnlyMode]),
    ).toContainEqual(["validate", true]);
  });

  test("asks on every one of its routes who calls", async () => {
    const routes = hub.app.guardedRoutes.filter(({ url }) => url.startsWith(BOARD));
    expect(routes.length).toBeGreaterThan(20);
    for (const { access, method } of routes)
      expect(access).toBe(["GET", "HEAD"].includes(method) ? "oversee" : "administer");
    for (const path of ["/", "/api/queues", "/static/css/main.css", "/queue/validate"]) {
      expect((await hub.app.inject({ url: `${BOARD}${path}` })).statusCode).toBe(401);
      expect((await get(`${BOARD}${path}`, await hub.as("client", "spring"))).statusCode).toBe(403);
      expect((await get(`${BOARD}${path}`, await hub.as("viewer", "spring"))).statusCode).toBe(403);
    }
  });

  test("changes nothing, not even for admins, unless they are told that they may", async () => {
    const pause = `${BOARD}/api/queues/validate/pause`;
    const statuses = [];
    for (const role of ["viewer", "operator", "admin"] as const) {
      const response = await hub.app.inject({ method: "PUT", url: pause, headers: await hub.as(role) });
      statuses.push([response.statusCode, response.json().code]);
    }
    expect(statuses).toEqual([
      [403, "not_allowed"],
      [403, "not_allowed"],
      [403, "queues_read_only"],
    ]);
  });

  test("lets admins change queues where they are told so, and the audit says who did", async () => {
    const app = await hub.appWith({ API_QUEUES_WRITABLE: true });
    const headers = await hub.as("admin");
    for (const what of ["pause", "resume"]) {
      const response = await app.inject({ method: "PUT", url: `${BOARD}/api/queues/validate/${what}`, headers });
      expect(response.statusCode, response.body).toBe(200);
    }
    const operators = await app.inject({ method: "PUT", url: `${BOARD}/api/queues/validate/pause`, headers: operator });
    expect(operators.json().code).toBe("not_allowed");
    const { lines } = (await get("/v1/audit?action=queue.change")).json();
    expect(lines.map(({ path }: { path: string }) => path)).toEqual([
      "queues/validate/resume",
      "queues/validate/pause",
    ]);
    expect(lines[0]).toMatchObject({ actor: "admin of the test", detail: { method: "PUT" } });
  });

  test.each([
    "/static/..%2f..%2fpackage.json",
    "/static/../../../package.json",
    "/static/%2e%2e/%2e%2e/package.json",
    "/static//etc/passwd",
  ])("gives out no file beside its own: %s", async (path) => {
    const response = await get(`${BOARD}${path}`);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
  });
});
