import { pullSchema, type RestReading, restReadingSchema, type System, systemSchema } from "@inlet/contracts";
import { openRemoteHttp } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { ConnectorParts, Position, PullRequest } from "../connector.ts";
import { openItemReader } from "../json/item-reader.ts";
import { type RestSystemOptions, startRestSystem } from "../testing/rest-system.ts";
import { rest } from "./rest.ts";

type RestSystem = Extract<System, { connector: "rest" }>;

const http = openRemoteHttp({ network: openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] }) });
afterAll(() => http.close());

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open) await each.close();
  open = [];
});

async function start(options: RestSystemOptions = {}) {
  const server = await startRestSystem(options);
  open.push(server);
  return server;
}

const SECRETS: Readonly<Record<string, string>> = { key: "hush+hush" };

function connect(url: string, system: object = {}, parts: Partial<ConnectorParts> = {}) {
  const read = systemSchema.parse({ connector: "rest", url, ...system }) as RestSystem;
  // Shorter than a profile may say, for the sake of the test's own time.
  const timeoutSeconds = parts.retries?.attempts === 1 ? 0.1 : read.timeoutSeconds;
  return rest.open(
    { ...read, timeoutSeconds },
    {
      http,
      secret: async (name) => SECRETS[name]!,
      retries: { firstWaitMs: 1, longestWaitMs: 2, attempts: 3 },
      ...parts,
    },
  );
}

const COUNT = { in: "body", path: "total" };

function asked(
  reading: object = {},
  more: Partial<PullRequest> & { resource?: string; pageSize?: number; filter?: string } = {},
): PullRequest {
  const { resource = "items", pageSize = 10, filter, ...request } = more;
  const pull = pullSchema.parse({
    table: "products",
    resource,
    pageSize,
    ...(filter && { filter }),
    rest: { items: "data.items", ...reading },
  });
  return { pull, since: null, from: null, signal: AbortSignal.timeout(20_000), ...request };
}

async function rows(system: ReturnType<typeof connect>, request: PullRequest) {
  const reader = openItemReader({ cells: [["id"]] });
  const ids: number[] = [];
  const positions: (Position | null)[] = [];
  for await (const { content, next } of system.pages(request, (body, places) => reader.read(body, places))) {
    ids.push(...content.rows.toString().split("\n").slice(0, -1).map(Number));
    positions.push(next);
  }
  return { ids, positions };
}

const everyId = Array.from({ length: 25 }, (_, index) => 1_000 + index);

const PAGINGS: [string, RestReading["paging"]][] = [
  ["none", { by: "none" }],
  ["offset", { by: "offset", offset: "skip", limit: "take" }],
  ["page", { by: "page", page: "page", size: "per_page", first: 1 }],
  ["page from 0", { by: "page", page: "p", size: "s", first: 0 }],
  ["cursor", { by: "cursor", parameter: "after", path: "cursor", limit: "limit" }],
  ["last item", { by: "last_item", parameter: "starting_after", field: "id", limit: "limit" }],
  ["last item with more", { by: "last_item", parameter: "starting_after", field: "id", more: "more", limit: "limit" }],
  ["link", { by: "link", limit: "limit" }],
  ["next", { by: "next", path: "next", limit: "limit" }],
];
const paged = PAGINGS.slice(1);

