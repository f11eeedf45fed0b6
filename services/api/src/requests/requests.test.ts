import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await openTestHub({ API_REQUESTS_PER_MINUTE: 20 });
});
afterAll(() => hub?.close());

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

const figures = ({ headers }: { headers: Record<string, unknown> }) =>
  ["limit", "remaining", "reset"].map((name) => Number(headers[`ratelimit-${name}`]));

test("an address that asks too often waits", async () => {
  let response = await hub.app.inject("/healthz");
  for (let n = 0; n < 25 && response.statusCode !== 429; n += 1) response = await hub.app.inject("/healthz");
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
  expect(response.json().code).toBe("too_many_requests");
  const elsewhere = await hub.app.inject({ url: "/healthz", remoteAddress: "192.0.2.1" });
  expect(elsewhere.statusCode).toBe(200);
});

test("a caller has its own requests, wherever it asks from, and is told what is left", async () => {
  const [one, other] = [await hub.as("viewer"), await hub.as("viewer")];
  const ask = (headers: object, remoteAddress: string) =>
    hub.app.inject({ url: "/v1/identity", headers: { ...headers }, remoteAddress });
  const first = await ask(one, "192.0.2.2");
  expect(figures(first)).toEqual([20, 19, expect.any(Number)]);
  expect(figures(first)[2]).toBeGreaterThan(0);
  for (let n = 2; n <= 20; n += 1) expect(figures(await ask(one, `192.0.2.${n}`))[1]).toBe(20 - n);
  const late = await ask(one, "192.0.2.99");
  expect([late.statusCode, figures(late)[1]]).toEqual([429, 0]);
  expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
  // The same address, somebody else.
  expect((await ask(other, "192.0.2.2")).statusCode).toBe(200);
});

test("guessing keys uses up the guesser's address and no caller's requests; so does what a role may not do", async () => {
  const remoteAddress = "192.0.2.200";
  const guess = () =>
    hub.app.inject({ url: "/v1/identity", headers: { authorization: "Bearer inlet_a_b" }, remoteAddress });
  for (let n = 0; n < 20; n += 1) expect((await guess()).statusCode).toBe(401);
  expect((await guess()).statusCode).toBe(429);
  const viewer = await hub.as("viewer");
  const ask = (url: string) => hub.app.inject({ url, headers: viewer, remoteAddress });
  expect((await ask("/v1/identity")).statusCode).toBe(200);
  const refused = await ask("/v1/api-keys");
  expect([refused.statusCode, figures(refused)[1]]).toEqual([403, 18]);
});

test("an answer that is still the same is not sent again", async () => {
  const headers = await hub.as("admin");
  const first = await hub.app.inject({ url: "/v1/identity", headers });
  const etag = first.headers.etag as string;
  expect(etag).toMatch(/^W\/"[A-Za-z0-9_-]{27}"$/);
  for (const known of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
    const again = await hub.app.inject({ url: "/v1/identity", headers: { ...headers, "if-none-match": known } });
    expect([again.statusCode, again.body, again.headers.etag], known).toEqual([304, "", etag]);
    expect(again.headers["content-length"] ?? "0", known).toBe("0");
  }
  const stale = await hub.app.inject({ url: "/v1/identity", headers: { ...headers, "if-none-match": 'W/"stale"' } });
  expect([stale.statusCode, stale.body]).toEqual([200, first.body]);
  const gone = await hub.app.inject({ url: "/v1/batches/99999", headers: { ...headers, "if-none-match": "*" } });
  expect(gone.statusCode).toBe(404);
});
