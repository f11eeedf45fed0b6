import { type AppError, type Pull, pullSchema, type System, systemSchema } from "@inlet/contracts";
import { openRemoteHttp } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { PullRequest } from "../connector.ts";
import { openItemReader } from "../json/item-reader.ts";
import { type Fault, type IntactIq, type IntactIqOptions, type IntactObject, startIntactIq } from "../testing/index.ts";
import { intactIq } from "./intact-iq.ts";

type IntactSystem = Extract<System, { connector: "intact_iq" }>;

const http = openRemoteHttp({ network: openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] }) });
afterAll(() => http.close());

/** IDs that a JavaScript number would round. */
const FIRST_ID = 9_007_199_254_740_993n;
const PRODUCTS: IntactObject[] = Array.from({ length: 45 }, (_, index) => ({
  ID: FIRST_ID + BigInt(index * 2),
  UpdatedOn: `2026-11-${String(1 + (index % 20)).padStart(2, "0")}T10:00:00.000Z`,
  CreatedOn: "2026-01-01T00:00:00.000Z",
  Code: `P${index}`,
  Category: index % 3 === 0 ? null : { ID: 21_479_131_853_733n, Code: "TOOLS", Name: "Tools" },
}));

let iq: IntactIq;
const opened: IntactIq[] = [];
beforeAll(async () => {
  iq = await start();
});
afterEach(() => {
  iq.faults.clear();
});
afterAll(async () => {
  for (const server of opened) await server.close();
});

async function start(options: IntactIqOptions = {}): Promise<IntactIq> {
  const server = await startIntactIq({ services: { Products: PRODUCTS, Barcodes: [] }, ...options });
  opened.push(server);
  return server;
}

function open(server = iq, key = server.apiKey) {
  const system = systemSchema.parse({ connector: "intact_iq", url: server.url, secret: "iq" }) as IntactSystem;
  return intactIq.open(system, { http, secret: async () => key, retries: { firstWaitMs: 1, longestWaitMs: 2 } });
}

const pullOf = (pull: Partial<Pull> = {}): Pull =>
  pullSchema.parse({ table: "products", resource: "Products", pageSize: 10, ...pull });
const asked = (pull: Partial<Pull> = {}, rest: Partial<PullRequest> = {}): PullRequest => ({
  pull: pullOf(pull),
  since: null,
  from: null,
  signal: AbortSignal.timeout(10_000),
  ...rest,
});
const CHANGES = { incremental: { by: "UpdatedOn", kind: "time" as const, overlapSeconds: 0 } };

async function rows(system: ReturnType<typeof open>, request = asked()): Promise<string[]> {
  const reader = openItemReader({ cells: [["ID"], ["Code"], ["Category", "Code"]] });
  const lines: string[] = [];
  for await (const { content } of system.pages(request, (body, places) => reader.read(body, places)))
    lines.push(
      ...content.rows
        .toString()
        .trimEnd()
        .split("\n")
        .filter((line) => line !== ""),
    );
  return lines;
}

const failing = (working: Promise<unknown>): Promise<AppError> =>
  working.then(
    () => expect.unreachable("it should have failed"),
    (error: AppError) => error,
  );
const lineOf = ({ ID, Code, Category }: IntactObject) => `${ID},${Code},${Category === null ? "" : "TOOLS"}`;
const everyLine = PRODUCTS.map(lineOf);