describe("pages", () => {
  test.each(PAGINGS)(
    "by %s: all items, however few the system gives at a time, and by POST as well",
    async (_name, paging) => {
      const server = await start({ paging });
      expect((await rows(connect(server.url), asked({ paging }))).ids).toEqual(everyId);
      const few = await start({ paging, mostOnPage: 4, gzip: true });
      expect((await rows(connect(few.url), asked({ paging }))).ids).toEqual(everyId);
      const post = await start({ paging, isPost: true });
      const reading = { paging, method: "POST", body: { kind: "all" } };
      expect((await rows(connect(post.url), asked(reading))).ids).toEqual(everyId);
      expect(post.requests.every(({ method, body }) => method === "POST" && JSON.parse(body).kind === "all")).toBe(
        true,
      );
    },
  );

  test.each(paged)("by %s: a pull that was broken off goes on where it was", async (_name, paging) => {
    const server = await start({ paging });
    const { positions } = await rows(connect(server.url), asked({ paging }));
    const from = JSON.parse(JSON.stringify(positions[0])) as Position;
    server.requests.length = 0;
    expect(rest.resumes(asked({ paging }).pull)).toBe(true);
    expect((await rows(connect(server.url), asked({ paging }, { from }))).ids).toEqual(everyId.slice(10));
    const numbers: number[] = [];
    for await (const page of connect(server.url).pages(asked({ paging }, { from }), openItemReader({ cells: [] }).read))
      numbers.push(page.number);
    expect(numbers.slice(0, 2)).toEqual([2, 3]);
  });

  test("where all comes at once there is no middle to go on in", () => {
    expect(rest.resumes(asked().pull)).toBe(false);
  });

  test.each(["empty", 404, 400] as const)("behind the last page there may be %s", async (behindLast) => {
    const paging = { by: "page" as const, page: "page", size: "per_page", first: 1 };
    const server = await start({ paging, behindLast });
    expect((await rows(connect(server.url), asked({ paging, count: COUNT }))).ids).toEqual(everyId);
    // Exactly one full page: whether there is more shows when it is asked for.
    expect((await rows(connect(server.url), asked({ paging, count: COUNT }, { pageSize: 25 }))).ids).toEqual(everyId);
  });

  test("where nothing says how many there are, a refusal is an end only behind a short page", async () => {
    const paging = { by: "offset" as const, offset: "offset", limit: "limit" };
    const server = await start({ paging, behindLast: 404 });
    expect((await rows(connect(server.url), asked({ paging }))).ids).toEqual(everyId);
    await expect(rows(connect(server.url), asked({ paging }, { pageSize: 5 }))).rejects.toMatchObject({
      code: "system_refused",
    });
  });

  test("nothing is asked for behind the last page where the system says how many there are", async () => {
    const paging = { by: "offset" as const, offset: "offset", limit: "limit" };
    const server = await start({ paging });
    expect((await rows(connect(server.url), asked({ paging, count: COUNT }))).ids).toEqual(everyId);
    expect(server.requests).toHaveLength(3);
  });

  test("a number that is each page's own, because the profile is wrong, does not end the pull", async () => {
    const paging = { by: "offset" as const, offset: "offset", limit: "limit" };
    const server = await start({ paging });
    const reading = { paging, count: { in: "body", path: "here" } };
    expect((await rows(connect(server.url), asked(reading))).ids).toEqual(everyId);
  });

  test("parameters of the query, the filter and what has changed go with each page", async () => {
    const paging = { by: "offset" as const, offset: "offset", limit: "limit" };
    const server = await start({ paging });
    const reading = { paging, query: { site: "a b+c" }, since: { parameter: "since", template: "ge:{since}" } };
    const request = asked(reading, { filter: "status=active&type=3", since: "2026-11-20T00:00:00Z" });
    const { ids } = await rows(connect(server.url, { headers: { "X-Tenant": "spring" } }), request);
    expect(ids).toEqual([1019, 1020, 1021, 1022, 1023, 1024]);
    for (const { query, path, headers } of server.requests) {
      expect(query).toMatchObject({ site: "a b+c", status: "active", type: "3", since: "ge:2026-11-20T00:00:00Z" });
      expect(path).toContain("site=a%20b%2Bc");
      expect(headers["x-tenant"]).toBe("spring");
    }
  });

  test("whoever stops in the middle leaves nothing behind", async () => {
    const paging = { by: "offset" as const, offset: "offset", limit: "limit" };
    const server = await start({ paging });
    const stopped = new AbortController();
    for await (const page of connect(server.url).pages(asked({ paging }), openItemReader({ cells: [] }).read))
      if (page.number === 1) break;
    server.faults.add({ kind: "slow", ms: 5_000 });
    const working = rows(connect(server.url), asked({ paging }, { signal: stopped.signal }));
    stopped.abort(new Error("enough"));
    await expect(working).rejects.toThrow("enough");
  });
});

