import { randomBytes } from "node:crypto";
import {
  claimForgetting,
  deleteBatchFiles,
  endBatches,
  endSearch,
  insertLinkKey,
  noteSearched,
  putArtifacts,
  transaction,
} from "@inlet/database";
import { issueToken, LINK_KEY_BYTES } from "@inlet/purl";
import { seal } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let operator: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  spring = await givenProject(hub.database, "spring", "video");
  await givenProject(hub.database, "iris", "video");
  operator = await hub.as("operator");
});
afterAll(() => hub?.close());

const ask = (method: "GET" | "POST" | "DELETE", url: string, payload?: object, headers = operator) =>
  hub.app.inject({ method, url, headers, ...(payload && { payload }) });
const ORDERS = "/v1/clients/spring/projects/video/forgettings";
const SECRET = "sarah.of.the.test@example.org";

async function givenEnded(fileName: string): Promise<number> {
  const { batchId } = await givenBatch(hub.database, spring, fileName);
  await hub.sql`UPDATE inlet.batches SET records = 3, links = 3 WHERE id = ${batchId}`;
  await endBatches(hub.database, [{ batchId, status: "completed", reason: null }]);
  const stored = await hub.blobs.put(`spring/${batchId}/source`, Buffer.from("id\n1\n"));
  const { key: blobKey, sizeBytes, sha256 } = stored;
  await putArtifacts(hub.database, {
    batchId,
    artifacts: [{ kind: "source", name: fileName, blobKey, sizeBytes, sha256 }],
  });
  return batchId;
}

const auditOf = (action: string) =>
  hub.sql<{ path: string; detail: object }>`SELECT path, detail FROM inlet.audit WHERE action = ${action} ORDER BY id`;
const revoked = (batchId: number) =>
  hub.sql`SELECT record FROM inlet.revocations WHERE batch_id = ${batchId} ORDER BY record`;

test("by record: the link closes at once, and the order waits for the watcher", async () => {
  const batch = await givenEnded("record.csv");
  const response = await ask("POST", ORDERS, { batch, record: 2, reason: "Asked by letter" });
  expect(response.statusCode).toBe(202);
  const order = response.json();
  expect(order).toMatchObject({ state: "searching", batch, record: 2, column: null, reason: "Asked by letter" });
  expect(await revoked(batch)).toEqual([{ record: 2 }]);
  expect((await ask("GET", `${ORDERS}/${order.id}`)).json()).toEqual(order);
  expect((await ask("DELETE", `${ORDERS}/${order.id}`)).json()).toMatchObject({ code: "forgetting_under_way" });
  expect((await ask("POST", `${ORDERS}/${order.id}/retry`)).json()).toMatchObject({ code: "forgetting_not_failed" });
  await hub.sql`UPDATE inlet.forgettings SET state = 'done'`;
});

test("a record of a batch under way, of another project or beyond the file's end is refused", async () => {
  const { batchId: underWay } = await givenBatch(hub.database, spring, "way.csv");
  expect((await ask("POST", ORDERS, { batch: underWay, record: 1 })).json()).toMatchObject({ code: "batch_under_way" });
  const batch = await givenEnded("beyond.csv");
  expect((await ask("POST", ORDERS, { batch, record: 4 })).json()).toMatchObject({ code: "record_unknown" });
  const other = "/v1/clients/iris/projects/video/forgettings";
  expect((await ask("POST", other, { batch, record: 1 })).json()).toMatchObject({ code: "batch_not_found" });
  for (const body of [{ batch }, { column: "id" }, { batch, record: 1, column: "id", value: "1" }, {}]) {
    expect((await ask("POST", ORDERS, body)).statusCode).toBe(400);
  }
  expect(await revoked(batch)).toEqual([]);
});

