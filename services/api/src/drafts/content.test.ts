import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { ApiRefusal, openClient } from "@inlet/client";
import { claimDraft, insertDraft, type NewDraft, transaction } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";
import { openDraftStore } from "./draft-store.ts";
import { sweepDrafts } from "./draft-sweep.ts";
import { type DraftClient, draftClient, givenTables } from "./drafts.test-kit.ts";

let hub: TestHub;
let headers: { authorization: string };
let iris: DraftClient;
let url: URL;

beforeAll(async () => {
  hub = await openTestHub({ API_UPLOAD_BYTES: 200_000_000, API_DRAFTS_PER_USER: 100 });
  await givenTables(hub, { client: "spring", project: "shop" });
  headers = await hub.as("client", "spring");
  iris = draftClient(hub, headers);
  url = new URL(await hub.app.listen({ host: "127.0.0.1", port: 0 }));
});
afterAll(() => hub?.close());

const ROWS = (count: number) => Array.from({ length: count }, (_, n) => `${n + 1},iris@example.com,1.50\n`).join("");
const TEXT = `id,E-Mail,amount\n${ROWS(2_000)}`;

/** Begins a request by hand and sends so much of its body. */
function sendPart(id: number, { offset, length, part }: { offset: number; length: number; part: string }): Socket {
  const socket = connect(Number(url.port), url.hostname);
  socket.write(
    `PATCH /v1/drafts/${id}/content HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\nupload-offset: ${offset}\r\ncontent-length: ${length}\r\n\r\n${part}`,
  );
  return socket;
}

const offsetOf = async (id: number) =>
  Number((await iris.ask("HEAD", `/v1/drafts/${id}/content`)).headers["upload-offset"]);
const deadline = (what: string) => ({ what, timeoutMs: 60_000 });

test("an upload goes on where a broken connection stopped it", async () => {
  const { id } = await iris.begin("cut.csv", TEXT, { table: "orders" });
  expect((await iris.send(id, TEXT.slice(0, 100))).headers).toMatchObject({
    "upload-offset": "100",
    "upload-complete": "?0",
    "upload-length": String(TEXT.length),
  });
  const socket = sendPart(id, { offset: 100, length: TEXT.length - 100, part: TEXT.slice(100, 30_000) });
  // What the connection still holds when it breaks may be lost; what was written is not.
  const file = join(hub.dataFolder, "drafts", "spring", String(id), "source");
  await waitFor(async () => (await stat(file)).size === 30_000, deadline("the piece to be written"));
  await new Promise<void>((resolve) => socket.end(resolve));
  await waitFor(async () => (await offsetOf(id)) === 30_000, deadline("what came to be kept"));
  const wrong = await iris.send(id, "abc", 29_999);
  expect([wrong.statusCode, wrong.json().code, wrong.headers["upload-offset"]]).toEqual([
    409,
    "upload_offset_differs",
    "30000",
  ]);
  for (let at = 30_000; at < TEXT.length; at += 12_345) {
    expect((await iris.send(id, TEXT.slice(at, at + 12_345), at)).statusCode).toBe(204);
  }
  const draft = await iris.checked(id);
  expect(draft).toMatchObject({
    receivedBytes: TEXT.length,
    sha256: createHash("sha256").update(TEXT).digest("hex"),
    check: { verdict: "pass", counts: { records: 2_000 } },
  });
  expect((await iris.ask("GET", `/v1/drafts/${id}/content`)).body).toBe(TEXT);
});

test("of two writers one is refused, and a connection that is reset keeps what was written", async () => {
  const { id } = await iris.begin("two.csv", TEXT, { table: "orders" });
  const socket = sendPart(id, { offset: 0, length: TEXT.length, part: TEXT.slice(0, 5_000) });
  socket.on("error", () => {});
  await waitFor(
    async () => (await hub.sql`SELECT 1 FROM drafts WHERE id = ${id} AND writer IS NOT NULL`).length === 1,
    deadline("the piece to begin"),
  );
  const second = await iris.send(id, TEXT);
  expect([second.statusCode, second.json().code]).toEqual([409, "draft_being_written"]);
  expect(second.headers["retry-after"]).toBeDefined();
  socket.resetAndDestroy();
  await waitFor(
    async () => (await hub.sql`SELECT 1 FROM drafts WHERE id = ${id} AND writer IS NULL`).length === 1,
    deadline("the first to end"),
  );
  const offset = await offsetOf(id);
  expect(offset).toBeLessThanOrEqual(5_000);
  expect((await iris.send(id, TEXT.slice(offset), offset)).statusCode).toBe(204);
  expect((await iris.checked(id)).sha256).toBe(createHash("sha256").update(TEXT).digest("hex"));
});

