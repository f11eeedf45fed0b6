import { permissionsOf } from "@inlet/contracts";
import { putArtifacts } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, givenBatch, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: { authorization: string };

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
});
afterAll(() => hub?.close());

test.each([
  ["viewer", null, ["read", "oversee"]],
  ["viewer", 7, ["read"]],
  ["client", 7, ["read", "files", "send"]],
  ["operator", 7, ["read", "files", "send", "operate"]],
  ["operator", null, ["read", "files", "send", "operate", "oversee", "configure"]],
  ["admin", null, ["read", "files", "send", "operate", "oversee", "configure", "administer"]],
] as const)("a %s of client %s may use %s", (role, scope, allowed) => {
  expect(permissionsOf({ role, client: scope })).toEqual(["self", ...allowed]);
});

test.each([
  ["no key", {}],
  ["no shape of a key", { authorization: "Bearer secret" }],
  ["an unknown key", { authorization: `Bearer inlet_aaaaaaaaaa_${"A".repeat(43)}` }],
])("%s is answered with 401 and nothing more", async (_, headers) => {
  const response = await hub.app.inject({ url: "/v1/batches", headers });
  expect(response.statusCode).toBe(401);
  expect(response.headers["www-authenticate"]).toMatch(/^Bearer/);
  expect(response.json().code).toBe("key_invalid");
});

test("the right prefix with another secret is refused", async () => {
  const { authorization } = admin;
  const last = authorization.at(-1) === "A" ? "B" : "A";
  const response = await hub.app.inject({
    url: "/v1/batches",
    headers: { authorization: authorization.slice(0, -1) + last },
  });
  expect(response.statusCode).toBe(401);
});

test("a key of one client sees nothing of another, and cannot tell whether it is there", async () => {
  const iris = await givenProject(hub.database, "iris", "sales");
  const { batchId, runId } = await givenBatch(hub.database, iris, "secret-sales.csv");
  const artifact = {
    kind: "result" as const,
    blobKey: `iris/${batchId}/result`,
    name: "r.csv",
    sizeBytes: 1,
    sha256: Buffer.alloc(32),
  };
  await putArtifacts(hub.database, { batchId, artifacts: [artifact] });
  const rows = await hub.sql<{ id: number }>`
    INSERT INTO inlet.arrivals (source, project_id, path, file_name, generation, size_bytes, location)
    VALUES ('upload', ${iris.projectId}, 'x', 'x', 1, 1, 'uploads/x') RETURNING id`;
  const body = (url: string) => (url.endsWith("revocations") ? { payload: { all: true } } : {});
  for (const role of ["client", "operator", "viewer"] as const) {
    const headers = await hub.as(role, "spring");
    for (const list of [
      "/v1/batches",
      "/v1/batches?client=iris",
      "/v1/runs",
      "/v1/projects",
      "/v1/messages?state=ready",
    ]) {
      const response = await hub.app.inject({ url: list, headers });
      expect(response.statusCode, list).toBe(200);
      expect(response.body, list).not.toMatch(/secret-sales|iris/);
    }
    const there = [
      ["GET", `/v1/batches/${batchId}`, `/v1/batches/99999`],
      ["GET", `/v1/batches/${batchId}/issues`, `/v1/batches/99999/issues`],
      ["GET", `/v1/runs/${runId}`, "/v1/runs/99999"],
      ["GET", `/v1/arrivals/${rows[0]!.id}`, "/v1/arrivals/99999"],
      ["GET", "/v1/clients/iris/projects/sales/profile", "/v1/clients/nobody/projects/sales/profile"],
      ...(role === "viewer"
        ? []
        : [
            ["GET", `/v1/batches/${batchId}/artifacts/result`, "/v1/batches/99999/artifacts/result"],
            ["POST", `/v1/batches/${batchId}/revocations`, "/v1/batches/99999/revocations"],
            [
              "POST",
              "/v1/clients/iris/projects/sales/files?name=a.csv",
              "/v1/clients/nobody/projects/sales/files?name=a.csv",
            ],
          ]),
      ...(role === "operator"
        ? [
            ["POST", `/v1/batches/${batchId}/retry`, "/v1/batches/99999/retry"],
            ["POST", `/v1/batches/${batchId}/cancel`, "/v1/batches/99999/cancel"],
          ]
        : []),
    ] as const;
    for (const [method, url, nowhere] of there) {
      const [real, unreal] = [
        await hub.app.inject({ method: method as "GET", url: url!, headers, ...body(url!) }),
        await hub.app.inject({ method: method as "GET", url: nowhere!, headers, ...body(url!) }),
      ];
      expect(real.statusCode, `${role} ${method} ${url}`).toBe(404);
      const shape = (text: string) => text.replaceAll(/\d+|iris|nobody|"requestId":"[^"]+"/g, "");
      expect(shape(real.body)).toBe(shape(unreal.body));
    }
  }
});

