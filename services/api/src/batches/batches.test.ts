import {
  advanceBatch,
  claimSteps,
  endBatches,
  finishMessage,
  finishSteps,
  insertFirstSteps,
  insertMessages,
  putArtifacts,
  putIssues,
  recordBatchEvent,
} from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  spring = await givenProject(hub.database, "spring", "video");
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

async function get(url: string, headers = admin) {
  const response = await hub.app.inject({ url, headers });
  return { status: response.statusCode, body: response.json() };
}

const namesOf = (body: { batches: { fileName: string }[] }) => body.batches.map((batch) => batch.fileName);

test("pages of batches come newest first, and batches that arrive meanwhile move nothing", async () => {
  const ids: number[] = [];
  for (let n = 0; n < 5; n += 1) ids.push((await givenBatch(hub.database, spring, `page-${n}.csv`)).batchId);
  const first = await get("/v1/batches?text=page-&limit=2");
  await givenBatch(hub.database, spring, "page-late.csv");
  const second = await get(`/v1/batches?text=page-&limit=2&cursor=${first.body.next}`);
  const third = await get(`/v1/batches?text=page-&limit=2&cursor=${second.body.next}`);
  const seen = [first, second, third].flatMap(({ body }) => body.batches.map((batch: { id: number }) => batch.id));
  expect(seen).toEqual(ids.reverse());
  expect(third.body.next).toBe(null);
});

test("batches are found by client, project, table, status, name and time, all together", async () => {
  const iris = await givenProject(hub.database, "iris", "sales");
  const { batchId } = await givenBatch(hub.database, iris, "100%_Sales.csv");
  await endBatches(hub.database, [
    {
      batchId,
      status: "rejected",
      reason: { code: "empty", message: "The file is empty." },
    },
  ]);
  await givenBatch(hub.database, iris, "100x1Sales.csv");
  expect(namesOf((await get("/v1/batches?client=iris")).body)).toEqual(["100x1Sales.csv", "100%_Sales.csv"]);
  expect(namesOf((await get(`/v1/batches?text=${encodeURIComponent("100%_s")}`)).body)).toEqual(["100%_Sales.csv"]);
  expect(namesOf((await get("/v1/batches?client=iris&status=rejected,failed")).body)).toEqual(["100%_Sales.csv"]);
  expect(namesOf((await get("/v1/batches?client=iris&status=rejected&status=received")).body)).toHaveLength(2);
  expect(namesOf((await get("/v1/batches?client=iris&project=video")).body)).toEqual([]);
  expect(namesOf((await get("/v1/batches?project=sales&table=contacts")).body)).toHaveLength(2);
  expect(namesOf((await get("/v1/batches?project=sales&table=orders")).body)).toHaveLength(0);
  const soon = new Date(Date.now() + 60_000).toISOString();
  expect(namesOf((await get(`/v1/batches?client=iris&from=${soon}`)).body)).toEqual([]);
  expect(namesOf((await get(`/v1/batches?client=iris&to=${soon}`)).body)).toHaveLength(2);
  expect((await get("/v1/batches?status=rejected&limit=1")).body.batches[0]).toMatchObject({
    status: "rejected",
    reason: { code: "empty", message: "The file is empty." },
    stage: null,
  });
});