describe("faults on the way", () => {
  const paging = { by: "offset" as const, offset: "offset", limit: "limit" };

  test.each([
    ["a slow answer", { kind: "slow", ms: 30 }],
    ["429 with Retry-After", { kind: "status", status: 429, retryAfter: "0" }],
    ["503", { kind: "status", status: 503 }],
    ["JSON that is cut off", { kind: "truncated" }],
    ["an answer that is cut off", { kind: "cut" }],
    ["a reset", { kind: "reset" }],
  ] as const)("%s is got over", async (_what, fault) => {
    const told: string[] = [];
    const server = await start({ paging, gzip: true });
    server.faults.add(fault, { after: 1 });
    const system = connect(server.url, {}, { onRetry: ({ url, reason }) => told.push(`${url} ${reason}`) });
    expect((await rows(system, asked({ paging, query: { site: "1" } }))).ids).toEqual(everyId);
    if (fault.kind === "status") expect(told).toEqual([`${server.url}/items ${fault.status}`]);
  });

  test.each([
    [{ kind: "status", status: 500 }, "system_unreachable", "answers 500 when asked for page 2 of items"],
    [{ kind: "cut" }, "system_answer_broken", "Asked for: page 2 of items"],
    [{ kind: "truncated" }, "system_answer_broken", "page 2 of items: the answer is cut off at byte"],
    [{ kind: "reset" }, "system_unreachable", "Asked for: page 2 of items"],
  ] as const)("%j that does not end names the page", async (fault, code, words) => {
    const server = await start({ paging });
    server.faults.add(fault, { after: 1, times: 20 });
    await expect(rows(connect(server.url), asked({ paging }))).rejects.toMatchObject({
      code,
      retryable: true,
      message: expect.stringContaining(words),
    });
  });

  test("no answer in time names the page, too", async () => {
    const server = await start({ paging });
    server.faults.add({ kind: "slow", ms: 300 });
    const system = connect(server.url, {}, { retries: { attempts: 1 } });
    await expect(rows(system, asked({ paging }))).rejects.toMatchObject({
      code: "system_unreachable",
      message: expect.stringContaining("did not answer within 0.1 s. Asked for: page 1 of items"),
    });
  });

  test.each([
    ["is the same as the page before it", paging, { kind: "repeat" }],
    [
      "points back to a page that came already",
      { by: "cursor" as const, parameter: "after", path: "cursor", limit: "limit" },
      undefined,
    ],
  ] as const)("a page that %s stops the pull", async (how, by, fault) => {
    const server = await start({ paging: by });
    if (fault) server.faults.add(fault, { after: 1 });
    // A parameter that the system does not know: each answer is the first page, though never the same bytes.
    const reading = fault ? { paging: by } : { paging: { ...by, parameter: "aftr" } };
    if (!fault) server.faults.add({ kind: "skip" }, { after: 1 });
    await expect(rows(connect(server.url), asked(reading))).rejects.toMatchObject({
      code: "system_pages_repeat",
      retryable: false,
      message: expect.stringContaining(how),
    });
  });

  test("what is no JSON, or has no list, is said with the page", async () => {
    const server = await start({ paging });
    await expect(
      connect(server.url).checkAccess([asked({ items: "data.rows" }).pull], AbortSignal.timeout(5_000)),
    ).rejects.toMatchObject({
      code: "system_answer_broken",
      message: "page 1 of items: the answer has no list at data.rows",
    });
  });

  test("a resource that is not there, with the system's own words", async () => {
    const server = await start();
    await expect(rows(connect(server.url), asked({}, { resource: "/nothing" }))).rejects.toMatchObject({
      code: "system_refused",
      message: `${server.origin} refused to give page 1 of /nothing (404). It says: nothing here. Check the resource, its fields and its filter in the profile.`,
    });
  });
});

describe("next pages", () => {
  const by = { by: "next" as const, path: "next", limit: "limit" };

  test.each([
    ["a path", (link: string) => link.replace(/^https?:\/\/[^/]+/, "")],
    ["a query alone", (link: string) => link.replace(/^[^?]*/, "")],
    ["another scheme, as behind a gateway", (link: string) => link.replace("http:", "https:")],
  ])("may be %s", async (_what, link) => {
    const server = await start({ paging: by, link });
    expect((await rows(connect(server.url), asked({ paging: by }))).ids).toEqual(everyId);
  });

  test.each([
    ["http://elsewhere.example:PORT/api/items?from=10", "elsewhere.example"],
    ["//elsewhere.example:PORT/", "elsewhere.example"],
    ["http://127.0.0.1:1/api/items", "127.0.0.1:1"],
    ["javascript:alert(1)", "an address that is none"],
  ])("%s is not asked", async (link, words) => {
    for (const paging of [by, { by: "link" as const }]) {
      const server = await start({ paging, mostOnPage: 10, link: (own) => link.replace("PORT", new URL(own).port) });
      const pulled = rows(connect(server.url, { auth: { by: "bearer", secret: "key" } }), asked({ paging }));
      await expect(pulled).rejects.toMatchObject({
        code: "system_link_refused",
        message: expect.stringContaining(words),
      });
    }
  });

  test("stay with the system when their path looks like a host", async () => {
    const server = await start({ paging: by, link: (link) => link.replace("/api/", "//elsewhere.example/api/") });
    const pulled = rows(connect(server.url, { auth: { by: "bearer", secret: "key" } }), asked({ paging: by }));
    await expect(pulled).rejects.toMatchObject({ code: "system_refused" });
    expect(server.requests.map(({ path }) => path)).toContain("//elsewhere.example/api/items?limit=10&from=10");
  });

  test.each([
    ["a NUL in it", (link: string) => `${link}&x=\0`],
    ["no end", (link: string) => `${link}&x=${"x".repeat(20_000)}`],
  ])("are not gone to by a word with %s", async (_what, link) => {
    const paging = { by: "cursor" as const, parameter: "from", path: "next" };
    const server = await start({ paging: by, mostOnPage: 10, link });
    await expect(rows(connect(server.url), asked({ paging }))).rejects.toMatchObject({
      code: "system_answer_broken",
      message: expect.stringMatching(/^page 1 of items: .*cannot be kept/),
    });
  });

  test("hold no key of ours where they are kept, and are asked with it", async () => {
    const letsIn = ({ query }: { query: Readonly<Record<string, string>> }) => query.apikey === "hush+hush";
    const server = await start({ paging: by, letsIn });
    const auth = { by: "api_key", in: "query", name: "apikey", secret: "key" };
    const { ids, positions } = await rows(connect(server.url, { auth }), asked({ paging: by }));
    expect(ids).toEqual(everyId);
    expect(positions[0]).toEqual({ link: "/api/items?limit=10&from=10", page: 2 });
    expect(JSON.stringify(positions)).not.toContain("hush");
  });
});

