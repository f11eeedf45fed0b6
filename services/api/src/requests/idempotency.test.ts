import type { AddressInfo } from "node:net";
import { sweepIdempotencyKeys } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { KEPT_MS } from "./idempotency.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => hub?.close());

type Headers = Record<string, string>;
const post = (key: string, payload: object, { url = "/v1/api-keys", headers = admin as Headers } = {}) =>
  hub.app.inject({ method: "POST", url, headers: { ...headers, "idempotency-key": key }, payload });
const named = (name: string) => hub.sql<{ id: number }>`SELECT id FROM inlet.api_keys WHERE name = ${name}`;
const stored = (key: string) =>
  hub.sql<{ applied: boolean; status: number | null; answer: Buffer | null; fingerprint: Buffer }>`
    SELECT applied, status, answer, fingerprint FROM inlet.idempotency_keys WHERE key = ${key}`;

test("the same request under the same key is done once, and its answer given again, word for word", async () => {
  const wish = { name: "once", role: "viewer" };
  const first = await post("a-1", wish);
  expect([first.statusCode, first.headers["idempotent-replayed"]]).toEqual([201, undefined]);
  const again = await post("a-1", { role: "viewer", name: "once" });
  expect([again.statusCode, again.headers["idempotent-replayed"]]).toEqual([201, "true"]);
  expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
  expect(again.body).toBe(first.body);
  expect(again.headers["x-request-id"]).not.toBe(first.headers["x-request-id"]);
  expect(await named("once")).toHaveLength(1);
  // Without a key it is a new wish.
  await hub.app.inject({ method: "POST", url: "/v1/api-keys", headers: admin, payload: wish });
  expect(await named("once")).toHaveLength(2);
});

test("an answer that shows a secret once is stored sealed, and so is what was asked", async () => {
  const { key } = (await post("sealed", { name: "sealed", role: "viewer" })).json();
  const [row] = await stored("sealed");
  expect(row!.answer!.includes(key)).toBe(false);
  expect(row!.answer!.includes(key.slice(-20))).toBe(false);
  expect(row!.fingerprint).toHaveLength(32);
  const value = "correct horse";
  const put = (idempotencyKey: string) =>
    hub.app.inject({
      method: "PUT",
      url: "/v1/clients/spring/secrets/a",
      headers: { ...admin, "idempotency-key": idempotencyKey },
      payload: { value },
    });
  expect((await put("s-1")).json()).toMatchObject({ changed: true });
  expect((await put("s-1")).json()).toMatchObject({ changed: true });
  expect((await put("s-2")).json()).toMatchObject({ changed: false });
  const rows = await hub.sql<{ row: string }>`SELECT to_jsonb(k)::text AS row FROM inlet.idempotency_keys k`;
  expect(rows.map(({ row }) => row).join()).not.toContain(value);
});

test("another request under the same key is refused, by its body and by its address", async () => {
  await post("b-1", { name: "first", role: "viewer" });
  const other = await post("b-1", { name: "second", role: "viewer" });
  expect([other.statusCode, other.json().code]).toEqual([422, "idempotency_key_reused"]);
  const elsewhere = await post("b-1", { name: "first", role: "viewer" }, { url: "/v1/accounts" });
  // What is not even a request of that route says so first.
  expect(elsewhere.statusCode).toBe(400);
  const account = { client: "spring", username: "springs", generatePassword: true };
  expect((await post("b-1", account, { url: "/v1/accounts" })).statusCode).toBe(422);
  expect(await named("second")).toEqual([]);
});

test("a key is its caller's own", async () => {
  const other = await hub.as("admin");
  const [mine, theirs] = [
    await post("shared", { name: "mine", role: "viewer" }),
    await post("shared", { name: "theirs", role: "viewer" }, { headers: other }),
  ];
  expect([mine.json().name, theirs.json().name]).toEqual(["mine", "theirs"]);
});

