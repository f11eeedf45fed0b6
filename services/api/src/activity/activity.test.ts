import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { endBatches, findOvertaking } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let spring: { projectId: number; clientId: number };
let iris: { projectId: number; clientId: number };
let admin: Record<string, string>;
let ofSpring: Record<string, string>;

beforeAll(async () => {
  hub = await openTestHub();
  spring = await givenProject(hub.database, "spring", "video");
  iris = await givenProject(hub.database, "iris", "catalogue");
  await hub.sql`UPDATE inlet.projects SET state = 'live'`;
  admin = await hub.as("admin");
  ofSpring = await hub.as("operator", "spring");
}, 120_000);
afterAll(() => hub?.close());

const get = async (url: string, headers = admin) => (await hub.app.inject({ url, headers })).json();
const post = (url: string, payload: object, headers = admin) =>
  hub.app.inject({ method: "POST", url, headers, payload });
const ids = ({ batches }: { batches: { id: number }[] }) => batches.map(({ id }) => id);
const end = (batchId: number, status: "completed" | "failed" | "rejected" | "partial" | "duplicate") =>
  endBatches(hub.database, [{ batchId, status, reason: null }]);

/** A batch whose source is stored. */
async function givenStored(owner: typeof spring, client: string, fileName: string, bytes = fileName) {
  const { batchId } = await givenBatch(hub.database, owner, fileName);
  const { key, sizeBytes, sha256 } = await hub.blobs.put(`${client}/${batchId}/source`, Buffer.from(bytes));
  await hub.sql`INSERT INTO inlet.artifacts (batch_id, kind, blob_key, name, size_bytes, sha256)
    VALUES (${batchId}, 'source', ${key}, ${fileName}, ${sizeBytes}, ${sha256})`;
  await hub.sql`UPDATE inlet.batches SET sha256 = ${sha256} WHERE id = ${batchId}`;
  return batchId;
}

test("one field finds a batch by its file's name, its number, its hash and its login, within the caller's sight", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "Sales_50%-2026-11-20.csv");
  const { batchId: other } = await givenBatch(hub.database, iris, "sales-2026-11-20.csv");
  const [account] = await hub.sql<{ id: number }>`INSERT INTO inlet.accounts (client_id, username, jail)
    VALUES (${spring.clientId}, 'spring_box', 'jail1') RETURNING id`;
  await hub.sql`UPDATE inlet.batches SET account_id = ${account!.id} WHERE id = ${batchId}`;
  const [row] = await hub.sql<{
    hash: string;
  }>`SELECT encode(sha256, 'hex') AS hash FROM inlet.batches WHERE id = ${batchId}`;
  const find = async (text: string, headers = admin) =>
    ids(await get(`/v1/batches?text=${encodeURIComponent(text)}`, headers));
  expect(await find("sAles")).toEqual([other, batchId]);
  expect(await find("sAles", ofSpring)).toEqual([batchId]);
  expect(await find("50%-")).toEqual([batchId]);
  expect(await find("_50")).toEqual([batchId]);
  expect(await find("s_les")).toEqual([]);
  expect(await find(`#${batchId}`)).toEqual([batchId]);
  expect(await find(`#${other}`, ofSpring)).toEqual([]);
  expect(await find("#999999999")).toEqual([]);
  for (const digits of [8, 20, 64]) expect(await find(row!.hash.slice(0, digits).toUpperCase())).toEqual([batchId]);
  expect(await find(row!.hash.slice(0, 20), await hub.as("viewer", "iris"))).toEqual([]);
  expect(await find("spring_box")).toEqual([batchId]);
  expect(await find("spring_box", await hub.as("viewer", "iris"))).toEqual([]);
});