test("a filter is further parameters, each as often as it stands there, for the pages and for their number", async () => {
  const server = await start();
  const request = asked(
    { query: { status: "all", sort: "id" }, count: { in: "request", path: "count", at: "total" } },
    { filter: "status=open&status=on%20hold" },
  );
  await rows(connect(server.url), request);
  await connect(server.url).count(request);
  expect(server.requests.map(({ path }) => path)).toEqual([
    "/api/items?sort=id&status=open&status=on%20hold",
    "/api/count?status=open&status=on%20hold",
  ]);
});

describe("count", () => {
  const CHANGED = { since: { parameter: "since" } };
  test.each([
    ["the body", { in: "body", path: "total" }],
    ["a header", { in: "header" }],
    ["an answer of its own", { in: "request", path: "count", at: "total" }],
  ])("in %s, of all and of what has changed", async (_where, count) => {
    const server = await start({ paging: { by: "none" } });
    const system = connect(server.url);
    expect(await system.count(asked({ count, ...CHANGED }))).toBe(25);
    expect(await system.count(asked({ count, ...CHANGED }, { since: "2026-11-20T00:00:00Z" }))).toBe(6);
  });

  test("is unknown where the profile does not say where it is, and broken where it is not there", async () => {
    const server = await start();
    expect(await connect(server.url).count(asked())).toBeNull();
    const system = connect(server.url);
    for (const count of [
      { in: "body", path: "next" },
      { in: "header", name: "x-none" },
      { in: "request", path: "count" },
    ])
      await expect(system.count(asked({ count }))).rejects.toMatchObject({
        code: "system_answer_broken",
        message: expect.stringContaining("the number of items"),
      });
  });
});

