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

test("an address that asks too often waits", async () => {
  let response = await hub.app.inject("/healthz");
  for (let n = 0; n < 25 && response.statusCode !== 429; n += 1) response = await hub.app.inject("/healthz");
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
  expect(response.json().code).toBe("too_many_requests");
  const elsewhere = await hub.app.inject({ url: "/healthz", remoteAddress: "192.0.2.1" });
  expect(elsewhere.statusCode).toBe(200);
});