test("a preview is confirmed or dropped, and what was asked for is told nowhere", async () => {
  const orders: number[] = [];
  for (const _ of [1, 2]) {
    const response = await ask("POST", ORDERS, { column: "email", value: ` ${SECRET} `, preview: true });
    expect(response.body).not.toContain(SECRET);
    orders.push(response.json().id);
  }
  const [kept, dropped] = orders as [number, number];
  expect((await ask("POST", `${ORDERS}/${kept}/confirmation`)).json()).toMatchObject({
    code: "forgetting_not_waiting",
  });
  await hub.sql`UPDATE inlet.forgettings SET state = 'found', found_at = now() WHERE id = ANY(${orders})`;
  expect((await ask("DELETE", `${ORDERS}/${dropped}`)).json()).toMatchObject({ state: "dropped" });
  expect((await ask("POST", `${ORDERS}/${kept}/confirmation`)).json()).toMatchObject({ state: "removing" });
  const list = await ask("GET", `${ORDERS}?limit=2`);
  expect(list.json().forgettings.map(({ id }: { id: number }) => id)).toEqual([dropped, kept]);
  expect(list.body).not.toContain(SECRET);
  const values = await hub.sql`SELECT id, value FROM inlet.forgettings WHERE id = ANY(${orders}) ORDER BY id`;
  expect(values).toEqual([
    { id: kept, value: SECRET },
    { id: dropped, value: null },
  ]);
  const [audited] = await hub.sql`SELECT count(*)::int AS n FROM inlet.audit WHERE detail::text LIKE ${`%${SECRET}%`}`;
  expect(audited).toEqual({ n: 0 });
  expect((await auditOf("recipient.forget")).at(-1)).toMatchObject({
    path: "spring/video",
    detail: { forgetting: dropped, column: "email", preview: true },
  });
  await hub.sql`UPDATE inlet.forgettings SET state = 'dropped', value = NULL`;
});

test("orders of one project are worked on one at a time, and one whose worker is gone is taken up again", async () => {
  const ids: number[] = [];
  for (const value of ["1", "2"]) ids.push((await ask("POST", ORDERS, { column: "id", value })).json().id);
  const claim = (worker: string, leaseMs = 60_000) =>
    transaction(hub.database, (tx) => claimForgetting(tx, { worker, leaseMs }));
  expect(await claim("a")).toMatchObject({ forgettingId: ids[0], epoch: 1 });
  expect(await claim("b")).toBeUndefined();
  await hub.sql`UPDATE inlet.forgettings SET lease_until = now() - interval '1 second' WHERE id = ${ids[0]}`;
  expect(await claim("b")).toMatchObject({ forgettingId: ids[0], epoch: 2, value: "1" });
  await hub.sql`UPDATE inlet.forgettings SET state = 'dropped', value = NULL`;
});

test("a value that more records have than one person may be in waits for a word, also without a preview", async () => {
  const batchId = await givenEnded("city.csv");
  const found = async (records: number[]) => {
    const { id: forgettingId } = (await ask("POST", ORDERS, { column: "city", value: "Oslo" })).json();
    await transaction(hub.database, async (tx) => {
      await noteSearched(tx, { forgettingId, batchId, records, hasSource: false, isUnknown: false });
      await endSearch(tx, { forgettingId, mostRecords: 2 });
    });
    return (await ask("DELETE", `${ORDERS}/${forgettingId}`)).json();
  };
  expect(await found([1, 2, 3])).toMatchObject({ state: "dropped", records: 3 });
  expect(await found([1, 2])).toMatchObject({ code: "forgetting_under_way" });
  await hub.sql`UPDATE inlet.forgettings SET state = 'dropped', value = NULL`;
});

test("an order by value that failed before it had found anything may be dropped, and its value goes", async () => {
  const { id } = (await ask("POST", ORDERS, { column: "email", value: SECRET })).json();
  await hub.sql`UPDATE inlet.forgettings SET state = 'failed' WHERE id = ${id}`;
  expect((await ask("DELETE", `${ORDERS}/${id}`)).json()).toMatchObject({ state: "dropped" });
  expect(await hub.sql`SELECT value FROM inlet.forgettings WHERE id = ${id}`).toEqual([{ value: null }]);
  expect((await ask("POST", ORDERS, { column: "email", value: "a\u0000b" })).statusCode).toBe(400);
});