test("only who sees all clients sets up, only an admin makes keys, and what was refused changed nothing", async () => {
  const profile = buildProfile({ client: "spring", project: "refused" });
  for (const [role, client] of [["operator", "spring"], ["viewer"], ["operator"]] as const) {
    const headers = await hub.as(role, client);
    const keysAlone = role === "operator" && client === undefined;
    for (const [method, url, payload] of [
      ["PUT", "/v1/clients/spring/projects/refused/profile", profile],
      ["POST", "/v1/accounts", { client: "spring", username: "x", generatePassword: true }],
      ["POST", "/v1/api-keys", { name: "x", role: "admin" }],
      ["GET", "/v1/api-keys", undefined],
      ["PUT", "/v1/clients/spring/secrets/x", { value: "x" }],
    ] as const) {
      if (keysAlone && !url.startsWith("/v1/api-keys")) continue;
      const response = await hub.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
      expect(response.statusCode, `${role} ${method} ${url}`).toBe(403);
      expect(response.json().code).toBe("not_allowed");
    }
  }
  const rows = await hub.sql`SELECT 1 FROM inlet.projects WHERE slug = 'refused'`;
  expect(rows).toEqual([]);
});

test("a key is made, works, is listed without its secret, is revoked at once, and leaves its lines in the audit", async () => {
  const payload = { name: "Nightly export", role: "client", client: "spring" };
  const made = await hub.app.inject({ method: "POST", url: "/v1/api-keys", headers: admin, payload });
  expect(made.statusCode).toBe(201);
  const { id, key, prefix } = made.json();
  const headers = { authorization: `Bearer ${key}` };
  const identity = await hub.app.inject({ url: "/v1/identity", headers });
  expect(identity.json()).toEqual({
    kind: "key",
    name: "Nightly export",
    prefix,
    role: "client",
    client: "spring",
    permissions: ["self", "read", "files", "send"],
  });

  const list = await hub.app.inject({ url: "/v1/api-keys", headers: admin });
  expect(list.body).toContain(prefix);
  expect(list.body).not.toContain(key.slice(-43));
  const stored = await hub.sql<{ row: string }>`
    SELECT to_jsonb(k)::text AS row FROM inlet.api_keys k WHERE id = ${id}`;
  expect(stored[0]!.row).not.toContain(key.slice(-43));

  const revoked = await hub.app.inject({ method: "DELETE", url: `/v1/api-keys/${prefix}`, headers: admin });
  expect(revoked.json().revokedAt).not.toBe(null);
  expect((await hub.app.inject({ url: "/v1/identity", headers })).statusCode).toBe(401);
  const audit = await hub.sql<{ actor: string; action: string }>`
    SELECT actor, action FROM inlet.audit WHERE path = ${prefix} ORDER BY id`;
  expect(audit).toEqual([
    { actor: "admin of the test", action: "api-key.create" },
    { actor: "admin of the test", action: "api-key.revoke" },
  ]);
});

test("the last admin key stays", async () => {
  const rows = await hub.sql<{ id: number }>`
    SELECT id FROM inlet.api_keys WHERE role = 'admin' AND revoked_at IS NULL`;
  expect(rows).toHaveLength(1);
  const response = await hub.app.inject({ method: "DELETE", url: `/v1/api-keys/${rows[0]!.id}`, headers: admin });
  expect(response.statusCode).toBe(409);
  expect((await hub.app.inject({ url: "/v1/identity", headers: admin })).statusCode).toBe(200);
});

test("a key of role client needs a client, and an admin key has none", async () => {
  const post = (payload: object) => hub.app.inject({ method: "POST", url: "/v1/api-keys", headers: admin, payload });
  expect((await post({ name: "x", role: "client" })).json().errors).toMatchObject([
    { path: ["client"], message: "a key of role client names its client" },
  ]);
  expect((await post({ name: "x", role: "admin", client: "spring" })).statusCode).toBe(400);
  expect((await post({ name: "x", role: "client", client: "nobody" })).json().code).toBe("client_not_found");
});

test("every answer carries the strict headers and its request's number", async () => {
  for (const url of ["/v1/batches", "/v1/identity", "/nowhere", "/healthz"]) {
    const { headers } = await hub.app.inject({ url, headers: admin });
    expect(headers["content-security-policy"], url).toMatch(/default-src 'none'/);
    expect(headers["x-content-type-options"], url).toBe("nosniff");
    expect(headers["cache-control"], url).toBe("no-store");
    expect(headers["x-request-id"], url).toMatch(/^[0-9a-f-]{36}$/);
  }
});