test("filters hold together, marks say how batches stand, and counts follow the filter", async () => {
  const made = await Promise.all(
    ["a", "b", "c", "d", "e"].map(async (name) => (await givenBatch(hub.database, iris, `filter ${name}.csv`)).batchId),
  );
  const [failed, partial, duplicate, completed, waiting] = made.sort((x, y) => x - y) as [
    number,
    number,
    number,
    number,
    number,
  ];
  await end(failed, "failed");
  await end(partial, "completed");
  await hub.sql`UPDATE inlet.batches SET status = 'partial', issue_totals = '{"bad": 2}' WHERE id = ${partial}`;
  await end(duplicate, "duplicate");
  await end(completed, "completed");
  await hub.sql`UPDATE inlet.batches SET source = 'email', rehearsal = true WHERE id = ${completed}`;
  const list = async (query: string) => ids(await get(`/v1/batches?text=filter&${query}`));
  expect(await list("status=failed,partial")).toEqual([partial, failed]);
  expect(await list("status=failed&status=duplicate")).toEqual([duplicate, failed]);
  expect(await list("findings=true")).toEqual([partial]);
  expect(await list("findings=false&status=partial")).toEqual([]);
  expect(await list("source=email,sftp")).toEqual([completed]);
  expect(await list("rehearsal=true")).toEqual([completed]);
  expect(await list("client=spring")).toEqual([]);
  expect(await list("client=nobody")).toEqual([]);
  expect(await list("client=iris&project=catalogue&table=contacts&rehearsal=false")).toEqual([
    waiting,
    duplicate,
    partial,
    failed,
  ]);
  const { batches } = await get("/v1/batches?text=filter");
  expect(batches.map(({ mark }: { mark: string }) => mark)).toEqual([
    "waiting",
    "tick",
    "duplicate",
    "partial",
    "cross",
  ]);
  expect(await get("/v1/batches/counts?text=filter&status=failed")).toEqual({
    counts: { failed: 1, partial: 1, duplicate: 1, completed: 1, received: 1 },
    total: 5,
    isExact: true,
  });
  expect((await get("/v1/batches/counts?text=filter", ofSpring)).total).toBe(0);
  const refused = await hub.app.inject({ url: "/v1/batches?status=odd&source=x%20y&findings=maybe", headers: admin });
  expect(refused.statusCode).toBe(400);
  expect(refused.json().errors).toHaveLength(3);
});

test("a time in the past is found, and pages stay where they are while batches come", async () => {
  const owner = await givenProject(hub.database, "meadow", "history");
  const made: number[] = [];
  for (let day = 0; day < 40; day += 1) {
    const { batchId } = await givenBatch(hub.database, owner, `day ${day}.csv`);
    made.push(batchId);
    await hub.sql`UPDATE inlet.batches SET received_at = timestamptz '2036-01-01' + ${day} * interval '1 day' WHERE id = ${batchId}`;
  }
  const between = await get("/v1/batches?client=meadow&from=2036-01-05T00:00:00Z&to=2036-01-08T00:00:00Z");
  expect(ids(between)).toEqual([made[6], made[5], made[4]]);
  expect(ids(await get("/v1/batches?client=meadow&from=2036-02-08T00:00:00Z"))).toEqual([made[39], made[38]]);
  expect(ids(await get("/v1/batches?client=meadow&to=2036-01-02T00:00:00Z"))).toEqual([made[0]]);
  const seen: number[] = [];
  let cursor: string | null = null;
  do {
    const page: { batches: { id: number }[]; next: string | null } = await get(
      `/v1/batches?client=meadow&limit=7${cursor ? `&cursor=${cursor}` : ""}`,
    );
    seen.push(...ids(page));
    cursor = page.next;
    await givenBatch(hub.database, owner, `newer ${seen.length}.csv`);
  } while (cursor !== null);
  expect(seen).toEqual([...made].reverse());
});

test("a stored file is received again as a new batch, once at a time, with its bytes and its story", async () => {
  const batchId = await givenStored(spring, "spring", "contacts-2026-11-20.csv", "id,email\n1,a@spring.example\n");
  const page = await get(`/v1/batches/${batchId}`);
  expect(page.actions.find(({ action }: { action: string }) => action === "rerun")).toMatchObject({
    allowed: false,
    why: `Batch ${batchId} is under way. Wait for its end, or cancel it first.`,
  });
  expect((await post(`/v1/batches/${batchId}/rerun`, {})).json()).toMatchObject({
    code: "not_rerunnable",
    status: 409,
  });
  await end(batchId, "rejected");
  const both = await Promise.all([post(`/v1/batches/${batchId}/rerun`, {}), post(`/v1/batches/${batchId}/rerun`, {})]);
  expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([201, 409]);
  expect(both.find(({ statusCode }) => statusCode === 409)!.json().code).toBe("rerun_under_way");
  const made = both.find(({ statusCode }) => statusCode === 201)!.json();
  expect(made).toMatchObject({ rerunOf: batchId, runId: page.runId, status: "received", fileName: page.fileName });
  expect(made.timeline.map(({ text }: { text: string }) => text)).toContainEqual(
    expect.stringMatching(`^A re-run of batch ${batchId} by `),
  );
  expect(
    Buffer.concat(await (await hub.blobs.open(`spring/${made.id}/source`)).stream().toArray()).toString(),
  ).toContain("a@spring");
  expect((await get(`/v1/batches/${batchId}`)).reruns).toEqual([made.id]);
  const audited = await hub.sql<{
    detail: { as: number };
  }>`SELECT detail FROM inlet.audit WHERE action = 'batch.rerun' AND path = ${`batch/${batchId}`}`;
  expect(audited.map(({ detail }) => detail.as)).toEqual([made.id]);
  // A re-run of the re-run is one of the first.
  await end(made.id, "failed");
  const again = (await post(`/v1/batches/${made.id}/rerun`, {})).json();
  expect(again.rerunOf).toBe(batchId);
  await end(again.id, "failed");
  // What is another client's is not there.
  expect((await post(`/v1/batches/${batchId}/rerun`, {}, await hub.as("operator", "iris"))).statusCode).toBe(404);
});