test("a link is taken back by its address or its token, and only by who sees its batch", async () => {
  const batchId = await givenEnded("links.csv");
  const key = randomBytes(LINK_KEY_BYTES);
  const sealed = seal(hub.key, key, `link-key:${spring.clientId}`);
  const linkKeyId = await transaction(hub.database, (tx) => insertLinkKey(tx, { clientId: spring.clientId, sealed }));
  await hub.sql`UPDATE inlet.batches SET link_key_id = ${linkKeyId} WHERE id = ${batchId}`;
  const token = (recordNumber: number, by = key) => issueToken(by, { batchId, recordNumber });
  const take = (link: string, headers = operator) => ask("POST", "/v1/revocations", { link }, headers);

  for (const link of [token(1, randomBytes(32)), "no link", `https://go.example.org/p/${token(1)}x`, "https://x/p/"]) {
    expect((await take(link)).json()).toMatchObject({ code: "link_not_found" });
  }
  expect((await take(token(1), await hub.as("client", "iris"))).statusCode).toBe(404);
  expect(await revoked(batchId)).toEqual([]);

  expect((await take(` https://go.example.org/x/p/${token(1)}?utm=mail#top `)).json()).toEqual({
    batchId,
    record: 1,
    changed: true,
  });
  expect((await take(`https://go.example.org/t/${token(2)}.png`, await hub.as("client", "spring"))).statusCode).toBe(
    200,
  );
  expect((await take(`/v/${token(3)}.mp4`)).json()).toMatchObject({ record: 3 });
  expect((await take(token(1))).json()).toMatchObject({ record: 1, changed: false });
  expect(await revoked(batchId)).toEqual([{ record: 1 }, { record: 2 }, { record: 3 }]);
  const lines = (await auditOf("links.revoke")).filter(({ path }) => path === `batch/${batchId}`);
  expect(lines).toHaveLength(3);
  expect(JSON.stringify(lines)).not.toContain(token(1));
});

test("a batch whose files are kept no longer says so, and offers nothing that needs them", async () => {
  const batchId = await givenEnded("old.csv");
  await hub.sql`UPDATE inlet.batches SET ended_at = now() - interval '10 days' WHERE id = ${batchId}`;
  const remove = (olderThanDays: number) =>
    transaction(hub.database, (tx) => deleteBatchFiles(tx, { batchId, olderThanDays }));
  expect(await remove(11)).toBe(false);
  expect(await remove(9)).toBe(true);
  const day = new Date().toISOString().slice(0, 10);
  const download = await ask("GET", `/v1/batches/${batchId}/artifacts/source`);
  expect(download.statusCode).toBe(410);
  expect(download.json()).toMatchObject({
    code: "files_deleted",
    detail: expect.stringContaining(`deleted on ${day}`),
  });
  for (const url of ["rerun", "retry"]) {
    const response = await ask("POST", `/v1/batches/${batchId}/${url}`, { reason: "x", force: true });
    expect(response.json()).toMatchObject({ code: "files_deleted" });
  }
  const shown = (await ask("GET", `/v1/batches/${batchId}`)).json();
  expect(shown).toMatchObject({ filesDeletedAt: expect.stringContaining(day), filesKeptUntil: null, artifacts: [] });
  const allowed = shown.actions.filter((each: { allowed: boolean }) => each.allowed);
  expect(allowed.map(({ action }: { action: string }) => action)).toEqual(["log"]);
});

test("a batch with a forgotten recipient is never run again", async () => {
  const batchId = await givenEnded("forgotten.csv");
  await hub.sql`UPDATE inlet.batches SET forgotten_at = now(), status = 'failed' WHERE id = ${batchId}`;
  for (const [url, body] of [
    ["rerun", { reason: "x", force: true }],
    ["retry", {}],
    ["retry", { reason: "x", force: true }],
  ] as const) {
    const response = await ask("POST", `/v1/batches/${batchId}/${url}`, body);
    expect(response.statusCode).toBe(409);
    expect(response.json()).toMatchObject({ code: "recipient_forgotten" });
  }
  const many = await ask("POST", "/v1/batches/retry", { ids: [batchId] });
  expect(many.json().outcomes).toMatchObject([{ code: "recipient_forgotten" }]);
});