test("of many at once one is done, and the others are told to wait or given its answer", async () => {
  const wish = { name: "rush", role: "viewer" };
  const answers = await Promise.all(Array.from({ length: 12 }, () => post("rush", wish)));
  expect(await named("rush")).toHaveLength(1);
  const [first] = answers.filter((each) => each.statusCode === 201 && !each.headers["idempotent-replayed"]);
  for (const answer of answers.filter((each) => each !== first)) {
    if (answer.statusCode === 201) expect(answer.body).toBe(first!.body);
    else {
      expect(answer.json()).toMatchObject({ status: 409, code: "idempotency_in_progress" });
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    }
  }
  expect((await post("rush", wish)).body).toBe(first!.body);
});

test("what was refused changed nothing and frees its key", async () => {
  const wish = { name: "for winter", role: "client", client: "winter" };
  const refused = await post("free", wish);
  expect([refused.statusCode, refused.json().code]).toEqual([404, "client_not_found"]);
  expect(await stored("free")).toEqual([]);
  await givenProject(hub.database, "winter", "video");
  expect((await post("free", wish)).statusCode).toBe(201);
});

test("a fault of ours that rolled back frees its key, and the same request is done afterwards", async () => {
  const wish = { name: "later", role: "viewer" };
  await hub.sql`ALTER TABLE inlet.audit RENAME TO audit_away`;
  expect((await post("fault", wish)).statusCode).toBe(500);
  await hub.sql`ALTER TABLE inlet.audit_away RENAME TO audit`;
  expect(await named("later")).toEqual([]);
  expect((await post("fault", wish)).statusCode).toBe(201);
});

test("an answer that was lost after the commit is not made up for by doing it again", async () => {
  const wish = { name: "lost", role: "viewer" };
  await hub.sql`ALTER TABLE inlet.idempotency_keys ADD CONSTRAINT no_answers CHECK (key <> 'lost' OR answer IS NULL)`;
  const first = await post("lost", wish);
  expect(first.statusCode).toBe(201);
  expect(await stored("lost")).toMatchObject([{ applied: true, answer: null }]);
  // The process is taken for alive until its lease ends.
  expect((await post("lost", wish)).json().code).toBe("idempotency_in_progress");
  await hub.sql`UPDATE inlet.idempotency_keys SET attempt_until = now() WHERE key = 'lost'`;
  const again = await post("lost", wish);
  expect([again.statusCode, again.json().code]).toEqual([409, "idempotency_answer_lost"]);
  expect(await named("lost")).toHaveLength(1);
  await hub.sql`ALTER TABLE inlet.idempotency_keys DROP CONSTRAINT no_answers`;
});

test("an attempt that died before its commit is done by the next, and cannot commit any more itself", async () => {
  const wish = { name: "slow", role: "viewer" };
  const lock = await hub.database.pool.connect();
  await lock.query("BEGIN; LOCK TABLE inlet.api_keys IN SHARE ROW EXCLUSIVE MODE");
  const slow = post("takeover", wish);
  await waitFor(async () => (await stored("takeover")).length === 1, { what: "the first attempt", timeoutMs: 30_000 });
  await hub.sql`UPDATE inlet.idempotency_keys SET attempt_until = now() WHERE key = 'takeover'`;
  const second = post("takeover", wish);
  const attempts = () => hub.sql<{ attempt: string }>`
    SELECT attempt FROM inlet.idempotency_keys WHERE key = 'takeover' AND attempt_until > now()`;
  await waitFor(async () => (await attempts()).length === 1, { what: "the second attempt", timeoutMs: 30_000 });
  await lock.query("COMMIT");
  lock.release();
  const answers = await Promise.all([slow, second]);
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([409, 201]);
  expect(answers[0].json().code).toBe("idempotency_in_progress");
  expect(await named("slow")).toHaveLength(1);
  expect((await post("takeover", wish)).body).toBe(answers[1].body);
});

