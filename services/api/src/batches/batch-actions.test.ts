import { claimSteps, endBatches, failStep, insertFirstSteps, insertLateDeliveries } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let operator: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  spring = await givenProject(hub.database, "spring", "video");
  operator = await hub.as("operator");
});
afterAll(() => hub?.close());

const post = (url: string, payload?: object, headers = operator) =>
  hub.app.inject({ method: "POST", url, headers, ...(payload ? { payload } : {}) });

async function givenStep(batchId: number): Promise<number> {
  const { database } = hub;
  await insertFirstSteps(database, {
    clientId: spring.clientId,
    kind: "validate",
    batches: [{ batchId, sizeBytes: 1 }],
  });
  const rows = await hub.sql<{ id: number }>`
    UPDATE inlet.steps SET state = 'ready' WHERE batch_id = ${batchId} RETURNING id`;
  return rows[0]!.id;
}

async function givenFailedBatch(fileName: string): Promise<number> {
  const { database } = hub;
  const { batchId } = await givenBatch(database, spring, fileName);
  const stepId = await givenStep(batchId);
  await claimSteps(database, { refs: [{ stepId, epoch: 1 }], worker: "w", leaseMs: 1000 });
  await failStep(database, { stepId, epoch: 1, error: { code: "odd", message: "It is odd", retryable: false } });
  await endBatches(database, [{ batchId, status: "failed", reason: { code: "odd", message: "It is odd" } }]);
  return batchId;
}

test("a failed batch is set under way again, its job is on the queue, and the audit says who did it", async () => {
  const batchId = await givenFailedBatch("failed.csv");
  const response = await post(`/v1/batches/${batchId}/retry`);
  expect(response.statusCode).toBe(200);
  expect(response.json()).toMatchObject({
    status: "running",
    stage: { kind: "validate", state: "ready", attempts: 0 },
  });
  expect(response.json().timeline.at(-1).text).toMatch(/^(Set under way again by operator|The check is ready)/);
  const queues = await hub.app.inject({ url: "/v1/queues", headers: operator });
  const validate = queues.json().queues.find((each: { queue: string }) => each.queue === "validate");
  expect(validate.waiting).toBe(1);
  const rows = await hub.sql`
    SELECT actor, outcome FROM inlet.audit WHERE action = 'batch.retry' AND path = ${`batch/${batchId}`}`;
  expect(rows).toEqual([{ actor: "operator of the test", outcome: "ok" }]);
});

test("what the audit cannot take is not done: a retry or cancel and its line stand or fall together", async () => {
  const failed = await givenFailedBatch("unaudited.csv");
  const { batchId: underWay } = await givenBatch(hub.database, spring, "unaudited-too.csv");
  await givenStep(underWay);
  await hub.sql`ALTER TABLE inlet.audit ADD CONSTRAINT no_operator CHECK (action NOT LIKE 'batch.%') NOT VALID`;
  try {
    expect((await post(`/v1/batches/${failed}/retry`)).statusCode).toBe(500);
    expect((await post(`/v1/batches/${underWay}/cancel`, {})).statusCode).toBe(500);
  } finally {
    await hub.sql`ALTER TABLE inlet.audit DROP CONSTRAINT no_operator`;
  }
  const rows = await hub.sql`SELECT status FROM inlet.batches WHERE id IN (${failed}, ${underWay}) ORDER BY id`;
  expect(rows).toEqual([{ status: "failed" }, { status: "received" }]);
});

test("of a rejected batch the delivery that failed is tried again, and it is not under way for that", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "rejected.csv");
  const stepId = await givenStep(batchId);
  await hub.sql`UPDATE inlet.steps SET state = 'done' WHERE id = ${stepId}`;
  await endBatches(hub.database, [{ batchId, status: "rejected", reason: { code: "odd", message: "It is odd" } }]);
  await insertLateDeliveries(hub.database, [stepId]);
  const refused = await post(`/v1/batches/${batchId}/retry`);
  expect(refused.json()).toMatchObject({ code: "not_retryable" });
  const error = { code: "name_taken", message: "It is taken", retryable: false };
  await hub.sql`UPDATE inlet.steps SET state = 'failed', error = ${JSON.stringify(error)}::jsonb
    WHERE batch_id = ${batchId} AND kind = 'deliver'`;
  const response = await post(`/v1/batches/${batchId}/retry`);
  expect(response.json()).toMatchObject({
    status: "rejected",
    stage: null,
    steps: [{ kind: "validate" }, { kind: "deliver", state: "ready", error: null }],
  });
  expect((await post(`/v1/batches/${batchId}/cancel`)).statusCode).toBe(409);
});

test("what cannot be retried is refused with what to do", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "under-way.csv");
  const response = await post(`/v1/batches/${batchId}/retry`);
  expect(response.statusCode).toBe(409);
  expect(response.json()).toMatchObject({ code: "not_retryable" });
  const unreasoned = await post(`/v1/batches/${batchId}/retry`, { force: true });
  expect(unreasoned.json().errors).toMatchObject([{ path: ["reason"], message: "a forced retry says why" }]);
});

test("a batch under way is cancelled with its steps, and cancelling twice is refused", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "cancel.csv");
  await givenStep(batchId);
  const response = await post(`/v1/batches/${batchId}/cancel`, { reason: "Sent by mistake" });
  expect(response.json()).toMatchObject({ status: "cancelled", steps: [{ state: "cancelled" }], stage: null });
  expect(JSON.stringify(response.json().timeline)).toContain("Sent by mistake");
  expect((await post(`/v1/batches/${batchId}/cancel`)).statusCode).toBe(409);
});

test("links are taken back once, one or all, and never for a record that is not there", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "links.csv");
  await hub.sql`UPDATE inlet.batches SET records = 10 WHERE id = ${batchId}`;
  const url = `/v1/batches/${batchId}/revocations`;
  const client = await hub.as("client", "spring");
  expect((await post(url, { record: 3 }, client)).json()).toEqual({ batchId, record: 3, changed: true });
  expect((await post(url, { record: 3 }, client)).json()).toEqual({ batchId, record: 3, changed: false });
  expect((await post(url, { record: 11 }, client)).json().code).toBe("record_unknown");
  expect((await post(url, { all: true }, client)).json()).toEqual({ batchId, record: null, changed: true });
  for (const unclear of [undefined, { record: 3, all: true }])
    expect((await post(url, unclear, client)).statusCode).toBe(400);
  const detail = await hub.app.inject({ url: `/v1/batches/${batchId}`, headers: operator });
  expect(detail.json().revoked).toEqual({ all: true, records: 1 });
});