test("what is imported needs a reason, and what a newer file has overtaken is forced", async () => {
  await hub.sql`UPDATE inlet.profiles SET document = jsonb_set(document, '{tables,0,mode}', '"replace"') WHERE project_id = ${iris.projectId}`;
  const older = await givenStored(iris, "iris", "contacts-2026-11-18.csv");
  await hub.sql`UPDATE inlet.batches SET imported_at = now() WHERE id = ${older}`;
  await end(older, "completed");
  const unreasoned = await post(`/v1/batches/${older}/rerun`, {});
  expect([unreasoned.statusCode, unreasoned.json().code]).toEqual([409, "reason_missing"]);
  const newer = await givenStored(iris, "iris", "contacts-2026-11-19.csv");
  await hub.sql`UPDATE inlet.batches SET imported_at = now() WHERE id = ${newer}`;
  await end(newer, "completed");
  expect(
    (await get(`/v1/batches/${older}`)).actions.find(({ action }: { action: string }) => action === "rerun"),
  ).toMatchObject({
    allowed: true,
    needs: ["force", "reason"],
  });
  const overtaken = await post(`/v1/batches/${older}/rerun`, { reason: "again" });
  expect([overtaken.statusCode, overtaken.json().code]).toEqual([409, "overtaken"]);
  const made = (await post(`/v1/batches/${older}/rerun`, { reason: "again", force: true })).json();
  expect(made).toMatchObject({ rerunOf: older, forcedReason: "again" });
  // Its place is that of its file: the newer one stands before it, and it overtakes none that came between.
  const where = { projectId: iris.projectId, tableName: "contacts" };
  expect((await findOvertaking(hub.database, { ...where, batchId: made.id }))?.id).toBe(newer);
  await hub.sql`UPDATE inlet.batches SET imported_at = now() WHERE id = ${made.id}`;
  await hub.sql`UPDATE inlet.batches SET imported_at = NULL WHERE id = ${newer}`;
  expect(await findOvertaking(hub.database, { ...where, batchId: newer })).toBeUndefined();
  await end(made.id, "completed");
});

test("many are retried at once, each by itself", async () => {
  const owner = await givenProject(hub.database, "meadow", "many");
  const made: number[] = [];
  for (const name of ["one", "two", "three", "under way"]) {
    const { batchId } = await givenBatch(hub.database, owner, `${name}.csv`);
    made.push(batchId);
    const state = name === "under way" ? "ready" : "failed";
    await hub.sql`INSERT INTO inlet.steps (batch_id, client_id, kind, lane, state) VALUES (${batchId}, ${owner.clientId}, 'validate', 'small', ${state})`;
    if (state === "failed") await end(batchId, "failed");
  }
  const { batchId: foreign } = await givenBatch(hub.database, spring, "foreign.csv");
  await end(foreign, "failed");
  const meadow = await hub.as("operator", "meadow");
  const byIds = await post("/v1/batches/retry", { ids: [made[0], made[3], foreign], reason: "It is back" }, meadow);
  expect(byIds.json()).toMatchObject({
    outcomes: [
      { id: made[0], retried: true, code: null },
      { id: made[3], retried: false, code: "not_retryable" },
      { id: foreign, retried: false, code: "batch_not_found" },
    ],
    retried: 1,
    more: false,
  });
  const byFilter = await post("/v1/batches/retry", { filter: { client: "meadow", text: "T" } }, admin);
  expect(byFilter.json()).toMatchObject({ outcomes: [{ id: made[1] }, { id: made[2] }], retried: 2 });
  expect((await post("/v1/batches/retry", { ids: [1], filter: {} })).statusCode).toBe(400);
  expect((await post("/v1/batches/retry", {}, await hub.as("client", "spring"))).statusCode).toBe(403);
  const reasons = await hub.sql<{
    detail: object;
  }>`SELECT detail FROM inlet.batch_events WHERE batch_id = ${made[0]} AND event = 'retried'`;
  expect(reasons[0]!.detail).toMatchObject({ reason: "It is back" });
});