test("a batch shows its steps, counts, files, deliveries, messages and its story in order", async () => {
  const { database } = hub;
  const { batchId, runId } = await givenBatch(database, spring, "story.csv");
  await insertFirstSteps(database, {
    clientId: spring.clientId,
    kind: "validate",
    batches: [{ batchId, sizeBytes: 1 }],
  });
  await hub.sql`UPDATE inlet.steps SET state = 'ready', ready_at = now() WHERE batch_id = ${batchId}`;
  const under = await get(`/v1/batches/${batchId}`);
  expect(under.body).toMatchObject({ status: "received", stage: { kind: "validate", state: "ready" }, endedAt: null });

  const rows = await hub.sql<{ id: number }>`SELECT id FROM inlet.steps WHERE batch_id = ${batchId}`;
  const stepId = rows[0]!.id;
  await claimSteps(database, { refs: [{ stepId, epoch: 1 }], worker: "host:1", leaseMs: 1000 });
  const attempt = { step: "validate", attempt: 1, code: "disk_full", message: "The disk is full", retryInMs: 4_000 };
  await recordBatchEvent(database, { batchId, event: "attempt failed", actor: "host:1", detail: attempt });
  await finishSteps(database, [{ stepId, epoch: 1, result: null }]);
  await advanceBatch(database, {
    batchId,
    counts: { records: 1200, valid: 1198, rejected: 2 },
    issueTotals: { email: 2 },
  });
  const sha256 = Buffer.alloc(32, 7);
  const name = "PURL_story.csv";
  const blobKey = `spring/${batchId}/result`;
  await putArtifacts(database, { batchId, artifacts: [{ kind: "result", blobKey, name, sizeBytes: 10, sha256 }] });
  const path = "/video/Downloads/PURL_story.csv";
  await database.query
    .insertInto("deliveries")
    .values({ batch_id: batchId, artifact: "result", destination: "downloads:spring", path, size_bytes: 10, sha256 })
    .execute();
  await endBatches(database, [{ batchId, status: "completed", reason: null }]);
  const { projectId } = spring;
  const message = {
    key: "k1",
    projectId,
    runId,
    batchId: null,
    recipient: "ops@example.org",
    payload: { event: "completed" },
  };
  const [ref] = await insertMessages(database, [message]);
  await hub.sql`UPDATE inlet.messages SET state = 'running' WHERE id = ${ref!.messageId}`;
  await finishMessage(database, { ...ref!, response: "250 OK" });
  await hub.sql`UPDATE messages SET finished_at = finished_at + interval '1 s' WHERE id = ${ref!.messageId}`;

  const { body } = await get(`/v1/batches/${batchId}`);
  expect(body).toMatchObject({
    status: "partial",
    stage: null,
    issueCount: 2,
    issueTotals: { email: 2 },
    counts: { records: 1200, valid: 1198, rejected: 2, imported: null },
    steps: [{ kind: "validate", state: "done", attempts: 1, worker: "host:1" }],
    artifacts: [{ kind: "result", name, sha256: sha256.toString("hex") }],
    deliveries: [{ destination: "downloads:spring", path }],
    messages: [{ recipient: "ops@example.org", state: "sent", response: "250 OK" }],
  });
  expect(body.timeline.map((entry: { text: string }) => entry.text)).toEqual([
    "Received by upload: story.csv, 1.2 KB",
    "Attempt 1 of the check failed: The disk is full (next try in 4.0 s)",
    "Checked: 1,200 records, 2 of them rejected",
    `Put into ${path} (downloads:spring, 10 B)`,
    "Completed in part",
    "The report was sent to ops@example.org",
  ]);

  const client = await get(`/v1/batches/${batchId}`, await hub.as("client", "spring"));
  expect(client.status).toBe(200);
  expect(JSON.stringify(client.body)).not.toMatch(/host:1|disk is full/);
});

test("findings are filtered and paged, and the totals are those of the whole file", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "issues.csv");
  const issues = Array.from({ length: 7 }, (_, index) => ({
    line: index + 2,
    record: index + 1,
    offset: index * 10,
    column: index % 2 === 0 ? "email" : "id",
    code: index % 2 === 0 ? "email_invalid" : "integer_invalid",
    message: "It is wrong.",
    value: "x",
    severity: index === 6 ? ("warning" as const) : ("error" as const),
    fix: null,
  }));
  await putIssues(hub.database, { batchId, issues });
  await advanceBatch(hub.database, { batchId, issueTotals: { email_invalid: 4_000, integer_invalid: 3 } });
  const url = `/v1/batches/${batchId}/issues`;
  const first = await get(`${url}?limit=4`);
  expect(first.body).toMatchObject({ total: 4_003, kept: 7, matching: 7, totals: { email_invalid: 4_000 } });
  const second = await get(`${url}?limit=4&cursor=${first.body.next}`);
  const all = [...first.body.issues, ...second.body.issues];
  expect(all).toEqual(issues);
  expect(second.body.next).toBe(null);
  expect((await get(`${url}?column=email&severity=error`)).body).toMatchObject({ matching: 3, total: 4_003 });
  expect((await get(`${url}?code=integer_invalid`)).body.issues).toHaveLength(3);
});

test("runs show their batches and where they stand", async () => {
  const { batchId, runId } = await givenBatch(hub.database, spring, "run.csv");
  await endBatches(hub.database, [{ batchId, status: "completed", reason: null }]);
  const list = await get("/v1/runs?client=spring&limit=1");
  expect(list.body.runs[0]).toMatchObject({ id: runId, state: "open", statuses: { completed: 1 } });
  const detail = await get(`/v1/runs/${runId}`);
  expect(detail.body.batches.map((batch: { id: number }) => batch.id)).toEqual([batchId]);
  expect((await get("/v1/runs/99999")).body.code).toBe("run_not_found");
});

test("a wrong query names every mistake", async () => {
  const { status, body } = await get("/v1/batches?status=done&limit=1000&from=yesterday");
  expect(status).toBe(400);
  expect(body).toMatchObject({ code: "request_invalid", detail: "The query has 3 mistakes; see errors." });
  expect(body.errors.map((each: { path: string[] }) => each.path[0]).sort()).toEqual(["from", "limit", "status"]);
  const cursor = await get("/v1/batches?cursor=bm9wZQ");
  expect(cursor.body.code).toBe("cursor_invalid");
});