test("access, count, and all objects with their 64-bit IDs and their references' codes", async () => {
  const system = open();
  const request = asked();
  await system.checkAccess([request.pull], request.signal);
  expect(await system.count(request)).toBe(45);
  const lines = await rows(system);
  expect(lines).toEqual(everyLine);
  expect(lines[1]).toBe("9007199254740995,P1,TOOLS");
  expect(iq.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("only what has changed since is counted and read", async () => {
  const system = open();
  const request = asked(CHANGES, { since: "2026-11-19T00:00:00Z" });
  const changed = PRODUCTS.filter(({ UpdatedOn }) => String(UpdatedOn) >= "2026-11-19");
  await system.checkAccess([request.pull], request.signal);
  expect(await system.count(request)).toBe(changed.length);
  expect(await rows(system, request)).toEqual(changed.map(lineOf));
});

test.each<[string, Fault]>([
  ["429 with Retry-After", { kind: "status", status: 429, retryAfter: "0" }],
  ["a gateway's page", { kind: "status", status: 502 }],
  ["a reset connection", { kind: "reset" }],
  ["an answer that is cut off", { kind: "cut" }],
  ["truncated JSON", { kind: "truncated" }],
  ["a slow answer", { kind: "slow", ms: 30 }],
])("%s is got over", async (_, fault) => {
  iq.faults.add(fault, { after: 1 });
  expect(await rows(open())).toEqual(everyLine);
});

test("a page that comes twice stops the pull; one that is left out shows in the number", async () => {
  iq.faults.add({ kind: "repeat" }, { after: 2 });
  expect(await failing(rows(open()))).toMatchObject({ code: "system_pages_repeat" });
  iq.faults.clear();
  iq.faults.add({ kind: "skip" }, { after: 4 });
  expect(await rows(open())).toHaveLength(40);
  expect(await open().count(asked())).toBe(45);
});

test("packed answers are unpacked", async () => {
  expect(await rows(open(await start({ gzip: true })))).toEqual(everyLine);
});

test.each<[string, IntactIqOptions["words"] & object, Partial<Pull>]>([
  ["its pages otherwise", { skip: "offset" }, {}],
  ["the size of its pages otherwise", { take: "limit" }, {}],
  ["changes otherwise", { since: "since" }, CHANGES],
])("an installation that names %s is noticed before anything is pulled", async (_, words, pull) => {
  const error = await failing(open(await start({ words })).checkAccess([pullOf(pull)], AbortSignal.timeout(5_000)));
  expect(error).toMatchObject({ code: "system_words_unknown", retryable: false });
  expect(error.message).toContain("url/docs");
});

test("where it does not say how many there are, the number is unknown", async () => {
  expect(await open(await start({ words: { countHeader: "x-number" } })).count(asked())).toBeNull();
});

test("an installation's own words go into the profile", async () => {
  const server = await start({ words: { skip: "offset", take: "limit", since: "changed", countHeader: "x-number" } });
  const reading = {
    paging: { by: "offset" },
    count: { in: "header", name: "X-Number" },
    since: { parameter: "changed" },
  } as unknown as NonNullable<Pull["rest"]>;
  const request = asked({ rest: reading, ...CHANGES }, { since: "2026-11-20T00:00:00Z" });
  const system = open(server);
  await system.checkAccess([request.pull], request.signal);
  expect(await system.count(request)).toBe(2);
  expect(await rows(system, request)).toHaveLength(2);
});

test.each<[string, IntactIqOptions, Partial<Pull>, string, string]>([
  ["a wrong key", { apiKey: "another" }, {}, "system_access_denied", "API User"],
  ["an unknown service", {}, { resource: "Nothing" }, "system_resource_unknown", "/docs"],
  ["a service that may not be read", { writeOnly: ["Products"] }, {}, "system_not_permitted", "GET"],
])("%s is told as what it is, without the key", async (_, options, pull, code, words) => {
  const system = open(await start(options), "intact-key");
  const error = await failing(system.checkAccess([pullOf(pull)], AbortSignal.timeout(5_000)));
  expect(error).toMatchObject({ code, retryable: false });
  expect(error.message).toContain(words);
  expect(error.message).not.toContain("intact-key");
});

test("an empty service is one that may be read", async () => {
  const system = open();
  const request = asked({ resource: "Barcodes" });
  await system.checkAccess([request.pull], request.signal);
  expect(await system.count(request)).toBe(0);
  expect(await rows(system, request)).toEqual([]);
});

test("what an object looks like", async () => {
  const shape = await open().shape(pullOf(), AbortSignal.timeout(5_000));
  const byPath = new Map(shape.map((field) => [field.path, field]));
  expect(byPath.get("ID")).toMatchObject({
    type: "number",
    samples: ["9007199254740993", "9007199254740995", "9007199254740997"],
  });
  expect(byPath.get("Category.Code")).toMatchObject({ isOptional: true, samples: ["TOOLS"] });
  expect(byPath.get("UpdatedOn")?.type).toBe("time");
});