test("the typed client sends a file in pieces, and goes on where it stopped", async () => {
  const api = openClient({ url: url.origin, key: headers.authorization.slice("Bearer ".length) });
  const { id } = await api.beginDraft("spring", "shop", { fileName: "c.csv", sizeBytes: TEXT.length, table: "orders" });
  await iris.send(id, TEXT.slice(0, 777));
  const seen: number[] = [];
  await api.sendDraftContent(id, new Blob([TEXT]), { onProgress: (bytes) => seen.push(bytes) });
  expect(seen).toEqual([777, TEXT.length]);
  const draft = await iris.checked(id);
  expect(await api.draft(id)).toEqual(draft);
  expect((await api.draftRows(id, { from: 2_000 })).rows).toHaveLength(1);
  expect((await api.draftFindings(id)).findings).toEqual([]);
  expect((await api.drafts()).drafts[0]!.id).toBe(id);
  await expect(api.draftErrors(id)).rejects.toThrow(ApiRefusal);
  await api.discardDraft(id);
  await expect(api.submitDraft(id)).rejects.toMatchObject({ code: "draft_ended" });
});

test("what is too large, too long, of no table or too much is refused", async () => {
  const begin = (body: object) => iris.ask("POST", "/v1/clients/spring/projects/shop/drafts", body);
  const codes = async (body: object) => {
    const answer = await begin(body);
    return [answer.statusCode, answer.json().code];
  };
  expect(await codes({ fileName: "a.csv", sizeBytes: 200_000_001, table: "orders" })).toEqual([413, "file_too_large"]);
  expect(await codes({ fileName: "a.csv", sizeBytes: 1 })).toEqual([400, "table_unclear"]);
  expect(await codes({ fileName: "a.csv", sizeBytes: 1, table: "none" })).toEqual([400, "table_unclear"]);
  for (const fileName of ["../a.csv", "a/b", ".hidden", "a\0b", ""]) {
    expect(await codes({ fileName, sizeBytes: 1, table: "orders" })).toEqual([400, "request_invalid"]);
  }
  expect(await codes({ fileName: "a.csv", sizeBytes: 0, table: "orders" })).toEqual([400, "request_invalid"]);
  const { id } = await iris.begin("short.csv", "12345", { table: "orders" });
  const long = await iris.send(id, "123456");
  expect([long.statusCode, long.json().code]).toEqual([413, "draft_too_long"]);
  const streamed = await fetch(new URL(`/v1/drafts/${id}/content`, url), {
    method: "PATCH",
    headers: { ...headers, "upload-offset": "0" },
    body: new Blob(["123456"]).stream(),
    duplex: "half",
  } as RequestInit);
  expect([streamed.status, ((await streamed.json()) as { code: string }).code]).toEqual([413, "draft_too_long"]);
  expect(await offsetOf(id)).toBe(0);
  const without = await iris.ask("PATCH", `/v1/drafts/${id}/content`, Buffer.from("1"), {
    "content-type": "text/html",
  });
  expect(without.json().code).toBe("upload_offset_missing");
  expect((await iris.ask("POST", `/v1/drafts/${id}/submit`)).json().code).toBe("draft_incomplete");
  const form = await iris.ask("POST", `/v1/drafts/${id}/edits`, Buffer.from("a=b"), {
    "content-type": "application/x-www-form-urlencoded",
  });
  expect([415, 400]).toContain(form.statusCode);

  const few = draftClient(hub, await hub.as("client", "spring"));
  const many = Array.from({ length: 100 }, (_, n) => few.begin(`n${n}.csv`, "1", { table: "orders" }));
  await Promise.all(many);
  const over = await few.ask("POST", "/v1/clients/spring/projects/shop/drafts", {
    fileName: "over.csv",
    sizeBytes: 1,
    table: "orders",
  });
  expect([over.statusCode, over.json().code]).toEqual([409, "drafts_too_many"]);
});

test("a million rows are checked beside other requests, and any part of them is shown at once", async () => {
  const bad = new Set([1, 500_000, 999_999, 1_000_000]);
  const parts = ["id,E-Mail,amount\n"];
  for (let from = 1; from <= 1_000_000; from += 10_000) {
    parts.push(
      Array.from(
        { length: 10_000 },
        (_, n) => `${from + n},${bad.has(from + n) ? "nobody" : "i@example.com"},1.5\n`,
      ).join(""),
    );
  }
  const content = Buffer.from(parts.join(""));
  const { id } = await iris.begin("million.csv", content, { table: "orders" });
  expect((await iris.send(id, content)).statusCode).toBe(204);
  const order: string[] = [];
  const others = (async () => {
    for (let n = 0; n < 10; n += 1) {
      expect((await iris.ask("GET", "/v1/projects")).statusCode).toBe(200);
      order.push("other");
    }
  })();
  const draft = await iris.checked(id);
  order.push("checked");
  await others;
  expect(order.indexOf("checked")).toBe(10);
  expect(draft.check!.counts).toEqual({ records: 1_000_000, valid: 999_996, rejected: 4 });
  const last = await iris.rows(id, "from=999999&count=500");
  expect(last.rows.map(({ record, cells, invalid }) => [record, cells[0], invalid])).toEqual([
    [999_999, "999999", true],
    [1_000_000, "1000000", true],
  ]);
  const jumped = await iris.rows(id, "line=500001&count=2");
  expect(jumped.rows.map(({ record, line }) => [record, line])).toEqual([
    [500_000, 500_001],
    [500_001, 500_002],
  ]);
  const first = await iris.rows(id, "finding=not_an_email&count=3");
  expect(first.rows.map(({ record }) => record)).toEqual([1, 500_000, 999_999]);
  const rest = await iris.rows(id, `finding=not_an_email&count=3&cursor=${first.next}`);
  expect([rest.rows.map(({ record }) => record), rest.next]).toEqual([[1_000_000], null]);
});