test("the log of a batch is what services wrote of it in its time, for those who operate", async () => {
  const { batchId } = await givenBatch(hub.database, spring, "logged.csv");
  const folder = join(hub.dataFolder, "logs");
  await mkdir(folder, { recursive: true });
  const at = (ms: number) => new Date(Date.now() + ms).toISOString();
  const line = (level: number, ms: number, facts: object) =>
    `${JSON.stringify({ level, time: at(ms), service: "validator", pid: 9, ...facts })}\n`;
  await writeFile(
    join(folder, "validator_host_9_20260101T000000000Z.ndjson"),
    [
      line(30, -3_600_000, { batchId, msg: "of another time" }),
      line(30, -300, { batchId, stepId: 4, msg: "step done" }),
      line(30, -250, { batchId: batchId + 1, fileName: `"batchId":${batchId},`, msg: "another's" }),
      line(50, -200, { batchId, err: { stack: "x".repeat(9_000) }, msg: "step failed" }),
    ].join(""),
  );
  const page = await get(`/v1/batches/${batchId}/log`, ofSpring);
  expect(
    page.lines.map(({ message, level, facts }: { message: string; level: string; facts: object }) => [
      message,
      level,
      Object.keys(facts),
    ]),
  ).toEqual([
    ["step done", "info", ["pid", "stepId"]],
    ["step failed", "error", ["pid", "err"]],
  ]);
  expect(page.lines[1].facts.err.stack).toHaveLength(4_001);
  expect(page).toMatchObject({ next: null, keptSince: "2026-01-01T00:00:00.000Z" });
  const first = await get(`/v1/batches/${batchId}/log?limit=1`);
  const second = await get(`/v1/batches/${batchId}/log?limit=1&cursor=${first.next}`);
  expect([first.lines[0].message, second.lines[0].message, second.next]).toEqual(["step done", "step failed", null]);
  expect((await get(`/v1/batches/${batchId}/log?level=warn`)).lines).toHaveLength(1);
  const status = async (headers: Record<string, string>) =>
    (await hub.app.inject({ url: `/v1/batches/${batchId}/log`, headers })).statusCode;
  expect(await status(await hub.as("operator", "iris"))).toBe(404);
  expect(await status(await hub.as("client", "spring"))).toBe(403);
});

test("views are kept for their owner, checked as the list checks them, and shared with those of the same sight", async () => {
  const viewer = await hub.as("viewer");
  const made = await post(
    "/v1/views",
    { name: " Late ", filters: "?status=failed&status=rejected&client=spring" },
    viewer,
  );
  expect(made.statusCode).toBe(201);
  const view = made.json();
  expect(view).toMatchObject({
    name: "Late",
    filters: "client=spring&status=failed%2Crejected",
    shared: false,
    own: true,
  });
  expect((await post("/v1/views", { name: "Late", filters: "" }, viewer)).json().code).toBe("view_name_taken");
  for (const filters of ["status=odd", "nonsense=1", "limit=5", "run=x"]) {
    expect((await post("/v1/views", { name: filters, filters }, viewer)).statusCode).toBe(400);
  }
  expect((await post("/v1/views", { name: "For all", filters: "", shared: true }, viewer)).json().code).toBe(
    "not_allowed",
  );
  const shared = (await post("/v1/views", { name: "For all", filters: "findings=true", shared: true })).json();
  const names = async (headers: Record<string, string>) =>
    (await get("/v1/views", headers)).views.map(({ name, own }: { name: string; own: boolean }) => [name, own]);
  expect(await names(viewer)).toEqual([
    ["For all", false],
    ["Late", true],
  ]);
  expect(await names(ofSpring)).toEqual([]);
  const change = (id: number, payload: object, headers: Record<string, string>) =>
    hub.app.inject({ method: "PATCH", url: `/v1/views/${id}`, headers, payload });
  expect((await change(view.id, { filters: "text=x" }, viewer)).json()).toMatchObject({
    name: "Late",
    filters: "text=x",
  });
  expect((await change(shared.id, { name: "Mine" }, viewer)).statusCode).toBe(404);
  const remove = (id: number, headers: Record<string, string>) =>
    hub.app.inject({ method: "DELETE", url: `/v1/views/${id}`, headers });
  expect((await remove(shared.id, viewer)).statusCode).toBe(404);
  expect((await remove(view.id, admin)).statusCode).toBe(404);
  expect((await remove(shared.id, await hub.as("operator"))).statusCode).toBe(200);
  expect((await remove(view.id, viewer)).statusCode).toBe(200);
  expect(await names(viewer)).toEqual([]);
});
