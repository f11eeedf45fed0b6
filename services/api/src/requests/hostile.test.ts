import { type AddressInfo, connect } from "node:net";
import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { answerOf } from "./errors.ts";
import { readJsonBodies } from "./json-bodies.ts";

let hub: TestHub;
let admin: { authorization: string };
let port: number;

beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "spring", "video");
  await hub.app.listen({ host: "127.0.0.1", port: 0 });
  port = (hub.app.server.address() as AddressInfo).port;
});
afterAll(() => hub?.close());

const post = (payload: string | Buffer, type = "application/json", url = "/v1/api-keys") =>
  hub.app.inject({ method: "POST", url, headers: { ...admin, "content-type": type }, payload });

/** Sends bytes as they are, and gives the answer until the connection ends. */
function speak(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no end of: ${answer}`)));
    socket.on("data", (chunk) => {
      answer += chunk.toString();
    });
    socket.on("end", () => resolve(answer)).on("error", reject);
  });
}

test.each([
  ["text/plain", 415],
  ["application/x-www-form-urlencoded", 415],
  ["multipart/form-data; boundary=x", 415],
  ["application/xml", 415],
  ["application/jsonp", 415],
  ["application/json; charset=utf-8", 201],
])("a body of type %s is answered with %i", async (type, status) => {
  const answer = await post(JSON.stringify({ name: "typed", role: "viewer" }), type);
  expect(answer.statusCode).toBe(status);
  if (status === 415) expect(answer.json().code).toBe("media_type_unsupported");
});

test.each([
  ["nonsense", "{not json", "json_invalid", /line 1, column 2/],
  ["half of it", '{\n "name": ', "json_invalid", /ends too early, in line 2/],
  ["a key twice", '{"name":"a",\n"role":"viewer","name":"b"}', "json_key_repeated", /“name” in line 2/],
  ["a key twice, written otherwise", '{"name":"a","role":"viewer","n\\u0061me":"b"}', "json_key_repeated", /name/],
  ["a prototype", '{"name":"a","role":"viewer","__proto__":{"role":"admin"}}', "json_key_forbidden", /__proto__/],
  ["a prototype, escaped", '{"name":"a","\\u005f_proto__":{"x":1}}', "json_key_forbidden", /__proto__/],
  ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, "json_too_deep", /64 levels/],
  ["two million levels", "[".repeat(2_000_000), "json_too_deep", /64 levels/],
  ["two million levels of objects", '{"a":'.repeat(500_000), "json_too_deep", /64 levels/],
])("%s is refused in clear words", async (_, text, code, words) => {
  const answer = await post(text);
  expect([answer.statusCode, answer.json().code]).toEqual([400, code]);
  expect(answer.json().detail).toMatch(words);
});

test("the same key in two objects, and braces and quotes in texts, are nothing odd", async () => {
  const profile = {
    client: "spring",
    project: "odd",
    title: 'a "b" {c} [d] , \\" e',
    folders: { uploads: "/odd/Uploads" },
    tables: ["a", "b"].map((name) => ({ name, files: [`${name}*.csv`], columns: [{ name: "id", type: "integer" }] })),
  };
  const url = "/v1/clients/spring/projects/odd/profile";
  const payload = JSON.stringify(profile);
  const headers = { ...admin, "content-type": "application/json" };
  const answer = await hub.app.inject({ method: "PUT", url, headers, payload });
  expect(answer.json()).toMatchObject({ version: 1 });
});

test("keys that objects are born with name no setting", async () => {
  const answer = await post('{"name":"a","role":"viewer","constructor":{"prototype":{"x":1}},"hasOwnProperty":1}');
  expect(answer.statusCode).toBe(400);
  expect(answer.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    "#/constructor",
    "#/hasOwnProperty",
  ]);
});

test.each([
  ["/v1/audit?path=%00", undefined, "#/path"],
  ["/v1/batches?text=a%00b", undefined, "#/text"],
  ["/v1/operations/failed-steps?code=%00", undefined, "#/code"],
  ["/v1/api-keys", { name: "a\0b", role: "viewer" }, "#/name"],
  ["/v1/api-keys", { name: "a\ud800b", role: "viewer" }, "#/name"],
  ["/v1/views", { name: "a\0b", filters: "status=failed" }, "#/name"],
  ["/v1/messages/retry", { code: "\0" }, "#/code"],
  [
    "/v1/clients/spring/webhooks",
    { url: "https://example.com/", events: ["batch.completed"], description: "\0" },
    "#/description",
  ],
] as const)("what PostgreSQL has no place for is refused before it is asked: %s %j", async (url, payload, pointer) => {
  const method = payload === undefined ? "GET" : "POST";
  const answer = await hub.app.inject({ method, url, headers: admin, ...(payload && { payload }) });
  expect([answer.statusCode, answer.json().code], answer.body).toEqual([400, "request_invalid"]);
  expect(answer.json().errors).toMatchObject([{ pointer, message: expect.stringContaining("U+0000") }]);
});

test("a search that PostgreSQL gave up is no fault of ours, and says what to do", async () => {
  const given = await hub.database.pool.connect();
  try {
    await given.query("SET statement_timeout = '10ms'");
    const thrown = await given.query("SELECT pg_sleep(5)").catch((error: unknown) => error);
    expect(answerOf(thrown, "1")).toMatchObject({ status: 422, body: { code: "query_too_slow" }, log: "warn" });
  } finally {
    given.release(true);
  }
});

test("a pair of surrogates is a character like any other", async () => {
  expect((await post(JSON.stringify({ name: "keys \u{1f511}", role: "viewer" }))).statusCode).toBe(201);
});

test("a body beyond 4 MiB is refused, announced or not", async () => {
  const large = await post(JSON.stringify({ name: "x".repeat(5_000_000) }));
  expect([large.statusCode, large.json().code]).toEqual([413, "body_too_large"]);
  const chunk = "x".repeat(65_536);
  const head = `POST /v1/api-keys HTTP/1.1\r\nhost: x\r\nauthorization: ${admin.authorization}\r\ncontent-type: application/json\r\n`;
  const chunks = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(70);
  const answer = await speak(`${head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain("body_too_large");
});