describe("who we are", () => {
  test.each([
    [
      "basic",
      { by: "basic", username: "iris", secret: "key" },
      "authorization",
      `Basic ${Buffer.from("iris:hush+hush").toString("base64")}`,
    ],
    ["bearer", { by: "bearer", secret: "key" }, "authorization", "Bearer hush+hush"],
    ["a key in a header", { by: "api_key", secret: "key", name: "X-Key" }, "x-key", "hush+hush"],
  ])("%s", async (_name, auth, header, value) => {
    const server = await start({ letsIn: ({ headers }) => headers[header] === value });
    expect((await rows(connect(server.url, { auth }), asked())).ids).toEqual(everyId);
    // A wrong one is tried once: systems lock users who fail often.
    server.requests.length = 0;
    const error = await rows(connect(server.url, { auth }, { secret: async () => "wrong-key" }), asked()).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: "system_access_denied", retryable: false });
    expect(error.message).not.toContain("wrong-key");
    expect(error.message).not.toContain(Buffer.from("iris:wrong-key").toString("base64").slice(0, 20));
    expect(server.requests).toHaveLength(1);
  });

  const oauth = (origin: string, more: object = {}) => ({
    auth: { by: "oauth2", tokenUrl: `${origin}/token`, clientId: "inlet:1", secret: "key", scope: "read", ...more },
  });
  const paging = { by: "offset" as const, offset: "offset", limit: "limit" };

  async function startWithTokens(options: RestSystemOptions = {}) {
    const holds = ({ headers }: { headers: { authorization?: string | undefined } }) =>
      server.tokens.includes(String(headers.authorization).replace("Bearer ", ""));
    const server = await start({ paging, letsIn: holds, ...options });
    const logins = () => server.requests.filter(({ asked }) => asked === "login");
    return { ...server, logins };
  }

  test.each(["header", "form"])(
    "a token, got with the secret in the %s, serves all pulls of a process",
    async (send) => {
      const server = await startWithTokens();
      const pulls = Array.from({ length: 3 }, () =>
        rows(connect(server.url, oauth(server.origin, { send })), asked({ paging })),
      );
      for (const pulled of await Promise.all(pulls)) expect(pulled.ids).toEqual(everyId);
      expect(server.logins()).toHaveLength(1);
      expect(Object.fromEntries(new URLSearchParams(server.logins()[0]!.body))).toMatchObject({
        grant_type: "client_credentials",
        scope: "read",
      });
    },
  );

  test("a token that ran out in the middle is renewed, and the same page asked for again", async () => {
    const server = await startWithTokens();
    server.faults.add({ kind: "session_lost" }, { after: 2 });
    expect((await rows(connect(server.url, oauth(server.origin)), asked({ paging }))).ids).toEqual(everyId);
    expect(server.logins()).toHaveLength(2);
    expect(server.requests.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test("a token is renewed before it runs out", async () => {
    const server = await startWithTokens({ tokenSeconds: 0.04 });
    const system = connect(server.url, oauth(server.origin));
    const page = async () => void (await rows(system, asked({ paging: { by: "none" } })));
    await expect.poll(async () => page().then(() => server.logins().length), { interval: 10 }).toBeGreaterThan(1);
    expect(server.requests.every(({ status }) => status === 200)).toBe(true);
  });

  test("whoever stops does not wait for a token that others wait for", async () => {
    const server = await startWithTokens();
    const controller = new AbortController();
    server.faults.add({ kind: "run", run: () => controller.abort(new Error("stopped")) }, { on: "login" });
    server.faults.add({ kind: "slow", ms: 20_000 }, { on: "login" });
    const startedMs = performance.now();
    const stopped = rows(connect(server.url, oauth(server.origin)), asked({ paging }, { signal: controller.signal }));
    await expect(stopped).rejects.toThrow("stopped");
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test("what takes no token of ours is not asked for ever", async () => {
    const server = await startWithTokens({ letsIn: () => false });
    await expect(rows(connect(server.url, oauth(server.origin)), asked({ paging }))).rejects.toMatchObject({
      code: "system_access_denied",
    });
    expect(server.logins()).toHaveLength(2);
  });

  test("no token is told with the endpoint's words, and without the secret that they echo", async () => {
    const server = await startWithTokens();
    for (const send of ["header", "form"]) {
      const system = connect(server.url, oauth(server.origin, { send }), { secret: async () => "hush-wrong" });
      const error = await rows(system, asked({ paging })).catch((thrown) => thrown);
      expect(error).toMatchObject({
        code: "system_access_denied",
        message: expect.stringContaining("no such client"),
      });
      expect(error.message).not.toContain("hush");
    }
  });

  test("access is checked for real: by the first page, or by what the profile names", async () => {
    const server = await start({ letsIn: ({ path }) => path !== "/api/items?x=1" });
    const signal = AbortSignal.timeout(5_000);
    await connect(server.url).checkAccess([asked().pull], signal);
    await expect(connect(server.url).checkAccess([asked({ query: { x: "1" } }).pull], signal)).rejects.toMatchObject({
      code: "system_access_denied",
    });
    await connect(server.url, { access: "/count" }).checkAccess([asked({ query: { x: "1" } }).pull], signal);
    expect(server.requests.at(-1)!.path).toBe("/api/count");
  });
});

test("what items look like", async () => {
  const server = await start();
  const shape = await connect(server.url).shape(asked().pull, AbortSignal.timeout(5_000));
  expect(shape).toEqual([
    { path: "id", type: "number", isOptional: false, samples: ["1000", "1001", "1002"] },
    { path: "name", type: "text", isOptional: false, samples: ["Widget, 0", "Widget, 1", "Widget, 2"] },
    {
      path: "changed",
      type: "time",
      isOptional: false,
      samples: ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z"],
    },
  ]);
});

test("every kind of paging that a profile may name is tried here", () => {
  expect(restReadingSchema.parse({}).paging).toEqual({ by: "none" });
  expect(new Set(PAGINGS.map(([, { by }]) => by))).toEqual(
    new Set(["none", "offset", "page", "cursor", "last_item", "link", "next"]),
  );
});
