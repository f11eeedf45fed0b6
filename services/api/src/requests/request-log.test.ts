import fastify, { LogController } from "fastify";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { Caller } from "../access.ts";
import { logRequests } from "./request-log.ts";

test.each([
  ["a key", { kind: "key", id: 3, prefix: "abcdefghij" }, { apiKey: "abcdefghij" }],
  ["a user", { kind: "user", id: 7, prefix: "" }, { userId: 7 }],
  ["nobody", undefined, {}],
])("a request of %s is logged with who it was, and without what stood in its address", async (_, caller, facts) => {
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logController = new LogController({ disableRequestLogging: true });
  const app = fastify({ logger: { stream }, logController });
  logRequests(app, new Registry());
  app.decorateRequest("identified", undefined);
  app.addHook("onRequest", async (request) => {
    request.identified = caller as Caller | undefined;
  });
  app.get("/v1/batches/:id", async () => ({}));
  await app.inject("/v1/batches/42?text=secret");
  await app.close();
  const line = lines.find(({ msg }) => msg === "request")!;
  expect(line).toMatchObject({ method: "GET", route: "/v1/batches/:id", status: 200, ...facts });
  expect(Object.keys(line).filter((name) => ["apiKey", "userId"].includes(name))).toEqual(Object.keys(facts));
  expect(JSON.stringify(lines)).not.toMatch(/secret|\/42/);
});