test("a caller that hangs up is given the answer when it asks again", async () => {
  const lock = await hub.database.pool.connect();
  await lock.query("BEGIN; LOCK TABLE inlet.api_keys IN SHARE ROW EXCLUSIVE MODE");
  const body = JSON.stringify({ name: "hung up", role: "viewer" });
  const { port } = hub.app.server.address() as AddressInfo;
  const hangUp = new AbortController();
  const asked = fetch(`http://127.0.0.1:${port}/v1/api-keys`, {
    method: "POST",
    headers: { ...admin, "content-type": "application/json", "idempotency-key": "hung-up" },
    body,
    signal: hangUp.signal,
  }).catch((error: Error) => error.name);
  await waitFor(async () => (await stored("hung-up")).length === 1, { what: "the request", timeoutMs: 30_000 });
  hangUp.abort();
  expect(await asked).toBe("AbortError");
  await lock.query("COMMIT");
  lock.release();
  await waitFor(async () => (await stored("hung-up"))[0]?.status === 201, { what: "the answer", timeoutMs: 30_000 });
  const again = await post("hung-up", JSON.parse(body));
  expect([again.statusCode, again.headers["idempotent-replayed"], again.json().name]).toEqual([201, "true", "hung up"]);
  expect(await named("hung up")).toHaveLength(1);
});

test("after a day a key is forgotten, whether it was swept or not", async () => {
  const wish = { name: "day", role: "viewer" };
  await post("day", wish);
  const age = `${KEPT_MS + 1_000} ms`;
  await hub.sql`UPDATE inlet.idempotency_keys SET created_at = now() - ${age}::interval WHERE key = 'day'`;
  const other = await post("day", { name: "another day", role: "viewer" });
  expect([other.statusCode, other.headers["idempotent-replayed"]]).toEqual([201, undefined]);
  await hub.sql`UPDATE inlet.idempotency_keys SET created_at = now() - ${age}::interval WHERE key IN ('day', 'rush')`;
  expect(await sweepIdempotencyKeys(hub.database, KEPT_MS)).toBe(2);
  expect(await stored("day")).toEqual([]);
});

test.each(["", " ", "a b", "ü", "x".repeat(256)])("“%s” is no key", async (key) => {
  const answer = await post(key, { name: "no key", role: "viewer" });
  expect([answer.statusCode, answer.json().code]).toEqual([400, "idempotency_key_invalid"]);
});

test("a caller whose role was taken away is refused, and gets no stored answer", async () => {
  const headers = await hub.as("operator");
  const url = "/v1/clients/spring/projects/video/rehearsal";
  const payload = { reason: "again" };
  expect((await post("role", payload, { url, headers })).statusCode).toBe(200);
  await hub.sql`UPDATE inlet.api_keys SET role = 'viewer' WHERE name = 'operator of the test'`;
  expect((await post("role", payload, { url, headers })).statusCode).toBe(403);
});

test("a profile is replaced in the version that was read, and in no other", async () => {
  const profile = buildProfile({ client: "spring", project: "tags" });
  const url = "/v1/clients/spring/projects/tags/profile";
  const put = (title: string, headers: Headers) =>
    hub.app.inject({ method: "PUT", url, headers: { ...admin, ...headers }, payload: { ...profile, title } });
  const absent = await put("one", { "if-match": '"1"' });
  expect([absent.statusCode, absent.json().code]).toEqual([412, "precondition_failed"]);
  expect((await put("one", { "if-none-match": "*" })).headers.etag).toBe('"1"');
  expect((await put("one again", { "if-none-match": "*" })).statusCode).toBe(412);
  const read = await hub.app.inject({ url, headers: admin });
  expect(read.headers.etag).toBe('"1"');
  expect((await put("two", { "if-match": read.headers.etag as string })).headers.etag).toBe('"2"');
  const late = await put("overwritten", { "if-match": '"1"' });
  expect(late.statusCode).toBe(412);
  expect(late.json().detail).toMatch(/version 2 now/);
  for (const headers of [{ "if-match": 'W/"2"' }, { "if-match": '"7", "1"' }] as Headers[]) {
    expect((await put("overwritten", headers)).statusCode).toBe(412);
  }
  expect((await hub.app.inject({ url, headers: admin })).json().profile.title).toBe("two");
  expect((await put("three", { "if-match": '"7", "2"' })).headers.etag).toBe('"3"');
  expect((await put("four", { "if-match": "*" })).headers.etag).toBe('"4"');
  expect((await put("five", {})).headers.etag).toBe('"5"');
});