test("headers beyond Node's bound, and bytes that are no request, are answered as problems too", async () => {
  const long = await speak(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(20_000)}\r\n\r\n`);
  expect(long).toMatch(/^HTTP\/1\.1 431 /);
  expect(JSON.parse(long.split("\r\n\r\n")[1]!)).toMatchObject({ status: 431, code: "headers_too_large" });
  const odd = await speak("NONSENSE\r\n\r\n");
  expect(odd).toMatch(/^HTTP\/1\.1 400 .*\r\ncontent-type: application\/problem\+json/);
  const smuggled =
    "POST /v1/api-keys HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
  expect(await speak(smuggled)).toMatch(/^HTTP\/1\.1 400 /);
});

test("addresses that cannot be read, or are too long, are said to be so", async () => {
  const broken = await hub.app.inject({ url: "/v1/batches/%zz", headers: admin });
  expect([broken.statusCode, broken.json().code]).toEqual([400, "address_invalid"]);
  const long = await hub.app.inject({ url: `/v1/batches/${"9".repeat(300)}`, headers: admin });
  expect([400, 404, 414]).toContain(long.statusCode);
  expect(long.headers["content-type"]).toMatch(/^application\/problem\+json/);
});

test("methods that an address does not take are told with those that it takes", async () => {
  const ask = (method: string, url: string) => hub.app.inject({ method: method as "GET", url, headers: admin });
  for (const method of ["HEAD", "PUT", "DELETE", "TRACE", "PROPFIND"]) {
    const answer = await ask(method, "/v1/batches");
    expect([method, answer.statusCode, answer.headers.allow]).toEqual([method, 405, "GET"]);
  }
  expect((await ask("PUT", "/v1/api-keys")).json().code).toBe("method_not_allowed");
  const options = await ask("OPTIONS", "/v1/api-keys");
  expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, "GET, POST", ""]);
  expect(options.headers["access-control-allow-origin"]).toBeUndefined();
  for (const url of ["/v1/nothing", "/v1/batches/1/2/3", "/"]) {
    const answer = await ask("PUT", url);
    expect(answer.headers["content-type"], url).toMatch(/^application\/problem\+json/);
    expect([404, 405], url).toContain(answer.statusCode);
  }
});

test("a body that comes too slowly is given up, and its connection with it; also one that nobody reads", async () => {
  const app = fastify({ bodyLimit: 1_000 });
  readJsonBodies(app, { timeoutMs: 200 });
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = answerOf(error, request.id);
    return reply.status(status).send(body);
  });
  let calls = 0;
  app.post("/", async () => {
    calls += 1;
    return {};
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const hubPort = port;
  port = (app.server.address() as AddressInfo).port;
  const uncaught: Error[] = [];
  const note = (error: Error) => uncaught.push(error);
  process.on("uncaughtException", note);
  try {
    const large = "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    expect(await speak(`${large}{"a"`)).toMatch(/^HTTP\/1\.1 413 /);
    // By this one's end, the other one's time is over, too.
    const answer = await speak(
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"a"',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain("request_too_slow");
    expect(calls).toBe(0);
    const quick = await speak(
      "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
    expect(quick).toMatch(/^HTTP\/1\.1 200 /);
    expect(uncaught).toEqual([]);
  } finally {
    process.off("uncaughtException", note);
    port = hubPort;
    await app.close();
  }
});
