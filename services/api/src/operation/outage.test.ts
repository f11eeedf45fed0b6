import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

const get = (url: string) => hub.app.inject({ url, headers: admin });

test("our own faults hide their words and keep a number", async () => {
  await hub.sql`ALTER TABLE runs RENAME COLUMN key TO other`;
  const response = await get("/v1/runs");
  await hub.sql`ALTER TABLE runs RENAME COLUMN other TO key`;
  expect(response.statusCode).toBe(500);
  const error = response.json();
  expect(error.code).toBe("internal");
  expect(error.requestId).toBe(response.headers["x-request-id"]);
  expect(response.body).not.toMatch(/column|key/);
});

test("without Redis the API stays in service but for what only Redis knows", async () => {
  await waitFor(async () => (await get("/readyz")).statusCode === 200, { what: "ready", timeoutMs: 30_000 });
  await hub.stack.process("redis").stop();
  expect((await get("/v1/batches")).statusCode).toBe(200);
  expect((await get("/readyz")).statusCode).toBe(200);
  const queues = await get("/v1/queues");
  expect([queues.statusCode, queues.headers["retry-after"]]).toEqual([503, "5"]);
  const operations = (await get("/v1/operations")).json();
  expect(operations).toMatchObject({ redis: { ok: false, latencyMs: null }, database: { ok: true } });
  expect(operations.queues[0].jobs).toBeNull();
  const metrics = await get("/metrics");
  expect(metrics.statusCode).toBe(200);
  expect(metrics.body).toContain('inlet_batches{status="failed"');
  await hub.stack.process("redis").start();
  await waitFor(async () => (await get("/v1/queues")).statusCode === 200, { what: "queues", timeoutMs: 30_000 });
});

test("without PostgreSQL the answer is 503 and when to come back, and the API goes on by itself", async () => {
  await hub.stack.process("postgres").stop();
  const response = await get("/v1/batches");
  expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "5"]);
  expect(response.json().code).toBe("unavailable");
  const ready = await get("/readyz");
  expect(ready.statusCode).toBe(503);
  expect(ready.json().failures).toHaveProperty("database");
  expect((await get("/healthz")).statusCode).toBe(200);
  await hub.stack.process("postgres").start();
  await waitFor(async () => (await get("/v1/batches")).statusCode === 200, { what: "PostgreSQL", timeoutMs: 30_000 });
});