test("a draft that is discarded while it is checked makes room for others, and leaves nothing", async () => {
  const content = Buffer.from(`id,E-Mail,amount\n${ROWS(500_000)}`);
  const { id } = await iris.begin("unwanted.csv", content, { table: "orders" });
  await iris.send(id, content);
  await waitFor(async () => (await iris.get(id)).progress?.phase !== "waiting", deadline("its check to begin"));
  expect((await iris.ask("DELETE", `/v1/drafts/${id}`)).statusCode).toBe(204);
  expect((await iris.given("next.csv", TEXT, { table: "orders" })).check!.verdict).toBe("pass");
  expect(await iris.get(id)).toMatchObject({ state: "discarded", check: null });
  const parts = { database: hub.database, store: openDraftStore(hub.dataFolder) };
  const folder = join(hub.dataFolder, "drafts", "spring", String(id));
  // A check elsewhere does not know yet that it is not wanted, and writes.
  await hub.sql`UPDATE drafts SET lease_until = now() + interval '1 hour' WHERE id = ${id}`;
  await sweepDrafts(parts);
  await parts.store.put(`spring/${id}/late`, Buffer.from("late"));
  await hub.sql`UPDATE drafts SET lease_until = now() WHERE id = ${id}`;
  await sweepDrafts(parts);
  expect(existsSync(folder)).toBe(false);
});

test("a check that its process left over is taken up again; one that breaks off again and again is given up", async () => {
  const { id } = await iris.given("left.csv", TEXT, { table: "orders" });
  const leave = (losses: number) => hub.sql`
    UPDATE drafts SET state = 'checking', epoch = epoch + 1, losses = ${losses}, lease_until = now() - interval '1 second'
    WHERE id = ${id}`;
  await leave(0);
  expect((await iris.checked(id)).state).toBe("checked");
  await leave(2);
  expect(await iris.checked(id)).toMatchObject({ state: "unreadable", reason: { code: "check_impossible" } });
});

test("a client with many drafts holds up no other", async () => {
  const order = await transaction(hub.database, async (tx) => {
    const [project] = await hub.sql<{ id: number; client_id: number }>`SELECT id, client_id FROM projects LIMIT 1`;
    const add = async (client: string) => {
      const draft: NewDraft = {
        ...{ owner: `test:${client}`, createdBy: "test", clientId: project!.client_id, projectId: project!.id },
        ...{ client, project: "fair", trialProfile: null, tableName: "orders", tableChosen: true, fileName: "f.csv" },
        ...{ sizeBytes: 1, declaredRecords: null, lastModified: null },
      };
      const id = await insertDraft(tx, draft, { mostOpen: 10 });
      await tx.client.query("UPDATE drafts SET state = 'checking', requested_at = clock_timestamp() WHERE id = $1", [
        id,
      ]);
    };
    for (const client of ["busy", "busy", "busy", "quiet"]) await add(client);
    const claimed: (string | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) {
      const claim = await claimDraft(tx, { leaseMs: 60_000 });
      claimed.push(claim?.client);
      // Also where nothing runs at the moment: whose turn it is depends on who had one.
      await tx.client.query("UPDATE drafts SET state = 'checked' WHERE id = $1", [claim?.draftId]);
    }
    await tx.client.query("DELETE FROM drafts WHERE project = 'fair'");
    return claimed;
  });
  expect(order).toEqual(["busy", "quiet", "busy", "busy"]);
});

test("what nobody touched for a day goes, and what somebody works on stays", async () => {
  const old = await iris.begin("old.csv", "12345", { table: "orders" });
  await iris.send(old.id, "123");
  const fresh = await iris.begin("fresh.csv", "12345", { table: "orders" });
  await hub.sql`UPDATE drafts SET updated_at = now() - interval '25 hours' WHERE id = ${old.id}`;
  const parts = { database: hub.database, store: openDraftStore(hub.dataFolder) };
  const swept = await Promise.all([sweepDrafts(parts), sweepDrafts(parts)]);
  expect(swept.reduce((sum, { discarded }) => sum + discarded, 0)).toBe(1);
  expect([(await iris.get(old.id)).state, (await iris.get(fresh.id)).state]).toEqual(["discarded", "uploading"]);
  expect(existsSync(join(hub.dataFolder, "drafts", "spring", String(old.id)))).toBe(false);
  expect((await iris.send(old.id, "45", 3)).json().code).toBe("draft_ended");
});

test("random bytes are no table, and the API says so", async () => {
  const draft = await iris.given("noise.csv", randomBytes(200_000), { table: "orders" });
  expect(["checked", "unreadable"]).toContain(draft.state);
  if (draft.check) expect(draft.check.canSubmit).toBe(false);
});
