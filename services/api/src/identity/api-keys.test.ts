import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };
beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
});
afterAll(() => hub?.close());

const ask = (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, payload?: object, headers: object = admin) =>
  hub.app.inject({ method, url, headers: { ...headers }, ...(payload === undefined ? {} : { payload }) });

const make = async (more: object = {}) =>
  (await ask("POST", "/v1/api-keys", { name: "k", role: "viewer", ...more })).json();

const identity = async (key: string, remoteAddress = "203.0.113.7") => {
  const headers = { authorization: `Bearer ${key}` };
  const response = await hub.app.inject({ url: "/v1/identity", headers, remoteAddress });
  return [response.statusCode, response.json().code];
};

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

test("a key that was narrowed does no more than it was given, and is told so", async () => {
  const { key, access } = await make({ role: "operator", access: ["read", "files"] });
  expect(access).toEqual(["read", "files"]);
  const headers = { authorization: `Bearer ${key}` };
  expect((await ask("GET", "/v1/identity", undefined, headers)).json().permissions).toEqual(["self", "read", "files"]);
  expect((await ask("GET", "/v1/batches", undefined, headers)).statusCode).toBe(200);
  for (const [method, url] of [
    ["GET", "/v1/accounts"],
    ["POST", "/v1/batches/1/retry"],
  ] as const) {
    const refused = await ask(method, url, method === "POST" ? {} : undefined, headers);
    expect([refused.statusCode, refused.json().code]).toEqual([403, "not_allowed"]);
    expect(refused.json().detail).toContain("narrowed to self, read, files");
  }
});

test.each([
  ["what its role never may", { role: "viewer", access: ["read", "send"] }, ["access", 1]],
  [
    "what one client's operator never may",
    { role: "operator", client: "spring", access: ["configure"] },
    ["access", 0],
  ],
  ["nothing", { role: "viewer", access: [] }, ["access"]],
  ["a word that is none", { role: "viewer", access: ["write"] }, ["access", 0]],
  ["a time that is over", { role: "viewer", expiresAt: "2020-01-01T00:00:00Z" }, ["expiresAt"]],
  ["a day without a time", { role: "viewer", expiresAt: "2040-01-01" }, ["expiresAt"]],
])("a key is not made with %s", async (_, key, path) => {
  const response = await ask("POST", "/v1/api-keys", { name: "x", ...key });
  expect(response.statusCode).toBe(400);
  expect(response.json().errors).toMatchObject([{ path }]);
});

test("a key ends when it expires, says so to who has it, and works again when its expiry is moved", async () => {
  const { key, prefix, expiresAt } = await make({ expiresAt: inHours(2) });
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  expect(await identity(key)).toEqual([200, undefined]);
  await hub.sql`UPDATE inlet.api_keys SET expires_at = now() - interval '1 second' WHERE prefix = ${prefix}`;
  expect(await identity(key)).toEqual([401, "api_key_expired"]);
  // Who has not the whole key does not learn that there is one.
  expect(await identity(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`)).toEqual([401, "key_invalid"]);
  const moved = await ask("PATCH", `/v1/api-keys/${prefix}`, { expiresAt: inHours(1), name: "Moved" });
  expect(moved.json()).toMatchObject({ name: "Moved", prefix });
  expect(await identity(key)).toEqual([200, undefined]);
  expect((await ask("PATCH", `/v1/api-keys/${prefix}`, { expiresAt: null })).json().expiresAt).toBe(null);
});

test("a rotated key has a new secret, and the old one works for the time of grace alone", async () => {
  const { key, prefix, id } = await make();
  const rotate = async (body: object = {}) => (await ask("POST", `/v1/api-keys/${prefix}/rotate`, body)).json();
  const second = await rotate();
  expect(second).toMatchObject({ id, prefix, role: "viewer" });
  expect(Math.round((Date.parse(second.previousUntil) - Date.now()) / 3_600_000)).toBe(24);
  expect([await identity(key), await identity(second.key)]).toEqual([
    [200, undefined],
    [200, undefined],
  ]);
  await hub.sql`UPDATE inlet.api_keys SET previous_until = now() WHERE prefix = ${prefix}`;
  expect(await identity(key)).toEqual([401, "key_invalid"]);
  const third = await rotate({ graceHours: 0 });
  expect(third.previousUntil).toBe(null);
  expect([await identity(second.key), await identity(third.key)]).toEqual([
    [401, "key_invalid"],
    [200, undefined],
  ]);
  const stored = await hub.sql<{ row: string }>`SELECT to_jsonb(k)::text AS row FROM inlet.api_keys k WHERE id = ${id}`;
  for (const each of [key, second.key, third.key]) expect(stored[0]!.row).not.toContain(each.slice(-43));
  const audit = await hub.sql`SELECT 1 FROM inlet.audit WHERE action = 'api-key.rotate' AND path = ${prefix}`;
  expect(audit).toHaveLength(2);
  await ask("DELETE", `/v1/api-keys/${prefix}`);
  expect(await identity(third.key)).toEqual([401, "key_invalid"]);
  expect((await ask("POST", `/v1/api-keys/${prefix}/rotate`, {})).json().code).toBe("api_key_revoked");
});

test("when and from where a key was last used is known, to the minute", async () => {
  const { key, prefix, lastUsedAt } = await make();
  expect(lastUsedAt).toBe(null);
  await identity(key);
  await identity(key, "203.0.113.8");
  const find = async () => {
    const { apiKeys } = (await ask("GET", "/v1/api-keys")).json();
    return apiKeys.find((each: { prefix: string }) => each.prefix === prefix);
  };
  expect((await find()).lastUsedFrom).toBe("203.0.113.7");
  await hub.sql`UPDATE inlet.api_keys SET last_used_at = now() - interval '2 minutes' WHERE prefix = ${prefix}`;
  await identity(key, "203.0.113.8");
  expect((await find()).lastUsedFrom).toBe("203.0.113.8");
});

test("one admin key stays that does everything and does not end", async () => {
  const [{ prefix }] = (await ask("GET", "/v1/api-keys"))
    .json()
    .apiKeys.filter((each: { role: string }) => each.role === "admin");
  await make({ role: "admin", expiresAt: inHours(1) });
  await make({ role: "admin", access: ["read"] });
  for (const [method, body] of [
    ["DELETE", undefined],
    ["PATCH", { expiresAt: inHours(1) }],
  ] as const) {
    const refused = await ask(method, `/v1/api-keys/${prefix}`, body);
    expect([refused.statusCode, refused.json().code]).toEqual([409, "last_admin_key"]);
  }
  const another = await make({ role: "admin" });
  expect((await ask("PATCH", `/v1/api-keys/${prefix}`, { expiresAt: inHours(1) })).statusCode).toBe(200);
  expect((await ask("DELETE", `/v1/api-keys/${another.prefix}`)).json().code).toBe("last_admin_key");
});
