import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await openTestHub({ API_REQUESTS_PER_MINUTE: 20 });
});
afterAll(() => hub?.close());

test("every route is described: what it does, what it answers, and who may", async () => {
  const response = await hub.app.inject("/docs/json");
  expect(response.statusCode).toBe(200);
  const { paths, components } = response.json();
  const operations = Object.entries<Record<string, never>>(paths).flatMap(([path, methods]) =>
    Object.entries<{ summary?: string; tags?: string[]; responses: Record<string, unknown>; security?: unknown[] }>(
      methods,
    ).map(([method, operation]) => ({ name: `${method} ${path}`, path, ...operation })),
  );
  expect(operations.length).toBeGreaterThan(25);
  for (const { name, path, summary, tags, responses, security } of operations) {
    expect(summary, name).toBeTruthy();
    expect(tags, name).toHaveLength(1);
    if (security?.length === 0) expect(["/healthz", "/readyz"]).toContain(path);
    else
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["400", "401", "403", "429", "500", "503"]));
  }
  const upload = paths["/v1/clients/{client}/projects/{project}/files"].post;
  expect(Object.keys(upload.requestBody.content)).toEqual(["application/octet-stream"]);
  const download = paths["/v1/batches/{id}/artifacts/{kind}"].get;
  expect(Object.keys(download.responses["200"].content)).toEqual(["application/octet-stream"]);
  expect(Object.keys(components.schemas)).not.toContain("BatchInput");
  expect(components.securitySchemes.apiKey).toMatchObject({ type: "http", scheme: "bearer" });
  expect(components.schemas.Error.example ?? components.schemas.Error.examples).toBeDefined();
});

test("the page that shows it takes nothing from elsewhere", async () => {
  const page = await hub.app.inject("/docs");
  expect(page.statusCode).toBe(200);
  expect(page.body).not.toMatch(/https?:\/\//);
  expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
});

test("a body that cannot be read says so", async () => {
  const response = await hub.app.inject({
    method: "POST",
    url: "/v1/accounts",
    headers: { ...(await hub.as("admin")), "content-type": "application/json" },
    payload: "{not json",
  });
  expect(response.statusCode).toBe(400);
  expect(response.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  expect(response.json()).toEqual({
    type: "urn:inlet:problem:json_invalid",
    title: "Json invalid",
    status: 400,
    detail: expect.stringContaining("line 1"),
    code: "json_invalid",
    requestId: response.headers["x-request-id"],
  });
});

test("an address that asks too often waits", async () => {
  let response = await hub.app.inject("/healthz");
  for (let n = 0; n < 25 && response.statusCode !== 429; n += 1) response = await hub.app.inject("/healthz");
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
  expect(response.json().code).toBe("too_many_requests");
  const elsewhere = await hub.app.inject({ url: "/healthz", remoteAddress: "192.0.2.1" });
  expect(elsewhere.statusCode).toBe(200);
});
